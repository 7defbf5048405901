"""A real server on an empty data directory, as `counterfoil up` starts it, and the day that it is fed with."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.sample import fictional_issuers, gleif_document, write_sample

_START_S = 60.0
_GIVE_UP_S = 300.0
_UPLOAD_CHUNK = 256 * 1024
_ROLES = {"up": "supervisor", "serve": "API", "work": "worker"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with its issuers imported and every process warmed up by one issuance."""

    home: Path
    process_id: int
    client: httpx.Client

    @property
    def database_url(self) -> str:
        """Its database, for those who look beneath it."""
        return EmbeddedPostgres(self.home).url

    def steps(self) -> dict[str, float]:
        """Seconds by step of all workers together, since they started."""
        time.sleep(0.3)  # the workers note them ten times a second
        total: dict[str, float] = {}
        for path in self.home.glob("timings-*.json"):
            for step, seconds in json.loads(path.read_text()).items():
                total[step] = total.get(step, 0.0) + seconds
        return total

    def peak_memory_mib(self) -> dict[str, float]:
        """The largest resident set of each Python process of the server so far."""
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text().split()
        peaks = {}
        for pid in (str(self.process_id), *children):
            status = Path(f"/proc/{pid}/status").read_text()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if "counterfoil.app" in words:
                found = re.search(r"VmHWM:\s+(\d+) kB", status)
                role, number = words[words.index("counterfoil.app") + 1 :][:2]
                peaks[_ROLES[role] + (f" {number}" if role == "work" else "")] = (
                    int(found[1]) / 1024 if found else 0.0
                )
        return peaks


@dataclass(frozen=True, slots=True)
class Run:
    """One batch from the first byte of its request until its last item was seen booked."""

    batch: str
    received: int
    booked: int
    rejected: int
    waiting: int
    upload_s: float
    seconds: float


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A server in a directory of its own, durability on; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)  # where root starts it, the database runs as another user
        process = subprocess.Popen(
            [sys.executable, "-m", "counterfoil.app", "up", "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "COUNTERFOIL_HOME": name},
        )  # fmt: skip
        try:
            with _client(home, process) as client:
                client.post("/parties/imports", content=gleif_document()).raise_for_status()
                found = Server(home, process.pid, client)
                issue(found, day(200, seed=1))
                yield found
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextlib.contextmanager
def _client(home: Path, process: "subprocess.Popen[bytes]") -> Iterator[httpx.Client]:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, httpx.HTTPError):
            url = json.loads((home / "server.json").read_text())["url"]
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                break
        time.sleep(0.05)
    else:
        raise RuntimeError(f"the server does not start; see {home / 'server.log'}")
    token = (home / "operator.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=600.0, trust_env=False) as client:
        yield client


def day(items: int, *, seed: int, invalid_share: float = 0.0, placed_share: float = 0.0) -> bytes:
    """A sample day as NDJSON, of the business day that is or was the last: on others nothing settles."""
    stream = io.BytesIO()
    write_sample(stream, items, seed, invalid_share, _business_day(), fictional_issuers(), placed_share)
    return stream.getvalue()


def _business_day() -> date:
    return adjust(business_date(SystemClock()), Convention.PRECEDING, "TARGET")


def issue(target: Server, body: bytes) -> Run:
    """Hand in a batch and follow its events until every item is booked, rejected or waits for a person, and what is
    sold was placed as far as it goes.
    """
    chunks = (body[at : at + _UPLOAD_CHUNK] for at in range(0, len(body), _UPLOAD_CHUNK))
    started = time.perf_counter()
    answer = target.client.post(
        "/batches", content=chunks, headers={"Content-Type": "application/x-ndjson"},
        params={"business_date": _business_day().isoformat()},
    )  # fmt: skip
    answer.raise_for_status()
    upload_s = time.perf_counter() - started
    batch, received = answer.json()["batch"], answer.json()["received"]
    with target.client.stream("GET", f"/batches/{batch}/events") as events:
        for line in events.iter_lines():
            if line.startswith("data: "):
                last = json.loads(line.removeprefix("data: "))
                ended = last["booked"] + last["rejected"] + last["waiting"]
                if ended >= received and not last["to_place"]:
                    break
                if time.perf_counter() - started > _GIVE_UP_S:
                    raise RuntimeError(f"the batch does not end; see {target.home / 'server.log'}: {last}")
    seconds = time.perf_counter() - started
    return Run(batch, received, last["booked"], last["rejected"], last["waiting"], upload_s, seconds)
