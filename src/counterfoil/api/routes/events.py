"""Lifecycle events: what happens when."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from counterfoil.access import require
from counterfoil.api.services import FIRST, Here, Id, Limit, Who
from counterfoil.core.clock import business_date
from counterfoil.core.errors import Refused
from counterfoil.servicing import RANGE, event_details, events_between

router = APIRouter(prefix="/events", tags=["servicing"])
_DAYS_MAX = 366 * 60
_DAYS = timedelta(days=30)


@router.get("")
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


@router.get("/{id_}")
def one(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """An event as it stands."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        return event_details(tx, id_)
