"""Rounding, splitting and limits of amounts."""

import doctest
from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core import money
from counterfoil.core.errors import Bug
from counterfoil.core.money import Rounding, digits, fits_amount, fits_quantity, round_to, split


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(money).failed == 0


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from([1, 2, 4, 5, 8, 10, 20, 1000]),
    st.integers(0, 6),
    st.sampled_from(list(Rounding)),
)
def test_a_fraction_rounds_as_the_equal_decimal(top: int, bottom: int, scale: int, mode: Rounding) -> None:
    exact = Decimal(top) / bottom  # these denominators always end
    assert round_to(Fraction(top, bottom), scale, mode) == round_to(exact, scale, mode)


def test_a_tie_goes_away_from_zero_when_half_up() -> None:
    assert [
        str(round_to(Decimal(v), 2, Rounding.HALF_UP)) for v in ("0.125", "-0.125", "2.675", "0.1249")
    ] == [
        "0.13",
        "-0.13",
        "2.68",
        "0.12",
    ]


def test_a_thirty_digit_quantity_is_rounded_without_loss() -> None:
    assert str(round_to(Decimal("9" * 30 + ".994"), 2, Rounding.HALF_UP)) == "9" * 30 + ".99"


@given(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.lists(st.decimals(0, 1000, places=3, allow_nan=False), min_size=1, max_size=20).filter(any),
)
def test_parts_add_up_and_none_is_off_by_a_whole_unit(total: Decimal, weights: list[Decimal]) -> None:
    parts = split(total, weights, 2)
    assert sum(parts) == total
    weight_sum = sum(map(Fraction, weights))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part) - Fraction(total) * Fraction(weight) / weight_sum) < Fraction(1, 100)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1]])
def test_weights_that_cannot_divide_are_a_defect(weights: list[int]) -> None:
    with pytest.raises((Bug, ValueError)):
        split(Decimal(1), weights, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1200.50", (5, 1)),
        ("0.001", (3, 3)),
        ("0", (0, 0)),
        ("0.000", (0, 0)),
        ("1E+3", (4, 0)),
        ("100", (3, 0)),
        ("-12.34", (4, 2)),
        ("10.0", (2, 0)),
    ],
)
def test_digits_are_counted_without_trailing_zeros(text: str, expected: tuple[int, int]) -> None:
    assert digits(Decimal(text)) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_digits_agree_with_the_written_number(value: Decimal) -> None:
    text = format(value, "f").lstrip("-")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    whole = whole.lstrip("0")
    assert digits(value) == (len(whole) + len(decimals) if whole or decimals else 0, len(decimals))


def test_amounts_have_18_digits_and_5_decimals() -> None:
    good = ["0", "1234567890123.45678", "999999999999999999", "-0.00001", "1E+17", "0E+999999"]
    bad = [
        "1234567890123456789",
        "0.000001",
        "NaN",
        "Infinity",
        "-Infinity",
        "1E+18",
        "1E+999999",
        "1E-999999",
    ]
    assert all(fits_amount(Decimal(v)) for v in good)
    assert not any(fits_amount(Decimal(v)) for v in bad)


def test_quantities_have_30_digits() -> None:
    assert fits_quantity(Decimal("9" * 30))
    assert not fits_quantity(Decimal("9" * 31))


def test_the_shared_context_holds_a_quantity_times_a_price() -> None:
    exact = Decimal("9" * 30) * 1
    product = money.ARITHMETIC.multiply(exact, Decimal("12345678.12345"))
    assert product == Context(prec=100).multiply(exact, Decimal("12345678.12345"))
