"""Takes together what arrives together: while one transaction is under way, those who come wait for the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

from counterfoil.core.db import Unavailable
from counterfoil.core.errors import ensure

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[_T, _R]):
    """One who waits: for the result or the failure of its items, or for its turn to do the work of all."""

    items: Sequence[_T]
    woken: Event = field(default_factory=Event)
    results: Sequence[_R] | None = None
    failure: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.results is not None or self.failure is not None


class Gathering(Generic[_T, _R]):
    """Does `work` for many callers at once, one batch after the other: a fixed number of statements serves all who
    came while the batch before was under way. The first of them does it for all. A caller's items stay together and
    in order; a batch has up to `most` items, or those of a single caller.
    """

    def __init__(self, work: Callable[[Sequence[_T]], Sequence[_R]], *, most: int) -> None:
        """`work` takes items and gives one result for each, in order. Where it raises for several callers, each is
        tried by itself, so that nobody fails for another's sake; but without a database all fail at once.
        """
        self._work = work
        self._most = most
        self._lock = Lock()
        self._queue: list[_Waiting[_T, _R]] = []
        self._busy = False

    def do(self, items: Sequence[_T]) -> Sequence[_R]:
        """The results of the caller's items. Raises what `work` raises for them alone."""
        me: _Waiting[_T, _R] = _Waiting(items)
        with self._lock:
            self._queue.append(me)
            leads = not self._busy
            self._busy = True
        if not leads:
            me.woken.wait()
        if not me.is_done:
            self._lead()
        if me.failure is not None:
            raise me.failure
        ensure(me.results is not None, "who leads is in its own batch")
        return me.results or ()

    def _lead(self) -> None:
        batch = self._next()
        try:
            self._do_for(batch)
        finally:
            with self._lock:
                successor = self._queue[0] if self._queue else None
                self._busy = successor is not None
            # Before the results: the next batch is under way while these callers write their answers.
            if successor is not None:
                successor.woken.set()
            for one in batch:
                one.woken.set()

    def _next(self) -> list[_Waiting[_T, _R]]:
        with self._lock:
            batch, count = [self._queue[0]], len(self._queue[0].items)
            for one in self._queue[1:]:
                count += len(one.items)
                if count > self._most:
                    break
                batch.append(one)
            del self._queue[: len(batch)]
        return batch

    def _do_for(self, batch: Sequence[_Waiting[_T, _R]]) -> None:
        try:
            self._do_together(batch)
        except Exception as error:  # noqa: BLE001 - every caller gets its own
            if len(batch) > 1 and not isinstance(error, Unavailable):
                for one in batch:
                    self._do_for([one])
                return
            for one in batch:
                one.failure = error

    def _do_together(self, batch: Sequence[_Waiting[_T, _R]]) -> None:
        results = self._work([item for one in batch for item in one.items])
        ensure(len(results) == sum(len(one.items) for one in batch), "every item has one result")
        begin = 0
        for one in batch:
            one.results = results[begin : begin + len(one.items)]
            begin += len(one.items)
