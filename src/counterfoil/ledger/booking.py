"""The one function that books. A batch is judged in order, netted, and written with a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact, localcontext
from enum import StrEnum
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.ids import new_id
from counterfoil.core.money import ARITHMETIC
from counterfoil.ledger.accounts import Account

SQL = queries(__file__)
_ZERO = Decimal(0)
EXACT: Context = ARITHMETIC.copy()
"""Sums of balances are never rounded: a result that would need more than 60 digits stops the batch."""
EXACT.traps[Inexact] = True


class SubBalance(StrEnum):
    """What the owner may do with this part of a position."""

    AVAILABLE = "available"
    EARMARKED = "earmarked"
    BLOCKED = "blocked"
    PLEDGED = "pledged"


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: `amount` is added to the account's position. Units of the security, or major units of currency."""

    account: Account
    asset: str
    amount: Decimal
    sub_balance: SubBalance = SubBalance.AVAILABLE


@dataclass(frozen=True, slots=True)
class Booking:
    """Postings that belong together and add up to zero for each asset. `reference` is what caused it."""

    id: UUID
    kind: str
    reference: UUID
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking stands."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Lack:
    """What an account held, given the bookings before, of what the booking as a whole needed of it."""

    account: str
    asset: str
    sub_balance: SubBalance
    held: Decimal
    needed: Decimal


@dataclass(frozen=True, slots=True)
class Short:
    """The booking was left out: these positions would have gone below zero."""

    id: UUID
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Barred:
    """The booking was left out: these accounts are blocked for it, or closed."""

    id: UUID
    accounts: tuple[Account, ...]


Key = tuple[str, UUID, str]


def book(
    tx: Transaction, bookings: Sequence[Booking], *, booked_at: datetime, actor: str
) -> list[Booked | Short | Barred]:
    """Book a batch: one outcome for each booking, in order.

    Positions are locked in one order, so that batches never deadlock. A booking that an account bars, or that would
    overdraw, given those before it, is left out; the others stand. The net change of a position is written once.
    Raises `Bug` for a booking that does not add up; `Conflict` where two transactions open the same position at once,
    or an account was blocked after it was looked up (repeat the batch).
    """
    if not bookings:
        return []
    with localcontext(EXACT):
        for booking in bookings:
            _ensure_balanced(booking)
        held = _lock(tx, bookings)
        before = dict(held)
        outcomes = [_judge(booking, held) for booking in bookings]
        done = [b for b, outcome in zip(bookings, outcomes, strict=True) if isinstance(outcome, Booked)]
        if done:
            _write(tx, done, before, held, booked_at, actor)
    ensure(len(outcomes) == len(bookings), "every booking has one outcome")
    return outcomes


def _ensure_balanced(booking: Booking) -> None:
    sums: dict[str, Decimal] = {}
    for posting in booking.postings:
        ensure(posting.amount.is_finite() and posting.amount != 0, "a posting moves something")
        sums[posting.asset] = sums.get(posting.asset, _ZERO) + posting.amount
    ensure(bool(sums) and not any(sums.values()), f"booking {booking.id} does not add up to zero")


def _key(posting: Posting) -> Key:
    return posting.asset, posting.account.id, posting.sub_balance.value


def _lock(tx: Transaction, bookings: Sequence[Booking]) -> dict[Key, Decimal]:
    keys = {_key(posting) for booking in bookings for posting in booking.postings}
    rows = tx.rows(
        SQL.lock_positions,
        assets=[asset for asset, _, _ in keys],
        accounts=[account for _, account, _ in keys],
        sub_balances=[sub for _, _, sub in keys],
    )
    return {(asset, account, sub): quantity for asset, account, sub, quantity in rows}


def _judge(booking: Booking, held: dict[Key, Decimal]) -> Booked | Short | Barred:
    """Apply the booking to `held`, or say what bars it or what it lacks and leave `held` alone."""
    barred = [
        p.account
        for p in booking.postings
        if (p.account.blocked_debit or p.account.blocked_credit) and p.account.bars(p.amount)
    ]
    if barred:
        return Barred(booking.id, tuple(dict.fromkeys(barred)))
    after: dict[Key, Decimal] = {}
    negative: dict[Key, Posting] = {}
    for posting in booking.postings:
        key = _key(posting)
        quantity = after[key] = after.get(key, held.get(key, _ZERO)) + posting.amount
        if quantity < 0 and not posting.account.may_be_negative:
            negative[key] = posting
    lacks = tuple(
        Lack(p.account.number, p.asset, p.sub_balance, (had := held.get(key, _ZERO)), had - after[key])
        for key, p in negative.items()
        if after[key] < 0  # a later leg of the same booking may have brought it back
    )
    if lacks:
        return Short(booking.id, lacks)
    held.update(after)
    return Booked(booking.id)


def _write(
    tx: Transaction,
    done: Sequence[Booking],
    before: dict[Key, Decimal],
    after: dict[Key, Decimal],
    booked_at: datetime,
    actor: str,
) -> None:
    batch = new_id()
    tx.execute(SQL.add_batch, id=batch, actor=actor, booked_at=booked_at)
    tx.copy(
        "ledger.booking",
        ("id", "batch_id", "kind", "reference"),
        ("uuid", "uuid", "text", "uuid"),
        ((b.id, batch, b.kind, b.reference) for b in done),
    )
    tx.copy(
        "ledger.posting",
        ("batch_id", "booking_id", "leg", "account_id", "asset", "sub_balance", "amount", "booked_at"),
        ("uuid", "uuid", "int2", "uuid", "text", "text", "numeric", "timestamptz"),
        (
            (batch, b.id, leg, p.account.id, p.asset, p.sub_balance.value, p.amount, booked_at)
            for b in done
            for leg, p in enumerate(b.postings)
        ),
    )
    negative = {p.account.id for b in done for p in b.postings if p.account.may_be_negative}
    touched = {_key(p) for b in done for p in b.postings}
    opened = sorted(key for key in touched if key not in before)
    tx.copy(
        "ledger.position",
        ("asset", "account_id", "sub_balance", "quantity", "may_be_negative", "batch_id"),
        ("text", "uuid", "text", "numeric", "bool", "uuid"),
        ((*key, after[key], key[1] in negative, batch) for key in opened),
    )
    moved = sorted(key for key in touched if key in before and after[key] != before[key])
    if moved:
        tx.execute(
            SQL.move_positions,
            batch=batch,
            assets=[asset for asset, _, _ in moved],
            accounts=[account for _, account, _ in moved],
            sub_balances=[sub for _, _, sub in moved],
            amounts=[after[key] - before[key] for key in moved],
        )
