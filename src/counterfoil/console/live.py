"""What moves by itself: one look a second at how things stand, shared by all who watch."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from time import sleep

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from counterfoil.access import session_actor
from counterfoil.console.visit import SESSION_COOKIE
from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Closed, Unavailable
from counterfoil.faces import Services

LOG = structlog.get_logger("counterfoil.console")
_EVERY_S = 1.0
_REST = 5
"""A look is followed by a rest of so many times its length, where that is longer than a second."""
_LINGERS_S = 10.0
"""It goes on looking so long after the last who watched has gone."""
_PACE_S = 0.25
_SESSION_S = 30.0
_BEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, and the how-manieth different sight it is."""

    number: int
    text: str


class Live:
    """Calls `look` while somebody watches. Its text is the same for all of them."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._changed = Condition()
        self._seen: Seen | None = None
        self._wanted_until = 0.0
        self._running = False

    @property
    def is_watched(self) -> bool:
        """Whether it looks: somebody does watch, or has watched just now."""
        with self._changed:
            return self._running

    def latest(self, wait_s: float = 0.0) -> Seen | None:
        """The last sight; none yet where even the first takes longer than `wait_s`."""
        with self._changed:
            self._wanted_until = stopwatch() + _LINGERS_S
            if not self._running:
                self._running = True
                Thread(target=self._keep_looking, name="console live", daemon=True).start()
            if self._seen is None and wait_s > 0:
                self._changed.wait_for(lambda: self._seen is not None, wait_s)
            return self._seen

    def _keep_looking(self) -> None:
        while True:
            started, took = stopwatch(), 0.0
            try:
                text = self._look()
                took = stopwatch() - started
                self._take(text)
            except Closed:
                # The server is stopping: nobody is left to look for, however lately somebody has watched.
                with self._changed:
                    self._running, self._seen = False, None
                return
            except Unavailable as error:
                LOG.warning("database lost", error=str(error).strip()[:300])
            except Exception:
                LOG.exception("a look at how things stand failed; it is tried again")
            sleep(max(_EVERY_S, _REST * took))
            with self._changed:
                if stopwatch() > self._wanted_until:
                    self._running, self._seen = False, None
                    return

    def _take(self, text: str) -> None:
        with self._changed:
            last = self._seen
            if last is None or last.text != text:
                self._seen = Seen(1 if last is None else last.number + 1, text)
                self._changed.notify_all()


class Lives:
    """One `Live` for each thing that somebody watches."""

    def __init__(self) -> None:
        self._lives: dict[str, Live] = {}
        self._lock = Lock()

    def of(self, name: str, look: Callable[[], str]) -> Live:
        """That of a thing: the one that is there, or a new one that calls `look`."""
        with self._lock:
            self._lives = {key: live for key, live in self._lives.items() if live.is_watched}
            return self._lives.setdefault(name, Live(look))


def stream(request: Request, live: Live) -> StreamingResponse:
    """Server-sent events `sight` with every new text, and `ended` once the session has: watching is no use of it."""
    return StreamingResponse(_events(request, live), media_type="text/event-stream")


async def _events(request: Request, live: Live) -> AsyncIterator[str]:
    last, looked, told = 0, stopwatch(), stopwatch()
    while True:
        now = stopwatch()
        if now - looked > _SESSION_S:
            looked = now
            if not await run_in_threadpool(_is_signed_in, request):
                yield "event: ended\ndata:\n\n"
                return
        seen = live.latest()
        if seen is not None and seen.number != last:
            last, told = seen.number, now
            lines = "".join(f"data: {line}\n" for line in seen.text.splitlines() if line.strip())
            yield f"event: sight\n{lines}\n"
        elif now - told > _BEAT_S:
            told = now
            yield ":\n\n"
        await asyncio.sleep(_PACE_S)


def _is_signed_in(request: Request) -> bool:
    services: Services = request.app.state.services
    with services.transaction() as tx:
        secret = request.cookies.get(SESSION_COOKIE, "")
        return session_actor(tx, secret, now=services.clock.now(), use=False) is not None
