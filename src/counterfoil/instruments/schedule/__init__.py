"""Every event of a security from issue to maturity, on the days on which it happens.

A schedule is bound to the calendars as they are known when it is made: a new holiday gives another schedule of the
same terms.
"""

from collections.abc import Iterator

from counterfoil.core.calendar import adjust
from counterfoil.instruments.schedule.coupons import coupons
from counterfoil.instruments.schedule.events import Accrual, Event, EventKind
from counterfoil.instruments.schedule.structured import structured
from counterfoil.instruments.terms import Bond, CommercialPaper, Envelope, Structured
from counterfoil.instruments.terms.debt import FixedInterest, ZeroInterest

__all__ = ["Accrual", "Event", "EventKind", "schedule"]

_ORDER = {kind: i for i, kind in enumerate(EventKind)}


def schedule(terms: Envelope) -> tuple[Event, ...]:
    """The events of valid terms, ordered by day. Rights (calls, exercise) are events like duties."""
    events = [Event(EventKind.ISSUE, terms.issue_date, terms.value_date or terms.issue_date)]
    match terms:
        case Bond():
            events.extend(_bond(terms))
        case CommercialPaper():
            events.extend(_paper(terms))
        case Structured():
            events.extend(structured(terms))
        case _:
            raise TypeError(f"no schedule for {type(terms).__name__}")
    return tuple(sorted(events, key=lambda e: (e.day, _ORDER[e.kind])))


def _bond(terms: Bond) -> Iterator[Event]:
    if not isinstance(terms.interest, ZeroInterest):
        yield from coupons(terms, terms.interest, terms.maturity_date, "/interest")
    for i, call in enumerate(terms.calls):
        kind = EventKind.ISSUER_CALL if call.by == "issuer" else EventKind.HOLDER_PUT
        paid = adjust(call.date, terms.convention, terms.calendar)
        yield Event(kind, call.date, paid, f"/calls/{i}")
    yield _redemption(terms)


def _paper(terms: CommercialPaper) -> Iterator[Event]:
    if terms.pricing == "interest":
        interest = FixedInterest.model_validate(
            {
                "kind": "fixed",
                "rate_percent": terms.rate_percent,
                "frequency": 0,
                "day_count": terms.day_count,
            }
        )
        yield from coupons(terms, interest, terms.maturity_date, "")
    yield _redemption(terms)


def _redemption(terms: Bond | CommercialPaper) -> Event:
    """Paid on the maturity date by the convention; the amount does not depend on the delay."""
    paid = adjust(terms.maturity_date, terms.convention, terms.calendar)
    return Event(EventKind.REDEMPTION, terms.maturity_date, paid)
