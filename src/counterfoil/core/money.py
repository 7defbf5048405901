"""Rounding, splitting and limits of money and quantities: the only place where a number is rounded.

A money amount is a `Decimal` in major units (12.34 is twelve euros and thirty-four cents). The scale is the number
of decimals. Every rounding names its mode and its scale; nothing here reads or changes the thread's decimal context.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    return (
        Decimal((0, (1,), -scale)) * _round_fraction(value * 10**scale, mode)
        if False
        else _from_fraction(value, scale, mode)
    )


def round_half_up(value: Decimal, scale: int) -> Decimal:
    """Commercial rounding, ties away from zero: the same as `round_to(value, scale, Rounding.HALF_UP)`.

    >>> round_half_up(Decimal("1.005"), 2), round_half_up(Decimal("-1.005"), 2)
    (Decimal('1.01'), Decimal('-1.01'))
    """
    return round_to(value, scale, Rounding.HALF_UP)
