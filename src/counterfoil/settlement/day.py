"""The settlement day: when what happens, and what may settle when (DOMAIN section 3.5, after T2S).

A timetable in the database says what happens at which time in Frankfurt. Opening a day turns it into instants, which
an operator may shift while they are to come.

    start of day -> night cycles -> night end -> real time, with windows for parts -> DvP, BATM, FoP cut-off -> end
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from counterfoil.core.calendar import add_business_days, is_business_day
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_ids
from counterfoil.settlement import errors
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.model import Payment

SQL = queries(__file__)
ZONE = ZoneInfo("Europe/Berlin")
"""Where the timetable's clock hangs: that of TARGET and T2S, with summer time."""
_NOON = time(12)
_CENTRAL_BANK_OPERATION = "CNCB"


class EventKind(StrEnum):
    """What an event of the day means; its name tells events of a kind apart."""

    START = "start"
    NIGHT_CYCLE = "night_cycle"
    NIGHT_END = "night_end"
    REAL_TIME = "real_time"
    PARTIAL_WINDOW = "partial_window"
    DVP_CUT_OFF = "dvp_cut_off"
    BATM_CUT_OFF = "batm_cut_off"
    FOP_CUT_OFF = "fop_cut_off"
    END = "end"


class PhaseName(StrEnum):
    """In which part of the day an instant lies."""

    BEFORE = "before"
    START_OF_DAY = "start_of_day"
    NIGHT = "night"
    MAINTENANCE = "maintenance"
    REAL_TIME = "real_time"
    END_OF_DAY = "end_of_day"


