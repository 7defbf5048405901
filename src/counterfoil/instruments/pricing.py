"""Price and yield of commercial paper that is sold at a discount (DOMAIN: calendars, day counts, pricing).

Rates are percent a year, simple; `days` run from the value date to maturity; `year_days` is 360 (365 for sterling).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from counterfoil.core.errors import ensure
from counterfoil.core.money import Rounding, round_to


@dataclass(frozen=True, slots=True)
class Proceeds:
    """What a buyer pays: per denomination, rounded, and that times the number of denominations."""

    per_denomination: Decimal
    denominations: int
    total: Decimal


def price_from_yield(
    nominal: Decimal, yield_percent: Decimal, days: int, *, year_days: int, scale: int
) -> Decimal:
    """N / (1 + y·d/360), rounded half up to `scale` decimals.

    >>> price_from_yield(Decimal(50_000_000), Decimal("2.35"), 90, year_days=360, scale=2)
    Decimal('49707965.70')
    """
    growth = 1 + _interest(yield_percent, days, year_days)
    ensure(growth > 0, "a yield cannot lose more than everything")
    return round_to(Fraction(nominal) / growth, scale, Rounding.HALF_UP)


def price_from_discount(
    nominal: Decimal, discount_percent: Decimal, days: int, *, year_days: int, scale: int
) -> Decimal:
    """N · (1 - discount·d/360), rounded half up to `scale` decimals.

    >>> price_from_discount(Decimal(50_000_000), Decimal("2.35"), 90, year_days=360, scale=2)
    Decimal('49706250.00')
    """
    share = 1 - _interest(discount_percent, days, year_days)
    return round_to(Fraction(nominal) * share, scale, Rounding.HALF_UP)


def yield_from_price(nominal: Decimal, price: Decimal, days: int, *, year_days: int, scale: int) -> Decimal:
    """(N/P - 1)·360/d in percent, rounded half up to `scale` decimals.

    >>> yield_from_price(Decimal(50_000_000), Decimal("49707965.70"), 90, year_days=360, scale=6)
    Decimal('2.350000')
    """
    ensure(price > 0 and days > 0, "a yield needs a price and a term")
    gain = Fraction(nominal) / Fraction(price) - 1
    return round_to(gain * year_days / days * 100, scale, Rounding.HALF_UP)


def discount_from_price(
    nominal: Decimal, price: Decimal, days: int, *, year_days: int, scale: int
) -> Decimal:
    """(1 - P/N)·360/d in percent, rounded half up to `scale` decimals.

    >>> discount_from_price(Decimal(50_000_000), Decimal("49706250.00"), 90, year_days=360, scale=6)
    Decimal('2.350000')
    """
    ensure(nominal > 0 and days > 0, "a discount needs a nominal and a term")
    return round_to(
        (1 - Fraction(price) / Fraction(nominal)) * year_days / days * 100, scale, Rounding.HALF_UP
    )


def proceeds(price_per_denomination: Decimal, denominations: int) -> Proceeds:
    """Rounded once per denomination, then multiplied, so that every holder's part is the same.

    >>> proceeds(Decimal("99415.93"), 500).total
    Decimal('49707965.00')
    """
    return Proceeds(price_per_denomination, denominations, price_per_denomination * denominations)


def _interest(rate_percent: Decimal, days: int, year_days: int) -> Fraction:
    ensure(days >= 0, "a term is not negative")
    return Fraction(rate_percent) * days / (year_days * 100)
