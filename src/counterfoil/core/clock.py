"""The only place that tells the time. A clock is passed in, so a whole settlement day can be simulated."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Protocol

stopwatch = perf_counter
"""Seconds on a monotonic scale without a date: for durations only."""


class Clock(Protocol):
    """Tells the current instant."""

    def now(self) -> datetime:
        """The current instant, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the place


class SimulatedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._now += by


def business_date(clock: Clock) -> date:
    """The calendar date of the clock in UTC; a face uses it where the caller named no business date."""
    return clock.now().date()
