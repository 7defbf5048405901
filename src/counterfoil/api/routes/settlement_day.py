"""The settlement day: opened, shown, shifted, run."""

from datetime import date
from typing import Any

from fastapi import APIRouter

from counterfoil.access import require
from counterfoil.api.services import Here, Who
from counterfoil.settlement import current_day, do_event, open_day

router = APIRouter(prefix="/settlement", tags=["settlement day"])


@router.get("/day")
def today(here: Here, actor: Who) -> dict[str, Any] | None:
    """The open settlement day with its events; null while none is open."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        found = current_day(tx)
    if found is None:
        return None
    return {
        "business_date": found.business_date,
        "state": found.state,
        "events": [{"name": e.name, "at": e.at, "done_at": e.done_at} for e in found.events],
    }


@router.post("/days/{day}", status_code=201)
def run_day(here: Here, actor: Who, day: date) -> dict[str, Any]:
    """Run a whole settlement day: every event that is not done yet, in order, each in a transaction of its own. The
    clock is the event's own time, or now where that has passed.
    """
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        opened = open_day(tx, day, now=here.clock.now())
    told = []
    for event in [e for e in opened.events if e.done_at is None]:
        with here.transaction() as tx:
            now = max(event.at, here.clock.now())
            told.append(do_event(tx, event, now=now, actor=actor.label))
    return {"business_date": day, "events": told}
