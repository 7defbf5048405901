"""Barriers that single prices of an underlying can touch, as the terms have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.instruments.schedule.structured import BARRIERS, barrier_window, fixing_calendar
from counterfoil.instruments.terms import Structured, Terms
from counterfoil.instruments.terms.fields import Barrier, Direction, Monitoring
from counterfoil.instruments.terms.structured import CapitalProtectionKnockOut, KnockOut, MiniFuture

_ENDING = frozenset({"2200", "2205", "2210", "2230"})
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WatchedBarrier:
    """A barrier that is hit by a price at or beyond its level: above it if `up`. `ends`: the security ends by that.

    From `grows_from` on the level grows by `rate_percent` / 360 a calendar day, compounded.
    """

    name: str
    underlying: str
    up: bool
    at_close: bool
    level: Decimal
    rate_percent: Decimal
    grows_from: date
    first: date
    last: date | None
    ends: bool
    exchange: str
    """The calendar of the days on which prices are fixed."""


def watched_barriers(terms: Terms) -> list[WatchedBarrier]:
    """What prices can touch. Left out is what they cannot decide: barriers looked at once, at the end; those of a
    basket, whose members each have their price. A stop-loss stays where it is until the terms are amended.
    """
    if not isinstance(terms, Structured) or len(terms.underlyings) != 1:
        return []
    (underlying,) = terms.underlyings
    subject = underlying.isin or underlying.symbol or underlying.name
    found = []
    for name, level, monitoring, barrier in _barriers(terms):
        if monitoring is Monitoring.FINAL:
            continue
        first, last = barrier_window(terms, barrier)
        rate = (terms.financing_percent if isinstance(terms, KnockOut) else None) or _ZERO
        found.append(
            WatchedBarrier(
                name, subject, _is_above(terms, name), monitoring is Monitoring.CLOSE, level, rate,
                terms.issue_date, max(first, terms.issue_date) if rate else first, last, terms.class_ in _ENDING,
                fixing_calendar(terms),
            )
        )  # fmt: skip
    return found


def _barriers(terms: Structured) -> Iterator[tuple[str, Decimal, Monitoring, Barrier | None]]:
    if isinstance(terms, MiniFuture):
        yield "stop_loss", terms.stop_loss, Monitoring.CONTINUOUS, None
        return
    for name in BARRIERS:
        barrier = getattr(terms, name, None)
        if isinstance(barrier, Barrier):
            yield name, barrier.level, barrier.monitoring, barrier


def _is_above(terms: Structured, name: str) -> bool:
    if isinstance(terms, KnockOut | MiniFuture):
        return terms.direction is Direction.SHORT
    return name == "upper_barrier" or isinstance(terms, CapitalProtectionKnockOut)
