"""Bookings that a person asks for under a reference of its own: each is done once, however often it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import Account
from counterfoil.ledger.booking import Barred, Booked, Booking, Short, book

SQL = queries(__file__)
_LONGEST_REFERENCE = 35
Legs = frozenset[tuple[UUID, str, str, Decimal]]


@dataclass(frozen=True, slots=True)
class Order:
    """A booking on an account (number); the booking's id is the id of the request."""

    booking: Booking
    account: str
    reference: str
    reason: str | None = None


def book_once(
    tx: Transaction, orders: Sequence[Order | Refusal], *, booked_at: datetime, actor: str
) -> list[Booked | Refusal]:
    """Book what was not booked before under the same id; what is refused already stays so. Outcomes in order.

    Raises `Conflict` where two transactions book one request, or open one position, at the same time: repeat.
    """
    wanted = [order for order in orders if isinstance(order, Order)]
    if not wanted:
        return [order for order in orders if isinstance(order, Refusal)]
    told: dict[UUID, Refusal] = {}
    legs = _booked_before(tx, [order.booking.id for order in wanted])
    new: dict[UUID, Order] = {}
    for order in wanted:
        id_ = order.booking.id
        if id_ not in legs:
            new[id_], legs[id_] = order, _legs(order.booking)
    done = book(tx, [order.booking for order in new.values()], booked_at=booked_at, actor=actor)
    for outcome in done:
        if not isinstance(outcome, Booked):
            told[outcome.id] = _refused(outcome)
    tx.copy(
        "ledger.booking_note",
        ("booking_id", "reference", "reason"),
        ("uuid", "text", "text"),
        ((id_, order.reference, order.reason) for id_, order in new.items() if id_ not in told),
    )
    return [order if isinstance(order, Refusal) else _outcome(order, legs, told) for order in orders]


def _outcome(order: Order, legs: dict[UUID, Legs], told: dict[UUID, Refusal]) -> Booked | Refusal:
    id_ = order.booking.id
    if _legs(order.booking) != legs[id_]:
        return errors.REFERENCE_USED("/reference", reference=order.reference, account=order.account)
    return told.get(id_) or Booked(id_)


def _booked_before(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Legs]:
    found: dict[UUID, set[tuple[UUID, str, str, Decimal]]] = {}
    for id_, *leg in tx.rows(SQL.booked_before, ids=list(set(ids))):
        account, asset, sub_balance, amount = leg
        found.setdefault(id_, set()).add((account, asset, sub_balance, amount))
    return {id_: frozenset(legs) for id_, legs in found.items()}


def _legs(booking: Booking) -> Legs:
    return frozenset((p.account.id, p.asset, p.sub_balance.value, p.amount) for p in booking.postings)


def _refused(outcome: Short | Barred) -> Refusal:
    if isinstance(outcome, Barred):
        return barred(outcome.accounts[0])
    lack = outcome.lacks[0]
    return errors.INSUFFICIENT(
        "/amount", account=lack.account, held=f"{lack.held:f}", asset=lack.asset, needed=f"{lack.needed:f}"
    )


def barred(account: Account) -> Refusal:
    """Why an account neither gives nor takes."""
    return (errors.CLOSED if account.closed else errors.BLOCKED)("/number", account=account.number)


def is_reference(text: str) -> bool:
    """Whether ISO 20022 can carry it as a reference."""
    return 0 < len(text) <= _LONGEST_REFERENCE and text.isprintable() and text == text.strip()
