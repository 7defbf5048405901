"""The server: a supervisor that keeps the database, one API process and some workers running.

Whatever dies is started again. The children end when the supervisor does, however that ends; the embedded database
is left running by a killed supervisor and taken over by the next.
"""

import contextlib
import fcntl
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from counterfoil.access import clear_ended_sessions, ensure_bootstrap, forget_old_failures
from counterfoil.api import create_api
from counterfoil.console import create_console
from counterfoil.core.clock import SystemClock
from counterfoil.core.db import Conflict, Database, Unavailable
from counterfoil.core.errors import Refused, rule
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.faces import Services
from counterfoil.messages import sweep as sweep_messages
from counterfoil.orchestration import Worker, deploy
from counterfoil.processes import MODELS, TIMINGS, all_tasks, follow_placements, sweep, sweep_events
from counterfoil.settlement import keep_day, take_in

LOG = structlog.get_logger("counterfoil.server")
STATE = "server.json"
"""Below the data directory: URL and process id of the running server."""
_SWEEP_S = 0.1
_CLEARING_S = 60.0
_REST = 20
"""A look at all waiting placements is followed by a rest of so many times its length."""
_TELLING_REST = 2
"""The same of telling parties what became of their instructions: instructions themselves come first."""
_PAUSE_S = 0.25
_LOOK_S = 0.5
SETTLEMENT_DAY = "COUNTERFOIL_SETTLEMENT_DAY"
"""1 in the environment: the workers keep the settlement days by the clock."""

RUNNING = rule(
    "COR-011", "Already running", "A server already runs on the data in {home}.",
    "Use it, stop it, or set COUNTERFOIL_HOME to another directory.", status=409,
)  # fmt: skip
PORT_TAKEN = rule(
    "COR-012",
    "Port in use",
    "The port {port} cannot be had: {reason}.",
    "Choose another with --port.",
    status=409,
)


@dataclass(slots=True)
class _Child:
    """A process under supervision."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = field(default=0)


def database_url(home: Path) -> str:
    """The database named by COUNTERFOIL_DATABASE_URL, or the embedded one, started if need be."""
    return os.environ.get("COUNTERFOIL_DATABASE_URL") or EmbeddedPostgres(home).start()


def prepare(home: Path) -> str:
    """Everything that must stand before a process works: database, structure, first token, models. Its URL."""
    home.mkdir(parents=True, exist_ok=True)
    url = database_url(home)
    database = Database(url, connections=2)
    clock = SystemClock()
    try:
        migrate(database)
        with database.transaction() as tx:
            ensure_bootstrap(tx, home, now=clock.now())
            for model in MODELS:
                deploy(tx, model.read_bytes(), resource=model.name, now=clock.now())
    finally:
        database.close()
    return url


def up(home: Path, *, host: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM; `ready` is called with the address once it listens.

    Raises `Refused` (COR-010, 011, 012).
    """
    home.mkdir(parents=True, exist_ok=True)
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with _only_one(home), _listening(host, port) as listener:
        url = prepare(home)
        fd = listener.fileno()
        children = [_Child("api", ["serve", str(fd)])]
        children += [_Child(f"worker-{n}", ["work", str(n)]) for n in range(1, workers + 1)]
        address = f"http://{host}:{listener.getsockname()[1]}"
        try:
            for child in children:
                _spawn(child, home, url, fd)
            _announce(home, address)
            ready(address)
            while not stop.wait(_PAUSE_S):
                _tend(children, home, url, fd)
        finally:
            (home / STATE).unlink(missing_ok=True)
            _end(children)
            if "COUNTERFOIL_DATABASE_URL" not in os.environ:
                EmbeddedPostgres(home).stop()


def serve(home: Path, url: str, fd: int) -> None:
    """The API process, on a socket that the supervisor listens on."""
    _follow_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    database = Database(url, connections=16, by_key=True)
    embedded = "COUNTERFOIL_DATABASE_URL" not in os.environ
    app = faces(Services(database, SystemClock(), home if embedded else None))
    _collect_seldom()
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)])
    database.close()


def faces(services: Services) -> ASGIApp:
    """The console below `/console`, the API everywhere else."""
    api, console = create_api(services), create_console(services)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        inside = path == "/console" or path.startswith("/console/")
        await (console if inside else api)(scope, receive, send)

    return app


def work(home: Path, url: str, number: int) -> None:
    """A worker process: moves instances, decides and closes batches."""
    stop = Event()
    _follow_parent(stop.set)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    database = Database(url, connections=3, by_key=True)
    seconds: dict[str, float] = {}
    path = home / f"timings-{number}.json"

    def observe(step: str, count: int, spent: float) -> None:  # noqa: ARG001 - the form of an observer
        seconds[step] = seconds.get(step, 0.0) + spent

    _collect_seldom()
    sweeper = Thread(target=_sweep, args=(database, stop, path, seconds), daemon=True)
    sweeper.start()
    taker = Thread(target=_take_in, args=(database, stop), daemon=True)
    taker.start()
    if os.environ.get(SETTLEMENT_DAY) == "1":
        Thread(target=_keep_days, args=(url, stop), daemon=True).start()
    Worker(database, all_tasks(), observe=observe).run(stop)
    sweeper.join(timeout=2)
    taker.join(timeout=10)
    database.close()


