"""Instruments: found by what is known of them, and one with its terms, payoff, events, register and holders."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.access import require
from counterfoil.console import picture as drawing
from counterfoil.console.finding import MOST, Found
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.places import Place
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads_stored
from counterfoil.instruments import (
    MODELS,
    Diagram,
    from_canonical,
    page_of_instruments,
    payoff_diagram,
    terms_of,
    terms_versions,
)
from counterfoil.ledger import positions
from counterfoil.processes import UNKNOWN_ISIN
from counterfoil.register import history, issues
from counterfoil.servicing import event_details, events_between, proof, recompute

router = APIRouter(prefix="/console/instruments")
PLACES = (Place("/console/instruments", "Instruments", "instrument.read", "i"),)
_LIST = (
    Column("ISIN"), Column("WKN"), Column("Class"), Column("Name"), Column("Issuer (LEI)"), Column("Currency"),
    Column("CFI"), Column("Entered"),
)  # fmt: skip
_EVENTS = (Column("Day"), Column("Payment"), Column("Event"), Column("State"), Column("Reason"))
_ENTRIES = (
    Column("Entry", numeric=True), Column("Kind"), Column("Change", numeric=True),
    Column("Issued after", numeric=True), Column("Arrived"), Column("Entered"), Column("Block", numeric=True),
    Column("Hash"),
)  # fmt: skip
_HOLDINGS = (Column("Account"), Column("Kind"), Column("Sub-balance"), Column("Quantity", numeric=True))
_VERSIONS = (
    Column("Version", numeric=True),
    Column("Effect"),
    Column("Recorded"),
    Column("Hash"),
    Column("File"),
)
_FAR = date(9999, 12, 31)
_MOST_EVENTS = 500
_SHOWN_EVERY = 8


def instrument_path(isin: str) -> str:
    """The address of an instrument."""
    return f"/console/instruments/{isin}"


def _by_number(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """Instruments by the beginning of their ISIN or WKN."""
    if not visit.may("instrument.read"):
        return []
    wanted = text.upper()
    found = page_of_instruments(tx, prefix=wanted, issuer=visit.party, limit=MOST)
    found = found or page_of_instruments(tx, wkn=wanted, issuer=visit.party, limit=MOST)
    return [Found("instrument", one["isin"], one["name"], instrument_path(one["isin"])) for one in found]


FINDERS = (_by_number,)


@router.get("")
def index(
    visit: Who,
    isin: Annotated[str, Query(max_length=12)] = "",
    wkn: Annotated[str, Query(max_length=6)] = "",
    issuer: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[str, Query(alias="class", max_length=10)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """Instruments by ISIN: one's own issues, or for the depository all."""
    visit.require("instrument.read")
    owner = issuer.strip().upper() or None if visit.party is None else visit.party
    with visit.services.transaction() as tx:
        found = page_of_instruments(
            tx, after=after, issuer=owner, class_=kind or None, prefix=isin.strip().upper(),
            wkn=wkn.strip().upper(), words=text.strip(), limit=PAGE + 1,
        )  # fmt: skip
    listing = Listing(visit.request, "instruments", "Instruments", _LIST, *cut(found, "isin"))
    return visit.page(
        "instruments/index.html", listing=listing, classes=[(name, name) for name in sorted(MODELS)]
    )


@router.get("/{isin}")
def one(visit: Who, isin: str) -> Response:
    """An instrument, with everything that is known of it and that the visitor may see."""
    with visit.services.transaction() as tx:
        found, terms = _terms(tx, visit, isin)
        issue = issues(tx, [isin]).get(isin)
        entries = history(tx, isin)
        held = positions(tx, asset=isin)
        versions = terms_versions(tx, isin)
        events = events_between(tx, date.min, _FAR, isin=isin, limit=_MOST_EVENTS)
    model = from_canonical(found["canonical"])
    diagram = payoff_diagram(model)
    for entry, before in zip(entries, [None, *entries], strict=False):
        entry["follows"] = before is None or entry["entry_no"] == before["entry_no"] + 1
    request = visit.request
    return visit.page(
        "instruments/instrument.html", isin=isin, terms=terms, version=found["version"], hash=found["hash"].hex(),
        issue=issue, fields=_fields("", terms), diagram=diagram, table=_table(diagram),
        picture=None if diagram is None else drawing.picture(diagram), size=drawing,
        timeline=drawing.timeline(events, visit.services.clock.now().date()), related=visit.party is None,
        entries=Listing(request, "entries", "Register", _ENTRIES, entries),
        whole=all(entry["follows"] for entry in entries),
        holdings=Listing(request, "holdings", "Holdings", _HOLDINGS, held),
        versions=Listing(request, "versions", "Versions of the terms", _VERSIONS, versions),
        events=Listing(request, "events", "Events", _EVENTS, events),
    )  # fmt: skip


@router.get("/{isin}/terms")
def canonical(visit: Who, isin: str, version: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """The canonical text of the terms, byte for byte as it was hashed."""
    with visit.services.transaction() as tx:
        found, _ = _terms(tx, visit, isin, version)
    name = f'attachment; filename="{isin}-{found["version"]}.json"'
    return Response(found["canonical"], media_type="application/json", headers={"Content-Disposition": name})


@router.get("/{isin}/events/{id_}")
def event(visit: Who, isin: str, id_: UUID) -> Response:
    """What an event pays and why: the proof, and the amount worked out anew from nothing else."""
    with visit.services.transaction() as tx:
        _terms(tx, visit, isin)
        found = event_details(tx, id_)
        if found["isin"] != isin:
            raise Refused(UNKNOWN_ISIN(isin=isin))
        try:
            document = proof(tx, id_)
        except Refused:  # nothing has been decided yet
            document = None
    worked_out = recompute(document) if document else None
    return visit.page("instruments/event.html", isin=isin, event=found, proof=document, again=worked_out)


def _terms(
    tx: Transaction, visit: Visit, isin: str, version: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Terms of an instrument, stored and read. Raises `Refused`: PRC-008 unknown, ACC-404 another party's."""
    visit.require("instrument.read")
    found = terms_of(tx, isin, version)
    if found is None:
        raise Refused(UNKNOWN_ISIN(isin=isin))
    terms = loads_stored(found["canonical"])
    if visit.party is not None and terms["issuer"] != visit.party:
        require(visit.actor, "register.read", lei=terms["issuer"])
    return found, terms


def _fields(name: str, value: Any) -> list[tuple[str, str]]:
    """Every field of the terms by its place, in order."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _fields(f"{name} {key}".strip(), inner)]
    if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        return [pair for n, inner in enumerate(value, 1) for pair in _fields(f"{name} {n}", inner)]
    return [(name.replace("_", " "), value if isinstance(value, str) else dumps(value))]


def _table(diagram: Diagram | None) -> list[tuple[Any, list[Any]]]:
    """Some of the points as rows: a price, and what each curve pays there."""
    if diagram is None:
        return []
    curves = [dict(curve.points) for curve in diagram.curves]
    prices = sorted({price for curve in curves for price in curve})
    levels = {price for _, price in diagram.marks}
    shown = [p for n, p in enumerate(prices) if n % _SHOWN_EVERY == 0 or p in levels]
    return [(price, [curve.get(price) for curve in curves]) for price in shown]
