"""Prices of commercial paper."""

import doctest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.instruments import pricing
from counterfoil.instruments.pricing import (
    discount_from_price,
    price_from_discount,
    price_from_yield,
    proceeds,
    yield_from_price,
)

NOMINAL = Decimal(100_000)
RATES = st.decimals(Decimal(-1), Decimal(20), places=3)
DAYS = st.integers(1, 364)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(pricing).failed == 0


@given(RATES, DAYS, st.sampled_from([360, 365]))
def test_yield_and_discount_come_back_from_the_price(rate: Decimal, days: int, year_days: int) -> None:
    price = price_from_yield(NOMINAL, rate, days, year_days=year_days, scale=12)
    assert yield_from_price(NOMINAL, price, days, year_days=year_days, scale=3) == rate
    price = price_from_discount(NOMINAL, rate, days, year_days=year_days, scale=12)
    assert discount_from_price(NOMINAL, price, days, year_days=year_days, scale=3) == rate


def test_sterling_counts_365_days() -> None:
    price = price_from_yield(Decimal(1_000_000), Decimal(5), 73, year_days=365, scale=2)
    assert price == Decimal("990099.01")  # 1,000,000 / 1.01


def test_each_denomination_is_rounded_before_it_is_multiplied() -> None:
    each = price_from_yield(NOMINAL, Decimal("2.35"), 90, year_days=360, scale=2)
    paid = proceeds(each, 500)
    assert (paid.per_denomination, paid.total) == (Decimal("99415.93"), Decimal("49707965.00"))
