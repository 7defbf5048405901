"""Bookings, one by one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from counterfoil.api.services import Here, Limit, Who
from counterfoil.faces import seen_booking

router = APIRouter(prefix="/bookings", tags=["accounts"])


@router.get("/{id_}")
def show(
    here: Here,
    actor: Who,
    id_: UUID,
    batch: Annotated[
        UUID | None, Query(description="The set it was booked in, as statements name it; deliveries need it.")
    ] = None,
    asset: Annotated[str, Query(max_length=12, description="Or an asset that it moved,")] = "",
    account: Annotated[str, Query(max_length=35, description="and the number of an account of it.")] = "",
    after: Annotated[int, Query(ge=-1, le=32767, description="Go on after this leg.")] = -1,
    limit: Limit = 100,
) -> dict[str, Any]:
    """A booking with its legs, in order: all, or to a party those of its own accounts."""
    with here.transaction() as tx:
        return seen_booking(tx, actor, id_, batch=batch, moved=(asset, account), after=after, limit=limit)
