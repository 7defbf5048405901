"""Claims ready instances and moves them, a stretch at a time. Any number of workers may share one database."""

from collections.abc import Sequence
from threading import Event
from uuid import UUID

import structlog

from counterfoil.core.clock import Clock, SystemClock, stopwatch
from counterfoil.core.db import Database, Listener, Transaction, Unavailable
from counterfoil.core.ids import new_id
from counterfoil.orchestration.engine import activities
from counterfoil.orchestration.engine.claiming import SQL, Claim, claim
from counterfoil.orchestration.engine.starting import CHANNEL
from counterfoil.orchestration.engine.state import Instance
from counterfoil.orchestration.engine.stretch import Observe, Stretch
from counterfoil.orchestration.engine.tasks import Tasks
from counterfoil.orchestration.engine.writing import write

LOG = structlog.get_logger("counterfoil.orchestration")
_IDLE_S = 0.5
_LOST_S = 1.0


def _ignore(step: str, count: int, seconds: float) -> None:
    """Observe nothing."""


class Worker:
    """Runs stretches until it is told to stop. `observe(step, count, seconds)` learns where the time goes."""

    def __init__(
        self,
        database: Database,
        tasks: Tasks,
        *,
        clock: Clock | None = None,
        observe: Observe = _ignore,
        limit: int = 1000,
    ) -> None:
        self.database = database
        self.tasks = tasks
        self.clock = clock or SystemClock()
        self.observe = observe
        self.limit = limit

    def run_once(self) -> int:
        """Move what is ready, one stretch; the number of instances moved. Raises `Unavailable`."""
        return self._stretch(None)

    def run(self, stop: Event) -> None:
        """Move whatever becomes ready until `stop` is set; a lost database is waited for."""
        listener: Listener | None = None
        while not stop.is_set():
            try:
                listener = listener or self.database.listen(CHANNEL)
                if self.run_once() == 0:
                    listener.wait(self._idle_s())
            except Unavailable as error:
                LOG.warning("database lost", error=str(error).strip())
                if listener is not None:
                    listener.close()
                    listener = None
                stop.wait(_LOST_S)
            except Exception:
                LOG.exception("a stretch fails and cannot be isolated")
                stop.wait(_LOST_S)
        if listener is not None:
            listener.close()

    def _idle_s(self) -> float:
        with self.database.transaction() as tx:
            tx.execute(SQL.expire_messages, now=self.clock.now())
            due = tx.value(SQL.next_due)
        if due is None:
            return _IDLE_S
        return float(min(_IDLE_S, max(0.002, (due - self.clock.now()).total_seconds())))

    def _stretch(self, only: Sequence[UUID] | None) -> int:
        taken = Claim()
        try:
            with self.database.transaction() as tx:
                started = stopwatch()
                taken = claim(tx, self.clock.now(), self.limit, only)
                if not taken:
                    return 0
                self.observe("claim", len(taken.instances), stopwatch() - started)
                moved = self._move(tx, taken)
                started = stopwatch()
            self.observe("commit", moved, stopwatch() - started)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the culprit is found by moving fewer at once
            return self._isolate(taken, error)
        return moved

    def _move(self, tx: Transaction, taken: Claim) -> int:
        stretch = Stretch(tx, self.tasks, self.clock, self.observe, taken.definitions)
        stretch.instances.update(taken.instances)
        for birth in taken.births:
            instance = Instance(new_id(), taken.definitions[birth.definition_id], None, dict(birth.variables))
            instance.started_at = stretch.now
            instance.variables_changed = True
            stretch.instances[instance.id] = instance
            stretch.born.append(instance)
            stretch.enter(instance, birth.element_id, None)
        for firing in taken.firings:
            token = taken.instances[firing.instance_id].tokens.get(firing.token_id)
            if token is not None:
                activities.trigger(stretch, token, firing.event_id, firing.variables)
        claimed = set(taken.tokens)
        for instance in taken.instances.values():
            for token in list(instance.tokens.values()):
                if token.id in claimed and token.state == "ready":
                    token.ready_at = stretch.now
                    stretch.push(token)
        stretch.run()
        started = stopwatch()
        write(tx, stretch, taken)
        self.observe("history", len(stretch.instances), stopwatch() - started)
        started = stopwatch()
        tx.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.observe("constraints", len(stretch.instances), stopwatch() - started)
        return len(stretch.instances)

    def _isolate(self, taken: Claim, error: Exception) -> int:
        """A whole stretch failed, at its commit or in its own writes: repeat it in halves; one alone has failed."""
        LOG.warning("stretch failed", instances=len(taken.instances), error=str(error)[:500])
        if not taken.tokens:
            raise error
        if len(taken.tokens) > 1:
            half = len(taken.tokens) // 2
            return self._stretch(taken.tokens[:half]) + self._stretch(taken.tokens[half:])
        with self.database.transaction() as tx:
            again = claim(tx, self.clock.now(), 1, taken.tokens)
            stretch = Stretch(tx, self.tasks, self.clock, self.observe, again.definitions)
            stretch.instances.update(again.instances)
            for instance in again.instances.values():
                if (token := instance.tokens.get(taken.tokens[0])) is not None:
                    stretch.failed(token, error)
            write(tx, stretch, again)
        return 1
