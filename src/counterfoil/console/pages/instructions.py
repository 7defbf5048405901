"""Instructions: the queue, one of them with both its sides and why it waits, what can be done to it, allegements."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from counterfoil.console import listing as lists
from counterfoil.console.fields import BLANK, Reason, choices
from counterfoil.console.finding import Found, id_of
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.pages.today import REASONS
from counterfoil.console.places import Place
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import CATALOGUE, Refusal, Refused
from counterfoil.faces import acting_party, instruction_of, other_side, repeated
from counterfoil.settlement import (
    By,
    Change,
    Hold,
    Link,
    LinkKind,
    Movement,
    Order,
    Partial,
    State,
    Text35,
    Wanted,
    allegements,
    cancel,
    cancel_all,
    change,
    change_holds,
    current_business_date,
    find_instructions,
    links_of,
    orders_of,
    settled_parts,
    standings,
)

router = APIRouter(prefix="/console/settlement")
PLACES = (Place("/console/settlement", "Settlement", "settlement.read", "s"),)
_QUEUE = (
    Column("Reference", By.REFERENCE), Column("State"), Column("ISIN"), Column("Movement"),
    Column("Quantity", numeric=True), Column("Amount", By.AMOUNT, numeric=True, descends=True),
    Column("Intended", By.INTENDED), Column("Priority", By.PRIORITY, numeric=True), Column("Waits for"),
    Column("Received", By.RECEIVED, descends=True), Column("Party (LEI)"), Column("Counterparty (LEI)"),
)  # fmt: skip
_NEWEST = lists.Order(By.RECEIVED, descending=True)
_ALLEGED = (
    Column("Alleged on"), Column("By (LEI)"), Column("Against (LEI)"), Column("Movement to answer with"),
    Column("ISIN"), Column("Quantity", numeric=True), Column("Amount", numeric=True), Column("Trade date"),
    Column("Intended"),
)  # fmt: skip
_PARTS = (
    Column("Part"), Column("Quantity", numeric=True), Column("Amount", numeric=True), Column("Left", numeric=True),
    Column("Settled (SF III)"), Column("Booking"),
)  # fmt: skip
_LINKS = (Column("Kind"), Column("Reference"), Column("State"))
_OVER = (State.SETTLED, State.CANCELLED)
HoldName = Literal["PARTY", "CSD", "VALIDATION", "COSD"]
Chosen = Annotated[list[UUID], Form(min_length=1, max_length=PAGE)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=30, allow_inf_nan=False)]
Reference = Annotated[Text35, Form(), BeforeValidator(str.strip)]
PARTS = {
    Partial.ALLOWED: "allowed", Partial.NOT_ALLOWED: "not allowed",
    Partial.QUANTITY_THRESHOLD: "allowed from the least quantity on",
    Partial.CASH_THRESHOLD: "allowed from the least amount on",
}  # fmt: skip
KINDS = {
    LinkKind.BEFORE: "settles before", LinkKind.AFTER: "settles after", LinkKind.WITH: "settles together with",
    LinkKind.INFORMATION: "names for information",
}  # fmt: skip


def _ids(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """The instruction of an id, or one's own by its reference."""
    if not visit.may("settlement.read"):
        return []
    id_, now = id_of(text), visit.services.clock.now()
    today = current_business_date(tx, now=now)
    if id_ is not None:
        found = find_instructions(tx, business_date=today, now=now, ids=[id_])
    elif visit.party:
        wanted = Wanted(party=visit.party, reference=text)
        found = find_instructions(tx, business_date=today, now=now, wanted=wanted, limit=1)
    else:
        found = []
    return [
        Found("instruction", one["reference"], f"{one['state']}, {one['isin']}", _path(one["id"]))
        for one in found
        if visit.party in (None, one["party"])
    ]


FINDERS = (_ids,)


