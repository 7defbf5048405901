"""What a security pays, from its terms and what was observed: pure, in Decimal, with every step written down.

One module a family; each function states its formula and a worked example. In the examples `pay` takes a class,
some of its terms and the observations, and gives coupons and cash or deliveries as text (tests/instruments).
"""

from collections.abc import Callable
from decimal import localcontext
from typing import Any

from counterfoil.core.errors import Refused
from counterfoil.core.money import ARITHMETIC
from counterfoil.instruments import errors
from counterfoil.instruments.payoff import (
    capital_protection,
    credit,
    debt,
    express,
    factor,
    knock_outs,
    participation,
    warrants,
    yield_enhancement,
)
from counterfoil.instruments.payoff.interest import fixed_coupons
from counterfoil.instruments.payoff.observations import (
    BarrierState,
    CreditEvent,
    Observations,
    Price,
    RateFixing,
)
from counterfoil.instruments.payoff.result import Coupon, Delivery, Outcome, Payoff, Step
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.terms import Bond, CommercialPaper, Envelope, Structured
from counterfoil.instruments.terms import structured as classes

__all__ = [
    "BarrierState",
    "Coupon",
    "CreditEvent",
    "Delivery",
    "Observations",
    "Outcome",
    "Payoff",
    "Price",
    "RateFixing",
    "Step",
    "payoff",
]

_FORMULAS: dict[type[Structured], Callable[[Any, Worksheet], Payoff]] = {
    classes.CapitalProtection: capital_protection.uncapped,
    classes.Exchangeable: capital_protection.exchangeable,
    classes.CappedCapitalProtection: capital_protection.capped,
    classes.CapitalProtectionKnockOut: capital_protection.knock_out,
    classes.CapitalProtectionCoupon: capital_protection.coupon,
    classes.Discount: yield_enhancement.discount,
    classes.BarrierDiscount: yield_enhancement.barrier_discount,
    classes.ReverseConvertible: yield_enhancement.reverse_convertible,
    classes.BarrierReverseConvertible: yield_enhancement.barrier_reverse_convertible,
    classes.CappedOutperformance: yield_enhancement.capped_outperformance,
    classes.CappedBonus: yield_enhancement.capped_bonus,
    classes.Express: express.express,
    classes.Tracker: participation.tracker,
    classes.Outperformance: participation.outperformance,
    classes.Bonus: participation.bonus,
    classes.OutperformanceBonus: participation.outperformance_bonus,
    classes.TwinWin: participation.twin_win,
    classes.CreditLinked: credit.credit_linked,
    classes.Warrant: warrants.warrant,
    classes.SpreadWarrant: warrants.spread_warrant,
    classes.KnockOut: knock_outs.knock_out,
    classes.MiniFuture: knock_outs.mini_future,
    classes.DoubleKnockOut: knock_outs.double_knock_out,
    classes.ConstantLeverage: factor.constant_leverage,
}
_ENDS_ON_THE_WAY = (
    classes.CapitalProtectionCoupon,
    classes.Express,
    classes.CreditLinked,
    classes.KnockOut,
    classes.MiniFuture,
    classes.DoubleKnockOut,
)
"""Classes with events before the end: their formulas know what to do while the product is running."""
_CASH_ONLY = frozenset(
    ("1100", "1120", "1130", "1140", "2100", "2110", "2200", "2205", "2210", "2230", "2300")
)


def payoff(terms: Envelope, observations: Observations) -> Payoff:
    """The redemption amount or delivery, and the coupons, of one unit or denomination of valid terms.

    Raises `Refused`: INS-060 where an observation is missing, INS-061 where one does not fit the terms, INS-062 where
    the terms have no formula (free terms, a delivery that the class does not define).
    """
    if isinstance(terms, Bond | CommercialPaper):
        return debt.debt(terms, observations)
    if isinstance(terms, classes.FreeTerms):
        raise Refused(
            errors.NO_FORMULA("/class", reason=f"Class {terms.class_} has free terms without a formula")
        )
    formula = _FORMULAS.get(type(terms)) if isinstance(terms, Structured) else None
    if formula is None or not isinstance(terms, Structured):
        raise TypeError(f"no payoff for {type(terms).__name__}")
    if terms.class_ in _CASH_ONLY and terms.settlement != "cash":
        raise Refused(
            errors.NO_FORMULA("/settlement", reason=f"Class {terms.class_} is computed in cash only")
        )
    with localcontext(ARITHMETIC):
        sheet = Worksheet(terms, observations)
        if not sheet.over and not isinstance(terms, _ENDS_ON_THE_WAY):
            return _running(terms, sheet)
        try:
            return formula(terms, sheet)
        except (
            ArithmeticError
        ) as error:  # an underlying at zero that others are divided by, a value without bounds
            reason = f"The observations lead to no number ({type(error).__name__})"
            raise Refused(errors.OBSERVATION_ODD("/prices", reason=reason)) from error


def _running(terms: Structured, sheet: Worksheet) -> Payoff:
    """Before the end only interest by time is known."""
    if isinstance(terms, classes.ReverseConvertible | classes.BarrierReverseConvertible):
        return sheet.running(fixed_coupons(terms, terms.coupons, sheet.nominal(terms.strike), sheet))
    return sheet.running()
