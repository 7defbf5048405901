"""Rounding, splitting and limits of money and quantities: the only place where a number is rounded.

A money amount is a `Decimal` in major units (12.34 is twelve euros and thirty-four cents). The scale is the number
of decimals. Every rounding names its mode and its scale; nothing here reads or changes the thread's decimal context.
"""

from collections.abc import Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from enum import StrEnum
from fractions import Fraction

from counterfoil.core.errors import ensure

ARITHMETIC = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow], Emax=999, Emin=-999
)
"""The context of every calculation: 60 digits, so that a 30-digit quantity times a price loses nothing. Use it with
`decimal.localcontext(ARITHMETIC)`; the default context of 28 digits would round a large quantity in silence."""

AMOUNT_DIGITS_MAX, AMOUNT_DECIMALS_MAX = 18, 5
"""ISO 20022 `ActiveCurrencyAndAmount`: 18 digits in all, 5 of them after the point."""
QUANTITY_DIGITS_MAX, QUANTITY_DECIMALS_MAX = 30, 18
"""Units of a security: 30 digits in all; 18 decimals because a token usually has so many."""
SCALE_MAX = 30


class Rounding(StrEnum):
    """How a tie and a remainder are rounded; the names are those of term sheets."""

    HALF_UP = "half_up"  # 0.5 away from zero: commercial rounding, the default of German term sheets
    HALF_EVEN = "half_even"
    DOWN = "down"  # towards zero: deliverable shares, units bought for an amount
    UP = "up"
    FLOOR = "floor"
    CEILING = "ceiling"


_DECIMAL_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.CEILING: ROUND_CEILING,
}
_STEPS = tuple(Decimal((0, (1,), -scale)) for scale in range(SCALE_MAX + 1))

# ISO 4217, list one: currencies whose minor unit is not 2 decimals, then those of 2 decimals that are traded here.
_MINOR_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
    **dict.fromkeys(
        (
            "AED ARS AUD BAM BGN BRL CAD CHF CNH CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR KES KZT MAD "
            "MDL MKD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD UZS ZAR"
        ).split(),
        2,
    ),
}
CURRENCIES = frozenset(_MINOR_UNITS)
"""The currencies in which something may be issued or paid. CNH is no ISO 4217 code but market usage for offshore
renminbi."""


def minor_units(currency: str) -> int | None:
    """Decimals of a currency by ISO 4217 (EUR 2, JPY 0, KWD 3), or None where it is not known here."""
    return _MINOR_UNITS.get(currency)


def round_to(value: Decimal | Fraction, scale: int, mode: Rounding) -> Decimal:
    """`value` with exactly `scale` decimals (0 to 30). A `Fraction` is rounded exactly, without a first rounding to
    some precision. Fails with `InvalidOperation` for NaN, infinity and results over 60 digits.

    >>> round_to(Decimal("2.345"), 2, Rounding.HALF_EVEN), round_to(Fraction(1, 3), 4, Rounding.UP)
    (Decimal('2.34'), Decimal('0.3334'))
    """
    ensure(0 <= scale <= SCALE_MAX, f"no rounding to {scale} decimals")
    if isinstance(value, Decimal):
        return value.quantize(_STEPS[scale], _DECIMAL_MODES[mode], ARITHMETIC)
    return Decimal((0, (1,), -scale)) * _rounded_integer(value * 10**scale, mode)


def round_half_up(value: Decimal, scale: int) -> Decimal:
    """Commercial rounding, ties away from zero: the same as `round_to(value, scale, Rounding.HALF_UP)`.

    >>> round_half_up(Decimal("1.005"), 2), round_half_up(Decimal("-1.005"), 2)
    (Decimal('1.01'), Decimal('-1.01'))
    """
    return round_to(value, scale, Rounding.HALF_UP)


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent and trailing zeros.

    >>> decimal_text(Decimal("1E+2")), decimal_text(Decimal("1.500")), decimal_text(Decimal("-0.0"))
    ('100', '1.5', '0')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def digits(value: Decimal) -> tuple[int, int]:
    """How many digits a number needs in all, and how many of them after the point, trailing zeros not counted.

    >>> digits(Decimal("1200.50")), digits(Decimal("1E+3"))
    ((5, 1), (4, 0))
    """
    _, numerals, exponent = value.as_tuple()
    ensure(isinstance(exponent, int), "only finite numbers have digits")
    text = "".join(map(str, numerals)).lstrip("0")
    if not text:
        return 0, 0
    short = text.rstrip("0")
    exponent = int(exponent) + len(text) - len(short)
    decimals = max(0, -exponent)
    whole = max(0, len(short) + exponent)
    return whole + decimals, decimals


def fits_amount(value: Decimal) -> bool:
    """Whether ISO 20022 can carry it as an amount."""
    return _fits(value, AMOUNT_DIGITS_MAX, AMOUNT_DECIMALS_MAX)


def fits_quantity(value: Decimal) -> bool:
    """Whether it is a quantity of a security: at most 30 digits, 18 of them after the point."""
    return _fits(value, QUANTITY_DIGITS_MAX, QUANTITY_DECIMALS_MAX)


def split(total: Decimal, weights: Sequence[Decimal | int], scale: int) -> list[Decimal]:
    """Parts of `total` in proportion to `weights`, each with `scale` decimals, that add up to `total`.

    Largest remainder: every part is rounded down, and the units left over go to the parts that lost most.

    >>> split(Decimal("1.00"), [1, 1, 1], 2)
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]
    """
    weight_sum = sum((Fraction(w) for w in weights), Fraction(0))
    ensure(weight_sum > 0 and all(w >= 0 for w in weights), "weights are not negative and not all zero")
    units = Fraction(total) * 10**scale
    ensure(units.denominator == 1, f"the total has more than {scale} decimals")
    exact = [units * Fraction(w) / weight_sum for w in weights]
    whole = [part.numerator // part.denominator for part in exact]
    by_loss = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_loss[: int(units) - sum(whole)]:
        whole[i] += 1
    return [Decimal(part).scaleb(-scale, ARITHMETIC) for part in whole]


def _fits(value: Decimal, digits_max: int, decimals_max: int) -> bool:
    if not value.is_finite():
        return False
    if value and not -100 < value.adjusted() < 100:
        return False
    total, decimals = digits(value)
    return total <= digits_max and decimals <= decimals_max


def _rounded_integer(value: Fraction, mode: Rounding) -> int:
    """The whole number that `value` rounds to, exactly."""
    floor = value.numerator // value.denominator
    rest = value - floor
    if rest == 0 or mode is Rounding.FLOOR:
        return floor
    if mode is Rounding.CEILING:
        return floor + 1
    if mode is Rounding.DOWN:
        return floor if value > 0 else floor + 1
    if mode is Rounding.UP:
        return floor + 1 if value > 0 else floor
    if rest * 2 != 1:
        return floor + (rest * 2 > 1)
    if mode is Rounding.HALF_EVEN:
        return floor + floor % 2
    return floor + (value > 0)
