"""Day count fractions against stored vectors, QuantLib and the rules' own examples."""

import csv
import doctest
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import add_months
from counterfoil.instruments import daycount
from counterfoil.instruments.daycount import Reference, year_fraction
from counterfoil.instruments.terms.fields import DayCount

DATES = st.dates(date(1995, 1, 1), date(2060, 12, 31))
SPANS = st.tuples(DATES, st.integers(0, 4000)).map(lambda p: (p[0], p[0] + timedelta(days=p[1])))
QUANTLIB = {
    DayCount.ACT_360: ql.Actual360(),
    DayCount.ACT_365F: ql.Actual365Fixed(),
    DayCount.THIRTY_E_360: ql.Thirty360(ql.Thirty360.EurobondBasis),
    DayCount.THIRTY_360: ql.Thirty360(ql.Thirty360.BondBasis),
    DayCount.ACT_ACT_ISDA: ql.ActualActual(ql.ActualActual.ISDA),
    DayCount.ACT_ACT_AFB: ql.ActualActual(ql.ActualActual.AFB),
    DayCount.NL_365: ql.Actual365Fixed(ql.Actual365Fixed.NoLeap),
}


def to_ql(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def test_the_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(daycount).failed == 0


def test_every_stored_vector_is_met(shared_samples: Path) -> None:
    with (shared_samples / "vectors" / "daycount-quantlib-1.44.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1800
    for row in rows:
        start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
        ours = year_fraction(DayCount(row["convention"]), start, end)
        assert abs(float(ours) - float(row["year_fraction"])) < 1e-12, row


def test_every_stored_icma_vector_is_met(shared_samples: Path) -> None:
    with (shared_samples / "vectors" / "actact-icma-quantlib-1.44.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300
    for row in rows:
        start, end, first, last = (date.fromisoformat(row[k]) for k in list(row)[:4])
        months = (last.year - first.year) * 12 + last.month - first.month
        ours = year_fraction(DayCount.ACT_ACT_ICMA, start, end, reference=Reference(first, last, months))
        assert abs(float(ours) - float(row["year_fraction"])) < 1e-12, row


@pytest.mark.parametrize("day_count", list(QUANTLIB))
@given(span=SPANS)
def test_quantlib_finds_the_same_fraction(day_count: DayCount, span: tuple[date, date]) -> None:
    theirs = QUANTLIB[day_count].yearFraction(to_ql(span[0]), to_ql(span[1]))
    assert abs(float(year_fraction(day_count, *span)) - theirs) < 1e-12


@given(span=SPANS)
def test_quantlib_finds_the_same_isda_fraction_with_a_maturity(span: tuple[date, date]) -> None:
    theirs = ql.Thirty360(ql.Thirty360.ISDA, to_ql(span[1])).yearFraction(to_ql(span[0]), to_ql(span[1]))
    ours = year_fraction(DayCount.THIRTY_E_360_ISDA, *span, maturity=span[1])
    assert abs(float(ours) - theirs) < 1e-12


@given(
    DATES.filter(lambda d: d.day < 29),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(0, 360),
    st.integers(0, 360),
)
def test_quantlib_finds_the_same_icma_fraction_inside_a_period(
    first: date, months: int, from_start: int, length: int
) -> None:
    last = add_months(first, months)
    start = min(first + timedelta(days=from_start), last)
    end = min(start + timedelta(days=length), last)
    theirs = ql.ActualActual(ql.ActualActual.ISMA).yearFraction(*map(to_ql, (start, end, first, last)))
    ours = year_fraction(DayCount.ACT_ACT_ICMA, start, end, reference=Reference(first, last, months))
    assert abs(float(ours) - theirs) < 1e-12


def test_a_long_first_period_is_split_into_regular_ones() -> None:
    """ISDA memorandum of 1998 on ACT/ACT: 15 August 2002 to 15 July 2003, half-yearly: 181/(181·2) + 153/(184·2)."""
    reference = Reference(date(2003, 1, 15), date(2003, 7, 15), 6)
    ours = year_fraction(DayCount.ACT_ACT_ICMA, date(2002, 8, 15), date(2003, 7, 15), reference=reference)
    assert ours == Fraction(1, 2) + Fraction(153, 368)


def test_a_short_first_period_is_a_part_of_a_regular_one() -> None:
    """ISDA memorandum of 1998: 1 February 1999 to 1 July 1999, yearly: 150/365."""
    reference = Reference(date(1998, 7, 1), date(1999, 7, 1), 12)
    ours = year_fraction(DayCount.ACT_ACT_ICMA, date(1999, 2, 1), date(1999, 7, 1), reference=reference)
    assert ours == Fraction(150, 365)


def test_a_short_last_period_goes_on_from_the_regular_ones() -> None:
    """ISDA memorandum of 1998: 30 January 2000 to 30 June 2000, half-yearly: 152/(182·2)."""
    reference = Reference(date(1999, 7, 30), date(2000, 1, 30), 6)
    ours = year_fraction(DayCount.ACT_ACT_ICMA, date(2000, 1, 30), date(2000, 6, 30), reference=reference)
    assert ours == Fraction(152, 364)


@pytest.mark.parametrize(
    ("start", "end", "due", "expected"),
    [
        ("2023-07-01", "2024-07-01", "2024-07-01", Fraction(366, 366)),
        ("2024-01-15", "2025-01-15", "2025-01-15", Fraction(366, 365)),
        ("2023-07-01", "2023-12-31", "2024-07-01", Fraction(183, 366)),  # accrued: the coupon's year decides
    ],
)
def test_act_365l_looks_at_the_year_in_which_the_coupon_is_due(
    start: str, end: str, due: str, expected: Fraction
) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    reference = Reference(first, date.fromisoformat(due), 12)
    assert year_fraction(DayCount.ACT_365L, first, last, reference=reference) == expected


def test_30_365_counts_months_of_thirty_days_in_a_year_of_365() -> None:
    assert year_fraction(DayCount.THIRTY_365, date(2026, 1, 30), date(2026, 7, 31)) == Fraction(180, 365)
    assert year_fraction(DayCount.THIRTY_365, date(2026, 1, 15), date(2026, 7, 31)) == Fraction(195, 365)


@given(DATES, st.sampled_from([DayCount.ACT_360, DayCount.ACT_365F, DayCount.ACT_ACT_ISDA, DayCount.NL_365]))
def test_a_period_without_days_is_nothing(day: date, day_count: DayCount) -> None:
    assert year_fraction(day_count, day, day) == 0


@given(st.tuples(DATES, DATES, DATES).map(sorted), st.sampled_from([DayCount.ACT_ACT_ISDA, DayCount.NL_365]))
def test_actual_day_counts_add_up(days: list[date], day_count: DayCount) -> None:
    a, b, c = days
    assert year_fraction(day_count, a, c) == year_fraction(day_count, a, b) + year_fraction(day_count, b, c)
