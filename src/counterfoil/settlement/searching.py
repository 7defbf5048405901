"""Finds instructions by what they are and how they stand: a page of ids in the order asked for, by an index."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.places import place, read_place
from counterfoil.ledger import accounts_by_number
from counterfoil.settlement import errors
from counterfoil.settlement.model import Payment, State

SQL = queries(__file__)
_AS_THE_OTHER_SEES_IT = {"CLAC": "LACK", "CMON": "MONY", "PRCY": "PREA", "CLAT": "LATE"}
_MATCHED = frozenset({State.PENDING, State.FAILING, State.PARTIAL})
_OVER = frozenset({State.SETTLED, State.CANCELLED})
_FEW = 1_500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None asks for everything. `due` is the last intended date of what is still open; `reason` an
    ISO 20022 code that a matched one waits for, as either side sees it; `account` the number of a securities account.
    An amount free of payment is 0; of what waits matched it is what is left to settle.
    """

    party: str | None = None
    reference: str | None = None
    isin: str | None = None
    state: State | None = None
    reason: str | None = None
    due: date | None = None
    account: str | None = None
    intended_from: date | None = None
    intended_until: date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None


class By(StrEnum):
    """What instructions are ordered by. What waits matched was received when it was matched."""

    RECEIVED = "received"
    INTENDED = "intended"
    AMOUNT = "amount"
    PRIORITY = "priority"
    REFERENCE = "reference"


class Order(NamedTuple):
    """By what, and whether from its end."""

    by: By = By.RECEIVED
    descending: bool = True


class Spot(NamedTuple):
    """An instruction of a page, and the place that the next page goes on from."""

    id: UUID
    place: str


NEWEST = Order()
_KINDS: dict[By, tuple[type, ...]] = {
    By.RECEIVED: (), By.INTENDED: (date,), By.AMOUNT: (Decimal,), By.PRIORITY: (int,), By.REFERENCE: (str,),
}  # fmt: skip
_OF_ALL = {
    Order(By.RECEIVED, descending=False): SQL.received,
    Order(By.RECEIVED): SQL.received_back,
    Order(By.INTENDED, descending=False): SQL.intended,
    Order(By.INTENDED): SQL.intended_back,
    Order(By.AMOUNT, descending=False): SQL.amount,
    Order(By.AMOUNT): SQL.amount_back,
    Order(By.REFERENCE, descending=False): SQL.reference,
    Order(By.REFERENCE): SQL.reference_back,
}
_OF_MATCHED = {
    Order(By.RECEIVED, descending=False): SQL.matched,
    Order(By.RECEIVED): SQL.matched_back,
    Order(By.INTENDED, descending=False): SQL.matched_by_intended,
    Order(By.INTENDED): SQL.matched_by_intended_back,
    Order(By.AMOUNT, descending=False): SQL.matched_by_amount,
    Order(By.AMOUNT): SQL.matched_by_amount_back,
    Order(By.PRIORITY, descending=False): SQL.matched_by_priority,
    Order(By.PRIORITY): SQL.matched_by_priority_back,
}


def orders_of(wanted: Wanted) -> dict[By, bool]:
    """The orders that an index carries with these filters, and whether each can be had from its beginning too."""
    if wanted.account is not None:
        return {By.RECEIVED: False}
    if wanted.reason is not None and _is_matched(wanted):
        return {By.RECEIVED: True, By.AMOUNT: True, By.PRIORITY: True}
    if _is_matched(wanted):
        return {By.RECEIVED: True, By.INTENDED: True, By.AMOUNT: True, By.PRIORITY: True}
    if wanted.state is State.UNMATCHED:
        return {By.RECEIVED: True}
    if wanted.state is not None or wanted.due is not None:
        return {By.RECEIVED: False}
    found = {By.RECEIVED: True, By.INTENDED: True, By.AMOUNT: True}
    return found if wanted.party is None else {**found, By.REFERENCE: True}


