"""Has payments passed on to those who traded before, and replaces what cannot be delivered any more: day by day after
a payment, for all that is matched, as settlement instructions of both sides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.calendar import Convention, add_business_days, adjust
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.ids import new_id
from counterfoil.core.outbox import announce
from counterfoil.servicing.agenda import events_by_id
from counterfoil.servicing.determination import Determination, determinations
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.moments import ex_date
from counterfoil.servicing.recording import Record
from counterfoil.servicing.replacing import Account, Leg, Matter, Price, Side, claim_leg, replacement_legs
from counterfoil.settlement import (
    CashDirection,
    Instruction,
    Link,
    LinkKind,
    Movement,
    Payment,
    Trade,
    cancel_all,
    instruct_matched,
)

SQL = queries(__file__)
CLAIM = "servicing.claim"
"""Outbox topic: these claims have been instructed."""
LOOKED_FOR = 20
"""Business days after the record date on which claims are looked for (DOMAIN section 3.7)."""
_TARGET = "TARGET"
_CLAIM, _REPLACEMENT = "CLAI", "CORP"
_TRANSFORMED, _ENDED = "CANT", "CORP"
"""Why a matter is cancelled: something else takes its place, or nothing does."""
_FIRST = UUID(int=0)
_NAMES = (
    "transaction", "kind", "no", "quantity", "gives", "giver", "takes", "taker", "asset", "amount",
    "instructed_as", "refused", "made_at",
)  # fmt: skip
_COLUMNS = (
    "id", "event_id", "transaction_id", "kind", "no", "quantity", "gives", "takes", "asset", "amount",
    "instructed_as", "refused", "made_at",
)  # fmt: skip
_TYPES = (
    "uuid", "uuid", "uuid", "text", "int2", "numeric", "uuid", "uuid", "text", "numeric",
    "uuid", "text", "timestamptz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A leg that is to be instructed; without one the matter is only noted as dealt with."""

    id: UUID
    matter: Matter
    kind: str
    no: int
    leg: Leg | None


def watch(
    tx: Transaction, paid: Sequence[tuple[ServicingEvent, Determination, Record]], *, business_date: date
) -> None:
    """Have claims looked for from a payment on."""
    found = [
        (event, decided, record)
        for event, decided, record in paid
        if event.record_date is not None and (decided.redeems or decided.interest)
    ]
    if not found:
        return
    recorded = [event.record_date or business_date for event, _, _ in found]
    tx.execute(
        SQL.watch,
        events=[event.id for event, _, _ in found],
        nos=[record.no for _, _, record in found],
        redeeming=[decided.redeems for _, decided, _ in found],
        ex_dates=[ex_date(day) for day in recorded],
        next_days=[business_date] * len(found),
        last_days=[
            max(business_date, add_business_days(day, LOOKED_FOR, _TARGET)) for day in recorded
        ],
    )  # fmt: skip


def make_claims(tx: Transaction, business_date: date, *, now: datetime, actor: str, limit: int = 1000) -> int:
    """Look once a day at what was matched over the record dates of payments; how many payments were looked at.

    Claims are instructed for both sides, as matched; what is undeliverable is cancelled and replaced. Raises
    `Conflict` like `instruct_matched`: repeat.
    """
    rows = tx.rows(
        SQL.take, business_date=business_date, next_on=add_business_days(business_date, 1, _TARGET), now=now,
        limit=limit,
    )  # fmt: skip
    if not rows:
        return 0
    events, decided = events_by_id(tx, [r[0] for r in rows]), determinations(tx, [r[0] for r in rows])
    claims = [*_due(tx, [id_ for id_, redeems in rows if not redeems], decided)]
    claims += _replaced(tx, [id_ for id_, redeems in rows if redeems], decided, now, actor)
    _instruct(tx, claims, events, business_date, now, actor)
    return len(rows)


def claims_of(
    tx: Transaction, event_id: UUID, *, owner: str | None = None, after: UUID = _FIRST, limit: int = 1000
) -> list[dict[str, Any]]:
    """What followed from a payment for matters not delivered: all, or those of one party (LEI), behind a matter."""
    rows = tx.rows(SQL.listed, event=event_id, owner=owner, after=after, limit=limit)
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def _due(tx: Transaction, ids: Sequence[UUID], decided: Mapping[UUID, Determination]) -> Iterable[Claim]:
    for row in tx.rows(SQL.claims, events=ids) if ids else ():
        matter = _matter((row[0], row[1], row[3], *row[4:]))
        leg = claim_leg(matter, decided[matter.event_id], row[2])
        yield Claim(new_id(), matter, row[2], 1, leg)


