"""What the command palette asks while somebody types."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.console.finding import LONGEST, find
from counterfoil.console.visit import Who

router = APIRouter(prefix="/console/find")


@router.get("")
def index(visit: Who, q: Annotated[str, Query(max_length=LONGEST)] = "") -> Response:
    """The options of the palette for a text."""
    with visit.services.transaction() as tx:
        found = find(tx, visit, q, visit.request.app.state.finders)
    return visit.page("finding/found.html", found=found)
