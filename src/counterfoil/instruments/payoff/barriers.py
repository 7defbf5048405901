"""Whether and when a barrier was hit: stated, or found in the series of prices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from counterfoil.core.calendar import is_business_day
from counterfoil.core.errors import Refused
from counterfoil.instruments import errors
from counterfoil.instruments.payoff.observations import Price
from counterfoil.instruments.payoff.worksheet import Worksheet, key, missing
from counterfoil.instruments.schedule.structured import barrier_window, fixing_calendar
from counterfoil.instruments.terms.fields import Barrier, Monitoring

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """A barrier as it is watched: hit when the price is at or beyond `level(day)`, above it if `up`.

    `level` is None where the terms cannot tell how the barrier moved; then only a stated hit counts.
    """

    name: str
    up: bool
    monitoring: Monitoring
    first: date
    last: date | None
    level: Callable[[date], Decimal] | None


def watch(sheet: Worksheet, name: str, barrier: Barrier, *, up: bool) -> Watch:
    """A barrier of the terms that stays where it is."""
    first, last = barrier_window(sheet.terms, barrier)
    return Watch(name, up, barrier.monitoring, first, last, lambda _: barrier.level)


def hit_on(sheet: Worksheet, barrier: Watch) -> date | None:
    """The first day on which the barrier was touched, or None; refused where nobody can know.

    A stated state decides. Otherwise the prices must cover every day of the window up to the hit: fixings for
    monitoring at the close; the day's low (or high) for continuous monitoring, which a basket cannot have.
    """
    stated = next((s for s in sheet.observations.barriers if s.barrier == barrier.name), None)
    if barrier.monitoring is Monitoring.FINAL:
        found = _at_the_end(sheet, barrier)
    elif stated:
        found = _stated(sheet, barrier, stated.hit_on)
    else:
        found = _searched(sheet, barrier)
    sheet.note(barrier.name, f"first day at or {'above' if barrier.up else 'below'} it", found or "not hit")
    return found


def _at_the_end(sheet: Worksheet, barrier: Watch) -> date | None:
    day = sheet.valuation
    level = barrier.level(day) if barrier.level else None
    if level is None:
        raise missing("/barriers", f"the state of {barrier.name}")
    price = sheet.level(day)
    return day if (price >= level if barrier.up else price <= level) else None


def _stated(sheet: Worksheet, barrier: Watch, day: date | None) -> date | None:
    if day is None:
        return None
    if day < barrier.first or (barrier.last is not None and day > barrier.last):
        reason = f"{barrier.name} is not watched on {day}"
        raise Refused(errors.OBSERVATION_ODD("/barriers", reason=reason))
    ends = [end for end in (sheet.end, sheet.observations.as_of) if end]
    return day if all(day <= end for end in ends) else None


def _searched(sheet: Worksheet, barrier: Watch) -> date | None:
    ends = [end for end in (barrier.last, sheet.end, sheet.observations.as_of) if end]
    if not ends or barrier.level is None or not sheet.observations.prices:
        raise missing("/barriers", f"the state of {barrier.name}")
    calendar = fixing_calendar(sheet.terms)
    day, last = barrier.first, min(ends)
    while day <= last:
        if is_business_day(day, calendar):
            price, level = _extreme(sheet, barrier, day), barrier.level(day)
            if price >= level if barrier.up else price <= level:
                return day
        day += _DAY
    return None


def _extreme(sheet: Worksheet, barrier: Watch, day: date) -> Decimal:
    """The price of the day that came nearest to the barrier."""
    members = sheet.terms.underlyings
    if barrier.monitoring is not Monitoring.CONTINUOUS:
        return sheet.level(day)
    if len(members) != 1:
        raise missing("/barriers", f"the state of {barrier.name}: a basket has no low and high")
    price: Price = sheet.price_of(members[0], day)
    extreme = price.high if barrier.up else price.low
    if extreme is None:
        side = "high" if barrier.up else "low"
        raise missing("/prices", f"the {side} of {key(members[0])} on {day} or the state of {barrier.name}")
    return max(extreme, price.price) if barrier.up else min(extreme, price.price)
