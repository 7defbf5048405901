"""Instruments: found by what is known of them, and one with its terms, payoff, events, register and holders."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.console import errors
from counterfoil.console import picture as drawing
from counterfoil.console.fields import BLANK
from counterfoil.console.finding import MOST, Found
from counterfoil.console.listing import PAGE, Column, Listing, Order, cut
from counterfoil.console.places import Place
from counterfoil.console.rendering import number
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps
from counterfoil.faces import Wanted, find_instruments, orders_of_instruments, seen_terms
from counterfoil.instruments import (
    MODELS,
    Diagram,
    Terms,
    class_name,
    flows,
    from_canonical,
    page_of_instruments,
    payoff_diagram,
    terms_versions,
)
from counterfoil.ledger import holders
from counterfoil.parties import is_lei, page_of_entities
from counterfoil.register import STATES, UNKNOWN_ISSUE, chain_state, extract, history, issues
from counterfoil.servicing import UNKNOWN_EVENT, event_details, events_between, proof, recompute

router = APIRouter(prefix="/console/instruments")
Moment = Annotated[datetime | None, BLANK]
PLACES = (Place("/console/instruments", "Instruments", "instrument.read", "i"),)
_LIST = (
    Column("ISIN", "isin"), Column("WKN"), Column("Class"), Column("State"), Column("Name"), Column("Issuer (LEI)"),
    Column("Currency"), Column("CFI"), Column("Entered", "entered", descends=True),
)  # fmt: skip
_EVENTS = (Column("Day"), Column("Payment"), Column("Event"), Column("State"), Column("Reason"))
_ENTRIES = (
    Column("Entry", numeric=True), Column("Kind"), Column("Change", numeric=True),
    Column("Issued after", numeric=True), Column("Arrived"), Column("Entered"), Column("Block", numeric=True),
    Column("Hash"),
)  # fmt: skip
_HOLDINGS = (
    Column("Account"),
    Column("Owner (LEI)"),
    Column("Kind"),
    Column("Sub-balance"),
    Column("Quantity", numeric=True),
)
_VERSIONS = (
    Column("Version", numeric=True),
    Column("Effect"),
    Column("Recorded"),
    Column("Hash"),
    Column("File"),
)
_DOCUMENTS = (Column("Kind"), Column("Name"), Column("SHA-256"))
_PARTS = {
    "entries": ("Register", _ENTRIES), "holdings": ("Holdings", _HOLDINGS), "events": ("Events", _EVENTS),
}  # fmt: skip
_AMOUNTS = ("issued", "authorised", "denomination")
_OF_ITS_OWN = ("isin", "as_of", "issuer", "first_entered_at", "entry", "block")
"""Parts of an extract that are no item of the register, or shown in a form of their own."""
_DRAWN = 500
"""Events on the time line, at most."""
_SHOWN_EVERY = 8
_MEANT = 12
"""Issuers of a name that are offered."""


def instrument_path(isin: str) -> str:
    """The address of an instrument."""
    return f"/console/instruments/{isin}"


def _by_number(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """Instruments by the beginning of their ISIN or WKN, or by the LEI of who issued them."""
    if not visit.may("instrument.read"):
        return []
    wanted = text.upper()
    found = page_of_instruments(tx, prefix=wanted, issuer=visit.party, limit=MOST)
    if not found and is_lei(wanted) and visit.party in (None, wanted):
        found = page_of_instruments(tx, issuer=wanted, limit=MOST)
    found = found or page_of_instruments(tx, wkn=wanted, issuer=visit.party, limit=MOST)
    return [Found("instrument", one["isin"], one["name"], instrument_path(one["isin"])) for one in found]


FINDERS = (_by_number,)


@router.get("")
def index(
    visit: Who,
    isin: Annotated[str, Query(max_length=12)] = "",
    wkn: Annotated[str, Query(max_length=6)] = "",
    issuer: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(alias="class", max_length=10)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(pattern=f"^({'|'.join(STATES)})?$")] = "",
    sort: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Instruments: one's own issues, or for the depository all, those that were entered last first."""
    visit.require("instrument.read")
    with visit.services.transaction() as tx:
        owner, meant = (visit.party, []) if visit.party is not None else _issuer(tx, issuer.strip())
        wanted = Wanted(
            isin.strip().upper(), wkn.strip().upper(), text.strip(), owner, kind or None, state or ""
        )
        offered = orders_of_instruments(wanted)
        default = Order("entered", True) if "entered" in offered else Order("isin")
        order = Order.read(sort, ("isin", "entered"), default, offered=offered)
        found = find_instruments(
            tx, wanted, by_entry=order.name == "entered", descending=order.descending, after=after, limit=PAGE
        )
    listing = Listing(
        visit.request, "instruments", "Instruments", _LIST, found.rows, found.next, str(order), offered
    )
    return visit.page(
        "instruments/index.html", listing=listing, classes=[(code, _class(code)) for code in sorted(MODELS)],
        class_name=class_name, meant=meant,
        states=[(name, name) for name in STATES], until=found.until,
    )  # fmt: skip


