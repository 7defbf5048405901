"""What follows from events beside their payment: suspense, claims, and events that are decided anew."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from counterfoil.access import require
from counterfoil.api.services import FIRST, Here, Id, Limit, Who
from counterfoil.processes import start_release
from counterfoil.servicing import claims_of, event_details, reopen, suspended

router = APIRouter(tags=["servicing"])
Account = Annotated[str, Field(max_length=35, pattern=r"^[A-Z0-9][A-Z0-9-]*$")]
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@router.get("/suspense")
def index(
    here: Here,
    actor: Who,
    event: Annotated[UUID | None, Query(description="Of one event only.")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """What is owed to blocked and closed accounts, the oldest first: all for the depository, or one's own."""
    require(actor, "account.read")
    owner = None if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        return {"items": suspended(tx, event_id=event, owner=owner, limit=limit)}


@router.get("/events/{id_}/claims")
def claims(here: Here, actor: Who, id_: Id, after: Id = FIRST, limit: Limit = 100) -> dict[str, Any]:
    """What followed from a payment for trades that were not delivered: all for the depository, or one's own.

    `gives` and `takes` are accounts, `instructed_as` is the transaction that settles it. Pages go by the trade.
    """
    require(actor, "account.read")
    owner = None if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        event_details(tx, id_)
        found = claims_of(tx, id_, owner=owner, after=after, limit=limit)
    return {"items": found, "next": found[-1]["transaction"] if len(found) >= limit else None}


class NewRelease(BaseModel, extra="forbid"):
    """What stands in suspense for a closed account goes to another one of its owner."""

    account: Account
    into: Account
    reason: Reason


@router.post("/events/{id_}/releases", status_code=202)
def released(here: Here, actor: Who, id_: Id, wanted: NewRelease) -> dict[str, Any]:
    """Release what a closed account is owed, once another person has approved. What a blocked one is owed is released
    when its block ends.
    """
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        process = start_release(
            tx, id_, wanted.account, wanted.into, wanted.reason, now=here.clock.now(), requester=actor.label
        )
    return {"event": id_, "process": process, **wanted.model_dump()}


class Reopening(BaseModel, extra="forbid"):
    """Why the event is decided anew."""

    reason: Reason


@router.post("/events/{id_}/reopenings", status_code=202)
def reopened(here: Here, actor: Who, id_: Id, why: Reopening) -> dict[str, Any]:
    """Have an event decided anew that a person refused: another event, which is decided and approved as the first."""
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        made = reopen(tx, id_, why.reason, now=here.clock.now(), actor=actor.label)
        return event_details(tx, made)
