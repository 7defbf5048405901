"""Day count fractions, exact: a `Fraction` of a year between two dates (DOMAIN: calendars, day counts, pricing).

Names are those of ISO 20022 `InterestComputationMethod`. The end of a period does not count, its start does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from counterfoil.core.calendar import add_months, last_day_of_month
from counterfoil.core.errors import ensure
from counterfoil.instruments.terms.fields import DayCount

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reference:
    """The regular period that ACT/ACT ICMA measures against: for a stub, the one that the stub is a part of.

    `months` is its length by the terms (12 over the frequency); neighbours are reached by going on in such steps.
    """

    start: date
    end: date
    months: int
    end_of_month: bool = False


def year_fraction(
    day_count: DayCount,
    start: date,
    end: date,
    *,
    reference: Reference | None = None,
    maturity: date | None = None,
) -> Fraction:
    """The part of a year from `start` to `end`, by a day count. `end` must not lie before `start`.

    `reference` is needed by ACT/ACT ICMA (without it, the period itself is taken as a regular year); ACT/365L takes
    the due date of the coupon from it. `maturity` matters to 30E/360 ISDA alone.

    >>> year_fraction(DayCount.ACT_360, date(2026, 1, 1), date(2026, 4, 1))
    Fraction(1, 4)
    >>> half = Reference(date(2025, 8, 25), date(2026, 2, 25), 6)
    >>> year_fraction(DayCount.ACT_ACT_ICMA, date(2025, 8, 25), date(2026, 2, 25), reference=half)
    Fraction(1, 2)
    """
    ensure(start <= end, f"a period from {start} cannot end on {end}")
    match day_count:
        case DayCount.ACT_ACT_ICMA:
            return _act_act_icma(start, end, reference or Reference(start, max(end, start + _DAY), 12))
        case DayCount.ACT_365L:
            return _act_365l(start, end, reference)
        case DayCount.THIRTY_E_360_ISDA:
            return _thirty_e_360_isda(start, end, maturity)
        case _:
            return _PLAIN[day_count](start, end)


def days_of_year(day_count: DayCount) -> int:
    """The denominator of the money-market day counts: 360 or 365."""
    return {DayCount.ACT_360: 360, DayCount.ACT_365F: 365}[day_count]


def _thirty(start: date, end: date, first: int, second: int) -> int:
    """Days between two dates in a year of twelve months of thirty days, with the days of the month given."""
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + second - first


def _thirty_e_360(start: date, end: date) -> Fraction:
    return Fraction(_thirty(start, end, min(start.day, 30), min(end.day, 30)), 360)


def _thirty_360(start: date, end: date) -> Fraction:
    """ISDA 2006 section 4.16(f): at the end the 31st counts as the 30th only after a start on the 30th or 31st."""
    first = min(start.day, 30)
    return Fraction(_thirty(start, end, first, 30 if end.day == 31 and first == 30 else end.day), 360)


def _thirty_e_360_isda(start: date, end: date, maturity: date | None) -> Fraction:
    """ISDA 2006 section 4.16(h): month-ends count as the 30th, but not the last of February at maturity."""
    first = 30 if _is_month_end(start) else start.day
    last_of_february = end.month == 2 and end == maturity
    second = 30 if _is_month_end(end) and not last_of_february else end.day
    return Fraction(_thirty(start, end, first, second), 360)


def _thirty_365(start: date, end: date) -> Fraction:
    """Thirty-day months over 365 days: a 31st is always a 30th (ISO 20022 A002, unlike A001)."""
    return _thirty_e_360(start, end) * Fraction(360, 365)


def _act_act_isda(start: date, end: date) -> Fraction:
    """Days in leap years over 366, the others over 365."""
    total = Fraction(0)
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1)), (date(year + 1, 1, 1) if year < end.year else end)
        total += Fraction((last - first).days, 366 if _is_leap(year) else 365)
    return total


def _act_act_afb(start: date, end: date) -> Fraction:
    """Whole years counted back from the end; the rest over 366 if it holds a 29 February, else over 365.

    A year back from 28 February goes to the 29th where there is one (AFB master agreement, 1994).
    """
    years, rest_end = 0, end
    while (earlier := _year_before(rest_end)) >= start:
        years, rest_end = years + 1, earlier
    return years + Fraction((rest_end - start).days, 366 if _leap_days(start, rest_end) else 365)


def _act_365l(start: date, end: date, reference: Reference | None) -> Fraction:
    """Over 366 if the coupon falls due in a leap year, else over 365 (ISO 20022 A009, ISDA 2006 section 4.16(i))."""
    due = reference.end if reference else end
    return Fraction((end - start).days, 366 if _is_leap(due.year) else 365)


def _nl_365(start: date, end: date) -> Fraction:
    """A 29 February counts as the 28th, so it is left out when the period ends on it, not when it starts there."""
    return Fraction((end - start).days - _leap_days(start + _DAY, end + _DAY), 365)


def _act_act_icma(start: date, end: date, reference: Reference) -> Fraction:
    """ICMA rule 251: days over (days of the regular period times periods a year), period by period."""
    total = Fraction(0)
    for first, last in _quasi_periods(start, end, reference):
        days = (min(end, last) - max(start, first)).days
        total += Fraction(days * reference.months, (last - first).days * 12)
    return total


def _quasi_periods(start: date, end: date, reference: Reference) -> Iterator[tuple[date, date]]:
    """The reference period and as many before and after it as the period from `start` to `end` touches."""

    def away(anchor: date, count: int) -> date:
        return add_months(anchor, count * reference.months, end_of_month=reference.end_of_month)

    if start < reference.end and end > reference.start:
        yield reference.start, reference.end
    later = 0
    while (first := away(reference.end, later)) < end:
        later += 1
        if (last := away(reference.end, later)) > start:
            yield first, last
    earlier = 0
    while (last := away(reference.start, -earlier)) > start:
        earlier += 1
        if (first := away(reference.start, -earlier)) < end:
            yield first, last


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _is_month_end(day: date) -> bool:
    return day.day == last_day_of_month(day.year, day.month)


def _leap_days(start: date, end: date) -> int:
    """How many 29 Februaries lie from `start` to the day before `end`."""
    return sum(1 for y in range(start.year, end.year + 1) if _is_leap(y) and start <= date(y, 2, 29) < end)


def _year_before(day: date) -> date:
    earlier = add_months(day, -12)
    return earlier + _DAY if earlier.month == 2 and earlier.day == 28 and _is_leap(earlier.year) else earlier


_PLAIN: dict[DayCount, Callable[[date, date], Fraction]] = {
    DayCount.ACT_360: lambda start, end: Fraction((end - start).days, 360),
    DayCount.ACT_365F: lambda start, end: Fraction((end - start).days, 365),
    DayCount.THIRTY_E_360: _thirty_e_360,
    DayCount.THIRTY_360: _thirty_360,
    DayCount.ACT_ACT_ISDA: _act_act_isda,
    DayCount.ACT_ACT_AFB: _act_act_afb,
    DayCount.THIRTY_365: _thirty_365,
    DayCount.NL_365: _nl_365,
}
