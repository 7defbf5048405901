"""FEEL's functions that make a value of one type from another; `@"…"` literals use the same readers."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from counterfoil.orchestration.feel.texts import text, whole_number
from counterfoil.orchestration.feel.values import CONTEXT, number
from counterfoil.orchestration.iso8601 import Duration, parse_duration

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_TIME = re.compile(r"T?(\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def to_number(value: Any) -> int | Decimal:
    """`number(text)`, also of a number."""
    known = number(value)
    if known is not None:
        return known
    if len(text(value)) > 100 or not _NUMBER.fullmatch(value):
        raise ValueError("not a number")
    return int(value) if value.lstrip("-").isdigit() and len(value) <= 34 else CONTEXT.create_decimal(value)


def to_string(value: Any) -> str:
    """`string(value)` of any scalar, in the form in which FEEL writes it."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    known = number(value)
    if known is not None:
        return format(known, "f") if isinstance(known, Decimal) else str(known)
    if kind in (date, time, datetime):
        return str(value.isoformat()).replace("+00:00", "Z")
    if kind is timedelta:
        return _days_time(value)
    if kind is Duration:
        years, months = divmod(abs(value.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.months < 0 else "") + "P" + (parts or "0M")
    raise TypeError("only a scalar has a text form")


def _days_time(span: timedelta) -> str:
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    days = f"{span.days}D" if span.days else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    return f"{sign}P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"


def to_date(*values: Any) -> date:
    """`date(text)`, `date(instant)` or `date(year, month, day)`."""
    if len(values) == 3:
        return date(*(whole_number(value) for value in values))
    (value,) = values
    if type(value) is datetime:
        return value.date()
    if type(value) is date:
        return value
    if not _DATE.fullmatch(text(value)):
        raise ValueError("not a date")
    return date.fromisoformat(value)


def to_time(*values: Any) -> time:
    """`time(text)`, `time(instant)` or `time(hour, minute, second)`."""
    if len(values) == 3:
        hour, minute, second = (whole_number(value) for value in values)
        return time(hour, minute, second)
    (value,) = values
    if type(value) is datetime:
        return value.timetz()
    match = _TIME.fullmatch(text(value))
    if match is None:
        raise ValueError("not a time")
    return time.fromisoformat(match[1])


def to_date_time(*values: Any) -> datetime:
    """`date and time(text)` or `date and time(date, time)`; an offset, but no name of a zone."""
    if len(values) == 2:
        day, clock = values
        if type(clock) is not time or type(day) not in (date, datetime):
            raise TypeError("a date and a time are wanted")
        return datetime.combine(day.date() if type(day) is datetime else day, clock)
    (value,) = values
    if type(value) is datetime:
        return value
    if type(value) is date:
        return datetime.combine(value, time())
    day_text, _, clock_text = text(value).partition("T")
    return datetime.combine(to_date(day_text), to_time(clock_text) if clock_text else time())


def to_duration(value: Any) -> timedelta | Duration:
    """`duration(text)`: days and time, or years and months, never both."""
    if type(value) in (timedelta, Duration):
        return value  # type: ignore[no-any-return]  # narrowed by the line above
    span = parse_duration(text(value))
    if span.months and span.exact:
        raise ValueError("a duration has either months or days")
    calendar = bool(span.months) or re.fullmatch(r"-?P\d+[YM](\d+M)?", value) is not None
    return Duration(span.months) if calendar else span.exact


def months_between(start: Any, end: Any) -> Duration:
    """`years and months duration(from, to)`: the whole months from one date to another."""
    first, last = to_date(start), to_date(end)
    sign, (first, last) = (-1, (last, first)) if last < first else (1, (first, last))
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return Duration(sign * months)


def at_literal(content: str) -> Any:
    """The value of `@"…"`: whichever of date, instant, time and duration the text writes. ValueError."""
    if content.lstrip("-").startswith("P"):
        return to_duration(content)
    if "T" in content[1:]:
        return to_date_time(content)
    return to_date(content) if _DATE.fullmatch(content) else to_time(content)