_PHASES = {
    EventKind.START: PhaseName.START_OF_DAY, EventKind.NIGHT_CYCLE: PhaseName.NIGHT,
    EventKind.NIGHT_END: PhaseName.MAINTENANCE, EventKind.REAL_TIME: PhaseName.REAL_TIME,
    EventKind.FOP_CUT_OFF: PhaseName.END_OF_DAY, EventKind.END: PhaseName.END_OF_DAY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimetableEntry:
    """One row of a timetable; `local_time` is in Frankfurt, `lasts` how long a window is open."""

    name: str
    kind: EventKind
    on_eve: bool
    local_time: time
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DayEvent:
    """An event of one day. `at` is UTC; `shifted_from` is the timetable's time where an operator has shifted it."""

    business_date: date
    name: str
    kind: EventKind
    at: datetime
    lasts: timedelta | None = None
    shifted_from: datetime | None = None
    shifted_by: str | None = None
    reason: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """What may settle at an instant: the night's set, one by one against and free of payment, treasury (BATM) and
    central bank operations; `in_parts` says whether a window for partial settlement is open.
    """

    business_date: date
    name: PhaseName
    night_set: bool
    real_time_dvp: bool
    real_time_fop: bool
    treasury: bool
    in_parts: bool

    def allows(self, payment: Payment, transaction_type: str = "TRAD") -> bool:
        """Whether such a transaction may settle now, in the set or by itself."""
        if self.night_set:
            return True
        if payment is Payment.FREE:
            return self.real_time_fop
        return self.real_time_dvp or (self.treasury and transaction_type == _CENTRAL_BANK_OPERATION)


@dataclass(frozen=True, slots=True)
class Day:
    """A settlement day with its events in order."""

    business_date: date
    state: str
    opened_at: datetime
    closed_at: datetime | None
    events: tuple[DayEvent, ...]

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state == "open"

    def phase(self, now: datetime) -> Phase:
        """Which part of the day `now` is in, by time alone: an event that is late in being done changes nothing."""
        passed = [e.kind for e in self.events if e.at <= now]
        cycles = sum(e.kind is EventKind.NIGHT_CYCLE for e in self.events)
        name = next((_PHASES[k] for k in reversed(passed) if k in _PHASES), PhaseName.BEFORE)
        night = name is PhaseName.NIGHT
        open_ = EventKind.REAL_TIME in passed
        return Phase(
            self.business_date,
            name,
            night,
            open_ and EventKind.DVP_CUT_OFF not in passed,
            open_ and EventKind.FOP_CUT_OFF not in passed,
            open_ and EventKind.BATM_CUT_OFF not in passed,
            self._window_is_open(now) or (night and passed.count(EventKind.NIGHT_CYCLE) == cycles),
        )

    def is_past_cut_off(self, payment: Payment, now: datetime, transaction_type: str = "TRAD") -> bool:
        """Whether it is too late on this day for such a transaction to settle."""
        kind = EventKind.FOP_CUT_OFF
        if payment is Payment.AGAINST:
            treasury = transaction_type == _CENTRAL_BANK_OPERATION
            kind = EventKind.BATM_CUT_OFF if treasury else EventKind.DVP_CUT_OFF
        return any(e.at <= now for e in self.events if e.kind is kind)

    def _window_is_open(self, now: datetime) -> bool:
        closing = [e.at for e in self.events if e.kind is EventKind.DVP_CUT_OFF]
        return any(
            e.at <= now and (e.lasts is None or now < e.at + e.lasts) and all(now < c for c in closing)
            for e in self.events
            if e.kind is EventKind.PARTIAL_WINDOW
        )


def lay_out(
    timetable: Sequence[TimetableEntry], business_date: date, night_start: time | None = None
) -> list[DayEvent]:
    """The events of a day in UTC. `night_start` is the first night cycle's time instead of the timetable's; the other
    cycles keep their distance. Raises `Refused` (SET-040, SET-049).

    >>> entry = TimetableEntry("night_cycle_1", EventKind.NIGHT_CYCLE, True, time(20))
    >>> str(lay_out([entry], date(2026, 10, 26))[0].at)  # Friday in summer time, for a Monday in winter time
    '2026-10-23 18:00:00+00:00'
    """
    if not is_business_day(business_date, CALENDAR):
        raise Refused(errors.CLOSED_DAY("/business_date", business_date=business_date))
    eve = add_business_days(business_date, -1, CALENDAR)
    local = [_local(e.on_eve, e.local_time, eve, business_date) for e in timetable]
    first = next(
        (at for e, at in zip(timetable, local, strict=True) if e.kind is EventKind.NIGHT_CYCLE), None
    )
    delay = timedelta()
    if night_start is not None and first is not None:
        delay = _local(True, night_start, eve, business_date) - first
    events: list[DayEvent] = []
    for entry, wall in zip(timetable, local, strict=True):
        moved = wall + delay if entry.kind is EventKind.NIGHT_CYCLE else wall
        at = moved.replace(tzinfo=ZONE).astimezone(UTC)
        if events and at < events[-1].at:
            raise Refused(errors.DAY_ORDER("/night_start", name=entry.name, at=at, before=events[-1].name))
        events.append(DayEvent(business_date, entry.name, entry.kind, at, entry.lasts))
    return events


def _local(on_eve: bool, at: time, eve: date, business_date: date) -> datetime:
    if not on_eve:
        return datetime.combine(business_date, at)
    return datetime.combine(eve + timedelta(days=at < _NOON), at)


def open_day(tx: Transaction, business_date: date, *, now: datetime, night_start: time | None = None) -> Day:
    """Open a settlement day; one that is open already is returned as it stands. Events that were due before `now` are
    due at once. Raises `Refused` (SET-040, 041, 042, 049), `Conflict` (one_open_day) where two open at once.
    """
    last = tx.row(SQL.last_day)
    if last is not None:
        latest, state = last
        if state == "open" and latest == business_date:
            return day(tx, business_date)
        if state == "open":
            raise Refused(errors.OTHER_DAY_OPEN("/business_date", business_date=latest))
        if business_date <= latest:
            raise Refused(errors.DAY_OVER("/business_date", business_date=business_date, last=latest))
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
    """The day that is open, or None."""
    row = tx.row(SQL.open_day)
    return None if row is None else _day(tx, row)


def day(tx: Transaction, business_date: date, *, lock: bool = False) -> Day:
    """One day, open or closed. `lock` keeps others from changing it. Raises `Refused` (SET-043)."""
    row = tx.row(SQL.lock_day if lock else SQL.day, business_date=business_date)
    if row is None:
        raise Refused(errors.UNKNOWN_DAY("/business_date", business_date=business_date))
    return _day(tx, row)


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
    following = add_business_days(business_date, 1, CALENDAR)
    opening = next(
        e.at for e in lay_out(_timetable(tx, following), following) if e.kind is EventKind.REAL_TIME
    )
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


def shifted(events: Sequence[DayEvent], name: str, new_at: datetime) -> list[DayEvent]:
    """The events with one moved to `new_at`, and those behind it pushed on as far as they would be overtaken."""
    start = next(n for n, e in enumerate(events) if e.name == name)
    delay = new_at - events[start].at
    moved = [replace(events[start], at=new_at)]
    for e in events[start + 1 :]:
        moved.append(replace(e, at=e.at + delay) if e.at < moved[-1].at else e)
    return [*events[:start], *moved]


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


def _day(tx: Transaction, row: Row) -> Day:
    events = tuple(
        DayEvent(on, name, EventKind(kind), *rest)
        for on, name, kind, *rest in tx.rows(SQL.events, business_date=row[0])
    )
    business_date, state, opened_at, closed_at = row
    return Day(business_date, state, opened_at, closed_at, events)


def _event(found: Day, name: str) -> DayEvent:
    for event in found.events:
        if event.name == name:
            return event
    raise Refused(errors.UNKNOWN_DAY_EVENT("/name", business_date=found.business_date, name=name))
