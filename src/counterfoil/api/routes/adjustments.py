"""Corporate actions on underlyings: asked for, and what they have moved."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from counterfoil.access import require
from counterfoil.api.services import FIRST, Here, Id, Limit, Who, page
from counterfoil.core.days import IsoDate
from counterfoil.processes import start_adjustment
from counterfoil.servicing import Action, adjusted_securities, adjustments

router = APIRouter(tags=["servicing"])
Underlying = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 .:_+\-]*$")]


class NewAdjustment(BaseModel, extra="forbid"):
    """From `ex_day` on, prices of the underlying (ISIN or symbol) are `factor` times what they were."""

    underlying: Underlying
    factor: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,8})?$", examples=["0.5"])]
    ex_day: IsoDate
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@router.post("/adjustments", status_code=202)
def adjust(here: Here, actor: Who, wanted: NewAdjustment) -> dict[str, Any]:
    """Adjust every security on an underlying for a corporate action, once another person has approved."""
    require(actor, "servicing.operate")
    action = Action(wanted.underlying, Decimal(wanted.factor), wanted.ex_day)
    with here.transaction() as tx:
        id_ = start_adjustment(tx, action, wanted.reason, now=here.clock.now(), requester=actor.label)
    return {"adjustment": id_, "process": id_}


@router.get("/adjustments")
def index(
    here: Here,
    actor: Who,
    underlying: Annotated[str | None, Query(max_length=40)] = None,
    after: Id = FIRST,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Adjustments, what was decided about each, and how many securities it has moved."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        return page(adjustments(tx, underlying=underlying, after=after, limit=limit), limit, "id")


@router.get("/adjustments/{id_}/securities")
def securities(
    here: Here,
    actor: Who,
    id_: Id,
    after: Annotated[str, Query(max_length=12)] = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """The securities that an adjustment has moved, each with the version of its terms since then."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        return page(adjusted_securities(tx, id_, after=after, limit=limit), limit, "isin")
