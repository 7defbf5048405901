"""Places what is issued: instructs delivery against payment to each buyer, and writes down how it ended.

`placement` has one line a buyer with the ids of its instructions, written with the registration. `placement_open` is
the working set: registered and not yet placed, with `instructed_at` once the instructions were given in.
`placement_end` says placed where all has settled, incomplete where something was refused or cancelled.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.ids import new_ids
from counterfoil.core.money import ARITHMETIC
from counterfoil.orchestration import Done, Job, Outcome, Snooze, TaskContext
from counterfoil.processes.issuance.distribution import amount_of, intended_date
from counterfoil.processes.issuance.preparing import Prepared
from counterfoil.register import Recorded, issuer_account
from counterfoil.settlement import (
    CashDirection,
    Fulfilment,
    Instruction,
    Movement,
    Payment,
    Rejected,
    Trade,
    current_business_date,
    fulfilments,
    instruct,
    instruct_matched,
)

SQL = queries(__file__)
PLACEMENT = "PLAC"
"""ISO 20022's type of these transactions."""
_ACTOR = "issuance"
_AT_ONCE = timedelta(0)
Key = tuple[UUID, int]
"""Batch and position of an item."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one buyer gets, as it will be settled. Without `receive_id` the buyer instructs its side itself."""

    batch_id: UUID
    position: int
    line: int
    deliver_id: UUID
    receive_id: UUID | None
    reference: str
    isin: str
    seller_lei: str
    seller_account: str
    proceeds_account: str
    buyer_lei: str
    buyer_account: str | None
    quantity: Decimal
    currency: str
    amount: Decimal
    intended_date: date
    common_reference: str

    @property
    def key(self) -> Key:
        """The item that it belongs to."""
        return self.batch_id, self.position


@dataclass(frozen=True, slots=True)
class Planned:
    """A line, whether settlement has refused it, and the business date of its batch."""

    line: Line
    refused: bool
    business_date: date


_LINE = {
    "batch_id": "uuid", "position": "int4", "line": "int2", "deliver_id": "uuid", "receive_id": "uuid",
    "reference": "text", "isin": "text", "seller_lei": "text", "seller_account": "text", "proceeds_account": "text",
    "buyer_lei": "text", "buyer_account": "text", "quantity": "numeric", "currency": "text", "amount": "numeric",
    "intended_date": "date", "common_reference": "text",
}  # fmt: skip


def note_registering(tx: Transaction) -> None:
    """Say that this transaction now holds the register until its end."""
    tx.execute(SQL.note_registering)


def plan(tx: Transaction, sold: Sequence[tuple[Prepared, Job, Recorded]]) -> None:
    """Write down how newly registered items will be placed: a later step does it, the register waits for no buyer."""
    if not sold:
        return
    lines = [line for item, job, entry in sold for line in _planned(item, job.instance_id, entry.isin)]
    rows = (tuple(getattr(line, name) for name in _LINE) for line in lines)
    tx.copy("processes.placement", tuple(_LINE), tuple(_LINE.values()), rows)
    tx.copy(
        "processes.placement_open",
        ("batch_id", "position", "request_id"),
        ("uuid", "int4", "uuid"),
        ((item.batch_id, item.position, job.instance_id) for item, job, _ in sold),
    )
    _count(tx, {batch: (n, 0, 0, 0) for batch, n in Counter(item.batch_id for item, _, _ in sold).items()})


def _planned(item: Prepared, request: UUID, isin: str) -> Iterable[Line]:
    asked, terms = item.request, item.terms
    if asked is None or terms is None:
        return
    ids = new_ids(2 * len(asked.distribution))
    seller = issuer_account(item.issuer)
    for n, allotment in enumerate(asked.distribution):
        both = allotment.buyer in item.acts_for
        reference = f"{request.hex}{n:03d}"  # unique for ever, and as long as ISO 20022 allows
        yield Line(
            item.batch_id, item.position, n + 1, ids[2 * n], ids[2 * n + 1] if both else None, reference, isin,
            item.issuer, seller, asked.proceeds_account or seller, allotment.buyer,
            allotment.buyer_account if both else allotment.account, allotment.quantity, terms.currency,
            amount_of(allotment, terms), intended_date(allotment, terms, item.business_date),
            allotment.reference or reference,
        )  # fmt: skip


