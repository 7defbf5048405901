"""Interest by time of structured products."""

from decimal import Decimal
from fractions import Fraction

from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments.payoff.result import Coupon
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.schedule.coupons import coupons
from counterfoil.instruments.terms import Structured
from counterfoil.instruments.terms.fields import Coupons


def fixed_coupons(
    terms: Structured, interest: Coupons | None, nominal: Decimal, sheet: Worksheet
) -> list[Coupon]:
    """N·rate·day count fraction for every period, exact and then rounded once; up to `as_of` where it is given."""
    as_of = sheet.observations.as_of
    result: list[Coupon] = []
    if interest is None or terms.maturity_date is None:
        return result
    for event in coupons(terms, interest, terms.maturity_date, "/coupons"):
        accrual, paid = event.accrual, event.payment
        if accrual is None or accrual.rate_percent is None or paid is None or (as_of and event.day > as_of):
            continue
        exact = Fraction(nominal) * Fraction(accrual.rate_percent) * accrual.fraction / 100
        formula = f"N · rate · {accrual.fraction} ({accrual.start} to {accrual.end}), rounded half up"
        amount = sheet.step(
            f"coupon of {event.day}", formula, round_to(exact, terms.rounding_scale, Rounding.HALF_UP)
        )
        result.append(Coupon(paid, amount, event.pointer))
    return result
