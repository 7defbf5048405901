"""When a timer is due (ISO 8601 dates, durations and cycles)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from counterfoil.orchestration.bpmn.model import Timer, TimerKind

_DURATION = re.compile(
    r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(\d{0,6})/(.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Due:
    """The next time, and for a cycle how often it is repeated (None: for ever) and after how long."""

    at: datetime
    repeats: int | None = None
    every: timedelta | None = None


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds. Raises ValueError.

    >>> parse_duration("PT1H30M")
    datetime.timedelta(seconds=5400)
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()) or text.endswith("T"):
        raise ValueError(f'"{text[:60]}" is no ISO 8601 duration')
    weeks, days, hours, minutes, seconds = (float(g) if g else 0.0 for g in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date and time with an offset. Raises ValueError."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f'"{text[:60]}" has no offset from UTC')
    return value.astimezone(UTC)


def due(timer: Timer, variables: Mapping[str, Any], now: datetime) -> Due:
    """When the timer fires next. Raises ValueError for a value that is no time, FeelError for no value."""
    value = timer.expression.evaluate(variables)
    if timer.kind is TimerKind.DATE:
        return Due(value if isinstance(value, datetime) else parse_instant(str(value)))
    if timer.kind is TimerKind.DURATION:
        return Due(now + (value if isinstance(value, timedelta) else parse_duration(str(value))))
    match = _CYCLE.fullmatch(str(value))
    if match is None:
        raise ValueError(f'"{str(value)[:60]}" is no ISO 8601 cycle')
    every = parse_duration(match[2])
    if every < timedelta(seconds=1):
        raise ValueError("a cycle is at least one second long")
    return Due(now + every, int(match[1]) - 1 if match[1] else None, every)
