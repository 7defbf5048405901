"""FEEL's values, their kinds, and what comparing and calculating with them means.

A number is an `int` or a `Decimal` (34 digits, IEEE 754 decimal128); whole numbers stay `int`, so that a counter
in a process variable remains a JSON number. A day-time duration is a `timedelta`, a year-month duration a
`Duration` of whole months. Where FEEL has no answer because of the types, the answer is None (null).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from enum import Enum
from typing import Any

from counterfoil.orchestration.feel.failure import FeelError
from counterfoil.orchestration.iso8601 import Duration, add_months, shift_date

CONTEXT = Context(prec=34, Emax=6144, Emin=-6143, traps=[DivisionByZero, InvalidOperation, Overflow])
_WHOLE_MAX = 10**34
TEXT_LENGTH = 1_000_000
"""Characters of the longest text that an expression may build."""


class Kind(Enum):
    """The types that FEEL tells apart."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"
    DAYS_TIME = "days and time duration"
    YEARS_MONTHS = "years and months duration"
    LIST = "list"
    CONTEXT = "context"
    RANGE = "range"


KINDS: dict[type, Kind] = {
    int: Kind.NUMBER, Decimal: Kind.NUMBER, float: Kind.NUMBER, str: Kind.STRING, bool: Kind.BOOLEAN,
    date: Kind.DATE, time: Kind.TIME, datetime: Kind.DATE_TIME, timedelta: Kind.DAYS_TIME,
    Duration: Kind.YEARS_MONTHS, list: Kind.LIST, tuple: Kind.LIST, dict: Kind.CONTEXT,
}  # fmt: skip
_ORDERED = frozenset({Kind.NUMBER, Kind.STRING, Kind.DATE, Kind.TIME, Kind.DATE_TIME, Kind.DAYS_TIME})
_PLAIN = frozenset({int, str, bool, Decimal, date, datetime, time, timedelta, Duration, type(None)})


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is not closed does not belong to it."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool

    def holds(self, value: Any) -> bool | None:
        """Whether `value` lies inside; None where it cannot be compared with the ends."""
        above = less(self.low, value, or_equal=self.low_closed)
        below = less(value, self.high, or_equal=self.high_closed)
        return None if above is None or below is None else above and below


KINDS[Range] = Kind.RANGE


def number(value: Any) -> int | Decimal | None:
    """`value` where it is a number (a float by its shortest decimal form), else None."""
    kind = type(value)
    if kind is int or kind is Decimal:
        return value  # type: ignore[no-any-return]  # narrowed by the line above
    if kind is float:
        exact = Decimal(repr(value))
        return exact if exact.is_finite() else None
    return None


def whole(value: Decimal) -> int | Decimal:
    """`value` as an int where it is one of at most 34 digits."""
    return int(value) if value == value.to_integral_value() and abs(value) < _WHOLE_MAX else value


def equal(a: Any, b: Any) -> bool | None:
    """FEEL's `=`: null equals null only; values of different kinds cannot be compared (None)."""
    kind = type(a)
    if kind is type(b) and kind in _PLAIN:
        return bool(a == b)
    if a is None or b is None:
        return False
    sort = KINDS.get(kind)
    if sort is None or sort is not KINDS.get(type(b)):
        return None
    if sort is Kind.LIST:
        return len(a) == len(b) and all(equal(x, y) is True for x, y in zip(a, b, strict=True))
    if sort is Kind.CONTEXT:
        return a.keys() == b.keys() and all(equal(x, b[key]) is True for key, x in a.items())
    return bool(a == b)


def less(a: Any, b: Any, *, or_equal: bool = False) -> bool | None:
    """FEEL's `<` and `<=`: None unless both are of one ordered kind (and both have an offset, or neither)."""
    kind = KINDS.get(type(a))
    if kind is not KINDS.get(type(b)):
        return None
    if kind is Kind.YEARS_MONTHS:
        a, b = a.months, b.months
    elif kind not in _ORDERED:
        return None
    try:
        return bool(a <= b) if or_equal else bool(a < b)
    except TypeError:
        return None


def matches(value: Any, test: Any) -> bool | None:
    """FEEL's `value in test`: inside a range, one of a list, or equal."""
    if type(test) is Range:
        return test.holds(value)
    if type(test) in (list, tuple):
        return any(
            (item.holds(value) if type(item) is Range else equal(value, item)) is True for item in test
        )
    return equal(value, test)


