"""A booking: what moved between which accounts, and what caused it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.console.fields import BLANK
from counterfoil.console.finding import Found, id_of
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.faces import seen_booking
from counterfoil.ledger import booking_of

router = APIRouter(prefix="/console/bookings")
_LEGS = (
    Column("Leg", numeric=True), Column("Account"), Column("Owner (LEI)"), Column("Asset"), Column("Sub-balance"),
    Column("Amount", numeric=True),
)  # fmt: skip


def _by_id(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """A booking by its id; deliveries are found from a statement, which names their batch too."""
    id_ = id_of(text)
    if id_ is None or not visit.may("account.read"):
        return []
    found = booking_of(tx, id_, owner=visit.party, limit=1)
    return [Found("booking", str(id_), found["kind"], f"/console/bookings/{id_}")] if found else []


FINDERS = (_by_id,)


@router.get("/{id_}")
def one(
    visit: Who,
    id_: UUID,
    batch: Annotated[UUID | None, BLANK] = None,
    asset: Annotated[str, Query(max_length=12)] = "",
    account: Annotated[str, Query(max_length=35)] = "",
    after: Annotated[int, Query(ge=-1, le=32767)] = -1,
) -> Response:
    """A booking with its legs: to a party those of its own accounts."""
    with visit.services.transaction() as tx:
        found = seen_booking(
            tx, visit.actor, id_, batch=batch, moved=(asset, account), after=after, limit=PAGE + 1
        )
    listing = Listing(visit.request, "legs", "Legs", _LEGS, *cut(found["legs"], "leg"))
    return visit.page("accounts/booking.html", booking=found, listing=listing)
