"""A house whose processes run by a simulated clock: days pass, and what is due is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from counterfoil.core.db import Database
from counterfoil.orchestration import Worker, complete_user_tasks, deploy, incidents, instances, user_tasks
from counterfoil.processes import MODELS, all_tasks, start_due
from counterfoil.servicing import announce_upcoming, lay_out_new
from tests.servicing.house import House, open_house


@dataclass
class Clockwork:
    """The house, and the worker that moves its processes."""

    house: House
    worker: Worker

    def work(self) -> None:
        """Lay out, start and move all that is due now."""
        with self.house.database.transaction() as tx:
            lay_out_new(tx, now=self.house.now, blocks=1000)
            while announce_upcoming(tx, self.house.now.date()):
                pass
            while start_due(tx, now=self.house.now):
                pass
        while self.worker.run_once():
            pass

    def until(self, moment: str, step: timedelta = timedelta(hours=12)) -> None:
        """Let time pass to an instant (UTC), working at every step."""
        end = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        while self.house.now < end:
            self.house.clock.advance(min(step, end - self.house.now))
            self.work()

    def tasks(self) -> list[dict[str, Any]]:
        """Open tasks for persons."""
        with self.house.database.transaction() as tx:
            return user_tasks(tx, limit=1000)

    def answer(self, *, approved: bool) -> None:
        """A person completes every open task, and work goes on."""
        ids = [task["id"] for task in self.tasks()]
        with self.house.database.transaction() as tx:
            complete_user_tasks(
                tx, ids, {"approved": approved, "approver": "Eve"}, actor="Eve", now=self.house.now
            )
        self.work()

    def running(self) -> Sequence[str]:
        """Processes that have not ended."""
        with self.house.database.transaction() as tx:
            return [i["process_id"] for i in instances(tx, state="active", limit=1000)]

    def trouble(self) -> list[str]:
        """Open incidents, and invariants that do not hold."""
        with self.house.database.transaction() as tx:
            stopped = [i["message"] for i in incidents(tx)]
        return [*stopped, *self.house.violations()]


def open_clockwork(database: Database) -> Clockwork:
    """A house with all models deployed."""
    house = open_house(database)
    with database.transaction() as tx:
        for model in MODELS:
            deploy(tx, model.read_bytes(), resource=model.name, now=house.now)
    return Clockwork(house, Worker(database, all_tasks(), clock=house.clock))
