"""ISO 8601 instants, durations and repeating intervals, as timers and FEEL write them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LENGTH = 100
"""Characters of the longest text that is looked at."""

_DURATION = re.compile(
    r"(-)?P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?"
    r"(?:T(?!$)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,11})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(\d{1,9})?/(?:([^/]+)/)?(P[^/]+)", re.ASCII)
_DAYS_MAX = 3_700_000
"""Longest span in days: the calendar of Python ends in the year 9999."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time: whole months, whose length depends on the calendar, and an exact remainder.

    `P1Y2M10DT2H` is `Duration(14, timedelta(days=10, hours=2))`.
    """

    months: int
    exact: timedelta = timedelta()

    def after(self, start: datetime) -> datetime:
        """The instant that lies this span after `start`; a day that the month lacks becomes its last one.

        Raises OverflowError outside the years 1 to 9999.
        """
        return add_months(start, self.months) + self.exact


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval: `R3/PT10S` fires three times, `R/PT1H` without end (`repetitions` is None)."""

    repetitions: int | None
    interval: Duration
    start: datetime | None = None

    def first(self, now: datetime) -> datetime:
        """When it fires first: at its start, or one interval after `now` where it names none."""
        return self.start if self.start is not None else self.interval.after(now)


def parse_duration(text: str) -> Duration:
    """The duration that `text` writes (`P3D`, `PT1H30M`, `P1Y2M`, `-PT5S`). ValueError where it is none."""
    match = _DURATION.fullmatch(text) if len(text) <= _LENGTH else None
    if match is None:
        raise ValueError(f"{text[:_LENGTH]!r} is not an ISO 8601 duration")
    sign = -1 if match[1] else 1
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:8])
    microseconds = int((match[9] or "0").ljust(6, "0")[:6])
    exact = timedelta(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds
    )
    if exact.days > _DAYS_MAX or (12 * years + months) * 30 > _DAYS_MAX:
        raise ValueError(f"{text!r} is longer than the calendar")
    return Duration(sign * (12 * years + months), sign * exact)


def parse_instant(text: str) -> datetime:
    """The instant that `text` writes (`2026-03-31T17:00:00Z`); UTC where it names no offset.

    ValueError where it is none. A date without a time is not an instant.
    """
    if len(text) > _LENGTH or "T" not in text:
        raise ValueError(f"{text[:_LENGTH]!r} is not an ISO 8601 date and time")
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def parse_cycle(text: str) -> Cycle:
    """The repeating interval that `text` writes (`R3/PT10S`, `R/2026-03-31T17:00:00Z/P1D`).

    ValueError where it is none, where it repeats zero times or where the interval is not positive.
    """
    match = _CYCLE.fullmatch(text) if len(text) <= _LENGTH else None
    if match is None:
        raise ValueError(f"{text[:_LENGTH]!r} is not an ISO 8601 repeating interval")
    repetitions = int(match[1]) if match[1] else None
    interval = parse_duration(match[3])
    if repetitions == 0 or interval.months < 0 or interval.exact < timedelta() or interval == Duration(0):
        raise ValueError(f"{text!r} never fires or has no interval")
    return Cycle(repetitions, interval, parse_instant(match[2]) if match[2] else None)


def add_months(start: datetime, months: int) -> datetime:
    """`start` moved by calendar months, its day cut to the month's last. OverflowError outside 1 to 9999."""
    moved = shift_date(start.date(), months) if months else start.date()
    return datetime.combine(moved, start.timetz())


def shift_date(start: date, months: int) -> date:
    """`start` moved by calendar months, its day cut to the month's last. OverflowError outside 1 to 9999."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the calendar ends in the years 1 and 9999")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
