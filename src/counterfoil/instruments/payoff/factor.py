"""Class 2300: constant leverage, reset every day and, at the threshold, within the day."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from counterfoil.core.calendar import is_business_day
from counterfoil.core.errors import Refused
from counterfoil.instruments import errors
from counterfoil.instruments.payoff.result import Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.schedule.structured import fixing_calendar, valuation_day
from counterfoil.instruments.terms.fields import Direction
from counterfoil.instruments.terms.structured import ConstantLeverage

_DAY = timedelta(days=1)
_RESETS_A_DAY_MAX = 50  # a price of nearly zero, or a threshold of nearly nothing
_HUNDRED, _YEAR_DAYS = Decimal(100), Decimal(360)


def constant_leverage(terms: ConstantLeverage, sheet: Worksheet) -> Payoff:
    """2300: V_t = V_(t-1)·(1 + L·(S_t/S_(t-1) - 1) - costs·days/360), from the issue price on; L negative if short.

    Where the day's low (short: high) is beyond the threshold, the leverage is reset there: the day goes on from the
    value at S_(t-1)·(1 -+ threshold) with that price as the new base, as often as the threshold is met again.
    L 5 long, from 100 over 102 to 96.9: 10 → 11 → 8.25.

    >>> start = {"leverage": 5, "direction": "long", "costs_percent": 0, "issue_price": 10, "initial_fixing": 100}
    >>> pay("2300", **start, prices={"2026-12-02": 102, "2026-12-03": "96.9"}, on="2026-12-03")
    '8.25'
    """
    factor = terms.leverage if terms.direction is Direction.LONG else -terms.leverage
    end = sheet.valuation
    previous, base = _start(terms, sheet)
    value = sheet.step("V_0", "issue price", terms.issue_price)
    for day in _trading_days(previous + _DAY, end, fixing_calendar(terms)):
        price, base_today = sheet.price_of(terms.underlyings[0], day), base
        for level in _resets(terms, base, price.low if factor > 0 else price.high):
            value = max(Decimal(0), value * (1 + factor * (level / base_today - 1)))
            sheet.step("V", f"reset within {day} at {level:f}", value)
            base_today = level
        costs = terms.costs_percent * (day - previous).days / (_HUNDRED * _YEAR_DAYS)
        value = max(Decimal(0), value * (1 + factor * (price.price / base_today - 1) - costs))
        sheet.step(
            "V", f"V · (1 + L · (S / S_before - 1) - costs · {(day - previous).days} / 360) on {day}", value
        )
        previous, base = day, price.price
    return sheet.redeem(sheet.rounded("redemption", "V · FX_T", value * sheet.fx()))


def _start(terms: ConstantLeverage, sheet: Worksheet) -> tuple[date, Decimal]:
    """The day and price that the first move is measured from: the initial valuation, else the issue date."""
    if len(terms.underlyings) != 1:
        reason = "A constant leverage has a single underlying"
        raise Refused(errors.NO_FORMULA("/underlyings", reason=reason))
    underlying = terms.underlyings[0]
    day = valuation_day(terms, terms.initial_valuation_date or terms.issue_date)
    return day, underlying.initial_fixing or sheet.price_of(underlying, day).price


def _trading_days(first: date, last: date, calendar: str) -> Iterator[date]:
    for n in range((last - first).days + 1):
        if is_business_day(day := first + n * _DAY, calendar):
            yield day


def _resets(terms: ConstantLeverage, base: Decimal, extreme: Decimal | None) -> list[Decimal]:
    """The prices of the day at which the leverage is reset, in order; none where no extreme is known."""
    threshold = terms.reset_threshold_percent / _HUNDRED
    if extreme is None or not threshold:
        return []
    levels: list[Decimal] = []
    long = terms.direction is Direction.LONG
    move = 1 - threshold if long else 1 + threshold
    while ((level := base * move) >= extreme) if long else ((level := base * move) <= extreme):
        levels.append(level)
        base = level
        if len(levels) > _RESETS_A_DAY_MAX:
            reason = f"The leverage would be reset more than {_RESETS_A_DAY_MAX} times in one day"
            raise Refused(errors.OBSERVATION_ODD("/prices", reason=reason))
    return levels
