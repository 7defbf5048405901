"""A booking as its actor may see it."""

from typing import Any
from uuid import UUID

from counterfoil.access import Actor, require
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.ledger import UNKNOWN_BOOKING, booking_of


def seen_booking(
    tx: Transaction,
    actor: Actor,
    id_: UUID,
    *,
    batch: UUID | None = None,
    moved: tuple[str, str] | None = None,
    after: int = -1,
    limit: int = 100,
) -> dict[str, Any]:
    """A booking with its legs: to a party those of its own accounts, and not who booked it.

    Raises `Refused` (LED-022), whether it is unknown or another's.
    """
    require(actor, "account.read")
    owner = None if actor.sees_everything else actor.lei or ""
    found = booking_of(tx, id_, batch=batch, moved=moved, owner=owner, after=after, limit=limit)
    if found is None:
        raise Refused(UNKNOWN_BOOKING(booking=id_))
    return found if actor.sees_everything else {**found, "actor": None}
