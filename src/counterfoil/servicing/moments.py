"""When an event is recorded and paid: days by the terms' calendar, hours by the depository's clock in Frankfurt."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from counterfoil.core.calendar import add_business_days

ZONE = ZoneInfo("Europe/Berlin")
_RECORD_AT = time(18)
"""The close of the record date: free deliveries settle until then (DOMAIN section 3.5)."""
_EX_IS_RECORD_DATE_FROM = date(2027, 10, 11)
"""From the first day of settlement after one business day on."""
_TARGET = "TARGET"
_PAYMENT_AT = time(10)
"""Payments are made by the issuer's agent before noon (DOMAIN section 3.7)."""


def record_date(payment: date, calendar: str) -> date:
    """The business day before the payment.

    >>> str(record_date(date(2027, 12, 27), "TARGET"))
    '2027-12-24'
    """
    return add_business_days(payment, -1, calendar)


def ex_date(recorded: date) -> date:
    """From this trade date on a buyer has no right to what is recorded on the day (DOMAIN section 3.7).

    >>> str(ex_date(date(2026, 11, 30))), str(ex_date(date(2027, 11, 30)))
    ('2026-11-27', '2027-11-30')
    """
    return recorded if recorded >= _EX_IS_RECORD_DATE_FROM else add_business_days(recorded, -1, _TARGET)


def record_moment(day: date) -> datetime:
    """The instant as of which holders are recorded: what is booked by then counts.

    >>> str(record_moment(date(2026, 7, 1)))
    '2026-07-01 16:00:00+00:00'
    """
    return datetime.combine(day, _RECORD_AT, ZONE).astimezone(UTC)


def exercise_deadline(day: date) -> datetime:
    """Until when units can be exercised to be valued on a day: free movements end then."""
    return record_moment(day)


def payment_moment(day: date) -> datetime:
    """The instant from which a payment is made."""
    return datetime.combine(day, _PAYMENT_AT, ZONE).astimezone(UTC)


def known_for_good(day: date, recorded: date | None) -> datetime:
    """From when on what nobody has stated of a day, or of those before it, is taken not to have happened: from the
    day's end, but in time for the record.
    """
    over = start_of_day(day + timedelta(days=1))
    return over if recorded is None else min(over, record_moment(recorded))


def start_of_day(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)