def add(a: Any, b: Any) -> Any:
    """FEEL's `+`: numbers, texts, and points or spans of time."""
    if type(a) is str and type(b) is str:
        if len(a) + len(b) > TEXT_LENGTH:
            raise FeelError(f"a text grows beyond {TEXT_LENGTH} characters")
        return a + b
    x, y = number(a), number(b)
    if x is not None and y is not None:
        return _bounded(x + y) if type(x) is int and type(y) is int else CONTEXT.add(Decimal(x), y)
    return _added_time(a, b)


def subtract(a: Any, b: Any) -> Any:
    """FEEL's `-`."""
    x, y = number(a), number(b)
    if x is not None and y is not None:
        return _bounded(x - y) if type(x) is int and type(y) is int else CONTEXT.subtract(Decimal(x), y)
    if type(b) is timedelta or type(b) is Duration:
        return _added_time(a, negate(b))
    kinds = {type(a), type(b)}
    if kinds <= {date, datetime}:
        end, start = _instant(a), _instant(b)
        return end - start if (end.tzinfo is None) == (start.tzinfo is None) else None
    if kinds == {time} and (a.tzinfo is None) == (b.tzinfo is None):
        return datetime.combine(date(2000, 1, 1), a) - datetime.combine(date(2000, 1, 1), b)
    return None


def multiply(a: Any, b: Any) -> Any:
    """FEEL's `*`: numbers, or a span of time and a number."""
    x, y = number(a), number(b)
    if x is not None and y is not None:
        return _bounded(x * y) if type(x) is int and type(y) is int else CONTEXT.multiply(Decimal(x), y)
    span, factor = (a, y) if y is not None else (b, x)
    if factor is None:
        return None
    if type(span) is timedelta:
        return _span(CONTEXT.multiply(_microseconds(span), factor))
    return Duration(int(CONTEXT.multiply(Decimal(span.months), factor))) if type(span) is Duration else None


def divide(a: Any, b: Any) -> Any:
    """FEEL's `/`: None for a division by zero."""
    x, y = number(a), number(b)
    if y is not None:
        if y == 0:
            return None
        if x is not None:
            quotient = CONTEXT.divide(Decimal(x), y)
            return whole(quotient) if type(x) is int and type(y) is int else quotient
        if type(a) is timedelta:
            return _span(CONTEXT.divide(_microseconds(a), y))
        return Duration(int(CONTEXT.divide(Decimal(a.months), y))) if type(a) is Duration else None
    if type(a) is timedelta and type(b) is timedelta and b != timedelta():
        return whole(CONTEXT.divide(_microseconds(a), _microseconds(b)))
    if type(a) is Duration and type(b) is Duration and b.months:
        return whole(CONTEXT.divide(Decimal(a.months), Decimal(b.months)))
    return None


def power(a: Any, b: Any) -> Any:
    """FEEL's `**`, over numbers; the exponent lies between -1000 and 1000."""
    x, y = number(a), number(b)
    if x is None or y is None:
        return None
    if not -1000 <= y <= 1000:
        raise FeelError("an exponent is beyond 1000")
    if x == 0 and y <= 0:
        return 1 if y == 0 else None
    result = CONTEXT.power(Decimal(x), y)
    return whole(result) if type(x) is int and type(y) is int else result


def negate(a: Any) -> Any:
    """FEEL's unary `-`."""
    if type(a) is timedelta:
        return -a
    if type(a) is Duration:
        return Duration(-a.months)
    x = number(a)
    return CONTEXT.minus(x) if type(x) is Decimal else None if x is None else -x


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
}  # fmt: skip


def _bounded(result: int) -> int | Decimal:
    return result if -_WHOLE_MAX < result < _WHOLE_MAX else CONTEXT.create_decimal(result)


def _microseconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1))


def _span(microseconds: Decimal) -> timedelta:
    return timedelta(microseconds=int(microseconds))


def _instant(value: date | datetime) -> datetime:
    """A date beside an instant means its midnight in UTC (DMN 1.3, 10.3.2.12)."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _added_time(a: Any, b: Any) -> Any:
    point, span = (b, a) if type(a) in (timedelta, Duration) else (a, b)
    kind = type(point)
    if type(span) is timedelta:
        if kind is date:
            return (datetime.combine(point, time()) + span).date()
        if kind is time:
            return (datetime.combine(date(2000, 1, 1), point) + span).timetz()
        return point + span if kind is datetime or kind is timedelta else None
    if type(span) is not Duration:
        return None
    if kind is datetime:
        return add_months(point, span.months)
    if kind is date:
        return shift_date(point, span.months)
    return Duration(point.months + span.months) if kind is Duration else None
