"""Prices by day, and the shape of what the oracle knows of an instrument."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from counterfoil.core.calendar import add_business_days, is_business_day

if TYPE_CHECKING:
    from tests.simulation.deeds import Deed

CENT = Decimal("0.01")
START, END = date(2026, 12, 1), date(2029, 12, 14)
SPLIT_ON = date(2028, 6, 1)
"""One share becomes two."""
BOTH = "TARGET+XETR"
SAP, DAX = "DE0007164600", "DE0008469008"


def cents(value: Decimal) -> Decimal:
    return max(value, Decimal(0)).quantize(CENT, ROUND_HALF_UP)


def open_day(day: date) -> date:
    """The day, or the next on which exchange and payments are open."""
    while not is_business_day(day, BOTH):
        day += timedelta(days=1)
    return day


def following(day: date) -> date:
    """The day, or the next on which payments are open."""
    while not is_business_day(day, "TARGET"):
        day += timedelta(days=1)
    return day


def level(chance: Random, low: int, high: int) -> Decimal:
    return Decimal(chance.randint(low, high))


def paid_after(final: date) -> date:
    return add_business_days(final, 4, "TARGET")


def dates(final: date) -> dict[str, str]:
    """A final valuation, and the payment four business days later."""
    return {"final_valuation_date": final.isoformat(), "maturity_date": paid_after(final).isoformat()}


@dataclass
class Market:
    """A share's prices (close, low, high) by day, seeded, and an index."""

    seed: int
    closes: dict[date, Decimal] = field(default_factory=dict)
    lows: dict[date, Decimal] = field(default_factory=dict)
    highs: dict[date, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance, price, day = Random(self.seed), Decimal(150), date(2026, 11, 20)
        while day <= END:
            if is_business_day(day, "XETR"):
                price = (price * (1 + Decimal(chance.randint(-300, 303)) / 10_000)).quantize(CENT)
                self.closes[day] = price
                self.lows[day] = price - Decimal(chance.randint(0, 200)) / 100
                self.highs[day] = price + Decimal(chance.randint(0, 200)) / 100
            day += timedelta(days=1)

    def low_between(self, first: date, last: date) -> Decimal:
        return min(low for day, low in self.lows.items() if first <= day <= last)

    def high_between(self, first: date, last: date) -> Decimal:
        return max(high for day, high in self.highs.items() if first <= day <= last)

    def hit_on(self, level: Decimal, first: date, last: date) -> date | None:
        """The first day that goes down to a level."""
        return next((day for day, low in self.lows.items() if first <= day <= last and low <= level), None)

    def index(self, day: date) -> Decimal:
        return 24_000 + Decimal(Random(day.toordinal()).randint(-300_000, 500_000)) / 100


@dataclass(frozen=True)
class Due:
    """Money (and shares) for one basis, paid on a day to who held it the business day before. `ends`: the units go
    back for it. `only`: a holder, and how many it gives back for it.
    """

    paid: date
    amount: Decimal
    ends: bool = False
    shares: int = 0
    only: tuple[str, int] | None = None


@dataclass
class Paper:
    """An instrument: its class, what its terms differ in from the example, and what it must pay."""

    class_: str
    changes: dict[str, Any]
    basis: int
    dues: list[Due]
    hit: date | None = None
    """Day of a knock-out."""
    barrier: str = "barrier"
    deeds: "list[Deed]" = field(default_factory=list)
    """What persons do about it."""
    needs: frozenset[date] = frozenset()
    """Days beside the final valuation whose prices it pays on."""


Maker = Callable[[Random, Market, date], Paper]