def _collect_seldom() -> None:
    """What is loaded stays: collecting it again and again would cost a tenth of the work."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _sweep(database: Database, stop: Event, path: Path, seconds: dict[str, float]) -> None:
    clock, written, next_look, next_telling, next_clearing = SystemClock(), "", 0.0, 0.0, 0.0
    while not stop.wait(_SWEEP_S):
        try:
            sweep(database, clock.now())
            sweep_events(database, clock.now())
            if (started := time.monotonic()) >= next_clearing:
                _clear_sessions(database, clock.now())
                next_clearing = started + _CLEARING_S
            if (started := time.monotonic()) >= next_look:
                follow_placements(database, clock.now())
                next_look = started + _REST * (time.monotonic() - started)
            if (started := time.monotonic()) >= next_telling:
                sweep_messages(database, clock.now())
                next_telling = started + _TELLING_REST * (time.monotonic() - started)
        except Unavailable as error:
            LOG.warning("database lost", error=str(error).strip()[:300])
            stop.wait(1.0)
        except Exception:
            LOG.exception("a sweep failed")
            stop.wait(1.0)
        text = json.dumps({**seconds, **TIMINGS})
        if text != written:
            written = text
            path.with_suffix(".new").write_text(text)
            path.with_suffix(".new").replace(path)


def _clear_sessions(database: Database, now: datetime) -> None:
    """Move sessions that have ended out of the way, and forget failures that no longer count."""
    with database.transaction() as tx:
        clear_ended_sessions(tx, now=now)
        forget_old_failures(tx, now=now)


def _take_in(database: Database, stop: Event) -> None:
    """Files of instructions, a stretch at a time for as long as there is one."""
    clock = SystemClock()
    while not stop.is_set():
        try:
            if not take_in(database, clock):
                stop.wait(_SWEEP_S)
        except Unavailable as error:
            LOG.warning("database lost", error=str(error).strip()[:300])
            stop.wait(1.0)
        except Exception:
            LOG.exception("a file of instructions cannot be taken in")
            stop.wait(1.0)


def _keep_days(url: str, stop: Event) -> None:
    """Open each settlement day and do its events when they are due; one worker at a time, and any can go on."""
    # Cycles read whole working sets: not by key.
    database, clock = Database(url, connections=1), SystemClock()
    while not stop.is_set():
        done = None
        try:
            with database.transaction() as tx:
                done = keep_day(tx, now=clock.now(), actor="settlement day")
            if done is not None:
                LOG.info("settlement day", **{name: str(value) for name, value in done.items()})
        except (Unavailable, Conflict) as error:
            LOG.warning("settlement day waits", error=str(error).strip()[:300])
        except Exception:
            LOG.exception("an event of the settlement day failed; it is tried again")
            stop.wait(5.0)
        if done is None:
            stop.wait(_LOOK_S)
    database.close()


def _spawn(child: _Child, home: Path, url: str, fd: int) -> None:
    environment = {**os.environ, "COUNTERFOIL_HOME": str(home), "COUNTERFOIL_SERVER_DATABASE": url}
    with (home / "server.log").open("ab") as log:
        child.process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "counterfoil.app", *child.arguments],
            stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, pass_fds=(fd,), start_new_session=True,
        )  # fmt: skip
    child.started = time.monotonic()


def _tend(children: list[_Child], home: Path, url: str, fd: int) -> None:
    """Start again what has died, the database first."""
    dead = [c for c in children if c.process is None or c.process.poll() is not None]
    embedded = EmbeddedPostgres(home)
    if "COUNTERFOIL_DATABASE_URL" not in os.environ and not embedded.alive():
        LOG.warning("database down; starting it again")
        try:
            embedded.start()
        except Refused as refused:
            LOG.warning("database does not start", reason=str(refused))
            time.sleep(1.0)
            return
    for child in dead:
        if time.monotonic() - child.started < 1.0:
            continue  # a child that dies at once is not started more than once a second
        child.restarts += 1
        LOG.warning("process died; starting it again", name=child.name, restarts=child.restarts)
        _spawn(child, home, url, fd)


def _end(children: list[_Child]) -> None:
    for child in children:
        if child.process is not None and child.process.stdin is not None:
            child.process.stdin.close()
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def _follow_parent(then: Callable[[], object]) -> None:
    """Call `then` when the supervisor is gone: its end of our standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        then()

    Thread(target=watch, daemon=True).start()


def _announce(home: Path, address: str) -> None:
    staging = home / f"{STATE}.new"
    staging.write_text(json.dumps({"url": address, "pid": os.getpid()}))
    staging.replace(home / STATE)


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    with (home / "server.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(RUNNING(home=home)) from None
        yield


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Refused(PORT_TAKEN(port=port, reason=error.strerror)) from None
        listener.listen(512)
        listener.set_inheritable(True)
        yield listener
