"""A real server of a test's own: processes, database, HTTP."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import httpx

from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.sample import fictional_issuers, gleif_document, write_sample

BUSINESS_DATE = date(2026, 11, 23)


class Server:
    """`counterfoil up` on a directory. Whatever a test kills, `close` leaves no process behind."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "COUNTERFOIL_HOME": str(home)}
        self.process: subprocess.Popen[bytes] | None = None

    def up(self) -> "Server":
        """Start, and wait until it is ready."""
        (self.home / "server.json").unlink(missing_ok=True)
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "counterfoil.app", "up", "--port", "0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, start_new_session=True,
            )  # fmt: skip
        self.wait_for(lambda: (self.home / "server.json").exists() and self.ready())
        return self

    @property
    def url(self) -> str:
        return json.loads((self.home / "server.json").read_text())["url"]

    def client(self) -> httpx.Client:
        token = (self.home / "operator.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError, OSError):
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200
        return False

    def children(self, word: str) -> list[int]:
        """Process ids of our own children whose command has `word` (serve, work)."""
        if self.process is None:
            return []
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(path.read_text().rpartition(")")[2].split()[1]) == self.process.pid:
                    command = (path.parent / "cmdline").read_bytes().split(b"\0")
                    if word.encode() in command:
                        found.append(int(path.parent.name))
        return found

    def kill(self, victim: str) -> None:
        """SIGKILL to the supervisor, the API, a worker, all workers, or PostgreSQL's postmaster."""
        pids = {
            "supervisor": [self.process.pid] if self.process else [],
            "api": self.children("serve"),
            "worker": self.children("work")[:1],
            "workers": self.children("work"),
            "postgres": [self.postmaster()],
        }[victim]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if victim == "supervisor" and self.process is not None:
            self.process.wait()

    def postmaster(self) -> int:
        return int((self.home / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this directory."""
        return subprocess.run(
            [sys.executable, "-m", "counterfoil.app", *words],
            capture_output=True, text=True, env=self.environment, check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_for(self, condition, timeout_s: float = 60.0):
        """The condition's value once it is true; the server's own words if that takes too long."""
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(httpx.HTTPError, OSError, KeyError):
                if value := condition():
                    return value
            if time.monotonic() > deadline:
                said = (self.home / "up.log").read_text()[-3000:] if (self.home / "up.log").exists() else ""
                raise AssertionError(f"not within {timeout_s} s. The server said: {said}")
            time.sleep(0.05)

    def close(self) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        EmbeddedPostgres(self.home).stop()


def day(items: int, seed: int, invalid_share: float = 0.02, placed_share: float = 0.0) -> bytes:
    """A sample day as NDJSON."""
    stream = io.BytesIO()
    write_sample(stream, items, seed, invalid_share, BUSINESS_DATE, fictional_issuers(), placed_share)
    return stream.getvalue()


def import_issuers(client: httpx.Client) -> None:
    client.post("/parties/imports", content=gleif_document()).raise_for_status()


def hand_in(client: httpx.Client, body: bytes, key: str | None = None, policy: str = "CONTINUE") -> dict:
    headers = {"Content-Type": "application/x-ndjson"} | ({"Idempotency-Key": key} if key else {})
    parameters = {"policy": policy, "business_date": BUSINESS_DATE.isoformat()}
    answer = client.post("/batches", content=body, headers=headers, params=parameters)
    answer.raise_for_status()
    return answer.json()
