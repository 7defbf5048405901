"""Coupon events of terms that pay interest by time."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from counterfoil.core.calendar import add_business_days, adjust
from counterfoil.instruments.daycount import year_fraction
from counterfoil.instruments.schedule.events import Accrual, Event, EventKind
from counterfoil.instruments.schedule.periods import Period, Roll, periods
from counterfoil.instruments.terms import Envelope
from counterfoil.instruments.terms.debt import FixedInterest, FloatingInterest, StepInterest
from counterfoil.instruments.terms.fields import Coupons

Interest = FixedInterest | StepInterest | FloatingInterest | Coupons


def coupons(terms: Envelope, interest: Interest, maturity: date, pointer: str) -> Iterator[Event]:
    """Fixings (of a floating rate) and payments, in order of their periods. Interest runs from the issue date."""
    single = interest.frequency == 0
    months = 12 if single else 12 // interest.frequency
    roll = Roll(months, interest.end_of_month, interest.adjusted, terms.convention, terms.calendar)
    cut = periods(terms.issue_date, maturity, roll, interest.first_date, interest.last_date, single=single)
    rate = _rate_rule(interest)
    for number, period in enumerate(cut):
        fixing = None
        where = f"{pointer}/periods/{number}"
        if isinstance(interest, FloatingInterest):
            fixing = add_business_days(period.start, -interest.fixing_lag, terms.calendar)
            yield Event(EventKind.RATE_FIXING, fixing, pointer=where)
        yield Event(
            EventKind.COUPON,
            period.end,
            adjust(period.due, terms.convention, terms.calendar),
            where,
            accrual(interest, period, rate(period.start), fixing, cut[-1].end),
        )


def accrual(
    interest: Interest, period: Period, rate_percent: Decimal | None, fixing: date | None, maturity: date
) -> Accrual:
    """The period with its day count fraction."""
    fraction = year_fraction(
        interest.day_count, period.start, period.end, reference=period.reference, maturity=maturity
    )
    return Accrual(period.start, period.end, fraction, rate_percent, period.reference, fixing)


def _rate_rule(interest: Interest) -> Callable[[date], Decimal | None]:
    """The rate of a period by its start: a step counts from the first period that starts on or after it."""
    match interest:
        case FloatingInterest():
            return lambda _: None
        case StepInterest():
            steps = interest.steps
            return lambda start: [s.rate_percent for s in steps if s.from_date <= start or s is steps[0]][-1]
        case _:
            return lambda _: interest.rate_percent
