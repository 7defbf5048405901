"""Schedules: periods against QuantLib, events of each class by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.calendar import Convention, add_months, adjust, is_business_day
from counterfoil.instruments.schedule import Event, EventKind, schedule
from counterfoil.instruments.schedule.periods import Roll, periods
from counterfoil.instruments.terms import MODELS, TERMS
from tests.instruments.examples import EXAMPLES, STEP_UP_BOND, ZERO_BOND, example


def events_of(raw: dict[str, Any]) -> tuple[Event, ...]:
    return schedule(TERMS.validate_python(raw))


def lines(raw: dict[str, Any], *kinds: EventKind) -> list[str]:
    """The schedule as text, one line an event: kind, day, payment, pointer."""
    return [
        f"{e.kind} {e.day} {e.payment} {e.pointer}".replace(" None", "").rstrip()
        for e in events_of(raw)
        if not kinds or e.kind in kinds
    ]


def bond(**interest: Any) -> dict[str, Any]:
    raw = {**example("bond"), "calls": []}
    return {
        **raw,
        **{k: interest.pop(k) for k in list(interest) if k in raw},
        "interest": {**raw["interest"], **interest},
    }


def to_ql(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def from_ql(day: ql.Date) -> date:
    return date(day.year(), day.month(), day.dayOfMonth())


@settings(max_examples=300)
@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)).filter(lambda d: is_business_day(d, "TARGET")),
    st.integers(1, 140),
    st.integers(-20, 20),
    st.sampled_from([1, 3, 6, 12]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(
        [(Convention.FOLLOWING, ql.Following), (Convention.MODIFIED_FOLLOWING, ql.ModifiedFollowing)]
    ),
)
def test_quantlib_cuts_the_same_periods(
    start: date,
    length: int,
    shift: int,
    months: int,
    month_end: bool,
    adjusted: bool,
    rule: tuple[Convention, int],
) -> None:
    maturity = date.fromordinal(add_months(start, length).toordinal() + shift)
    # QuantLib takes a month's last business day for its end, ours is the calendar's: compared where both agree.
    month_end = month_end and not adjusted
    roll = Roll(months, month_end, adjusted, rule[0], "TARGET")
    ours = [p.end for p in periods(start, maturity, roll, None, single=False)]
    convention = rule[1] if adjusted else ql.Unadjusted
    calendar = ql.TARGET() if adjusted else ql.NullCalendar()
    theirs = ql.Schedule(
        to_ql(start), to_ql(maturity), ql.Period(months, ql.Months), calendar, convention, convention,
        ql.DateGeneration.Backward, month_end,
    )  # fmt: skip
    begin = rule[0] if adjusted else Convention.UNADJUSTED
    assert ours == [day for day in map(from_ql, list(theirs)[1:]) if day > adjust(start, begin, "TARGET")]


@pytest.mark.parametrize("frequency", [1, 2, 4])
@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("issue", ["2026-12-01", "2027-01-15", "2026-12-31"])
def test_quantlib_pays_the_same_coupons_of_a_bond(frequency: int, adjusted: bool, issue: str) -> None:
    raw = bond(
        frequency=frequency,
        adjusted=adjusted,
        day_count="ACT/360",
        issue_date=issue,
        maturity_date="2031-11-30",
    )
    start, maturity = date.fromisoformat(issue), date(2031, 11, 30)
    convention = ql.Following if adjusted else ql.Unadjusted
    ql.Settings.instance().evaluationDate = to_ql(start)
    grid = ql.Schedule(
        to_ql(start), to_ql(maturity), ql.Period(12 // frequency, ql.Months), ql.TARGET(), convention, convention,
        ql.DateGeneration.Backward, False,
    )  # fmt: skip
    theirs = ql.FixedRateBond(0, 1_000_000.0, grid, [0.02875], ql.Actual360(), ql.Following)
    flows = [(from_ql(c.date()), c.amount()) for c in theirs.cashflows()][:-1]
    ours = [e for e in events_of(raw) if e.kind is EventKind.COUPON]
    assert [e.payment for e in ours] == [day for day, _ in flows]
    for event, (_, amount) in zip(ours, flows, strict=True):
        assert event.accrual
        assert event.accrual.rate_percent == Decimal("2.875")
        assert abs(float(event.accrual.fraction * 28750) - amount) < 1e-6


def test_regular_coupons_under_icma_are_equal_parts_of_a_year() -> None:
    raw = bond(
        frequency=4, end_of_month=True, issue_date="2026-11-30", maturity_date="2031-02-28", adjusted=True
    )
    coupons = [e for e in events_of(raw) if e.kind is EventKind.COUPON]
    assert len(coupons) == 17
    assert {e.accrual.fraction for e in coupons if e.accrual} == {Fraction(1, 4)}


def test_a_short_first_coupon_stands_at_the_front() -> None:
    raw = bond(issue_date="2026-12-01", maturity_date="2029-06-01")
    first = next(e for e in events_of(raw) if e.kind is EventKind.COUPON)
    assert first.day == date(2027, 6, 1)
    assert first.accrual
    assert first.accrual.fraction == Fraction(182, 365)


def test_a_named_first_date_makes_a_long_first_coupon() -> None:
    raw = bond(issue_date="2026-12-01", maturity_date="2029-06-01", first_date="2028-06-01")
    coupons = [e for e in events_of(raw) if e.kind is EventKind.COUPON]
    assert [e.day for e in coupons] == [date(2028, 6, 1), date(2029, 6, 1)]
    assert coupons[0].accrual
    assert coupons[0].accrual.fraction == 1 + Fraction(182, 365)


def test_a_first_date_off_the_regular_days_makes_an_odd_last_coupon() -> None:
    raw = bond(issue_date="2026-12-01", maturity_date="2029-03-01", first_date="2027-12-01")
    coupons = [e for e in events_of(raw) if e.kind is EventKind.COUPON]
    assert [e.day for e in coupons] == [date(2027, 12, 1), date(2028, 12, 1), date(2029, 3, 1)]
    assert coupons[-1].accrual
    assert coupons[-1].accrual.fraction == Fraction(90, 365)


def test_a_named_last_date_makes_a_long_last_coupon() -> None:
    raw = bond(issue_date="2026-12-01", maturity_date="2029-03-01", last_date="2027-12-01")
    coupons = [e for e in events_of(raw) if e.kind is EventKind.COUPON]
    assert [e.day for e in coupons] == [date(2027, 12, 1), date(2029, 3, 1)]
    assert coupons[-1].accrual
    assert coupons[-1].accrual.fraction == 1 + Fraction(90, 365)


def test_month_ends_stay_month_ends_only_with_the_rule() -> None:
    raw = bond(frequency=2, issue_date="2026-08-31", maturity_date="2028-02-29", end_of_month=True)
    assert [e.day.day for e in events_of(raw) if e.kind is EventKind.COUPON] == [28, 31, 29]
    raw["interest"]["end_of_month"] = False
    assert [e.day.day for e in events_of(raw) if e.kind is EventKind.COUPON] == [28, 29, 29]


def test_an_unadjusted_coupon_accrues_to_the_weekend_and_is_paid_after_it() -> None:
    raw = bond(issue_date="2026-12-01", maturity_date="2029-12-01", day_count="ACT/360")
    last = [e for e in events_of(raw) if e.kind is EventKind.COUPON][-1]
    assert (last.day, last.payment) == (date(2029, 12, 1), date(2029, 12, 3))  # a Saturday, the Monday after
    raw["interest"]["adjusted"] = True
    last = [e for e in events_of(raw) if e.kind is EventKind.COUPON][-1]
    assert (last.day, last.payment) == (date(2029, 12, 3), date(2029, 12, 3))


def test_a_step_counts_from_the_period_that_starts_on_it() -> None:
    coupons = [e for e in events_of(STEP_UP_BOND) if e.kind is EventKind.COUPON]
    assert [str(e.accrual.rate_percent) for e in coupons if e.accrual] == ["2", "2", "2.5", "2.5", "2.5"]


def test_a_zero_bond_only_redeems() -> None:
    assert lines(ZERO_BOND) == ["issue 2026-12-01 2026-12-01", "redemption 2031-12-01 2031-12-01"]


def test_a_floating_rate_is_fixed_business_days_before_its_period() -> None:
    fixings = lines(example("note"), EventKind.RATE_FIXING)
    assert fixings[0] == "rate_fixing 2026-11-27 /interest/periods/0"
    assert len(fixings) == len(lines(example("note"), EventKind.COUPON)) == 13


def test_commercial_paper_with_interest_pays_it_at_maturity() -> None:
    assert lines({**example("commercial_paper"), "pricing": "interest"}) == [
        "issue 2026-12-01 2026-12-01",
        "coupon 2027-03-01 2027-03-01 /periods/0",
        "redemption 2027-03-01 2027-03-01",
    ]


def test_the_life_of_an_express_certificate() -> None:
    assert lines(example("1260")) == [
        "initial_fixing 2026-11-24",
        "issue 2026-12-01 2026-12-01",
        "observation 2027-06-17 2027-06-21 /observations/0",
        "observation 2027-12-17 2027-12-23 /observations/1",
        "final_fixing 2027-12-17",
        "redemption 2027-12-17 2027-12-23",
    ]


def test_a_valuation_on_a_closed_exchange_day_moves_to_the_next_open_one() -> None:
    raw = {**example("1200"), "final_valuation_date": "2027-12-24", "maturity_date": "2027-12-24"}
    last = events_of(raw)[-1]
    assert (last.kind, last.day, last.payment) == (
        EventKind.REDEMPTION,
        date(2027, 12, 27),
        date(2027, 12, 27),
    )


def test_a_barrier_has_a_window_unless_only_the_end_counts() -> None:
    kinds = (EventKind.BARRIER_START, EventKind.BARRIER_END)
    assert lines(example("1320"), *kinds) == [
        "barrier_start 2026-12-01 /barrier",
        "barrier_end 2027-12-17 /barrier",
    ]
    assert lines(example("1260"), *kinds) == []
    assert lines(example("2210"), *kinds) == ["barrier_start 2026-12-01 /stop_loss"]


def test_an_american_warrant_can_be_exercised_until_it_expires() -> None:
    assert lines(example("2100"), EventKind.EXERCISE_START, EventKind.EXERCISE_END, EventKind.EXPIRY) == [
        "exercise_start 2026-12-01",
        "exercise_end 2027-12-17",
        "expiry 2027-12-17",
    ]
    assert lines({**example("2100"), "style": "european"}, EventKind.EXERCISE_START) == []


@pytest.mark.parametrize("class_", sorted(MODELS))
def test_every_class_has_an_ordered_schedule_paid_on_business_days(class_: str) -> None:
    found = events_of(EXAMPLES[class_])
    assert [e.day for e in found] == sorted(e.day for e in found)
    assert all(is_business_day(e.payment, "TARGET") for e in found if e.payment)
    assert all(e.payment >= e.day for e in found if e.payment)
    assert all(e.as_dict()["kind"] for e in found)
    open_ended = class_ in ("1300", "2205", "2210", "2300") or class_.endswith("99")
    assert any(e.kind is EventKind.REDEMPTION for e in found) is not open_ended
