"""Moves what an account holds from one of its sub-balances to another (what semt.013 asks for)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal
from counterfoil.core.money import fits_amount, fits_quantity, minor_units
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import MIRRORS, Account, accounts_by_number
from counterfoil.ledger.booking import Booked, Booking, Posting, SubBalance
from counterfoil.ledger.orders import Order, book_once, is_reference

KIND = "sub_balance"
_LONGEST_REASON = 500
_OWNER_MAY_TAKE_FROM = frozenset({SubBalance.AVAILABLE, SubBalance.EARMARKED})
"""What is blocked or pledged is so for somebody else's sake: its owner alone does not free it."""


class Move(NamedTuple):
    """Units of a security, or money in major units, between two sub-balances of one account (number)."""

    number: str
    asset: str
    quantity: Decimal
    source: SubBalance
    target: SubBalance
    reference: str
    reason: str
    request_id: UUID


def move(
    tx: Transaction, moves: Sequence[Move], *, by_party: bool, booked_at: datetime, actor: str
) -> list[Booked | Refusal]:
    """Move between sub-balances: one outcome for each, in order. The same request again changes nothing.

    A party earmarks, pledges and blocks what is available, and frees what is earmarked; the depository moves
    everything. Raises `Conflict` where two transactions book one request, or open one position, at once: repeat.
    """
    if not moves:
        return []
    known = accounts_by_number(tx, [wanted.number for wanted in moves])
    orders = [_order(wanted, known.get(wanted.number), by_party=by_party) for wanted in moves]
    return book_once(tx, orders, booked_at=booked_at, actor=actor)


def _order(wanted: Move, account: Account | None, *, by_party: bool) -> Order | Refusal:
    if account is None:
        return errors.UNKNOWN_ACCOUNT("/number", account=wanted.number)
    if account.kind in MIRRORS:
        return errors.NOT_OF_PARTIES("/number", account=account.number, kind=account.kind.value)
    if not _fits(wanted):
        return errors.MOVEMENT("/quantity", quantity=wanted.quantity, asset=wanted.asset)
    if wanted.source is wanted.target:
        return errors.SAME_SUB_BALANCE("/to", sub_balance=wanted.source.value)
    if by_party and wanted.source not in _OWNER_MAY_TAKE_FROM:
        return errors.NOT_YOURS_TO_RELEASE("/from", source=wanted.source.value, target=wanted.target.value)
    if not is_reference(wanted.reference):
        return errors.REFERENCE_FORM("/reference")
    if not 0 < len(wanted.reason) <= _LONGEST_REASON or not wanted.reason.isprintable():
        return errors.REASON("/reason", longest=_LONGEST_REASON)
    postings = (
        Posting(account, wanted.asset, wanted.quantity.copy_negate(), wanted.source),
        Posting(account, wanted.asset, wanted.quantity, wanted.target),
    )
    id_ = wanted.request_id
    return Order(Booking(id_, KIND, id_, postings), wanted.number, wanted.reference, wanted.reason)


def _fits(wanted: Move) -> bool:
    decimals = minor_units(wanted.asset)
    if not wanted.quantity.is_finite() or wanted.quantity <= 0:
        return False
    if decimals is None:
        return fits_quantity(wanted.quantity)
    return fits_amount(wanted.quantity) and wanted.quantity == round(wanted.quantity, decimals)
