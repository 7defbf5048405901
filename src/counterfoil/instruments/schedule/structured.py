"""Events of structured products."""

from collections.abc import Iterator
from datetime import date

from counterfoil.core.calendar import Convention, add_business_days, adjust, is_calendar
from counterfoil.instruments.schedule.coupons import coupons
from counterfoil.instruments.schedule.events import Event, EventKind
from counterfoil.instruments.terms import Structured
from counterfoil.instruments.terms.fields import Barrier, Coupons, Monitoring, Style
from counterfoil.instruments.terms.structured import (
    CapitalProtectionCoupon,
    DoubleKnockOut,
    Express,
    SpreadWarrant,
    Warrant,
)

BARRIERS = ("barrier", "lower_barrier", "upper_barrier")


def fixing_calendar(terms: Structured) -> str:
    """Where prices are fixed: the exchange's calendar if it is known here, else the calendar of payments."""
    mic = terms.fixing.mic if terms.fixing else ""
    return mic if mic and is_calendar(mic) else terms.calendar


def valuation_day(terms: Structured, day: date) -> date:
    """A valuation on a closed day is made on the next open one, whatever payments do."""
    return adjust(day, Convention.FOLLOWING, fixing_calendar(terms))


def payment_day(terms: Structured, valuation: date) -> date:
    """When an amount fixed on `valuation` is paid, where the terms do not name a day."""
    return add_business_days(valuation, terms.payment_lag, terms.calendar)


def redemption_day(terms: Structured, valuation: date) -> date:
    """The maturity date by the convention, never before the final valuation."""
    if terms.maturity_date is None:
        return payment_day(terms, valuation)
    return max(adjust(terms.maturity_date, terms.convention, terms.calendar), valuation)


def barrier_window(terms: Structured, barrier: Barrier | None) -> tuple[date, date | None]:
    """First and last day on which a barrier counts; None is open-ended. `None` asks for the whole life."""
    first = (barrier and barrier.observed_from) or terms.issue_date
    last = (barrier and barrier.observed_to) or terms.final_valuation_date
    return first, last and valuation_day(terms, last)


def structured(terms: Structured) -> Iterator[Event]:
    """Every event of a structured product, unordered. An open-ended one has no end."""
    if terms.initial_valuation_date:
        yield Event(EventKind.INITIAL_FIXING, valuation_day(terms, terms.initial_valuation_date))
    interest: Coupons | None = getattr(terms, "coupons", None)
    if interest and terms.maturity_date:
        yield from coupons(terms, interest, terms.maturity_date, "/coupons")
    yield from _barriers(terms)
    if isinstance(terms, Express | CapitalProtectionCoupon):
        for i, planned in enumerate(observation.date for observation in terms.observations):
            day = valuation_day(terms, planned)
            last = planned == terms.final_valuation_date
            paid = redemption_day(terms, day) if last else payment_day(terms, day)
            yield Event(EventKind.OBSERVATION, day, paid, f"/observations/{i}")
    if isinstance(terms, Warrant | SpreadWarrant | DoubleKnockOut):
        yield from _exercise(terms)
    if terms.final_valuation_date:
        day = valuation_day(terms, terms.final_valuation_date)
        yield Event(EventKind.FINAL_FIXING, day)
        if terms.class_.startswith("2"):
            yield Event(EventKind.EXPIRY, day)
        yield Event(EventKind.REDEMPTION, day, redemption_day(terms, day))
    elif terms.maturity_date:
        paid = adjust(terms.maturity_date, terms.convention, terms.calendar)
        yield Event(EventKind.REDEMPTION, paid, paid)


def _barriers(terms: Structured) -> Iterator[Event]:
    names = [name for name in BARRIERS if getattr(terms, name, None)]
    if terms.class_ == "2210":
        names.append("stop_loss")
    for name in names:
        part = getattr(terms, name)
        barrier = part if isinstance(part, Barrier) else None
        if barrier and barrier.monitoring is Monitoring.FINAL:
            continue
        first, last = barrier_window(terms, barrier)
        yield Event(EventKind.BARRIER_START, first, pointer=f"/{name}")
        if last:
            yield Event(EventKind.BARRIER_END, last, pointer=f"/{name}")


def _exercise(terms: Warrant | SpreadWarrant | DoubleKnockOut) -> Iterator[Event]:
    """The window of an American style; other styles are exercised at expiry."""
    if isinstance(terms, DoubleKnockOut) or terms.style is not Style.AMERICAN:
        return
    yield Event(EventKind.EXERCISE_START, terms.value_date or terms.issue_date)
    if terms.final_valuation_date:
        yield Event(EventKind.EXERCISE_END, valuation_day(terms, terms.final_valuation_date))
