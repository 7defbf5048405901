"""Audit: who did what, when; what `verify` has found, and a run of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.access import require_everywhere
from counterfoil.console import errors
from counterfoil.console.background import Background, Tell
from counterfoil.console.fields import BLANK
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.live import Lives, stream
from counterfoil.console.places import Place
from counterfoil.console.rendering import Renderer, words
from counterfoil.console.visit import Visit, Who
from counterfoil.core.checks import Check
from counterfoil.core.errors import Refused
from counterfoil.core.verifications import verification, verifications
from counterfoil.faces import Sought, acts, key_before, verify_and_keep

router = APIRouter(prefix="/console/audit")
PLACES = (Place("/console/audit", "Audit", "audit.read", "u", everywhere=True),)
_ACTS = (Column("When"), Column("Who"), Column("What"), Column("About"), Column("More"))
_RUNS = (Column("Started"), Column("Ended"), Column("Result"), Column("By"))
_CHECKS = (Column("Check"), Column("Result"), Column("Rows", numeric=True), Column("Invariant"))
_TASK = "verify"
WHAT = (
    "act_refused", "account_opened", "account_blocked", "account_unblocked", "account_closed", "adjustment_decided",
    "adjustment_requested", "amount_declared", "batch_handed_in", "correspondent_named", "cut_off_shifted",
    "cycle_run", "day_ended", "dispute_ended", "event_paid", "event_reopened", "incident_resolved", "instructed",
    "instruction_cancellation_requested", "instruction_cancelled", "instruction_conditions", "instruction_failing",
    "instructions_handed_in", "mandate_granted", "message_received", "observation_confirmed", "observation_disputed",
    "observation_entered", "payment_reversed", "register_amend", "register_cancel", "register_decrease",
    "register_delete", "register_mature", "register_new", "register_redeem", "register_resume", "register_suspend",
    "register_top_up", "sign_in_failed", "signed_in", "signed_out", "suspense_released", "task_completed",
    "token_created", "verified",
)  # fmt: skip
"""The kinds of acts that rooms keep."""
PAGES_OF = {
    "account": "/console/accounts/", "instruction": "/console/settlement/instructions/",
    "batch": "/console/batches/issuance/",
    "instruction_batch": "/console/batches/instructions/", "day": "/console/settlement/days/",
    "instrument": "/console/instruments/", "process": "/console/processes/instances/",
    "verification": "/console/audit/verifications/",
}  # fmt: skip
"""Where the page of a thing is that an act is about."""


@router.get("")
def index(
    visit: Who,
    who: Annotated[str, Query(max_length=200)] = "",
    what: Annotated[str, Query(max_length=60)] = "",
    about: Annotated[str, Query(max_length=200)] = "",
    until: Annotated[date | None, BLANK] = None,
    after: Annotated[UUID | None, BLANK] = None,
) -> Response:
    """Acts of all rooms, newest first."""
    require_everywhere(visit.actor, "audit.read")
    sought = Sought(who.strip() or None, what or None, about.strip() or None)
    before = after or (key_before(until) if until else None)
    with visit.services.transaction() as tx:
        found = acts(tx, sought, before=before, limit=PAGE)
    following = None if found.next is None else str(found.next)
    listing = Listing(visit.request, "acts", "Acts", _ACTS, found.rows, following)
    return visit.page(
        "audit/index.html", listing=listing, until=found.until, pages=PAGES_OF,
        kinds=[(kind, words(kind)) for kind in WHAT],
    )  # fmt: skip


@router.get("/verifications")
def runs(visit: Who, after: Annotated[UUID | None, BLANK] = None) -> Response:
    """Runs of `verify`, the last one with all that it found."""
    require_everywhere(visit.actor, "verify.run")
    with visit.services.transaction() as tx:
        found = verifications(tx, before=after, limit=PAGE + 1)
        last = None if after else verification(tx)
    listing = Listing(visit.request, "runs", "Runs of verify", _RUNS, *cut(found, "id"))
    return visit.page(
        "audit/verifications.html",
        listing=listing,
        last=last,
        checks=_checks(visit, last),
        task=_last_task(visit),
    )


@router.post("/verifications")
def run(visit: Who) -> Response:
    """Make all checks, in the background."""
    require_everywhere(visit.actor, "verify.run")
    services, actor = visit.services, visit.actor

    def work(tell: Tell) -> None:
        verify_and_keep(services, actor.label, lambda room, checks: tell(_told(room, checks)))

    _background(visit).start(_TASK, work, by=actor.label, now=services.clock.now())
    return visit.done("/console/audit/verifications", "Begun: every invariant is recomputed.")


@router.get("/verifications/board")
def board(visit: Who) -> Response:
    """How far the run is, again whenever it is further."""
    require_everywhere(visit.actor, "verify.run")
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives

    def look() -> str:
        return renderer.fragment("audit/progress.html", task=_last_task(visit))

    return stream(visit.request, lives.of(_TASK, look))


@router.get("/verifications/{id_}")
def one(visit: Who, id_: UUID) -> Response:
    """What one run has found."""
    require_everywhere(visit.actor, "verify.run")
    with visit.services.transaction() as tx:
        found = verification(tx, id_)
    if found is None:
        raise Refused(errors.NOT_FOUND(path=visit.request.url.path))
    return visit.page("audit/verification.html", run=found, checks=_checks(visit, found))


def _checks(visit: Visit, found: dict[str, object] | None) -> Listing:
    """What the checks of a run found: those that fail first."""
    rows = found["checks"] if found else []
    ordered = sorted(rows, key=lambda check: not check["violations"])  # type: ignore[call-overload]
    return Listing(visit.request, "checks", "Checks", _CHECKS, ordered)


def _told(room: str, checks: list[Check]) -> str:
    failed = sum(not check.holds for check in checks)
    return f"{room}: {len(checks)} checks, {failed or 'none'} failed"


def _last_task(visit: Visit) -> object:
    return _background(visit).last(_TASK)


def _background(visit: Visit) -> Background:
    found: Background = visit.request.app.state.background
    return found
