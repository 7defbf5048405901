"""Settlement: instructions, their state and changes, allegements, cycles."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from counterfoil.access import require
from counterfoil.api import errors
from counterfoil.api.routes.trades import submit_trade, with_iso_reasons
from counterfoil.api.services import OBJECT, Here, Id, Limit, StrictObject, Who, page, repeated
from counterfoil.core.days import IsoDate
from counterfoil.core.errors import Refused
from counterfoil.faces import Given, acting_party, cycles_seen, instruction_of
from counterfoil.settlement import (
    By,
    Change,
    Cycle,
    ExchangeRate,
    Hold,
    Instruction,
    Link,
    LinkRequest,
    Number,
    Order,
    Partial,
    Rejected,
    State,
    Text35,
    Wanted,
    allegements,
    cancel,
    change,
    current_business_date,
    find_instructions,
    iso_reason,
    known_exchange_rates,
    read_instruction,
    run_extra_cycle,
    set_exchange_rates,
)

router = APIRouter(prefix="/settlement", tags=["settlement"])
_MOST = 1000


@router.post("/instructions", status_code=201, openapi_extra=OBJECT)
def submit(here: Here, actor: Who, body: StrictObject) -> dict[str, Any]:
    """Hand in one instruction, or up to 1,000 as `{"instructions": [...]}`. Each is accepted or rejected by itself,
    with every reason; what is accepted is matched and settled at once where it can be. One that comes alone and is
    rejected gets a problem document.

    `{"trade": {...}}` hands in both sides as matched: what they share, and under `deliver` and `receive` what is each
    side's own. That is for the depository, and for who has a mandate of each party that it is not itself.
    """
    require(actor, "settlement.instruct")
    if body.keys() == {"trade"} and isinstance(body["trade"], dict):
        return submit_trade(here, actor, body["trade"])
    several = body.get("instructions") if body.keys() == {"instructions"} else None
    wanted = several if isinstance(several, list) else [body]
    if not 0 < len(wanted) <= _MOST or not all(isinstance(item, dict) for item in wanted):
        raise Refused(errors.MALFORMED("/instructions", reason=f"Send 1 to {_MOST} instructions"))
    parsed = [read_instruction(item, actor.lei) for item in wanted]
    for found in parsed:
        if isinstance(found, Instruction):
            require(actor, "settlement.instruct", lei=found.party_lei)
    sound = [Given(found, actor.label) for found in parsed if isinstance(found, Instruction)]
    taken = here.instructing.do(sound) if sound else ()
    by_id = {one.outcome.id: one for one in taken}
    results = []
    for item, found in zip(wanted, parsed, strict=True):
        one = by_id[found.id] if isinstance(found, Instruction) else None
        refusals = tuple(found) if isinstance(found, list) else ()
        if one is not None and isinstance(one.outcome, Rejected):
            refusals = one.outcome.refusals
        if refusals and several is None:
            raise Refused(*with_iso_reasons(refusals))
        if refusals:
            reasons = [{**r.as_dict(), "iso": iso_reason(r.code)} for r in refusals]
            results.append({"reference": item.get("reference"), "state": "rejected", "errors": reasons})
        elif one is not None and one.status is not None:
            results.append(one.status)
    return {"instructions": results}


@router.get("/instructions")
def index(
    here: Here,
    actor: Who,
    party: str | None = None,
    reference: Annotated[str | None, Query(max_length=35)] = None,
    isin: Annotated[str | None, Query(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")] = None,
    state: State | None = None,
    reason: Annotated[
        str | None,
        Query(pattern=r"^[A-Z]{4}$", description="What a matched one waits for, as either side sees it."),
    ] = None,
    due: Annotated[date | None, Query(description="Still open, and intended for this day or before.")] = None,
    account: Annotated[str | None, Query(max_length=35)] = None,
    intended_from: date | None = None,
    intended_until: date | None = None,
    amount_from: Annotated[Number | None, Query(description="Free of payment is 0.")] = None,
    amount_until: Number | None = None,
    sort: Annotated[
        By, Query(description="Refused (SET-090) where the filters allow no such order.")
    ] = By.RECEIVED,
    descending: bool = True,
    after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Instructions as they stand: one's own, or for the depository everyone's. Newest first, by state, reason or due
    date what was matched last first, or in the order asked for.
    """
    require(actor, "settlement.read")
    seen = party if actor.sees_everything else actor.lei or ""
    wanted = Wanted(
        seen,
        reference,
        isin,
        state,
        reason,
        due,
        account,
        intended_from,
        intended_until,
        amount_from,
        amount_until,
    )
    with here.transaction() as tx:
        now = here.clock.now()
        found = find_instructions(
            tx, business_date=current_business_date(tx, now=now), now=now, wanted=wanted,
            order=Order(sort, descending), after=after, limit=limit,
        )  # fmt: skip
    return page(found, limit, "place")


