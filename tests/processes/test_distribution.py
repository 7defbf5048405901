"""What a distribution costs and whether it can be sold, whatever quantities and prices it names."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import is_business_day
from counterfoil.instruments import Terms, validate_terms
from counterfoil.processes.issuance.distribution import (
    Allotment,
    amount_of,
    intended_date,
    judge,
    read_distribution,
)
from tests.instruments.examples import BUSINESS_DATE, example
from tests.processes.buyers import BUYER

NUMBERS = st.decimals(min_value="0.00001", max_value="99999999", places=5)


def terms(class_: str, **changes: object) -> Terms:
    found = validate_terms({**example(class_), **changes}, business_date=BUSINESS_DATE)
    assert not isinstance(found, tuple), found
    return found


BY_UNIT, IN_PERCENT = terms("1200"), terms("note")


@pytest.mark.parametrize(("issue", "divisor"), [(BY_UNIT, 1), (IN_PERCENT, 100)], ids=["unit", "percent"])
@given(quantity=NUMBERS, price=NUMBERS)
def test_an_amount_is_quantity_times_price_to_the_nearest_cent(
    issue: Terms, divisor: int, quantity: Decimal, price: Decimal
) -> None:
    amount = amount_of(Allotment(BUYER, quantity, price=price), issue)
    exact = Fraction(quantity) * Fraction(price) / divisor
    assert abs(Fraction(amount) - exact) <= Fraction(1, 200)
    assert amount == round(amount, 2)


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=5))
def test_what_is_sold_is_no_more_than_there_is(quantities: list[int]) -> None:
    asked = [Allotment(BUYER, Decimal(q), intended_date=BUSINESS_DATE) for q in quantities]
    codes = [refusal.code for refusal in judge(asked, BY_UNIT, BUSINESS_DATE)]
    assert codes == (["PRC-050"] if sum(quantities) > BY_UNIT.volume.authorised else [])


@given(st.dates(date(2026, 11, 20), date(2027, 3, 1)))
def test_without_a_day_it_settles_when_the_terms_pay_and_never_before_today(today: date) -> None:
    day = intended_date(Allotment(BUYER, Decimal(1)), BY_UNIT, today)
    assert day >= max(today, BY_UNIT.issue_date)
    assert is_business_day(day, "TARGET")
    assert day == BY_UNIT.issue_date or today > BY_UNIT.issue_date


def test_the_value_date_comes_before_the_issue_date_as_day_of_payment() -> None:
    late = terms("1200", value_date="2026-12-03")
    assert intended_date(Allotment(BUYER, Decimal(1)), late, BUSINESS_DATE) == date(2026, 12, 3)


NAMES = st.sampled_from(["buyer", "quantity", "price", "x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=9)


@given(st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=4)))
def test_whatever_is_sent_as_a_distribution_is_read_or_refused_with_its_place(value: object) -> None:
    allotments, refusals = read_distribution(value)
    assert allotments or refusals
    assert all(refusal.pointer.startswith("/distribution") for refusal in refusals)