def page_of_spots(
    tx: Transaction,
    wanted: Wanted,
    *,
    order: Order,
    after: str | None,
    limit: int,
    business_date: date,
    ended: tuple[Payment, ...],
) -> list[Spot]:
    """Those that fit, in order, behind the place `after`. Raises `Refused` (SET-090, COR-004).

    `ended` are the payments that settle on the business date no more: what is intended for it fails.
    """
    offered = orders_of(wanted)
    if order.by not in offered or not (order.descending or offered[order.by]):
        raise Refused(errors.NO_SUCH_ORDER("/sort", order=order.by))
    state, reason, matched = wanted.state, wanted.reason, _is_matched(wanted)
    if (reason is not None and not matched) or (wanted.due is not None and state in _OVER):
        return []
    until = wanted.due, wanted.intended_until, _failed_until(tx, wanted, business_date, ended)
    given = asdict(wanted) | {
        "state": None if state is None else state.value, "limit": limit, "account": None, "id": None, "value": None,
        "reason": _AS_THE_OTHER_SEES_IT.get(reason or "", reason), "business_date": business_date,
        "ended": [payment.value for payment in ended], "settled": state is State.SETTLED, "transaction": None,
        "open": wanted.due is not None, **_among_few(tx, wanted),
        "intended_until": min((day for day in until if day), default=None),
    }  # fmt: skip
    if wanted.account is not None:
        known = accounts_by_number(tx, [wanted.account])
        if wanted.account not in known:
            return []
        given["account"] = known[wanted.account].id
    statement, kinds = _statement(wanted, order, matched=matched, among_few=given["ids"] is not None)
    if after:
        *value, given["id"] = read_place(after, *kinds, UUID)
        given |= dict(zip(("value", "transaction"), value, strict=False))
    with tx.fresh_plans():
        rows = tx.rows(statement, **given)
    return [Spot(row[-1], place(*row)) for row in rows]


def _failed_until(
    tx: Transaction, wanted: Wanted, business_date: date, ended: tuple[Payment, ...]
) -> date | None:
    """The last intended date of what fails: before its cut-offs nothing of the business date itself does, and it must
    not be looked through for that.
    """
    if wanted.state is not State.FAILING:
        return None
    has_begun = bool(ended) or tx.value(SQL.fails_today, business_date=business_date.isoformat())
    return business_date if has_begun else business_date - timedelta(days=1)


def _among_few(tx: Transaction, wanted: Wanted) -> dict[str, list[UUID] | None]:
    """The instructions of a party and their transactions, where it has so few that it is better looked up how each of
    them stands than looked through all that stand so.
    """
    if (wanted.party or wanted.reference) and (wanted.state or wanted.reason or wanted.due):
        named = {"party": wanted.party, "reference": wanted.reference, "limit": _FEW + 1}
        found = tx.rows(SQL.of_reference if wanted.reference else SQL.of_party, **named)
        if len(found) <= _FEW:
            ids = [id_ for (id_,) in found]
            return {"ids": ids, "transactions": [id_ for (id_,) in tx.rows(SQL.transactions_of, ids=ids)]}
    return {"ids": None, "transactions": None}


def _is_matched(wanted: Wanted) -> bool:
    """Whether only what waits matched can fit."""
    return wanted.state in _MATCHED or (wanted.state is None and wanted.reason is not None)


def _statement(
    wanted: Wanted, order: Order, *, matched: bool, among_few: bool
) -> tuple[str, tuple[type, ...]]:
    """The statement, and of what kinds the values are that stand before the id in a place."""
    kinds = _KINDS[order.by]
    if wanted.account is not None:
        return SQL.of_account, kinds
    if matched:
        return _OF_MATCHED[order], (*kinds, UUID)
    if wanted.state is State.UNMATCHED:
        return SQL.unmatched_back if order.descending else SQL.unmatched, kinds
    if wanted.state is State.CANCELLED:
        return SQL.cancelled, kinds
    if wanted.due is not None:
        return SQL.open, (UUID,)
    recent = Wanted(party=wanted.party, state=State.SETTLED, intended_from=wanted.intended_from)
    if wanted == recent and not among_few:
        return SQL.settled_back, (UUID,)
    return _OF_ALL[order], kinds