def _replaced(
    tx: Transaction, ids: Sequence[UUID], decided: Mapping[UUID, Determination], now: datetime, actor: str
) -> Iterable[Claim]:
    """Cancel what is undeliverable; what takes its place."""
    found = tx.rows(SQL.undeliverable, events=ids) if ids else []
    legs: dict[UUID, list[Leg]] = {}
    for row in found:
        matter, opted_out = _matter((row[0], row[1], *row[3:14])), row[14]
        price = _price(row[15:])
        legs[row[1]] = [] if opted_out else list(replacement_legs(matter, decided[row[0]], price))
    codes = {row[2]: _ENDED if row[14] else _TRANSFORMED for row in found}
    outcomes = cancel_all(tx, [(row[2], None) for row in found], now=now, actor=actor, codes=codes)
    for row, outcome in zip(found, outcomes, strict=True):
        if outcome is not True:
            continue
        matter, kind = _matter((row[0], row[1], *row[3:14])), "cancellation" if row[14] else "transformation"
        for no, leg in enumerate(legs[row[1]] or [None], 1):
            yield Claim(new_id(), matter, kind, no, leg)


def _matter(row: Row) -> Matter:
    event, transaction, quantity, lei, reference, id_, number, *rest = row
    other, other_reference, other_id, other_number, trade_date, rate = rest
    return Matter(
        event, transaction, quantity, Side(lei, reference, Account(id_, number)),
        Side(other, other_reference, Account(other_id, other_number)), trade_date, rate,
    )  # fmt: skip


def _price(row: Row) -> Price | None:
    currency, amount, direction, payer, payer_number, payee, payee_number = row
    if not amount:
        return None
    return Price(
        currency, amount, CashDirection(direction), Account(payer, payer_number), Account(payee, payee_number)
    )


def _instruct(
    tx: Transaction,
    claims: Sequence[Claim],
    events: Mapping[UUID, ServicingEvent],
    business_date: date,
    now: datetime,
    actor: str,
) -> None:
    """Hand legs in as matched, and note every matter with what came of it."""
    going = [claim for claim in claims if claim.leg is not None]
    trades = [
        _trade(claim, claim.leg, events[claim.matter.event_id], business_date) for claim in going if claim.leg
    ]
    results = (
        instruct_matched(tx, trades, now=now, business_date=business_date, actor=actor) if trades else []
    )
    became: dict[UUID, tuple[UUID | None, str | None]] = {}
    for claim, result in zip(going, results, strict=True):
        refused = None
        if not isinstance(result, UUID):
            refusals = dict.fromkeys(r for side in result for r in side.refusals)
            refused = "; ".join(f"{r.code} {r.detail}" for r in refusals)
        became[claim.id] = (result if isinstance(result, UUID) else None, refused)
    rows = [_row(claim, *became.get(claim.id, (None, None)), now) for claim in claims]
    tx.copy("servicing.claim", _COLUMNS, _TYPES, rows)
    announce(tx, CLAIM, [id_ for id_, (made, _) in became.items() if made is not None])


def _row(claim: Claim, made: UUID | None, refused: str | None, now: datetime) -> tuple[Any, ...]:
    leg, matter = claim.leg, claim.matter
    what = (None,) * 4 if leg is None else (leg.gives.id, leg.takes.id, leg.asset, leg.amount)
    return (
        claim.id, matter.event_id, matter.transaction_id, claim.kind, claim.no, matter.quantity, *what,
        made, refused, now,
    )  # fmt: skip


def _trade(claim: Claim, leg: Leg, event: ServicingEvent, business_date: date) -> Trade:
    """Both sides of a leg, each told which of its instructions it comes from."""
    day = adjust(max(event.payment or event.day, business_date), Convention.FOLLOWING, _TARGET)
    is_claim = claim.kind in ("claim", "reverse_claim")
    shared: dict[str, Any] = {
        "isin": event.isin if leg.is_cash else leg.asset,
        "quantity": Decimal(0) if leg.is_cash else leg.amount,
        "trade_date": claim.matter.trade_date,
        "intended_date": day,
        "transaction_type": _CLAIM if is_claim else _REPLACEMENT,
        "payment": Payment.FREE,
    }
    given, taken, direction = leg.gives, leg.takes, CashDirection.DEBIT
    if leg.is_cash:
        shared |= {"payment": Payment.AGAINST, "currency": leg.asset, "amount": leg.amount}
    elif leg.price is not None:
        direction = leg.price.direction
        paid, got = leg.price.payer, leg.price.payee
        given, taken = (got, paid) if direction is CashDirection.CREDIT else (paid, got)
        shared |= {"payment": Payment.AGAINST, "currency": leg.price.currency, "amount": leg.price.amount}
    is_paid = shared["payment"] is Payment.AGAINST
    other = CashDirection.CREDIT if direction is CashDirection.DEBIT else CashDirection.DEBIT
    return Trade(
        Instruction(
            id=new_id(), party_lei=leg.giver.lei, reference=f"{claim.id.hex}D", movement=Movement.DELIVER,
            account=leg.giver.account.number, counterparty_lei=leg.taker.lei,
            cash_direction=direction if is_paid else None, cash_account=given.number if is_paid else None,
            links=(Link(LinkKind.INFORMATION, leg.giver.reference),), **shared,
        ),
        Instruction(
            id=new_id(), party_lei=leg.taker.lei, reference=f"{claim.id.hex}R", movement=Movement.RECEIVE,
            account=leg.taker.account.number, counterparty_lei=leg.giver.lei,
            cash_direction=other if is_paid else None, cash_account=taken.number if is_paid else None,
            links=(Link(LinkKind.INFORMATION, leg.taker.reference),), **shared,
        ),
    )  # fmt: skip