@router.get("/instructions/{id_}")
def one(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """An instruction with all that was done to it, and why it has not settled."""
    with here.transaction() as tx:
        return instruction_of(tx, actor, id_, now=here.clock.now())


class NewConditions(BaseModel, extra="forbid"):
    """What is to change. A party holds and releases with PARTY; the depository also with CSD, VALIDATION and COSD.

    `unlink` names references of the same party; `release_quantity` lets a part of a held delivery settle.
    """

    hold: Annotated[list[Literal["PARTY", "CSD", "VALIDATION", "COSD"]], Field(max_length=4)] = []
    release: Annotated[list[Literal["PARTY", "CSD", "VALIDATION", "COSD"]], Field(max_length=4)] = []
    priority: Annotated[int, Field(ge=1, le=4)] | None = None
    partial: Partial | None = None
    link: Annotated[list[LinkRequest], Field(max_length=20)] = []
    unlink: Annotated[list[Text35], Field(max_length=20)] = []
    release_quantity: Number | None = None


@router.post("/instructions/{id_}/conditions")
def change_conditions(here: Here, actor: Who, id_: Id, new: NewConditions) -> dict[str, Any]:
    """Hold, release in whole or in part, prioritise, link, unlink; what is freed is tried at once."""
    require(actor, "settlement.instruct")

    def work() -> dict[str, Any]:
        with here.transaction() as tx:
            wanted = Change(
                _holds(new.hold), _holds(new.release), new.priority, new.partial, acting_party(actor),
                tuple(Link(link.kind, link.reference) for link in new.link), tuple(new.unlink), new.release_quantity,
            )  # fmt: skip
            today = current_business_date(tx, now=here.clock.now())
            change(tx, id_, wanted, now=here.clock.now(), business_date=today, actor=actor.label)
            return instruction_of(tx, actor, id_, now=here.clock.now())

    return repeated(work)


def _holds(names: list[Any]) -> Hold:
    found = Hold.NONE
    for name in names:
        found |= Hold[name]
    return found


@router.post("/instructions/{id_}/cancellation")
def ask_for_cancellation(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """Ask for a cancellation: at once while unmatched, once both sides have asked when matched."""
    require(actor, "settlement.instruct")

    def work() -> dict[str, Any]:
        with here.transaction() as tx:
            cancel(tx, id_, by=acting_party(actor), now=here.clock.now(), actor=actor.label)
            return instruction_of(tx, actor, id_, now=here.clock.now())

    return repeated(work)


@router.get("/allegements")
def alleged(
    here: Here,
    actor: Who,
    party: str | None = None,
    after: Annotated[Id | None, Query(description="Older than this one.")] = None,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """What others have instructed against a party that it has not answered, newest first; the depository sees every
    party's where it names none.
    """
    require(actor, "settlement.read")
    wanted = party if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        return allegements(tx, wanted, before=after, limit=limit)


@router.post("/cycles", status_code=201)
def run(here: Here, actor: Who) -> dict[str, Any]:
    """Settle all that is due as one set, beside the cycles of the day. Refused (SET-050) while the day's phase allows
    none.
    """
    require(actor, "settlement.operate")

    def work() -> Cycle:
        with here.transaction() as tx:
            return run_extra_cycle(tx, now=here.clock.now(), actor=actor.label)

    done = repeated(work)
    return {
        "id": done.id, "considered": done.considered, "contended": done.contended, "settled": done.settled,
        "in_parts": done.in_parts, "gap": Decimal(done.gap.numerator) / Decimal(done.gap.denominator),
        "seconds": Decimal(f"{done.seconds:.3f}"), "unrated": list(done.unrated),
    }  # fmt: skip


class NewRate(BaseModel, extra="forbid"):
    """One unit of `currency` is worth `rate` EUR from `valid_from` on."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    valid_from: IsoDate
    rate: Number


@router.post("/exchange-rates", status_code=201)
def enter_rates(
    here: Here, actor: Who, new: Annotated[list[NewRate], Field(min_length=1, max_length=1000)]
) -> list[dict[str, Any]]:
    """Enter reference rates, by which a cycle weighs values of several currencies. Nothing is booked by them."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        set_exchange_rates(tx, [ExchangeRate(r.currency, r.valid_from, r.rate) for r in new])
    return [dict(r) for r in new]


@router.get("/exchange-rates")
def rates(here: Here, actor: Who, on: date | None = None) -> list[dict[str, Any]]:
    """The rate of each currency that is valid on a day, today's if it is left out."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        day = on or current_business_date(tx, now=here.clock.now())
        return [asdict(rate) for rate in known_exchange_rates(tx, day)]


@router.get("/cycles")
def past(here: Here, actor: Who, after: Id | None = None, limit: Limit = 100) -> dict[str, Any]:
    """The last cycles, newest first: totals of the whole house, for the depository."""
    with here.transaction() as tx:
        return page(cycles_seen(tx, actor, before=after, limit=limit), limit, "id")
