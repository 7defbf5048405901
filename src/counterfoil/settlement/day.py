"""The settlement day: opened, shifted, done event by event, closed (DOMAIN section 3.5, after T2S).

A timetable in the database says what happens at which time in Frankfurt. Opening a day turns it into instants, which
an operator may shift while they are to come.

    start of day -> night cycles -> night end -> real time, with windows for parts -> DvP, BATM, FoP cut-off -> end
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_ids
from counterfoil.settlement import errors
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.timetable import (
    Day,
    DayEvent,
    EventKind,
    Phase,
    TimetableEntry,
    lay_out,
    shifted,
)

SQL = queries(__file__)


def open_day(tx: Transaction, business_date: date, *, now: datetime, night_start: time | None = None) -> Day:
    """Open a settlement day; one that is open already is returned as it stands. Events that were due before `now` are
    due at once. Raises `Refused` (SET-040, 041, 042, 049), `Conflict` (one_open_day) where two open at once.
    """
    last = last_day(tx)
    if last is not None:
        if last.is_open and last.business_date == business_date:
            return last
        if last.is_open:
            raise Refused(errors.OTHER_DAY_OPEN("/business_date", business_date=last.business_date))
        if business_date <= last.business_date:
            values = {"business_date": business_date, "last": last.business_date}
            raise Refused(errors.DAY_OVER("/business_date", **values))
    events = lay_out(_timetable(tx, business_date), business_date, night_start)
    tx.execute(SQL.add_day, business_date=business_date, now=now)
    tx.copy(
        "settlement.day_event",
        ("business_date", "name", "kind", "ordinal", "at", "lasts"),
        ("date", "text", "text", "int2", "timestamptz", "interval"),
        (
            (business_date, e.name, e.kind.value, n, e.at, e.lasts)
            for n, e in enumerate(events, start=1)
        ),
    )  # fmt: skip
    return Day(business_date, "open", now, None, tuple(events))


def current_day(tx: Transaction) -> Day | None:
    """The day that is open, or None: then the house settles around the clock."""
    rows = tx.rows(SQL.open_day)
    return None if not rows else _of_rows(rows)


def last_day(tx: Transaction) -> Day | None:
    """The last day that was opened, whether it has ended or not."""
    rows = tx.rows(SQL.last_day)
    return None if not rows else _of_rows(rows)


def planned_day(tx: Transaction, business_date: date) -> Day:
    """A day that was not opened yet, as the timetable has it. Raises `Refused` (SET-040)."""
    return Day(
        business_date, "planned", None, None, tuple(lay_out(_timetable(tx, business_date), business_date))
    )


def any_day(tx: Transaction, business_date: date) -> Day:
    """A day as it stands, or as it is planned. Raises `Refused` (SET-040)."""
    rows = tx.rows(SQL.day, business_date=business_date)
    return _of_rows(rows) if rows else planned_day(tx, business_date)


def days(tx: Transaction, *, before: date | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The days that were opened, the latest first, with what their ends did."""
    names = (
        "business_date", "state", "opened_at", "closed_at", "failing", "expired_unmatched", "expired_matched",
        "penalties", "mismatches",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.page, before=before, limit=limit)]


def current_business_date(tx: Transaction, *, now: datetime) -> date:
    """The business date that instructions meet now: that of the open day, which begins on its eve; the calendar's in
    UTC while none is open.
    """
    found: date | None = tx.value(SQL.open_date)
    return now.date() if found is None else found


def day(tx: Transaction, business_date: date, *, lock: bool = False) -> Day:
    """One day, open or closed. `lock` keeps others from changing it. Raises `Refused` (SET-043)."""
    if lock:
        tx.execute(SQL.lock_day, business_date=business_date)
    rows = tx.rows(SQL.day, business_date=business_date)
    if not rows:
        raise Refused(errors.UNKNOWN_DAY("/business_date", business_date=business_date))
    return _of_rows(rows)


def first_cycle_after(tx: Transaction, business_date: date) -> DayEvent:
    """The first cycle of the settlement day that follows, as the timetable has it."""
    following = planned_day(tx, add_business_days(business_date, 1, CALENDAR))
    return next(e for e in following.events if e.kind in (EventKind.NIGHT_CYCLE, EventKind.REAL_TIME))


def event_of(tx: Transaction, business_date: date, name: str) -> DayEvent:
    """An event of a day that was opened. Raises `Refused` (SET-043, 044)."""
    return _event(day(tx, business_date), name)


