"""Bonds, notes and commercial paper: coupons and redemption of one denomination."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from counterfoil.core.errors import Refused
from counterfoil.core.money import ARITHMETIC, Rounding, minor_units, round_to
from counterfoil.instruments import errors
from counterfoil.instruments.daycount import year_fraction
from counterfoil.instruments.payoff.observations import Observations
from counterfoil.instruments.payoff.result import Coupon, Outcome, Payoff, Step
from counterfoil.instruments.schedule import Accrual, Event, EventKind, schedule
from counterfoil.instruments.terms import Bond, CommercialPaper
from counterfoil.instruments.terms.debt import FloatingInterest, ZeroInterest


def debt(terms: Bond | CommercialPaper, observations: Observations) -> Payoff:
    """Coupons N·rate·fraction, each rounded half up to the cent, and N·redemption at maturity or at a call, with what
    has accrued until then.

    A floating rate is index + margin within floor and cap. N 1,000, 2.875 % a year, ACT/ACT ICMA:

    >>> pay("bond")
    'coupons 28.75 28.75 28.75 28.75 28.75; 1000.00'
    >>> pay("commercial_paper")
    '100000.00'
    """
    steps = [Step("N", "denomination", terms.denomination)]
    events = schedule(terms)
    end, percent, outcome = _end(terms, observations, events, steps)
    rates = {fixing.date: fixing.rate_percent for fixing in observations.rates}
    due = [cut for e in events if e.kind is EventKind.COUPON and (cut := _until(terms, e, end))]
    coupons = tuple(_coupons(terms, [e for e in due if _known(e.day, observations)], rates, steps))
    if not _known(end.day, observations):
        return Payoff(
            Outcome.RUNNING,
            terms.denomination,
            terms.currency,
            Decimal(0),
            (),
            coupons,
            None,
            None,
            tuple(steps),
        )
    cash = _rounded(terms, Fraction(terms.denomination) * Fraction(percent) / 100)
    steps.append(Step("redemption", f"N · {percent:f} %, rounded half up", cash))
    return Payoff(
        outcome, terms.denomination, terms.currency, cash, (), coupons, end.day, end.payment, tuple(steps)
    )


def _known(day: date, observations: Observations) -> bool:
    return observations.as_of is None or day <= observations.as_of


def _until(terms: Bond | CommercialPaper, coupon: Event, end: Event) -> Event | None:
    """The coupon as it is; cut to what has accrued where a call falls into its period; None after the end."""
    accrual = coupon.accrual
    if accrual is None or end.kind is EventKind.REDEMPTION or accrual.end <= end.day:
        return coupon
    if accrual.start >= end.day or not isinstance(terms, Bond) or isinstance(terms.interest, ZeroInterest):
        return None
    fraction = year_fraction(terms.interest.day_count, accrual.start, end.day, reference=accrual.reference)
    accrued = replace(accrual, end=end.day, fraction=fraction)
    return replace(coupon, day=end.day, payment=end.payment, accrual=accrued)


def _end(
    terms: Bond | CommercialPaper, observations: Observations, events: tuple[Event, ...], steps: list[Step]
) -> tuple[Event, Decimal, Outcome]:
    """The event that ends the debt, its redemption in percent."""
    last = next(event for event in events if event.kind is EventKind.REDEMPTION)
    if observations.called_on is None:
        return last, terms.redemption_percent if isinstance(terms, Bond) else Decimal(100), Outcome.REDEEMED
    rights = (EventKind.ISSUER_CALL, EventKind.HOLDER_PUT)
    called = next((e for e in events if e.kind in rights and e.day == observations.called_on), None)
    if called is None or not isinstance(terms, Bond):
        reason = f"The terms have no call or put on {observations.called_on}"
        raise Refused(errors.OBSERVATION_ODD("/called_on", reason=reason))
    steps.append(Step("called", called.pointer, called.day))
    percent = terms.calls[int(called.pointer.rpartition("/")[2])].price_percent
    return called, percent, Outcome.CALLED


def _coupons(
    terms: Bond | CommercialPaper, due: list[Event], rates: dict[date, Decimal], steps: list[Step]
) -> Iterator[Coupon]:
    for event in due:
        accrual, payment = event.accrual, event.payment
        if accrual is None or payment is None:
            continue
        rate = _rate(terms, accrual, rates, steps)
        exact = Fraction(terms.denomination) * Fraction(rate) * accrual.fraction / 100
        amount = _rounded(terms, exact)
        formula = f"N · {rate:f} % · {accrual.fraction} ({accrual.start} to {accrual.end}), rounded half up"
        steps.append(Step(f"coupon of {event.day}", formula, amount))
        yield Coupon(payment, amount, event.pointer)


def _rate(
    terms: Bond | CommercialPaper, accrual: Accrual, rates: dict[date, Decimal], steps: list[Step]
) -> Decimal:
    """The rate of a period in percent a year."""
    if accrual.rate_percent is not None:
        return accrual.rate_percent
    interest = terms.interest if isinstance(terms, Bond) else None
    if not isinstance(interest, FloatingInterest) or accrual.fixing not in rates:
        what = f"the rate fixed on {accrual.fixing}"
        raise Refused(errors.OBSERVATION_MISSING("/rates", what=what))
    with localcontext(ARITHMETIC):
        rate = rates[accrual.fixing] + interest.margin_percent
    if interest.floor_percent is not None:
        rate = max(rate, interest.floor_percent)
    if interest.cap_percent is not None:
        rate = min(rate, interest.cap_percent)
    steps.append(Step("rate", f"{interest.index} on {accrual.fixing} + margin, within floor and cap", rate))
    return rate


def _rounded(terms: Bond | CommercialPaper, exact: Fraction) -> Decimal:
    return round_to(exact, minor_units(terms.currency) or 0, Rounding.HALF_UP)
