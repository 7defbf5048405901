"""The settlement day: its phases and events, run and shifted by the operator; earlier days; what cycles have done."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path
from starlette.responses import RedirectResponse, Response

from counterfoil.access import may_for_all
from counterfoil.console.background import Background, Tell
from counterfoil.console.fields import BLANK, Reason
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.live import Live, Lives, stream
from counterfoil.console.pages.today import EVENTS
from counterfoil.console.rendering import Renderer, words
from counterfoil.console.visit import Visit, Who
from counterfoil.faces import cycles_seen, days_seen, do_one_event, do_rest_of_day, repeated
from counterfoil.settlement import (
    ZONE,
    any_day,
    current_day,
    day_report,
    days,
    open_day,
    run_extra_cycle,
    shift_cut_off,
)

router = APIRouter(prefix="/console/settlement")
BusinessDate = Annotated[date, Path(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
_DAYS = (
    Column("Business date"), Column("State"), Column("Opened"), Column("Closed"), Column("Failing", numeric=True),
    Column("Expired", numeric=True), Column("Penalties", numeric=True), Column("Mismatches", numeric=True),
)  # fmt: skip
_CYCLES = (
    Column("Started"), Column("Business date"), Column("Considered", numeric=True), Column("Contended", numeric=True),
    Column("Settled", numeric=True), Column("In parts", numeric=True), Column("Left", numeric=True),
    Column("Value EUR", numeric=True), Column("Bound EUR", numeric=True),
    Column("Gap %", numeric=True), Column("Seconds", numeric=True), Column("By"), Column("Without rate"),
)  # fmt: skip


@router.get("/day")
def today(visit: Who) -> Response:
    """The open day; where none is, how to open one."""
    visit.require("settlement.read")
    with visit.services.transaction() as tx:
        found = current_day(tx)
        last = next(iter(days(tx, limit=1)), None)
    if found is not None:
        return RedirectResponse(_path(found.business_date), 303)
    local = visit.services.clock.now().astimezone(ZONE).date()
    return visit.page("settlement/no_day.html", last=last, local=local)


@router.get("/days")
def index(visit: Who, after: Annotated[date | None, BLANK] = None) -> Response:
    """The days that were opened, the latest first, with what their ends did."""
    with visit.services.transaction() as tx:
        found = days_seen(tx, visit.actor, before=after, limit=PAGE + 1)
    rows, following = cut(found, "business_date")
    return visit.page(
        "settlement/days.html",
        listing=Listing(
            visit.request,
            "days",
            "Settlement days",
            _DAYS if visit.party is None else _DAYS[:4],
            rows,
            following,
        ),
    )


@router.post("/days")
def open_one(visit: Who, day: Annotated[date, Form(ge=date(2000, 1, 1), le=date(2199, 12, 31))]) -> Response:
    """Open a day; from then on its phases bind."""
    visit.require("settlement.operate")
    with visit.services.transaction() as tx:
        open_day(tx, day, now=visit.services.clock.now())
    return visit.done(_path(day), f"The settlement day {day} is open.")


@router.get("/days/{day}")
def one(visit: Who, day: BusinessDate) -> Response:
    """A day with its events, and what its end has found; one that was not opened yet, as it is planned."""
    visit.require("settlement.read")
    now = visit.services.clock.now()
    with visit.services.transaction() as tx:
        found = any_day(tx, day)
        may_see_report = may_for_all(visit.actor, "settlement.read")
        report = day_report(tx, day) if found.state == "closed" and may_see_report else None
    left = [event for event in found.events if event.done_at is None]
    coming = [
        (event.name, _called(event.name), f"{event.at.astimezone(ZONE):%Y-%m-%dT%H:%M}")
        for event in left
        if event.at > now
    ]
    return visit.page(
        "settlement/day.html", day=found, board=_board_values(visit, day), report=report, coming=coming, now=now,
        next=left[0] if left and found.is_open else None, may_act=visit.may("settlement.operate"),
    )  # fmt: skip


@router.get("/days/{day}/board")
def board(visit: Who, day: BusinessDate) -> Response:
    """The events again whenever one is done or shifted."""
    visit.require("settlement.read")
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives
    live: Live = lives.of(
        f"day {day}", lambda: renderer.fragment("settlement/day_board.html", **_board_values(visit, day))
    )
    return stream(visit.request, live)


@router.post("/days/{day}/shift")
def shift(
    visit: Who,
    day: BusinessDate,
    reason: Reason,
    name: Annotated[str, Form()],
    at: Annotated[datetime, Form()],
) -> Response:
    """Move an event that is still to come; what it would overtake moves along."""
    visit.require("settlement.operate")
    wanted = at.replace(tzinfo=ZONE) if at.tzinfo is None else at
    with visit.services.transaction() as tx:
        now, by = visit.services.clock.now(), visit.actor.label
        shift_cut_off(tx, day, name, wanted, now=now, actor=by, reason=reason)
    return visit.done(_path(day), f"The {_called(name)} is shifted.")


@router.post("/days/{day}/events/{name}/run")
def run_event(
    visit: Who, day: BusinessDate, name: str, simulated: Annotated[bool, Form()] = False
) -> Response:
    """Do what one event is for; its page shows when it is done."""
    visit.require("settlement.operate")

    def work(tell: Tell) -> None:
        tell(_outcome(do_one_event(visit.services, visit.actor, day, name, simulated=simulated)))

    _start(visit, day, work)
    return visit.done(_path(day), f"Begun: {_called(name)}.")


@router.post("/days/{day}/run")
def run_rest(visit: Who, day: BusinessDate) -> Response:
    """Do all that is left of the day, event by event; its page shows how far it is."""
    visit.require("settlement.operate")

    def work(tell: Tell) -> None:
        do_rest_of_day(visit.services, visit.actor, day, lambda told: tell(_outcome(told)))

    _start(visit, day, work)
    return visit.done(_path(day), "Begun: all that is left of the day.")


@router.get("/cycles")
def past_cycles(visit: Who, after: Annotated[UUID | None, BLANK] = None) -> Response:
    """What cycles have done in the whole house, the latest first: for the depository."""
    with visit.services.transaction() as tx:
        found = cycles_seen(tx, visit.actor, before=after, limit=PAGE + 1)
    rows, following = cut(found, "id")
    shown = [
        {**row, "gap": 100 * (row["bound"] - row["value"]) / row["bound"] if row["bound"] else None}
        for row in rows
    ]
    listing = Listing(visit.request, "cycles", "Cycles", _CYCLES, shown, following)
    task = _background(visit).last("cycle")
    return visit.page(
        "settlement/cycles.html", listing=listing, task=task, may_act=visit.may("settlement.operate")
    )


@router.post("/cycles")
def run_cycle_now(visit: Who) -> Response:
    """Settle all that is due as one set, beside the cycles of the day."""
    visit.require("settlement.operate")
    services, actor = visit.services, visit.actor

    def once() -> str:
        with services.transaction() as tx:
            done = run_extra_cycle(tx, now=services.clock.now(), actor=actor.label)
            return f"{done.settled} of {done.considered} settled, {done.in_parts} in parts"

    _background(visit).start(
        "cycle", lambda tell: tell(repeated(once)), by=actor.label, now=services.clock.now()
    )
    return visit.done("/console/settlement/cycles", "Begun: a cycle beside those of the day.")


def _start(visit: Visit, day: date, work: Any) -> None:
    now = visit.services.clock.now()
    _background(visit).start(_name(day), work, by=visit.actor.label, now=now)


def _board_values(visit: Visit, day: date) -> dict[str, Any]:
    """What the events of a day show; the same for whoever looks."""
    now = visit.services.clock.now()
    running = _background(visit).last(_name(day))
    # As it is before the day is read: what was told by then stands there.
    task = running and replace(running, told=list(running.told))
    with visit.services.transaction() as tx:
        found = any_day(tx, day)
    left = next((event for event in found.events if event.done_at is None), None)
    return {
        "day": found, "phase": found.phase(now) if found.is_open else None, "next": left, "names": EVENTS,
        "is_late": left is not None and left.at <= now, "task": task,
    }  # fmt: skip


def _background(visit: Visit) -> Background:
    found: Background = visit.request.app.state.background
    return found


def _name(day: date) -> str:
    return f"day {day}"


def _path(day: date) -> str:
    return f"/console/settlement/days/{day}"


def _called(name: str) -> str:
    return EVENTS.get(name, words(name))


def _outcome(told: dict[str, Any]) -> str:
    """What an event did, in words; what it did nothing of is left out."""
    done = [f"{words(name)} {value}" for name, value in told.items() if isinstance(value, int) and value]
    return f"{_called(told['event'])}: {', '.join(done) or 'done'}"
