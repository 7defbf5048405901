"""Lifecycle events: what happens when, what is due, and what persons ask for."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from counterfoil.access import Actor, require
from counterfoil.api.services import FIRST, OBJECT, Here, Id, Limit, StrictObject, Who, repeated
from counterfoil.core.clock import business_date
from counterfoil.core.days import IsoDate
from counterfoil.core.errors import Refused
from counterfoil.core.money import fits_amount
from counterfoil.ledger import UNKNOWN_ACCOUNT, accounts_by_number
from counterfoil.processes import start_correction
from counterfoil.servicing import (
    NOT_AN_AMOUNT,
    RANGE,
    Call,
    Exercise,
    call_early,
    consent_to_deletion,
    declare,
    entitlements,
    event_details,
    events_between,
    exercise,
    forecast,
    knock_out,
    needs,
    payments,
    proof,
    recompute,
    records,
    set_withholding,
    work_out,
)

router = APIRouter(tags=["servicing"])
_DAYS_MAX = 366 * 60
_DAYS = timedelta(days=30)
Quantity = Annotated[str, Field(pattern=r"^[0-9]{1,18}(\.[0-9]{1,12})?$", examples=["1000"])]
Isin = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$", examples=["DE000CF00006"])]


@router.get("/events")
def index(
    here: Here,
    actor: Who,
    first: Annotated[date | None, Query(alias="from", description="Today if absent.")] = None,
    last: Annotated[date | None, Query(alias="to", description="30 days after the first if absent.")] = None,
    isin: Annotated[str | None, Query(max_length=12)] = None,
    issuer: Annotated[str | None, Query(max_length=20, description="LEI.")] = None,
    kind: Annotated[str | None, Query(max_length=30)] = None,
    after_day: Annotated[date, Query(description="With `after`: from behind this event.")] = date.min,
    after: Id = FIRST,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Events that are determined or paid in a range of days, in their order: of all, an instrument or an issuer."""
    require(actor, "instrument.read")
    first = first or business_date(here.clock)
    last = last or min(first, date.max - _DAYS) + _DAYS
    if not 0 <= (last - first).days <= _DAYS_MAX:
        raise Refused(RANGE(first=first, last=last, most=_DAYS_MAX))
    with here.transaction() as tx:
        found = events_between(
            tx, first, last, isin=isin, issuer=issuer, kind=kind, after=(after_day, after), limit=limit
        )
    more = len(found) == limit
    return {
        "items": found,
        "next": {"after_day": found[-1]["on"], "after": found[-1]["id"]} if more else None,
    }


