"""Business calendars against stored vectors and QuantLib."""

import csv
import doctest
from datetime import date, timedelta
from pathlib import Path

import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core import calendar
from counterfoil.core.calendar import (
    Convention,
    add_business_days,
    add_months,
    adjust,
    easter,
    is_business_day,
    is_calendar,
    last_day_of_month,
)

DAYS = st.dates(date(2002, 6, 1), date(2098, 12, 31))
QUANTLIB = {"TARGET": ql.TARGET(), "XETR": ql.Germany(ql.Germany.Xetra), "WEEKEND": ql.WeekendsOnly()}
for _year in range(2002, 2101):  # the exchange is closed on New Year's Eve; QuantLib leaves that out
    QUANTLIB["XETR"].addHoliday(ql.Date(31, 12, _year))
CONVENTIONS = {
    Convention.FOLLOWING: ql.Following,
    Convention.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
    Convention.PRECEDING: ql.Preceding,
    Convention.MODIFIED_PRECEDING: ql.ModifiedPreceding,
    Convention.UNADJUSTED: ql.Unadjusted,
}


def to_ql(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def from_ql(day: ql.Date) -> date:
    return date(day.year(), day.month(), day.dayOfMonth())


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(calendar).failed == 0


def test_target_is_closed_on_the_stored_days(shared_samples: Path) -> None:
    with (shared_samples / "vectors" / "target-holidays-2024-2040-quantlib.csv").open() as file:
        stored = {date.fromisoformat(row["date"]) for row in csv.DictReader(file)}
    day, ours = date(2024, 1, 1), set()
    while day.year <= 2040:
        if day.weekday() < 5 and not is_business_day(day, "TARGET"):
            ours.add(day)
        day += timedelta(days=1)
    assert ours == {day for day in stored if day.weekday() < 5}


def test_every_stored_adjustment_is_met(shared_samples: Path) -> None:
    with (shared_samples / "vectors" / "business-day-adjust-target-quantlib.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 300
    for row in rows:
        day = date.fromisoformat(row.pop("date"))
        for convention, expected in row.items():
            assert adjust(day, Convention(convention), "TARGET") == date.fromisoformat(expected)


@pytest.mark.parametrize("name", list(QUANTLIB))
def test_quantlib_is_open_on_the_same_days_for_a_century(name: str) -> None:
    day = date(2002, 1, 1)
    while day.year < 2100:
        assert is_business_day(day, name) == QUANTLIB[name].isBusinessDay(to_ql(day)), day
        day += timedelta(days=1)


@pytest.mark.parametrize("name", list(QUANTLIB))
@pytest.mark.parametrize("convention", list(CONVENTIONS))
@given(day=DAYS)
def test_quantlib_adjusts_to_the_same_day(name: str, convention: Convention, day: date) -> None:
    theirs = QUANTLIB[name].adjust(to_ql(day), CONVENTIONS[convention])
    assert adjust(day, convention, name) == from_ql(theirs)


@given(DAYS, st.integers(-40, 40))
def test_quantlib_adds_the_same_business_days(day: date, count: int) -> None:
    theirs = QUANTLIB["TARGET"].advance(to_ql(day), count, ql.Days)
    assert add_business_days(day, count, "TARGET") == from_ql(theirs)


def test_german_holidays_do_not_close_target() -> None:
    assert is_business_day(date(2027, 11, 1), "TARGET")
    assert is_business_day(date(2029, 10, 3), "TARGET")


def test_xetra_closes_on_christmas_eve_and_new_years_eve() -> None:
    assert is_business_day(date(2026, 12, 24), "TARGET")
    assert not is_business_day(date(2026, 12, 24), "XETR")
    assert not is_business_day(date(2026, 12, 31), "XETR")


@given(DAYS)
def test_a_joint_calendar_is_open_when_all_are(day: date) -> None:
    both = is_business_day(day, "TARGET") and is_business_day(day, "XETR")
    assert is_business_day(day, "TARGET+XETR") is both


@pytest.mark.parametrize("name", ["", "+", "TARGET+", "MOON", "target"])
def test_an_unknown_calendar_is_known_to_be_unknown(name: str) -> None:
    assert not is_calendar(name)


@pytest.mark.parametrize(
    "text", ["1818-03-22", "2000-04-23", "2024-03-31", "2025-04-20", "2038-04-25", "2049-04-18"]
)
def test_easter_falls_where_it_does(text: str) -> None:
    day = date.fromisoformat(text)
    assert easter(day.year) == day


@given(DAYS, st.integers(-240, 240), st.booleans())
def test_quantlib_adds_the_same_months(day: date, months: int, month_end: bool) -> None:
    theirs = ql.NullCalendar().advance(to_ql(day), months, ql.Months, ql.Unadjusted, month_end)
    expected = from_ql(theirs)
    if 1901 < expected.year < 2199:
        assert add_months(day, months, end_of_month=month_end) == expected


def test_the_last_day_of_a_month() -> None:
    assert [last_day_of_month(*m) for m in ((2024, 2), (2026, 2), (2026, 12), (2100, 2))] == [29, 28, 31, 28]
