"""Rules of bonds, notes and commercial paper."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from counterfoil.core.errors import Refusal
from counterfoil.instruments import errors
from counterfoil.instruments.terms import Bond, CommercialPaper
from counterfoil.instruments.validation.common_rules import after, not_too_far, order


def maturity(t: Bond | CommercialPaper, today: date) -> Iterator[Refusal]:
    """After the issue, and within a hundred years."""
    yield from after("maturity_date", t.maturity_date, "issue_date", t.issue_date)
    yield from not_too_far("maturity_date", t.maturity_date, today)


def interest(t: Bond, today: date) -> Iterator[Refusal]:
    """Frequency, first date, steps in order, floor below cap."""
    i = t.interest
    if not i or i.kind == "zero":
        return
    if i.frequency not in (0, 1, 2, 4, 12):
        yield errors.COUPON_RULE("/interest/frequency", reason="The frequency is 0, 1, 2, 4 or 12 a year")
    if i.first_date:
        yield from after("interest.first_date", i.first_date, "issue_date", t.issue_date)
        if t.maturity_date and i.first_date > t.maturity_date:
            yield order("interest.first_date", i.first_date, "on or before", "maturity_date", t.maturity_date)
    if i.kind == "step":
        days = [step.from_date for step in i.steps]
        if t.issue_date and days[0] != t.issue_date:
            yield errors.COUPON_RULE(
                "/interest/steps/0/from_date", reason="The first step starts on the issue date"
            )
        for n in range(1, len(days)):
            yield from after(f"interest.steps.{n}.from_date", days[n], "the step before", days[n - 1])
    if i.kind == "floating" and not _below(i.floor_percent, i.cap_percent):
        yield errors.COUPON_RULE("/interest/cap_percent", reason="The cap is above the floor")
    if i.kind == "fixed" and not -10 <= i.rate_percent <= 100:
        yield errors.COUPON_RULE(
            "/interest/rate_percent", reason="The rate is between -10 and 100 percent a year"
        )


def calls(t: Bond, today: date) -> Iterator[Refusal]:
    """Between issue and maturity, in order."""
    days = [call.date for call in t.calls or ()]
    for n, day in enumerate(days):
        yield from after(
            f"calls.{n}.date",
            day,
            "issue_date" if n == 0 else "the call before",
            days[n - 1] if n else t.issue_date,
        )
        if t.maturity_date and day >= t.maturity_date:
            yield order(f"calls.{n}.date", day, "before", "maturity_date", t.maturity_date)


def paper(t: CommercialPaper, today: date) -> Iterator[Refusal]:
    """1 to 364 days, within the programme's ceiling."""
    if t.maturity_date and t.issue_date:
        days = (t.maturity_date - t.issue_date).days
        if days > 364:
            yield errors.TENOR("/maturity_date", days=days)
    if t.volume and t.programme_ceiling and t.volume.authorised > t.programme_ceiling:
        yield errors.CEILING(
            "/volume/authorised", volume=f"{t.volume.authorised:f}", ceiling=f"{t.programme_ceiling:f}"
        )


def _below(floor: Decimal | None, cap: Decimal | None) -> bool:
    return floor is None or cap is None or floor < cap
