"""Business calendars by rule, and what market conventions do to a date that is no business day.

Sources: TARGET closing days as decided by the ECB (since 2002); XETR adds 24 and 31 December (Deutsche Börse).
"""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

_DAY = timedelta(days=1)


class Convention(StrEnum):
    """What happens to a date on a closed day (ISO 20022 BusinessDayConvention)."""

    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"
    MODIFIED_PRECEDING = "modified_preceding"
    UNADJUSTED = "unadjusted"


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _target(year: int) -> set[date]:
    sunday = easter(year)
    fixed = {date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26)}
    return fixed | {sunday - 2 * _DAY, sunday + _DAY}


def _xetr(year: int) -> set[date]:
    return _target(year) | {date(year, 12, 24), date(year, 12, 31)}


CALENDARS: dict[str, Callable[[int], set[date]]] = {
    "TARGET": _target,
    "XETR": _xetr,
    "WEEKEND": lambda _: set(),
}
"""Closed days by year, weekends apart. A joint calendar is written with a plus sign: "TARGET+XETR"."""


def is_calendar(name: str) -> bool:
    """Whether every part of the name is a known calendar."""
    return all(part in CALENDARS for part in name.split("+"))


@cache
def _closed(calendar: str, year: int) -> frozenset[date]:
    return frozenset().union(*(CALENDARS[part](year) for part in calendar.split("+")))


def is_business_day(day: date, calendar: str) -> bool:
    """Whether the calendar is open on `day`. Raises KeyError for an unknown calendar."""
    return day.weekday() < 5 and day not in _closed(calendar, day.year)


def adjust(day: date, convention: Convention, calendar: str) -> date:
    """`day`, moved by the convention if the calendar is closed on it.

    >>> adjust(date(2026, 1, 31), Convention.MODIFIED_FOLLOWING, "TARGET")
    datetime.date(2026, 1, 30)
    """
    if convention is Convention.UNADJUSTED or is_business_day(day, calendar):
        return day
    forward = convention in (Convention.FOLLOWING, Convention.MODIFIED_FOLLOWING)
    moved = _roll(day, 1 if forward else -1, calendar)
    modified = convention in (Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING)
    if modified and moved.month != day.month:
        return _roll(day, -1 if forward else 1, calendar)
    return moved


def add_business_days(day: date, count: int, calendar: str) -> date:
    """The business day `count` business days after `day` (before it when negative; 0 rolls forward)."""
    if count == 0:
        return adjust(day, Convention.FOLLOWING, calendar)
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = _roll(day, step, calendar)
    return day


def add_months(day: date, months: int, *, end_of_month: bool = False) -> date:
    """The same day `months` later, or the month's last day if it has no such day.

    With `end_of_month`, the last day of a month goes to the last day of a month.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = last_day_of_month(year, month + 1)
    if end_of_month and day.day == last_day_of_month(day.year, day.month):
        return date(year, month + 1, last)
    return date(year, month + 1, min(day.day, last))


def last_day_of_month(year: int, month: int) -> int:
    """28 to 31."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - _DAY).day


def _roll(day: date, step: int, calendar: str) -> date:
    move = step * _DAY
    day += move
    while not is_business_day(day, calendar):
        day += move
    return day
