"""Today: whether the house is in order, on one page that moves by itself."""

from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from counterfoil.access import require_everywhere
from counterfoil.console.curves import Curves
from counterfoil.console.live import Live, stream
from counterfoil.console.places import Place
from counterfoil.console.rendering import Renderer
from counterfoil.console.visit import Who
from counterfoil.core.db import Transaction
from counterfoil.core.json import dumps
from counterfoil.core.verifications import verifications
from counterfoil.faces import Services
from counterfoil.orchestration import COUNTED, in_flight, oldest_open, open_incidents, open_user_tasks
from counterfoil.settlement import (
    EventKind,
    current_day,
    cycles,
    last_integrity_check,
    unsettled_by_reason,
)

router = APIRouter(prefix="/console")
PLACES = (Place("/console", "Today", "process.read", "t", everywhere=True),)
_CUT_OFFS = {EventKind.DVP_CUT_OFF, EventKind.BATM_CUT_OFF, EventKind.FOP_CUT_OFF, EventKind.END}
_SHOWN = 6
_FIRST_S = 0.2
"""A page waits so long for the first look; after that it comes with what it has, and the rest follows by itself."""
EVENTS = {"dvp_cut_off": "DvP cut-off", "batm_cut_off": "BATM cut-off", "fop_cut_off": "FoP cut-off"}
REASONS = {
    "": "not tried yet", "LACK": "securities lacking", "MONY": "money lacking", "COLL": "securities pledged",
    "FUTU": "not due yet", "CYCL": "waits for a cycle", "LATE": "after the cut-off", "PREA": "held by a party",
    "CSDH": "held by the depository", "CVAL": "held for validation", "CDLR": "waits for a further condition",
    "BOTH": "held by both parties", "LINK": "waits for a linked one", "INBC": "its pool is not complete",
    "PREL": "released part lacking", "PATD": "a part is not allowed", "PART": "settles in parts only",
    "BLOC": "account blocked", "SBLO": "security blocked", "OTHR": "waits for its turn",
}  # fmt: skip
"""How a code of a reason is said here in few words."""


def board_of(services: Services, renderer: Renderer) -> Live:
    """The board that all viewers share."""
    curves = Curves()

    def look() -> str:
        now = services.clock.now()
        with services.database.snapshot() as tx:
            curves.refresh(tx, now)
            values = _standing(tx, services)
        drawn = curves.drawn(now)
        return renderer.fragment(
            "today/board.html",
            curves=drawn,
            curves_text=dumps(drawn),
            counted=COUNTED,
            reasons=REASONS,
            events=EVENTS,
            **values,
        )

    return Live(look)


def _standing(tx: Transaction, services: Services) -> dict[str, Any]:
    now = services.clock.now()
    day = current_day(tx)
    events = () if day is None else day.events
    coming = [event for event in events if event.done_at is None and event.at > now]
    return {
        "day": day,
        "phase": day and day.phase(now),
        "late": [event for event in events if event.done_at is None and event.at <= now],
        "next": coming[0] if coming else None,
        "cut_offs": [event for event in coming if event.kind in _CUT_OFFS],
        "flight": in_flight(tx),
        "incident_count": open_incidents(tx),
        "task_count": open_user_tasks(tx),
        "waiting": oldest_open(tx, _SHOWN),
        "unsettled": unsettled_by_reason(tx),
        "cycle": next(iter(cycles(tx, limit=1)), None),
        "integrity": last_integrity_check(tx),
        "verified": next(iter(verifications(tx, limit=1)), None),
    }


@router.get("")
def index(visit: Who) -> Response:
    """The board; whoever belongs to a party goes on to what it may see."""
    if not visit.actor.sees_everything:
        own = next((place for place in visit.places if place.path != "/console"), None)
        if own is not None:
            return RedirectResponse(own.path, 303)
    require_everywhere(visit.actor, "process.read")
    seen = _board(visit.request).latest(_FIRST_S)
    return visit.page("today/index.html", board=Markup(seen.text) if seen else None)  # noqa: S704 - rendered by us


@router.get("/today/events")
def events(visit: Who) -> Response:
    """The board again whenever it has changed."""
    require_everywhere(visit.actor, "process.read")
    return stream(visit.request, _board(visit.request))


def _board(request: Request) -> Live:
    board: Live = request.app.state.board
    return board