def _issuer(tx: Transaction, typed: str) -> tuple[str | None, Sequence[dict[str, Any]]]:
    """The LEI of the issuer that was typed, or of the only party with such a name; else an issuer that nobody is, and
    the parties that could be meant.
    """
    if not typed or is_lei(typed.upper()):
        return typed.upper() or None, []
    named = page_of_entities(tx, name=typed, limit=_MEANT + 1)
    return (named[0]["lei"], []) if len(named) == 1 else (typed.upper(), named[:_MEANT])


@router.get("/{isin}")
def one(visit: Who, isin: str) -> Response:
    """An instrument, with everything that is known of it and that the visitor may see."""
    with visit.services.transaction() as tx:
        found, terms = seen_terms(tx, visit.actor, isin)
        issue = issues(tx, [isin]).get(isin)
        chain = chain_state(tx, isin)
        entries = history(tx, isin, limit=PAGE + 1)
        held = holders(tx, isin, limit=PAGE + 1)
        versions = terms_versions(tx, isin)
        events = events_between(tx, date.min, date.max, isin=isin, limit=_DRAWN + 1)
    model = from_canonical(found["canonical"])
    today = visit.services.clock.now().date()
    diagram, undrawn = _drawn_payoff(model, today)
    paid = flows(model)
    request = visit.request
    return visit.page(
        "instruments/instrument.html", isin=isin, terms=terms, version=found["version"], hash=found["hash"].hex(),
        issue=issue,
        fields=_fields("", model.model_dump(by_alias=True)), class_label=_class,
        diagram=diagram, undrawn=undrawn, table=_table(diagram), chain=chain,
        picture=None if diagram is None else drawing.picture(diagram), size=drawing,
        drawn=_DRAWN, flows=drawing.flow_picture(paid),
        timeline=drawing.timeline(events[:_DRAWN], today), related=visit.party is None,
        entries=_beginning(request, "entries", entries), holdings=_beginning(request, "holdings", held),
        events=_beginning(request, "events", events), versions=Listing(
            request, "versions", "Versions of the terms", _VERSIONS, versions
        ),
        documents=Listing(request, "documents", "Documents", _DOCUMENTS, model.documents),
        going_on={name for name, rows in (("entries", entries), ("holdings", held), ("events", events))
            if len(rows) > PAGE},
        more_events=len(events) > _DRAWN,
    )  # fmt: skip


def _drawn_payoff(terms: Terms, today: date) -> tuple[Diagram | None, str]:
    """The diagram, or why there is none."""
    try:
        return payoff_diagram(terms, today), "It pays nothing at any end that could be drawn."
    except Refused as refused:
        return None, refused.refusals[0].detail


def _beginning(request: Request, name: str, rows: Sequence[Any]) -> Listing:
    """The first rows of a list that has a page of its own."""
    return Listing(request, name, *_PARTS[name], rows[:PAGE])


@router.get("/{isin}/entries")
def entries_of(visit: Who, isin: str, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0) -> Response:
    """Every entry of the register, and whether they hold together."""
    with visit.services.transaction() as tx:
        _, terms = seen_terms(tx, visit.actor, isin)
        visit.require("register.read")
        found = history(tx, isin, after=after, limit=PAGE + 1)
        chain = chain_state(tx, isin)
    return _part(visit, "entries", isin, terms, cut(found, "entry_no"), chain=chain)


