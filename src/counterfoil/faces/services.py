"""The parts of the server that a face works with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TypeVar

from counterfoil.access import NOT_AUTHENTICATED, Actor, authenticate
from counterfoil.core.clock import Clock
from counterfoil.core.db import Conflict, Database, Transaction
from counterfoil.core.errors import Refused
from counterfoil.faces.gathering import Gathering
from counterfoil.faces.instructing import TOGETHER, Given, Taken, take_all

_T = TypeVar("_T")
_REMEMBERED_S = 5.0
_REMEMBERED = 1000
_TRIES = 5


@dataclass(slots=True)
class Services:
    """The parts of the server that routes and pages use. A valid token is remembered for five seconds. `data` is
    where the database keeps its files, where that is this machine. What arrives at `instructing` together is taken
    together.
    """

    database: Database
    clock: Clock
    data: Path | None = None
    instructing: Gathering[Given, Taken] = field(init=False)
    _actors: dict[str, tuple[float, Actor]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _forgotten: int = 0

    def __post_init__(self) -> None:
        def work(given: Sequence[Given]) -> list[Taken]:
            return repeated(lambda: take_all(self.database, self.clock, given))

        self.instructing = Gathering(work, most=TOGETHER)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction."""
        with self.database.transaction() as tx:
            yield tx

    def actor(self, secret: str) -> Actor:
        """The holder of a token. Raises `Refused` (ACC-401)."""
        with self._lock:
            (until, actor), forgotten = self._actors.get(secret, (0.0, None)), self._forgotten
        if actor is not None and until > monotonic():
            return actor
        with self.database.transaction() as tx:
            actor = authenticate(tx, secret, now=self.clock.now())
        if actor is None:
            raise Refused(NOT_AUTHENTICATED())
        with self._lock:
            if len(self._actors) >= _REMEMBERED:
                self._actors.clear()
            if forgotten == self._forgotten:  # a token revoked while it was looked up is not remembered
                self._actors[secret] = (monotonic() + _REMEMBERED_S, actor)
        return actor

    def forget_actors(self) -> None:
        """Have every token looked up anew (after one was revoked)."""
        with self._lock:
            self._forgotten += 1
            self._actors.clear()


def repeated(work: Callable[[], _T]) -> _T:
    """Do again what has lost a race for a row; nothing of the first try is left."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except Conflict:
            continue
    return work()