def place(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Instruct delivery against payment to each buyer, and settle at once what can settle.

    Settlement is locked before the register everywhere, because a sale may have units made. A transaction that has
    registered something holds the register already: it leaves the placing to the next one.
    """
    if tx.value(SQL.is_registering):
        return [Snooze(_AT_ONCE) for _ in jobs]
    keys = [key_of(job) for job in jobs]
    lines, now = read_lines(tx, keys), context.clock.now()
    known = fulfilments(tx, [planned.line.deliver_id for planned in lines])
    today = current_business_date(tx, now=now)
    by_day: dict[date, list[Line]] = {}
    for planned in lines:
        if not planned.refused and planned.line.deliver_id not in known:
            by_day.setdefault(min(planned.business_date, today), []).append(planned.line)
    for day, fresh in by_day.items():
        _instruct(tx, fresh, day, now)
    standing = fulfilments(tx, [planned.line.deliver_id for planned in lines])
    waiting = {p.line.key for p in lines if (s := standing.get(p.line.deliver_id)) and not s.ended}
    newly = tx.rows(
        SQL.note_instructed, batches=[b for b, _ in keys], positions=[p for _, p in keys], now=now
    )
    _count(tx, {batch: (-n, n, 0, 0) for batch, n in Counter(batch for (batch,) in newly).items()})
    return [Done({"placement": "waiting" if key in waiting else "ended"}) for key in keys]


def conclude(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Write down how the placements have ended, and what came of them."""
    close(tx, [key_of(job) for job in jobs], context.clock.now())
    return [Done() for _ in jobs]


def close(tx: Transaction, keys: Sequence[Key], now: datetime) -> None:
    """End the placements of these items as they stand; what has ended before is left alone."""
    rows = tx.rows(SQL.close, batches=[b for b, _ in keys], positions=[p for _, p in keys])
    closed = {(batch, position): instructed for batch, position, instructed in rows}
    if not closed:
        return
    lines = [planned.line for planned in read_lines(tx, list(closed))]
    standing = fulfilments(tx, [line.deliver_id for line in lines])
    ends = {key: _End() for key in closed}
    for line in lines:
        ends[line.key].add(line, standing.get(line.deliver_id))
    tx.copy(
        "processes.placement_end",
        ("batch_id", "position", "outcome", "quantity", "proceeds", "ended_at"),
        ("uuid", "int4", "text", "numeric", "numeric", "timestamptz"),
        (
            (*key, "placed" if e.whole else "incomplete", e.quantity, e.proceeds, now)
            for key, e in ends.items()
        ),
    )
    changes: dict[UUID, list[int]] = {}
    for key, instructed in closed.items():
        change = changes.setdefault(key[0], [0, 0, 0, 0])
        change[1 if instructed else 0] -= 1
        change[2 if ends[key].whole else 3] += 1
    _count(tx, changes)


@dataclass(slots=True)
class _End:
    """What has become of an item's lines, added up."""

    whole: bool = True
    quantity: Decimal = Decimal(0)
    proceeds: Decimal = Decimal(0)

    def add(self, line: Line, standing: Fulfilment | None) -> None:
        self.whole = self.whole and standing is not None and standing.quantity == line.quantity
        if standing is not None:
            with localcontext(ARITHMETIC):
                self.quantity += standing.quantity
                self.proceeds += standing.amount


def key_of(job: Job) -> Key:
    """The item of a job."""
    return UUID(job.variables["batch"]), int(job.variables["position"])


def read_lines(tx: Transaction, keys: Sequence[Key]) -> list[Planned]:
    """The lines of the items, as they were written down."""
    rows = tx.rows(SQL.lines, batches=[b for b, _ in keys], positions=[p for _, p in keys])
    return [Planned(Line(*row[:-2]), *row[-2:]) for row in rows]


def _instruct(tx: Transaction, lines: Sequence[Line], day: date, now: datetime) -> None:
    """Give in both sides of a line, matched, or the deliverer's alone; what is not accepted is kept with reasons."""
    both = [line for line in lines if line.receive_id is not None]
    alone = [line for line in lines if line.receive_id is None]
    trades = [Trade(_delivery(line, day), _receipt(line, day)) for line in both]
    how: dict[str, Any] = {"now": now, "business_date": day, "actor": _ACTOR}
    refused: list[tuple[Line, Sequence[Refusal]]] = []
    for line, taken in zip(both, instruct_matched(tx, trades, **how) if both else (), strict=True):
        if not isinstance(taken, UUID):
            told = dict.fromkeys(refusal for side in taken for refusal in side.refusals)
            refused.append((line, list(told)))
    sides = [_delivery(line, day) for line in alone]
    for line, outcome in zip(alone, instruct(tx, sides, **how) if alone else (), strict=True):
        if isinstance(outcome, Rejected):
            refused.append((line, outcome.refusals))
    tx.copy(
        "processes.placement_refusal",
        ("batch_id", "position", "line", "refusals"),
        ("uuid", "int4", "int2", "jsonb"),
        ((*line.key, line.line, [refusal.as_dict() for refusal in why]) for line, why in refused),
    )


def _delivery(line: Line, day: date) -> Instruction:
    return Instruction(
        id=line.deliver_id, party_lei=line.seller_lei, movement=Movement.DELIVER, account=line.seller_account,
        cash_direction=CashDirection.CREDIT, cash_account=line.proceeds_account, counterparty_lei=line.buyer_lei,
        counterparty_account=line.buyer_account, **_shared(line, day),
    )  # fmt: skip


def _receipt(line: Line, day: date) -> Instruction:
    ensure(
        line.receive_id is not None and line.buyer_account is not None,
        "whoever acts for a buyer knows its account",
    )
    return Instruction(
        id=line.receive_id or line.deliver_id, party_lei=line.buyer_lei, movement=Movement.RECEIVE,
        account=line.buyer_account or "", cash_direction=CashDirection.DEBIT, cash_account=line.buyer_account,
        counterparty_lei=line.seller_lei, counterparty_account=line.seller_account, **_shared(line, day),
    )  # fmt: skip


def _shared(line: Line, day: date) -> dict[str, Any]:
    return {
        "reference": line.reference, "isin": line.isin, "quantity": line.quantity, "payment": Payment.AGAINST,
        "currency": line.currency, "amount": line.amount, "trade_date": min(day, line.intended_date),
        "intended_date": line.intended_date, "transaction_type": PLACEMENT, "common_reference": line.common_reference,
    }  # fmt: skip


def _count(tx: Transaction, changes: Mapping[UUID, Sequence[int]]) -> None:
    """Write down how many items of each batch now stand elsewhere: to place, waiting, placed, incomplete."""
    tx.copy(
        "processes.placement_tally",
        ("batch_id", "to_place", "waiting", "placed", "incomplete"),
        ("uuid", "int4", "int4", "int4", "int4"),
        ((batch, *change) for batch, change in changes.items()),
    )