@router.get("")
def index(
    visit: Who,
    party: Annotated[str, Query(max_length=20)] = "",
    account: Annotated[str, Query(max_length=35)] = "",
    reference: Annotated[str, Query(max_length=35)] = "",
    isin: Annotated[str, Query(max_length=12)] = "",
    state: Annotated[State | None, BLANK] = None,
    reason: Annotated[str, Query(max_length=4)] = "",
    due: Annotated[date | None, BLANK] = None,
    intended_from: Annotated[date | None, Query(alias="from"), BLANK] = None,
    intended_until: Annotated[date | None, Query(alias="until"), BLANK] = None,
    amount_from: Annotated[Amount | None, Query(alias="least"), BLANK] = None,
    amount_until: Annotated[Amount | None, Query(alias="most"), BLANK] = None,
    sort: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Instructions as they stand, newest first or as asked: one's own, or for the depository everyone's."""
    visit.require("settlement.read")
    seen = party.strip().upper() or None if visit.party is None else visit.party
    wanted = Wanted(
        seen, reference.strip() or None, isin.strip().upper() or None, state, reason or None, due,
        account.strip().upper() or None, intended_from, intended_until, amount_from, amount_until,
    )  # fmt: skip
    carried = orders_of(wanted)
    offered = [by for by, from_both_ends in carried.items() if from_both_ends]
    order = lists.Order.read(sort, list(By), _NEWEST, offered=offered)
    by = Order(By(order.name), order.descending)
    now = visit.services.clock.now()
    with visit.services.transaction() as tx:
        today = current_business_date(tx, now=now)
        found = find_instructions(
            tx, business_date=today, now=now, wanted=wanted, order=by, after=after or None, limit=PAGE + 1
        )
    rows, following = cut(found, "place")
    columns = (Column("Choose"), *_QUEUE) if visit.may("settlement.instruct") else _QUEUE
    listing = Listing(visit.request, "queue", "Instructions", columns, rows, following, str(order), offered)
    return visit.page(
        "settlement/queue.html",
        listing=listing,
        may_act=visit.may("settlement.instruct"),
        holds=_holds_of(visit),
        reasons=[(code, text) for code, text in REASONS.items() if code],
        states=choices(State),
    )


@router.get("/allegements")
def alleged(
    visit: Who,
    party: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[UUID | None, BLANK] = None,
) -> Response:
    """What others have instructed against a party that it has not answered."""
    visit.require("settlement.read")
    seen = party.strip().upper() or None if visit.party is None else visit.party
    with visit.services.transaction() as tx:
        found = allegements(tx, seen, before=after, limit=PAGE + 1)
    rows = [{**row, "answer": _opposite(row["movement"])} for row in found]
    listing = Listing(visit.request, "allegements", "Allegements", _ALLEGED, *cut(rows, "id"))
    return visit.page("settlement/allegements.html", listing=listing)


@router.get("/instructions/{id_}")
def one(visit: Who, id_: UUID) -> Response:
    """An instruction: both sides, why it waits, what was done to it and when."""
    now = visit.services.clock.now()
    with visit.services.transaction() as tx:
        found = instruction_of(tx, visit.actor, id_, now=now)
        other = other_side(tx, visit.actor, found, now=now)
        links = links_of(tx, id_)
        transaction = found["transaction"]
        parts = settled_parts(tx, [transaction]).get(transaction, []) if transaction else []
        standing = standings(tx, [id_])[id_]
    delivers = found["movement"] == Movement.DELIVER
    return visit.page(
        "settlement/instruction.html", found=found, history=_history(found),
        sides=(found, other) if delivers else (other, found), holds=_holds_of(visit),
        may_act=visit.may("settlement.instruct") and found["state"] not in _OVER,
        standing=standing, partials=list(PARTS.items()), kinds=list(KINDS.items()),
        parts=Listing(visit.request, "parts", "Settled in parts", _PARTS, parts),
        links=Listing(visit.request, "links", "Links", _LINKS, links),
    )  # fmt: skip


@router.post("/instructions/{id_}/hold")
def hold(visit: Who, id_: UUID, reason: Reason, flag: Annotated[HoldName, Form()] = "PARTY") -> Response:
    """Keep it from settling."""
    _change(visit, id_, lambda by: Change(hold=Hold[flag], by=by, reason=reason))
    return visit.done(_path(id_), "The instruction is held.")


@router.post("/instructions/{id_}/release")
def release(visit: Who, id_: UUID, reason: Reason, flag: Annotated[HoldName, Form()] = "PARTY") -> Response:
    """Lift a hold, and try it at once."""
    _change(visit, id_, lambda by: Change(release=Hold[flag], by=by, reason=reason))
    return visit.done(_path(id_), "The hold is lifted; the instruction was tried at once.")


@router.post("/instructions/{id_}/priority")
def prioritise(visit: Who, id_: UUID, reason: Reason, priority: Annotated[int, Form(ge=1, le=4)]) -> Response:
    """Have it tried before or after others."""
    _change(visit, id_, lambda by: Change(priority=priority, by=by, reason=reason))
    return visit.done(_path(id_), f"The priority is {priority} on this side.")


@router.post("/instructions/{id_}/release-part")
def release_part(visit: Who, id_: UUID, reason: Reason, quantity: Annotated[Amount, Form()]) -> Response:
    """Let a part of a held delivery settle, and try it at once."""
    _change(visit, id_, lambda by: Change(release_quantity=quantity, by=by, reason=reason))
    return visit.done(_path(id_), f"{quantity:f} are released; that part was tried at once.")


@router.post("/instructions/{id_}/partial")
def allow_parts(visit: Who, id_: UUID, reason: Reason, partial: Annotated[Partial, Form()]) -> Response:
    """Say whether this side lets it settle in parts, and try it at once."""
    _change(visit, id_, lambda by: Change(partial=partial, by=by, reason=reason))
    return visit.done(_path(id_), f"In parts: {PARTS[partial]}.")


@router.post("/instructions/{id_}/link")
def link(
    visit: Who, id_: UUID, reason: Reason, kind: Annotated[LinkKind, Form()], reference: Reference
) -> Response:
    """Have it depend on another of the same party."""
    _change(visit, id_, lambda by: Change(link=(Link(kind, reference),), by=by, reason=reason))
    return visit.done(_path(id_), f"It {KINDS[kind]} {reference}.")


@router.post("/instructions/{id_}/unlink")
def unlink(visit: Who, id_: UUID, reason: Reason, reference: Reference) -> Response:
    """Take out its links with another, and try both at once."""
    _change(visit, id_, lambda by: Change(unlink=(reference,), by=by, reason=reason))
    return visit.done(_path(id_), f"It is not linked with {reference} any more.")


@router.post("/chosen/hold")
def hold_chosen(
    visit: Who, ids: Chosen, reason: Reason, flag: Annotated[HoldName, Form()] = "PARTY"
) -> Response:
    """Keep all that are chosen from settling."""
    return _hold_chosen(visit, ids, reason, "held", hold=Hold[flag])


@router.post("/chosen/release")
def release_chosen(
    visit: Who, ids: Chosen, reason: Reason, flag: Annotated[HoldName, Form()] = "PARTY"
) -> Response:
    """Lift a hold of all that are chosen, and try them at once."""
    return _hold_chosen(visit, ids, reason, "released", release=Hold[flag])


@router.post("/chosen/cancel")
def cancel_chosen(visit: Who, ids: Chosen, reason: Reason) -> Response:
    """Ask for the cancellation of all that are chosen."""
    visit.require("settlement.instruct")
    actor, now = visit.actor, visit.services.clock.now()
    requests = [(id_, acting_party(actor)) for id_ in ids]

    def work() -> list[bool | Refusal]:
        with visit.services.transaction() as tx:
            return cancel_all(tx, requests, now=now, actor=actor.label, reason=reason)

    outcomes = repeated(work)
    asked = sum(outcome is False for outcome in outcomes)
    done = f"{sum(outcome is True for outcome in outcomes)} cancelled"
    if asked:
        done += f", {asked} asked for: they are cancelled once the counterparty asks too"
    return _done_with_chosen(visit, done, [o for o in outcomes if isinstance(o, Refusal)], len(ids))


def _hold_chosen(visit: Visit, ids: list[UUID], reason: str, done: str, **holds: Hold) -> Response:
    visit.require("settlement.instruct")
    actor, now = visit.actor, visit.services.clock.now()

    def work() -> list[Refusal | None]:
        with visit.services.transaction() as tx:
            today = current_business_date(tx, now=now)
            return change_holds(
                tx, ids, **holds, by=acting_party(actor), now=now, business_date=today, actor=actor.label,
                reason=reason,
            )  # fmt: skip

    refusals = [outcome for outcome in repeated(work) if outcome is not None]
    return _done_with_chosen(visit, f"{len(ids) - len(refusals)} {done}", refusals, len(ids))


def _done_with_chosen(visit: Visit, done: str, refusals: list[Refusal], asked: int) -> Response:
    """What was done, and of the others how often each rule refused it. Raises `Refused` where nothing was done."""
    if len(refusals) == asked:
        raise Refused(*dict.fromkeys(refusals))
    counts = Counter(f"{CATALOGUE[refusal.code].title} ({refusal.code})" for refusal in refusals)
    refused = "".join(f"; {count} refused: {title}" for title, count in counts.items())
    return visit.done("/console/settlement", f"{done}{refused}.")


@router.post("/instructions/{id_}/cancel")
def ask_to_cancel(visit: Who, id_: UUID, reason: Reason) -> Response:
    """Ask for a cancellation: at once while unmatched, once both sides have asked when matched."""
    visit.require("settlement.instruct")
    actor, now = visit.actor, visit.services.clock.now()

    def work() -> bool:
        with visit.services.transaction() as tx:
            return cancel(tx, id_, by=acting_party(actor), now=now, actor=actor.label, reason=reason)

    is_gone = repeated(work)
    told = (
        "The instruction is cancelled."
        if is_gone
        else "Asked for; it is cancelled once the counterparty asks too."
    )
    return visit.done(_path(id_), told)


def _change(visit: Visit, id_: UUID, wanted: Callable[[str | None], Change]) -> None:
    """Change one instruction and try it at once. Raises `Refused`."""
    visit.require("settlement.instruct")
    actor, now = visit.actor, visit.services.clock.now()

    def work() -> None:
        with visit.services.transaction() as tx:
            _change_in(tx, id_, wanted(acting_party(actor)), now, actor.label)

    repeated(work)


def _change_in(tx: Transaction, id_: UUID, wanted: Change, now: datetime, actor: str) -> None:
    today = current_business_date(tx, now=now)
    change(tx, id_, wanted, now=now, business_date=today, actor=actor)


def _path(id_: UUID) -> str:
    return f"/console/settlement/instructions/{id_}"


def _opposite(movement: str) -> str:
    return str(Movement.RECEIVE if movement == Movement.DELIVER else Movement.DELIVER)


def _holds_of(visit: Visit) -> list[str]:
    """The holds that the visitor may set and lift."""
    return ["PARTY"] if acting_party(visit.actor) is not None else [h.name for h in Hold if h.name]


def _history(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything with its time, in order; the three moments of finality among it."""
    moments = (
        ("accepted (SF I)", found["accepted_at"]), ("matched (SF II)", found["matched_at"]),
        ("settled (SF III)", found["settled_at"]), ("cancelled", found["cancelled_at"]),
    )  # fmt: skip
    told = [{"kind": kind, "at": at, "actor": None, "detail": {}} for kind, at in moments if at is not None]
    return sorted([*told, *found["events"]], key=lambda event: event["at"])
