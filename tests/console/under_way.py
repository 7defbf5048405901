"""Requests that stand somewhere: issued, stopped by an incident, waiting for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.core.db import Database, Transaction
from counterfoil.orchestration import Job, Outcome, TaskContext, Tasks
from counterfoil.processes import Policy, Submission, accept, all_tasks
from tests.instruments.examples import BUSINESS_DATE
from tests.processes.desk import CLOCK, ISSUER, NDJSON, Desk, ndjson, new, open_desk, terms

CAUSE = "the <b>register</b> is away"


def broken_tasks() -> Tasks:
    """All tasks, but that registering fails for a while."""
    known, broken = all_tasks(), Tasks()

    def register(_tx: Transaction, _jobs: Sequence[Job], _context: TaskContext) -> Sequence[Outcome]:
        raise RuntimeError(CAUSE)

    for name in known.types():
        broken.add(name, register if name == "issuance.register" else known.function(name))
    return broken


@dataclass
class UnderWay:
    """What stands where: the desk to go on with, and the process instances by what they are."""

    desk: Desk
    issued: UUID
    stuck: list[UUID]
    amending: UUID
    isin: str

    def request(self, item: dict[str, Any], submitted_by: str) -> UUID:
        """Hand in one more request of the issuer's, and work."""
        submission = Submission(ISSUER, submitted_by, None, Policy.CONTINUE, BUSINESS_DATE, CLOCK.now(), None)
        with self.desk.database.transaction() as tx:
            receipt = accept(tx, [ndjson([item])], submission, content_type=NDJSON, now=CLOCK.now)
        self.desk.work()
        return UUID(str(self.desk.results(receipt.id)[0]["request"]))


def under_way(database: Database, stuck: int = 3) -> UnderWay:
    """One request issued, some stuck where they should be registered, an economic amendment waiting for approval."""
    desk = open_desk(database)
    done = desk.one(new("ISSUED"))
    failing = Desk(database, broken_tasks())
    receipt = failing.hand_in([new(f"STUCK-{n}") for n in range(stuck)])
    failing.work_without_pauses()
    amend = {"kind": "AMEND", "isin": done["isin"], "changes": CHANGES, "issuer_consent": True}
    (waiting,) = desk.issue([amend])
    ids = [UUID(str(result["request"])) for result in desk.results(receipt.id)]
    return UnderWay(desk, UUID(str(done["request"])), ids, UUID(str(waiting["request"])), done["isin"])


CHANGES = {"maturity_date": "2027-12-30", "name": "Renamed <i>note</i>"}
"""What the amendment wants changed."""
assert CHANGES.keys() <= terms().keys()
