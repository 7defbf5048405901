"""Interest periods: how the time to maturity is cut, stubs and month-ends included."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from counterfoil.core.calendar import Convention, add_months, adjust
from counterfoil.instruments.daycount import Reference


@dataclass(frozen=True, slots=True)
class Period:
    """An interest period: its unadjusted end (on which the payment date is based), accrual dates and reference."""

    due: date
    start: date
    end: date
    reference: Reference


@dataclass(frozen=True, slots=True)
class Roll:
    """How dates repeat: every so many months, perhaps at the month's end, perhaps moved to business days."""

    months: int
    end_of_month: bool
    adjusted: bool
    convention: Convention
    calendar: str

    def move(self, day: date) -> date:
        """A day as it counts for accrual."""
        return adjust(day, self.convention, self.calendar) if self.adjusted else day


def periods(
    start: date,
    maturity: date,
    roll: Roll,
    first: date | None = None,
    last: date | None = None,
    *,
    single: bool,
) -> list[Period]:
    """The periods from `start` to `maturity`, in order.

    Dates are counted back from maturity, so an odd period stands at the front; `first` names the end of the first
    period. Where the dates from `first` do not lead to maturity, they are counted on from it and the last period is
    the odd one; `last` names its start, so that it can be longer than a regular one. `single` makes one period of it
    all.
    """
    grid = _grid(start, maturity, roll, first, last)
    earliest, latest = first or date.min, last or date.max
    cuts = [] if single else [day for day in grid if start < day < maturity and earliest <= day <= latest]
    ends = [*cuts, maturity]
    result = []
    for begin, end in zip([start, *cuts], ends, strict=True):
        i = grid.index(end) if end in grid else bisect_right(grid, begin)
        reference = Reference(roll.move(grid[i - 1]), roll.move(grid[i]), roll.months, roll.end_of_month)
        period = Period(end, roll.move(begin) if begin != start else start, roll.move(end), reference)
        if period.start < period.end:  # moved dates can leave nothing of a stub of a day or two
            result.append(period)
    return result


def _grid(start: date, maturity: date, roll: Roll, first: date | None, last: date | None) -> list[date]:
    """Regular dates, ascending, from the last one on or before `start` to the first one on or after `maturity`.

    Counted from maturity if that leads to the dates that are named; else from the start, whose day of the month then
    survives a short February; else from what is named.
    """
    named = {day for day in (first, last) if day}
    grid: list[date] = []
    for anchor in (maturity, start, first or last or maturity):
        grid = _around(anchor, start, maturity, roll)
        if named <= set(grid):
            break
    return grid


def _around(anchor: date, start: date, maturity: date, roll: Roll) -> list[date]:
    before = [anchor]
    while before[-1] > start:
        before.append(_step(anchor, -len(before), roll))
    after = [anchor]
    while after[-1] < maturity:
        after.append(_step(anchor, len(after), roll))
    return [*reversed(before), *after[1:]]


def _step(anchor: date, count: int, roll: Roll) -> date:
    return add_months(anchor, count * roll.months, end_of_month=roll.end_of_month)