def due_events(tx: Transaction, *, now: datetime) -> list[DayEvent]:
    """What of the open day is due and not done, in order."""
    open_ = current_day(tx)
    return [] if open_ is None else [e for e in open_.events if e.done_at is None and e.at <= now]


def phase_at(tx: Transaction, *, now: datetime) -> Phase | None:
    """What may settle at `now`; None while no day is open."""
    open_ = current_day(tx)
    return None if open_ is None else open_.phase(now)


def mark_done(tx: Transaction, business_date: date, name: str, *, now: datetime) -> bool:
    """Claim an event: whether it was still to be done. Call it first in the transaction that does what the event is
    for: whoever comes second waits for that transaction and then gets False.

    Raises `Refused` (SET-043, 044, 047, 048).
    """
    found = day(tx, business_date, lock=True)
    event = _event(found, name)
    if event.done_at is not None:
        return False
    values = {"name": name, "business_date": business_date}
    if now < event.at:
        raise Refused(errors.NOT_DUE("/name", at=event.at, **values))
    left = next(e for e in found.events if e.done_at is None)
    if left.name != name:
        raise Refused(errors.EVENT_LEFT("/name", left=left.name, **values))
    return tx.execute(SQL.mark_done, business_date=business_date, name=name, now=now) == 1


def shift_cut_off(
    tx: Transaction,
    business_date: date,
    name: str,
    new_at: datetime,
    *,
    now: datetime,
    actor: str,
    reason: str,
) -> Day:
    """Move an event that is still to come; the day afterwards.

    What would now come before it moves along by as much, so the order stays and so do the distances. Raises `Refused`
    (SET-043 to 046).
    """
    found = day(tx, business_date, lock=True)
    event = _event(found, name)
    values = {"name": name, "business_date": business_date}
    if event.done_at is not None or event.at <= now or not found.is_open:
        raise Refused(errors.EVENT_OVER("/name", **values))
    moved = shifted(found.events, name, new_at)
    following = planned_day(tx, add_business_days(business_date, 1, CALENDAR))
    opening = next(e.at for e in following.events if e.kind is EventKind.REAL_TIME)
    before = [e for e in found.events[: found.events.index(event)] if e.at > new_at]
    why = (
        "that time has passed" if new_at <= now
        else f"{before[0].name} comes before it" if before
        else f"{moved[-1].name} would be on the next day" if moved[-1].at >= opening
        else None
    )  # fmt: skip
    if why:
        raise Refused(errors.SHIFT("/at", at=new_at, reason=why, **values))
    _store_shift(tx, found, moved, now, actor, reason)
    return day(tx, business_date)


def close_day(tx: Transaction, business_date: date, *, now: datetime) -> None:
    """Close a day. Its end must have been marked done, and so all before it."""
    tx.execute(SQL.close, business_date=business_date, now=now)


def _store_shift(
    tx: Transaction, found: Day, moved: Sequence[DayEvent], now: datetime, actor: str, reason: str
) -> None:
    changed = [(old, new) for old, new in zip(found.events, moved, strict=True) if old.at != new.at]
    if not changed:
        return
    tx.execute(
        SQL.shift, business_date=found.business_date, names=[new.name for _, new in changed],
        times=[new.at for _, new in changed], actor=actor, reason=reason,
    )  # fmt: skip
    tx.copy(
        "settlement.day_shift",
        ("id", "business_date", "name", "from_at", "to_at", "shifted_at", "actor", "reason"),
        ("uuid", "date", "text", "timestamptz", "timestamptz", "timestamptz", "text", "text"),
        (
            (id_, found.business_date, old.name, old.at, new.at, now, actor, reason)
            for id_, (old, new) in zip(new_ids(len(changed)), changed, strict=True)
        ),
    )


def _timetable(tx: Transaction, business_date: date) -> list[TimetableEntry]:
    return [
        TimetableEntry(name, EventKind(kind), on_eve, at, lasts)
        for name, kind, on_eve, at, lasts in tx.rows(SQL.timetable, business_date=business_date)
    ]


def _of_rows(rows: Sequence[Row]) -> Day:
    """A day from its events, each with the day before it."""
    business_date, state, opened_at, closed_at = rows[0][:4]
    events = tuple(DayEvent(business_date, row[4], EventKind(row[5]), *row[6:]) for row in rows)
    return Day(business_date, state, opened_at, closed_at, events)


def _event(found: Day, name: str) -> DayEvent:
    for event in found.events:
        if event.name == name:
            return event
    raise Refused(errors.UNKNOWN_DAY_EVENT("/name", business_date=found.business_date, name=name))
