"""How a settlement day is laid out: its events, its phases, and what may settle in each (DOMAIN section 3.5, after
T2S). Types and calculations, all pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from counterfoil.core.calendar import add_business_days, is_business_day
from counterfoil.core.errors import Refused
from counterfoil.settlement import errors
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.model import Payment

ZONE = ZoneInfo("Europe/Berlin")
"""Where the timetable's clock hangs: that of TARGET and T2S, with summer time."""
_NOON = time(12)
CENTRAL_BANK_OPERATION = "CNCB"
"""The transaction type whose cut-off is that of the treasury (BATM)."""


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
        """Whether such a transaction may settle by itself now. In the night only cycles settle."""
        if payment is Payment.FREE:
            return self.real_time_fop
        return self.real_time_dvp or (self.treasury and transaction_type == CENTRAL_BANK_OPERATION)

    @property
    def allows_cycle(self) -> bool:
        """Whether all that is due may settle as a set now."""
        return self.night_set or self.real_time_dvp


@dataclass(frozen=True, slots=True)
class Day:
    """A settlement day with its events in order; `state` is planned, open or closed."""

    business_date: date
    state: str
    opened_at: datetime | None
    closed_at: datetime | None
    events: tuple[DayEvent, ...]

    @property
    def is_open(self) -> bool:
        """Whether it was opened and has not ended."""
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

    def cut_off(self, payment: Payment, now: datetime, transaction_type: str = "TRAD") -> DayEvent | None:
        """The cut-off after which it is too late on this day for such a transaction; None where none has passed."""
        kind = EventKind.FOP_CUT_OFF
        if payment is Payment.AGAINST:
            treasury = transaction_type == CENTRAL_BANK_OPERATION
            kind = EventKind.BATM_CUT_OFF if treasury else EventKind.DVP_CUT_OFF
        return next((e for e in self.events if e.kind is kind and e.at <= now), None)

    def is_past_cut_off(self, payment: Payment, now: datetime, transaction_type: str = "TRAD") -> bool:
        """Whether it is too late on this day for such a transaction to settle."""
        return self.cut_off(payment, now, transaction_type) is not None

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


def shifted(events: Sequence[DayEvent], name: str, new_at: datetime) -> list[DayEvent]:
    """The events with one moved to `new_at`, and those behind it pushed on as far as they would be overtaken."""
    start = next(n for n, e in enumerate(events) if e.name == name)
    delay = new_at - events[start].at
    moved = [replace(events[start], at=new_at)]
    for e in events[start + 1 :]:
        moved.append(replace(e, at=e.at + delay) if e.at < moved[-1].at else e)
    return [*events[:start], *moved]
