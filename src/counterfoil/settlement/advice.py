"""What the parties are still to be told of their instructions, and how these stand: for whoever tells them.

Only what concerns a party that is advised by messages is announced, so that the rest pays nothing for it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.outbox import announce
from counterfoil.ledger import accounts_by_id
from counterfoil.settlement.model import CashDirection, Hold, Instruction, Movement, Partial, Payment

SQL = queries(__file__)
INSTRUCTION, TRANSACTION, DAY_ENDED = (
    "settlement.instruction",
    "settlement.transaction",
    "settlement.day_ended",
)
"""Topics of the outbox: their subjects are ids, and for the last one the business date and when it ended."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an instruction stands. `left` and `left_amount` are what is pending of its transaction, `blocked` what that
    waits for; `settled_amount` is the deliverer's, which may differ from the instruction's within the tolerance.
    """

    instruction: Instruction
    accepted_at: datetime
    is_unmatched: bool
    transaction: UUID | None
    counterpart: UUID | None
    matched_at: datetime | None
    left: Decimal | None
    left_amount: Decimal | None
    blocked: dict[str, Any] | None
    cancellation_code: str | None
    has_requested_cancellation: bool
    counterpart_has_requested: bool
    is_failing: bool
    is_advised: bool

    @property
    def is_pending(self) -> bool:
        """Whether it is matched and something of it is left to settle."""
        return self.left is not None


@dataclass(frozen=True, slots=True)
class Part:
    """What has settled of a transaction at once: SF III."""

    transaction: UUID
    number: int
    quantity: Decimal
    amount: Decimal | None
    remaining: Decimal
    booking: UUID
    settled_at: datetime


def announce_instructions(tx: Transaction, ids: Collection[UUID]) -> None:
    """Have the parties told of what became of these instructions."""
    announce(tx, INSTRUCTION, ids)


def announce_transactions(tx: Transaction, ids: Collection[UUID]) -> None:
    """Have both sides told of what became of these transactions."""
    announce(tx, TRANSACTION, ids)


def announce_end_of_day(tx: Transaction, business_date: date, now: datetime) -> None:
    """Have the day's reports sent: of what was booked before `now`."""
    announce(tx, DAY_ENDED, [f"{business_date} {now.isoformat()}"])


@dataclass(frozen=True, slots=True)
class Named:
    """An instruction as its party names it: which it is, and the number of its securities account."""

    id: UUID
    movement: Movement
    payment: Payment
    account: str


def instructions_by_reference(
    tx: Transaction, keys: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Named]:
    """The instruction that a party (LEI) gave a reference, by both."""
    rows = tx.rows(SQL.by_reference, parties=[k[0] for k in keys], references=[k[1] for k in keys])
    return {(lei, ref): Named(id_, Movement(m), Payment(p), account) for lei, ref, id_, m, p, account in rows}


def references_of(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Party (LEI) and reference of each of the instructions that exist."""
    return {id_: (lei, ref) for id_, lei, ref in tx.rows(SQL.by_id, ids=list(ids))} if ids else {}


def sides(tx: Transaction, transactions: Collection[UUID]) -> list[UUID]:
    """The instructions that the given transactions are made of."""
    return [id_ for row in tx.rows(SQL.sides, ids=list(transactions)) for id_ in row]


def standings(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """How each of the given instructions stands."""
    rows = tx.rows(SQL.standings, ids=list(ids))
    known = accounts_by_id(tx, [a for row in rows for a in (row[7], row[13]) if a is not None])
    numbers = {id_: account.number for id_, account in known.items()}
    return {row[0]: _standing(row, numbers) for row in rows}


def settled_parts(tx: Transaction, transactions: Collection[UUID]) -> dict[UUID, list[Part]]:
    """What has settled of each of the given transactions, in order."""
    found: dict[UUID, list[Part]] = {}
    for row in tx.rows(SQL.parts, ids=list(transactions)):
        found.setdefault(row[0], []).append(Part(*row))
    return found


def _standing(row: Row, numbers: dict[UUID, str]) -> Standing:
    id_, party, reference, movement, payment, isin, quantity, account = row[:8]
    counterparty, counterparty_account, currency, amount, direction, cash_account = row[8:14]
    holds, priority, partial = row[23:26]
    instruction = Instruction(
        id=id_, party_lei=party, reference=reference, movement=Movement(movement), payment=Payment(payment),
        isin=isin, quantity=quantity, account=numbers[account], counterparty_lei=counterparty,
        counterparty_account=counterparty_account, currency=currency, amount=amount,
        cash_direction=direction and CashDirection(direction),
        cash_account=None if cash_account is None else numbers[cash_account], trade_date=row[14],
        intended_date=row[15], transaction_type=row[16], common_reference=row[17], client=row[18],
        counterparty_client=row[19], opt_out=row[20], ex_cum=row[21], holds=Hold(holds or 0),
        priority=priority or 4, partial=Partial(partial or Partial.ALLOWED),
    )  # fmt: skip
    return Standing(instruction, row[22], *row[26:])