@router.get("/events/{id_}")
def one(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """An event as it stands: what it pays, or what it still lacks; who was recorded and paid, in totals."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        found = event_details(tx, id_)
        (work,) = work_out(tx, [id_], now=here.clock.now())
        record, paid = records(tx, [id_]).get(id_), payments(tx, [id_]).get(id_)
    lacks = work.result if isinstance(work.result, list) else []
    told = {
        **found,
        "declared": work.declared,
        "observations": list(work.evidence.sources),
        "waits_for": list(work.evidence.waits_for),
        "lacks": [refusal.as_dict() for refusal in lacks],
        "payment_no": paid[0] if paid else None,
        "record": None,
    }
    if record is not None and (actor.sees_everything or actor.lei == found["issuer"]):
        told["record"] = {
            "no": record.no, "held_at": record.held_at, "holders": record.holders, "units": record.units,
            "interest": record.interest, "principal": record.principal, "tax": record.tax,
        }  # fmt: skip
    return told


@router.get("/events/{id_}/entitlements")
def entitled(
    here: Here, actor: Who, id_: Id, after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 100
) -> dict[str, Any]:
    """What each holder gets, by the last record: all of them for the depository, or one's own."""
    require(actor, "account.read")
    with here.transaction() as tx:
        event_details(tx, id_)
        owner = None if actor.sees_everything else actor.lei or ""
        found = entitlements(tx, id_, owner=owner, after=after, limit=limit)
    return {"items": found, "next": found[-1]["line"] if len(found) == limit else None}


@router.get("/events/{id_}/proof")
def proof_of(
    here: Here, actor: Who, id_: Id, version: Annotated[int | None, Query(ge=1, le=10**6)] = None
) -> dict[str, Any]:
    """All that the amount follows from, and the amount worked out anew from nothing else."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        document = proof(tx, id_, version)
    return {**document, "recomputed": recompute(document)}


@router.post("/proofs", openapi_extra=OBJECT)
def check(actor: Who, document: StrictObject) -> dict[str, Any]:
    """Work an amount out from a proof alone."""
    require(actor, "instrument.read")
    return recompute(document)


class Declared(BaseModel, extra="forbid"):
    """What the paying agent says that the event pays for one unit or denomination."""

    amount: Quantity


@router.post("/events/{id_}/declarations", status_code=201)
def declared(here: Here, actor: Who, id_: Id, said: Declared) -> dict[str, Any]:
    """Declare an amount. Where it differs from what is worked out, a person decides."""
    require(actor, "event.declare")
    with here.transaction() as tx:
        declare(tx, id_, Decimal(said.amount), now=here.clock.now(), actor=actor.label)
    return {"event": id_, "amount": said.amount}


class Reason(BaseModel, extra="forbid"):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@router.post("/events/{id_}/corrections", status_code=202)
def correction(here: Here, actor: Who, id_: Id, why: Reason) -> dict[str, Any]:
    """Have a paid event decided and paid anew, once another person has approved."""
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        found = event_details(tx, id_)
        instance = start_correction(
            tx, id_, found["isin"], why.reason, now=here.clock.now(), requester=actor.label
        )
    return {"event": id_, "process": instance}


class NewCall(BaseModel, extra="forbid"):
    """A right to end a security is used; `share` (above 0, at most 1) redeems a part of everybody's units."""

    isin: Isin
    day: IsoDate
    share: Quantity = "1"


@router.post("/calls", status_code=202)
def call(here: Here, actor: Who, wanted: NewCall) -> dict[str, Any]:
    """Redeem early, by a right that the terms give on the day; another person has to approve."""
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        made = call_early(
            tx, Call(wanted.isin, wanted.day, Decimal(wanted.share)), business_date=business_date(here.clock),
            now=here.clock.now(), actor=actor.label,
        )  # fmt: skip
        return event_details(tx, made.id)


class NewExercise(BaseModel, extra="forbid"):
    """Units of an account that are exercised, valued on `day`."""

    isin: Isin
    account: Annotated[str, Field(max_length=35, pattern=r"^[A-Z0-9][A-Z0-9-]*$")]
    units: Quantity
    day: IsoDate


@router.post("/exercises", status_code=202)
def exercised(here: Here, actor: Who, wanted: NewExercise) -> dict[str, Any]:
    """Exercise: the units are earmarked until they are paid for."""
    _require_owner(here, actor, wanted.account)

    def work() -> dict[str, Any]:
        with here.transaction() as tx:
            made = exercise(
                tx, Exercise(wanted.isin, wanted.account, Decimal(wanted.units), wanted.day),
                business_date=business_date(here.clock), now=here.clock.now(), actor=actor.label,
            )  # fmt: skip
            return event_details(tx, made.id)

    return repeated(work)


class KnockedOut(BaseModel, extra="forbid"):
    """Securities whose barrier was hit on `day`."""

    isins: Annotated[list[Isin], Field(min_length=1, max_length=1000)]
    day: IsoDate


@router.post("/knock-outs", status_code=202)
def knocked_out(here: Here, actor: Who, wanted: KnockedOut) -> dict[str, Any]:
    """End securities whose barrier was hit; each is suspended at once. The hit itself is an observation."""
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        outcomes = knock_out(tx, list(dict.fromkeys(wanted.isins)), wanted.day, now=here.clock.now())
    return {
        "items": [
            {
                "isin": isin,
                "event": getattr(o, "id", None),
                "error": o.as_dict() if not hasattr(o, "id") else None,
            }
            for isin, o in zip(dict.fromkeys(wanted.isins), outcomes, strict=True)
        ]
    }


@router.get("/funding")
def funding(
    here: Here,
    actor: Who,
    until: Annotated[date | None, Query(description="Seven days ahead if absent.")] = None,
) -> dict[str, Any]:
    """What paying accounts need until a day, what they hold, what is missing; and the events it is for."""
    require(actor, "servicing.operate")
    today = business_date(here.clock)
    with here.transaction() as tx:
        coming = forecast(tx, until or today + timedelta(days=7), now=here.clock.now())
        accounts = needs(tx, coming)
    events = [
        {
            "event": c.event_id, "isin": c.isin, "payment": c.payment, "account": c.account, "currency": c.currency,
            "expected": c.expected, "recorded": c.recorded, "lacks": list(c.lacks),
        }
        for c in coming
    ]  # fmt: skip
    return {"accounts": accounts, "events": events}


class Consent(BaseModel, extra="forbid"):
    """An issuer by its LEI."""

    issuer: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]


@router.post("/deletion-consents", status_code=201)
def consent(here: Here, actor: Who, who: Consent) -> dict[str, Any]:
    """The issuer agrees that its issues are deleted from the register once they are redeemed."""
    require(actor, "issuance.submit", lei=who.issuer)
    with here.transaction() as tx:
        consent_to_deletion(tx, who.issuer, now=here.clock.now(), actor=actor.label)
    return {"issuer": who.issuer}


class Withheld(BaseModel, extra="forbid"):
    """Per cent of interest that is withheld from an owner's accounts, from a payment date on."""

    owner: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
    valid_from: IsoDate
    rate_percent: Quantity


@router.post("/withholdings", status_code=201)
def withholding(here: Here, actor: Who, rate: Withheld) -> dict[str, Any]:
    """Enter a rate of tax."""
    require(actor, "servicing.operate")
    percent = Decimal(rate.rate_percent)
    if percent > 100 or not fits_amount(percent):
        raise Refused(NOT_AN_AMOUNT("/rate_percent", amount=rate.rate_percent))
    with here.transaction() as tx:
        set_withholding(tx, rate.owner, rate.valid_from, percent)
    return rate.model_dump()


def _require_owner(here: Here, actor: Actor, number: str) -> None:
    """Raises `Refused` where the account is another party's."""
    with here.transaction() as tx:
        account = accounts_by_number(tx, [number]).get(number)
    if account is None:
        require(actor, "account.operate")
        raise Refused(UNKNOWN_ACCOUNT("/account", account=number))
    require(actor, "account.operate", lei=account.owner_lei)