@router.get("/{isin}/holdings")
def holdings_of(
    visit: Who, isin: str, at: Moment = None, after: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Who holds it now, or held it at a moment (UTC)."""
    account, _, sub_balance = after.partition("/")
    moment = _utc(at)
    with visit.services.transaction() as tx:
        _, terms = seen_terms(tx, visit.actor, isin)
        held = holders(tx, isin, at=moment, after=(account, sub_balance), limit=PAGE + 1)
    rows = [{**row, "place": f"{row['account']}/{row['sub_balance']}"} for row in held]
    return _part(visit, "holdings", isin, terms, cut(rows, "place"), at=moment)


@router.get("/{isin}/events")
def events_of(visit: Who, isin: str, after: Annotated[str, Query(max_length=50)] = "") -> Response:
    """Every event, by day."""
    try:
        day, _, id_ = after.partition("/")
        place = (date.fromisoformat(day), UUID(id_)) if after else (date.min, UUID(int=0))
    except ValueError:
        raise Refused(errors.MALFORMED("/after", reason="This is no place in a list of events.")) from None
    with visit.services.transaction() as tx:
        _, terms = seen_terms(tx, visit.actor, isin)
        found = events_between(tx, date.min, date.max, isin=isin, after=place, limit=PAGE + 1)
    rows = [{**row, "place": f"{row['on']}/{row['id']}"} for row in found]
    return _part(visit, "events", isin, terms, cut(rows, "place"))


def _part(
    visit: Visit,
    name: str,
    isin: str,
    terms: dict[str, Any],
    page: tuple[Sequence[Any], str | None],
    **values: object,
) -> Response:
    listing = Listing(visit.request, name, *_PARTS[name], *page)
    return visit.page(
        "instruments/part.html", part=name, isin=isin, name=terms["name"], listing=listing, **values
    )


@router.get("/{isin}/terms")
def canonical(visit: Who, isin: str, version: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """The canonical text of the terms, byte for byte as it was hashed."""
    with visit.services.transaction() as tx:
        found, _ = seen_terms(tx, visit.actor, isin, version)
    name = f'attachment; filename="{isin}-{found["version"]}.json"'
    return Response(found["canonical"], media_type="application/json", headers={"Content-Disposition": name})


@router.get("/{isin}/extract")
def extract_of(visit: Who, isin: str, at: Moment = None) -> Response:
    """The register's extract (eWpG sections 10, 13, 19), now or as of a moment (UTC): to be read and printed."""
    moment, found = _utc(at), _extract(visit, isin, at)
    asked = visit.services.clock.now()
    stated = {name: value for name, value in (found or {}).items() if name not in _OF_ITS_OWN}
    items = [
        pair
        for name, value in stated.items()
        for pair in _fields(name, Decimal(value) if name in _AMOUNTS else value)
    ]
    return visit.page(
        "instruments/extract.html", isin=isin, extract=found, items=items, at=moment, asked=asked
    )


@router.get("/{isin}/extract/file")
def extract_file(visit: Who, isin: str, at: Moment = None) -> Response:
    """The same as JSON, with the hashes that prove it: to be kept."""
    found = _extract(visit, isin, at)
    if found is None:
        raise Refused(UNKNOWN_ISSUE(isin=isin))
    name = f'attachment; filename="{isin}-register.json"'
    return Response(dumps(found), media_type="application/json", headers={"Content-Disposition": name})


def _extract(visit: Visit, isin: str, at: datetime | None) -> dict[str, Any] | None:
    with visit.services.transaction() as tx:
        seen_terms(tx, visit.actor, isin)
        visit.require("register.read")
        return extract(tx, isin, _utc(at))


def _utc(at: datetime | None) -> datetime | None:
    """A moment as it was typed, which is meant in UTC."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


@router.get("/{isin}/events/{id_}")
def event(visit: Who, isin: str, id_: UUID) -> Response:
    """What an event pays and why: the proof, and the amount worked out anew from nothing else."""
    with visit.services.transaction() as tx:
        seen_terms(tx, visit.actor, isin)
        found = event_details(tx, id_)
        if found["isin"] != isin:
            raise Refused(UNKNOWN_EVENT(event=id_))
        try:
            document = proof(tx, id_)
        except Refused:  # nothing has been decided yet
            document = None
    worked_out = recompute(document) if document else None
    return visit.page("instruments/event.html", isin=isin, event=found, proof=document, again=worked_out)


def _class(code: str) -> str:
    """A class as a choice: its code, which people know by heart, and its name."""
    return f"{code} {class_name(code)}" if code.isdigit() else class_name(code)


def _fields(name: str, value: Any) -> list[tuple[str, str]]:
    """Every field of the terms that says something, by its place, in order."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _fields(f"{name} {key}".strip(), inner)]
    if isinstance(value, list | tuple) and any(isinstance(inner, dict) for inner in value):
        return [pair for n, inner in enumerate(value, 1) for pair in _fields(f"{name} {n}", inner)]
    if value is None or value == [] or value == ():
        return []
    return [(name.replace("_", " "), _said(value))]


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_said(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, Decimal | int) else str(value)


def _table(diagram: Diagram | None) -> list[tuple[Any, list[Any]]]:
    """Some of the points as rows: a price, and what each curve pays there."""
    if diagram is None:
        return []
    curves = [dict(curve.points) for curve in diagram.curves]
    prices = sorted({price for curve in curves for price in curve})
    levels = {price for _, price in diagram.marks}
    shown = [p for n, p in enumerate(prices) if n % _SHOWN_EVERY == 0 or p in levels]
    return [(price, [curve.get(price) for curve in curves]) for price in shown]
