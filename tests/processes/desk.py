"""The issuance desk of the tests: models deployed, issuers known, workers that run until all is quiet."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from counterfoil import ledger, orchestration, processes, register, settlement
from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Database, Transaction
from counterfoil.core.json import dumps
from counterfoil.orchestration import Tasks, Worker, complete_user_tasks, deploy, incidents, user_tasks
from counterfoil.parties import import_gleif
from counterfoil.processes import (
    MODELS,
    Policy,
    Receipt,
    Submission,
    accept,
    all_tasks,
    batch,
    follow_placements,
    item_results,
    sweep,
)
from counterfoil.sample import fictional_issuers, gleif_document
from tests.instruments.examples import BUSINESS_DATE, example


class BusinessDayClock:
    """Runs on from the morning of the business date: what is due then is due whenever the tests are run."""

    def __init__(self) -> None:
        self._started = stopwatch()

    def now(self) -> datetime:
        """The instant of that day."""
        return datetime.combine(BUSINESS_DATE, time(8), UTC) + timedelta(seconds=stopwatch() - self._started)


CLOCK = BusinessDayClock()
ISSUER, OTHER_ISSUER = (lei for lei, _ in fictional_issuers()[:2])
NDJSON = "application/x-ndjson"
Item = dict[str, Any]


def terms(class_: str = "1200", **changes: Any) -> Item:
    """Valid terms of a class, of the first fictional issuer."""
    return {**example(class_), "issuer": ISSUER, **changes}


def up_to(authorised: str = "1000", **changes: Any) -> Item:
    """Terms of an issue of which units are issued on demand."""
    return terms(volume={"unit": "units", "mode": "up_to", "authorised": authorised}, **changes)


def new(reference: str | None = None, **fields: Any) -> Item:
    """A NEW request; `fields` go to the request."""
    item = {"kind": "NEW", "instrument": terms(), **fields}
    return item if reference is None else {"reference": reference, **item}


def ndjson(items: Iterable[Item | bytes]) -> bytes:
    """A body of one line an item; bytes stand as they are."""
    return b"".join((i if isinstance(i, bytes) else dumps(i).encode()) + b"\n" for i in items)


@dataclass
class Desk:
    """Hands in batches, lets workers work, and reads what became of the items."""

    database: Database
    tasks: Tasks

    def hand_in(
        self,
        items: Sequence[Item | bytes] | bytes,
        policy: Policy = Policy.CONTINUE,
        *,
        submitter: str = ISSUER,
        principals: tuple[str, ...] | None = None,
        key: str | None = None,
        content_type: str = NDJSON,
    ) -> Receipt:
        """Accept a batch; nothing runs yet."""
        body = items if isinstance(items, bytes) else ndjson(items)
        submission = Submission(
            submitter, f"{submitter} clerk", principals, policy, BUSINESS_DATE, CLOCK.now(), key
        )
        with self.database.transaction() as tx:
            return accept(tx, [body], submission, content_type=content_type, now=CLOCK.now)

    def work(self, limit: int = 1000) -> None:
        """Run a worker and the sweep until nothing moves."""
        worker = Worker(self.database, self.tasks, clock=CLOCK, limit=limit)
        while True:
            follow_placements(self.database, CLOCK.now())
            moved = worker.run_once()
            with self.database.transaction() as tx:
                running = _undecided(tx)
            sweep(self.database, CLOCK.now())
            with self.database.transaction() as tx:
                if moved == 0 and running == _undecided(tx):
                    return

    def statements_of_work(self) -> int:
        """Work, and count the statements that it takes."""
        counted: list[str] = []
        run, copy = Transaction._run, Transaction.copy

        def counting_run(tx: Transaction, statement: str, parameters: dict[str, object]) -> object:
            counted.append(statement)
            return run(tx, statement, parameters)

        def counting_copy(tx: Transaction, table: str, *rest: Any) -> None:
            counted.append(table)
            copy(tx, table, *rest)

        with (
            patch.object(Transaction, "_run", counting_run),
            patch.object(Transaction, "copy", counting_copy),
        ):
            self.work()
        return len(counted)

    def work_without_pauses(self) -> None:
        """Work, and have what waits to be tried again tried at once, until it has ended or stopped."""
        self.work()
        while self._hurry():
            self.work()

    def _hurry(self) -> int:
        with self.database.transaction() as tx:
            return tx.execute(
                "UPDATE orchestration.element_instance SET ready_at = %(now)s::timestamptz"
                " WHERE state = 'ready' AND ready_at > %(now)s::timestamptz",
                now=CLOCK.now(),
            )

    def issue(
        self, items: Sequence[Item | bytes], policy: Policy = Policy.CONTINUE, **how: Any
    ) -> list[Item]:
        """Hand in, work, and read the results."""
        receipt = self.hand_in(items, policy, **how)
        self.work()
        return self.results(receipt.id)

    def one(self, item: Item | bytes, **how: Any) -> Item:
        """The result of one item."""
        (result,) = self.issue([item], **how)
        return result

    def results(self, batch_id: UUID) -> list[Item]:
        """Results in input order."""
        with self.database.transaction() as tx:
            return item_results(tx, batch_id, now=CLOCK.now(), limit=5000)

    def batch(self, batch_id: UUID) -> Item:
        """The batch with its counts."""
        with self.database.transaction() as tx:
            return batch(tx, batch_id)

    def answer(self, approved: bool, reason: str | None = None) -> None:
        """A person completes every open task, and work goes on."""
        with self.database.transaction() as tx:
            ids = [task["id"] for task in user_tasks(tx, groups=["approver"])]
            said = {"approved": approved, "approver": "Ada", **({"reason": reason} if reason else {})}
            complete_user_tasks(tx, ids, said, actor="Ada", now=CLOCK.now())
        self.work()

    def incidents(self) -> list[Item]:
        """Open incidents."""
        with self.database.transaction() as tx:
            return incidents(tx)

    def issue_of(self, isin: str) -> register.Issue:
        """An issue as the register has it."""
        with self.database.transaction() as tx:
            return register.issues(tx, [isin])[isin]

    def violations(self) -> list[str]:
        """What the checks of every room find."""
        with self.database.snapshot() as tx:
            found = [
                c
                for room in (ledger, register, settlement, orchestration, processes)
                for c in room.checks(tx)
            ]
        return [f"{c.name}: {c.violations}" for c in found if not c.holds]

    def instruments(self) -> int:
        """How many instruments have terms."""
        with self.database.transaction() as tx:
            return int(tx.value("SELECT count(*) FROM instruments.instrument"))


def codes(result: Item) -> list[str]:
    """Codes of an item's refusals, in order."""
    return [refusal["code"] for refusal in result.get("refusals", [])]


def outcomes(results: Iterable[Item]) -> list[str]:
    """What became of each item."""
    return [result["outcome"] for result in results]


def open_desk(database: Database) -> Desk:
    """Deploy the models and import the fictional issuers."""
    with database.transaction() as tx:
        for model in MODELS:
            deploy(tx, model.read_bytes(), resource=model.name, now=CLOCK.now())
        import_gleif(tx, io.BytesIO(gleif_document()), now=CLOCK.now())
    return Desk(database, all_tasks())


def _undecided(tx: Transaction) -> tuple[int, int]:
    row = tx.row(
        "SELECT count(*) FILTER (WHERE decided_at IS NULL), count(*) FILTER (WHERE state = 'RUNNING')"
        " FROM processes.batch"
    )
    return (0, 0) if row is None else (row[0], row[1])
