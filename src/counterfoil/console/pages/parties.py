"""Parties: who is known by LEI, whether one may issue, and for whom it acts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from counterfoil.console.fields import choices
from counterfoil.console.finding import MOST, Found
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.places import Place
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.faces import party_of, repeated
from counterfoil.parties import ROLES, grant_mandates, page_of_entities

router = APIRouter(prefix="/console/parties")
PLACES = (Place("/console/parties", "Parties", "party.read", "l"),)
_LIST = (Column("LEI"), Column("Name"), Column("Country"), Column("State of the LEI"))
_MANDATES = (Column("Role"), Column("For"), Column("Since"))


def _by_name(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """Parties by their LEI, or by a part of their name."""
    if not visit.may("party.read"):
        return []
    found = page_of_entities(tx, prefix=text.upper(), limit=MOST) or page_of_entities(
        tx, name=text, limit=MOST
    )
    return [Found("party", one["legal_name"], one["lei"], f"/console/parties/{one['lei']}") for one in found]


FINDERS = (_by_name,)


@router.get("")
def index(
    visit: Who,
    lei: Annotated[str, Query(max_length=20)] = "",
    name: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Parties by LEI. Names and states are GLEIF's, which are public."""
    visit.require("party.read")
    with visit.services.transaction() as tx:
        found = page_of_entities(
            tx, prefix=lei.strip().upper(), name=name.strip() or None, after=after, limit=PAGE + 1
        )
    return visit.page(
        "parties/index.html", listing=Listing(visit.request, "parties", "Parties", _LIST, *cut(found, "lei"))
    )


@router.get("/{lei}")
def one(visit: Who, lei: str) -> Response:
    """A party; to itself and to the depository also for whom it acts."""
    visit.require("party.read")
    with visit.services.transaction() as tx:
        party = party_of(tx, lei)
    mandates = Listing(visit.request, "mandates", "Mandates", _MANDATES, party["mandates"])
    return visit.page("parties/party.html", party=party, mandates=mandates, roles=choices(sorted(ROLES)))


@router.post("/{lei}/mandates")
def grant(
    visit: Who,
    lei: str,
    role: Annotated[Literal[*sorted(ROLES)], Form()],  # type: ignore[valid-type]
    principal: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Let a party act in a role: for one principal, or as such."""
    visit.require("party.import")
    wanted = (lei, role, principal.strip().upper())

    def act() -> None:
        with visit.services.transaction() as tx:
            grant_mandates(tx, [wanted], actor=visit.actor.label, now=visit.services.clock.now())

    repeated(act)
    return visit.done(f"/console/parties/{lei}", f"The party is now {role.replace('_', ' ')}.")
