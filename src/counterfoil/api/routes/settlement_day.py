"""The settlement day: opened, shown, shifted, run event by event, and what its end has found."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from counterfoil.access import require, require_everywhere
from counterfoil.api.services import Here, Limit, Who, repeated
from counterfoil.core.days import IsoDate
from counterfoil.faces import days_seen, do_one_event, do_rest_of_day
from counterfoil.settlement import (
    Day,
    EventKind,
    TimetableEntry,
    add_timetable,
    any_day,
    current_day,
    daily_statements,
    day_report,
    open_day,
    shift_cut_off,
    timetables,
)

router = APIRouter(prefix="/settlement", tags=["settlement day"])


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time in Frankfurt has no offset")
    return value


LocalTime = Annotated[time, AfterValidator(_without_zone)]
BusinessDate = Annotated[date, Path(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Simulated = Annotated[
    bool,
    Query(description="Do it at its own time, as if the clock stood there, where that is still to come."),
]


def _told(found: Day, now: datetime) -> dict[str, Any]:
    """A day with where the clock stands in it."""
    phase = found.phase(now)
    left = next((e for e in found.events if e.done_at is None), None)
    return {
        "business_date": found.business_date,
        "state": found.state,
        "opened_at": found.opened_at,
        "closed_at": found.closed_at,
        "phase": phase.name if found.is_open else None,
        "settles_now": {
            "against_payment": phase.real_time_dvp, "free_of_payment": phase.real_time_fop,
            "central_bank_operations": phase.treasury or phase.real_time_dvp, "in_parts": phase.in_parts,
        } if found.is_open else None,
        "next_event": None if left is None else {"name": left.name, "at": left.at, "is_due": left.at <= now},
        "events": [
            {
                "name": e.name, "kind": e.kind, "at": e.at,
                "lasts_minutes": e.lasts and e.lasts // timedelta(minutes=1), "shifted_from": e.shifted_from,
                "shifted_by": e.shifted_by, "reason": e.reason, "done_at": e.done_at,
            }
            for e in found.events
        ],
    }  # fmt: skip


@router.get("/day")
def today(here: Here, actor: Who) -> dict[str, Any] | None:
    """The open settlement day: its phase now, what may settle, what comes next; null while none is open and the house
    settles around the clock.
    """
    require(actor, "settlement.read")
    with here.transaction() as tx:
        found = current_day(tx)
    return None if found is None else _told(found, here.clock.now())


@router.get("/days")
def index(
    here: Here,
    actor: Who,
    after: Annotated[date | None, Query(description="Before this day.")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The days that were opened, the latest first; for the depository with what their ends did."""
    with here.transaction() as tx:
        found = days_seen(tx, actor, before=after, limit=limit)
    return {"items": found, "next": found[-1]["business_date"] if len(found) == limit else None}


@router.get("/days/{day}")
def one(here: Here, actor: Who, day: BusinessDate) -> dict[str, Any]:
    """A day with its events; one that was not opened yet, as the timetable has it."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        return _told(any_day(tx, day), here.clock.now())


class Opening(BaseModel, extra="forbid"):
    """`night_start`: when the first night cycle runs in Frankfurt, not at the timetable's time; the others keep
    their distance.
    """

    night_start: LocalTime | None = None


@router.put("/days/{day}")
def open_one(here: Here, actor: Who, day: BusinessDate, how: Opening | None = None) -> dict[str, Any]:
    """Open a day; from then on its phases bind. One that is open already is returned as it stands."""
    require(actor, "settlement.operate")
    night_start = None if how is None else how.night_start

    def work() -> dict[str, Any]:
        with here.transaction() as tx:
            now = here.clock.now()
            return _told(open_day(tx, day, now=now, night_start=night_start), now)

    return repeated(work)


class Shift(BaseModel, extra="forbid"):
    """When it is to be instead, and why."""

    at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.post("/days/{day}/events/{name}/shift")
def shift(here: Here, actor: Who, day: BusinessDate, name: str, wanted: Shift) -> dict[str, Any]:
    """Move an event that is still to come. What it would overtake moves along; who shifted it, from when and why is
    kept with the day.
    """
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        now, by = here.clock.now(), actor.label
        moved = shift_cut_off(tx, day, name, wanted.at, now=now, actor=by, reason=wanted.reason)
        return _told(moved, now)


@router.post("/days/{day}/events/{name}")
def do_one(
    here: Here, actor: Who, day: BusinessDate, name: str, simulated: Simulated = False
) -> dict[str, Any]:
    """Do what one event of an open day is for, once: what came of it."""
    require(actor, "settlement.operate")
    return do_one_event(here, actor, day, name, simulated=simulated)


@router.post("/days/{day}", status_code=201)
def run_day(here: Here, actor: Who, day: BusinessDate) -> dict[str, Any]:
    """Open a day and do all that is left of it, in order, each event in a transaction of its own. The clock is the
    event's own time, or now where that has passed.
    """
    require(actor, "settlement.operate")
    told: list[dict[str, Any]] = []
    do_rest_of_day(here, actor, day, told.append)
    return {"business_date": day, "events": told}


@router.get("/days/{day}/report")
def report(here: Here, actor: Who, day: BusinessDate) -> dict[str, Any]:
    """What the end of a day has done and found: fails, expiries, penalties, the integrity of issues and
    accounts, and which issues that has suspended.
    """
    require_everywhere(actor, "settlement.read")
    with here.transaction() as tx:
        return asdict(day_report(tx, day))


@router.get("/days/{day}/statements")
def statements(
    here: Here,
    actor: Who,
    day: BusinessDate,
    account: str | None = None,
    after: Annotated[str, Query(max_length=100, description="`next` of the page before.")] = "",
    limit: Limit = 1000,
) -> dict[str, Any]:
    """Of each account and asset that has moved on a day that has ended: opening, movements, closing. One's own, or
    for the depository everyone's.
    """
    require(actor, "settlement.read")
    number, _, asset = after.partition("/")
    owner = None if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        day_report(tx, day)
        found = daily_statements(tx, day, owner=owner, account=account, after=(number, asset), limit=limit)
    last = found[-1] if len(found) == limit else None
    return {"items": found, "next": last and f"{last['account']}/{last['asset']}"}


class Entry(BaseModel, extra="forbid"):
    """An event of every day. `local_time` is in Frankfurt, on the eve or the day itself."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: EventKind
    on_eve: bool
    local_time: LocalTime
    lasts_minutes: Annotated[int, Field(ge=1, le=720)] | None = None


class Timetable(BaseModel, extra="forbid"):
    """A version: every event in order."""

    valid_from: IsoDate
    entries: Annotated[list[Entry], Field(min_length=1, max_length=60)]


@router.get("/timetables")
def versions(here: Here, actor: Who) -> list[dict[str, Any]]:
    """Every version of the timetable, the latest first."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        return timetables(tx)


@router.post("/timetables", status_code=201)
def add_version(here: Here, actor: Who, new: Timetable) -> list[dict[str, Any]]:
    """Add a version for the days from its date on."""
    require(actor, "settlement.operate")
    entries = [
        TimetableEntry(
            e.name, e.kind, e.on_eve, e.local_time,
            None if e.lasts_minutes is None else timedelta(minutes=e.lasts_minutes),
        )
        for e in new.entries
    ]  # fmt: skip
    with here.transaction() as tx:
        add_timetable(tx, new.valid_from, entries)
        return timetables(tx)
