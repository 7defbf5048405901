"""Rules of bonds, notes and commercial paper."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from counterfoil.core.errors import Refusal
from counterfoil.instruments import errors
from counterfoil.instruments.pricing import price_from_discount, price_from_yield
from counterfoil.instruments.terms import Bond, CommercialPaper
from counterfoil.instruments.terms.debt import FloatingInterest, StepInterest
from counterfoil.instruments.terms.fields import DayCount, Unit
from counterfoil.instruments.validation.common_rules import after, irregular, not_too_far, order, rising

FREQUENCIES = (0, 1, 2, 4, 12)
_TENOR_DAYS = 364
_PRICE_TOLERANCE = Decimal("0.001")  # percent of nominal: a price is quoted with three decimals or more


def maturity(t: Bond | CommercialPaper, today: date) -> Iterator[Refusal]:
    """After the issue, and within a hundred years."""
    yield from after("maturity_date", t.maturity_date, "issue_date", t.issue_date)
    yield from not_too_far("maturity_date", t.maturity_date, today)


def interest(t: Bond, today: date) -> Iterator[Refusal]:
    """Frequency, first date, steps in order, floor below cap."""
    i = t.interest
    if not i or i.kind == "zero":
        return
    if i.frequency not in FREQUENCIES:
        yield errors.COUPON_RULE("/interest/frequency", reason="The frequency is 0, 1, 2, 4 or 12 a year")
    yield from irregular("interest", i, t.issue_date, t.maturity_date)
    if i.kind == "step":
        yield from _steps(t, i)
    elif i.kind == "floating":
        yield from _floating(i)
    elif not -10 <= i.rate_percent <= 100:
        yield errors.COUPON_RULE("/interest/rate_percent", reason="The rate is between -10 and 100 percent")


def _steps(t: Bond, i: StepInterest) -> Iterator[Refusal]:
    days = [step.from_date for step in i.steps]
    if t.issue_date and days[0] != t.issue_date:
        yield errors.COUPON_RULE(
            "/interest/steps/0/from_date", reason="The first step starts on the issue date"
        )
    last = len(days) - 1
    if t.maturity_date and days[-1] >= t.maturity_date:
        yield order(f"interest.steps.{last}.from_date", days[-1], "before", "maturity_date", t.maturity_date)
    for n, step in enumerate(i.steps):
        if n:
            yield from after(f"interest.steps.{n}.from_date", days[n], "the step before", days[n - 1])
        if not -10 <= step.rate_percent <= 100:
            yield errors.COUPON_RULE(
                f"/interest/steps/{n}/rate_percent", reason="The rate is between -10 and 100 percent"
            )


def _floating(i: FloatingInterest) -> Iterator[Refusal]:
    if i.floor_percent is not None and i.cap_percent is not None and i.floor_percent >= i.cap_percent:
        yield errors.COUPON_RULE("/interest/cap_percent", reason="The cap is above the floor")
    if not -50 <= i.margin_percent <= 50:
        yield errors.COUPON_RULE(
            "/interest/margin_percent", reason="The margin is between -50 and 50 percent"
        )


def calls(t: Bond, today: date) -> Iterator[Refusal]:
    """Between issue and maturity, in order."""
    days = [call.date for call in t.calls or ()]
    yield from rising("calls.{}.date", days, t.issue_date, None)
    if days and t.maturity_date and days[-1] >= t.maturity_date:
        yield order(f"calls.{len(days) - 1}.date", days[-1], "before", "maturity_date", t.maturity_date)


def paper(t: CommercialPaper, today: date) -> Iterator[Refusal]:
    """1 to 364 days, in nominal, within the programme's ceiling, at the price that its rate gives."""
    if t.volume and t.volume.unit is not Unit.NOMINAL:
        yield errors.UNIT("/volume/unit", reason="Commercial paper is counted in nominal")
    if t.volume and t.programme_ceiling and t.volume.authorised > t.programme_ceiling:
        yield errors.CEILING(
            "/volume/authorised", volume=f"{t.volume.authorised:f}", ceiling=f"{t.programme_ceiling:f}"
        )
    if t.maturity_date and t.issue_date:
        days = (t.maturity_date - t.issue_date).days
        if days > _TENOR_DAYS:
            yield errors.TENOR("/maturity_date", days=days)
        elif days > 0:
            yield from _price(t, (t.maturity_date - (t.value_date or t.issue_date)).days)


def _price(t: CommercialPaper, days: int) -> Iterator[Refusal]:
    if t.pricing not in ("discount", "yield") or t.rate_percent is None or t.issue_price is None or days <= 0:
        return
    convert = price_from_yield if t.pricing == "yield" else price_from_discount
    year_days = 365 if t.day_count is DayCount.ACT_365F else 360
    price = convert(Decimal(100), t.rate_percent, days, year_days=year_days, scale=6)
    if t.quotation == "percent" and abs(price - t.issue_price) > _PRICE_TOLERANCE:
        reason = (
            f"A {t.pricing} of {t.rate_percent:f} % over {days} days gives {price:f}, not {t.issue_price:f}"
        )
        yield errors.PRICE("/issue_price", reason=reason)
