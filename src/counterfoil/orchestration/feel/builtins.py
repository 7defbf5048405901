"""FEEL's built-in functions by name, each with the number of arguments it takes.

A function refuses what it does not apply to with TypeError, ValueError or an arithmetic error; the call then
yields null, as FEEL wants.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from functools import reduce
from typing import Any

from counterfoil.orchestration.feel import conversions, texts
from counterfoil.orchestration.feel.failure import FeelError
from counterfoil.orchestration.feel.nodes import ITERATIONS
from counterfoil.orchestration.feel.texts import text, whole_number
from counterfoil.orchestration.feel.values import CONTEXT, add, equal, less, multiply, number, whole


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function and how many arguments it takes."""

    function: Callable[..., Any]
    least: int
    most: int


def _known(value: Any) -> int | Decimal:
    known = number(value)
    if known is None:
        raise TypeError("a number is wanted")
    return known


def _rounded(mode: str) -> Callable[..., Any]:
    def function(value: Any, scale: Any = 0) -> Any:
        places = whole_number(scale)
        if abs(places) > 6000:
            raise ValueError("a scale is at most 6000")
        result = Decimal(_known(value)).quantize(Decimal(1).scaleb(-places), rounding=mode, context=CONTEXT)
        return result if places > 0 else whole(result)

    return function


def _modulo(dividend: Any, divisor: Any) -> Any:
    x, y = _known(dividend), _known(divisor)
    if type(x) is int and type(y) is int:
        return x % y
    quotient = CONTEXT.divide(Decimal(x), y).to_integral_value(ROUND_FLOOR)
    return CONTEXT.subtract(Decimal(x), CONTEXT.multiply(quotient, y))


def _absolute(value: Any) -> Any:
    x = _known(value)
    return CONTEXT.abs(x) if isinstance(x, Decimal) else abs(x)


def _list(value: Any) -> list[Any]:
    """A list; a single value is a list of one (DMN 1.3, 10.3.2.9.4)."""
    if value is None:
        raise TypeError("a list is wanted")
    return list(value) if type(value) in (list, tuple) else [value]


def _over_list(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Lets a function be called with one list or with the entries themselves."""
    return lambda *values: function(_list(values[0]) if len(values) == 1 else list(values))


def _sum(values: list[Any]) -> Any:
    return reduce(add, map(_known, values), 0)


def _product(values: list[Any]) -> Any:
    return reduce(multiply, map(_known, values), 1)


def _mean(values: list[Any]) -> Any:
    return CONTEXT.divide(Decimal(_sum(values)), Decimal(len(values))) if values else None


def _extreme(smallest: bool) -> Callable[[list[Any]], Any]:
    def function(values: list[Any]) -> Any:
        if not values:
            return None
        best = values[0]
        for value in values[1:]:
            closer = less(value, best) if smallest else less(best, value)
            if closer is None:
                return None
            best = value if closer else best
        return best

    return function


def _all(values: list[Any]) -> bool | None:
    return False if any(v is False for v in values) else True if all(v is True for v in values) else None


def _any(values: list[Any]) -> bool | None:
    return True if any(v is True for v in values) else False if all(v is False for v in values) else None


def _contains(values: Any, wanted: Any) -> bool:
    return any(equal(value, wanted) is True for value in _list(values))


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for steps, value in enumerate(values):
        if (steps + 1) * len(found) > ITERATIONS * 10:
            raise FeelError("a list is too long to tell its distinct values")
        if not any(equal(value, other) is True for other in found):
            found.append(value)
    return found


def _concatenated(*lists: Any) -> list[Any]:
    joined = [item for part in lists for item in _list(part)]
    if len(joined) > ITERATIONS:
        raise FeelError(f"a list grows beyond {ITERATIONS} entries")
    return joined


def _flattened(value: Any, depth: int = 0) -> list[Any]:
    if depth > 50:
        raise ValueError("too deep")
    nested = (_flattened(item, depth + 1) if type(item) in (list, tuple) else [item] for item in _list(value))
    return _concatenated(*nested)


def _sublist(values: Any, start: Any, length: Any = None) -> list[Any]:
    items, position = _list(values), whole_number(start)
    if position == 0 or abs(position) > len(items):
        raise ValueError("outside the list")
    first = position - 1 if position > 0 else len(items) + position
    return items[first:] if length is None else items[first : first + max(whole_number(length), 0)]


def _inserted(values: Any, position: Any, value: Any) -> list[Any]:
    items = _list(values)
    head = _sublist(items, 1, whole_number(position) - 1)
    return [*head, value, *_sublist(items, position)]


def _removed(values: Any, position: Any) -> list[Any]:
    items, tail = _list(values), _sublist(values, position)
    return items[: len(items) - len(tail)] + tail[1:]


def _value_of(context: Any, key: Any) -> Any:
    if type(context) is not dict:
        raise TypeError("a context is wanted")
    return context.get(text(key))


def _entries(context: Any) -> list[dict[str, Any]]:
    if type(context) is not dict:
        raise TypeError("a context is wanted")
    return [{"key": key, "value": value} for key, value in context.items()]


def _put(context: Any, key: Any, value: Any) -> dict[str, Any]:
    if type(context) is not dict:
        raise TypeError("a context is wanted")
    return {**context, text(key): value}


def negation(value: Any) -> bool | None:
    """`not(value)`, three-valued."""
    return not value if type(value) is bool else None


_ANY_NUMBER = 1_000
_TABLE: list[tuple[str, Callable[..., Any], int, int]] = [
    ("not", negation, 1, 1),
    ("contains", lambda a, b: text(b) in text(a), 2, 2),
    ("starts with", lambda a, b: text(a).startswith(text(b)), 2, 2),
    ("ends with", lambda a, b: text(a).endswith(text(b)), 2, 2),
    ("matches", texts.matching, 2, 3),
    ("replace", texts.replaced, 3, 4),
    ("split", texts.split, 2, 2),
    ("string join", texts.joined, 1, 2),
    ("string length", lambda a: len(text(a)), 1, 1),
    ("upper case", lambda a: text(a).upper(), 1, 1),
    ("lower case", lambda a: text(a).lower(), 1, 1),
    ("trim", lambda a: text(a).strip(), 1, 1),
    ("substring", texts.substring, 2, 3),
    ("substring before", texts.before, 2, 2),
    ("substring after", texts.after, 2, 2),
    ("abs", _absolute, 1, 1),
    ("floor", _rounded(ROUND_FLOOR), 1, 2),
    ("ceiling", _rounded(ROUND_CEILING), 1, 2),
    ("round half up", _rounded(ROUND_HALF_UP), 1, 2),
    ("round half even", _rounded(ROUND_HALF_EVEN), 1, 2),
    ("round up", _rounded(ROUND_UP), 2, 2),
    ("round down", _rounded(ROUND_DOWN), 2, 2),
    ("decimal", _rounded(ROUND_HALF_EVEN), 2, 2),
    ("modulo", _modulo, 2, 2),
    ("odd", lambda a: whole_number(a) % 2 == 1, 1, 1),
    ("even", lambda a: whole_number(a) % 2 == 0, 1, 1),
    ("count", lambda a: len(_list(a)), 1, 1),
    ("is empty", lambda a: not _list(a), 1, 1),
    ("sum", _over_list(_sum), 1, _ANY_NUMBER),
    ("product", _over_list(_product), 1, _ANY_NUMBER),
    ("mean", _over_list(_mean), 1, _ANY_NUMBER),
    ("min", _over_list(_extreme(smallest=True)), 1, _ANY_NUMBER),
    ("max", _over_list(_extreme(smallest=False)), 1, _ANY_NUMBER),
    ("all", _over_list(_all), 1, _ANY_NUMBER),
    ("any", _over_list(_any), 1, _ANY_NUMBER),
    ("list contains", _contains, 2, 2),
    ("append", lambda a, *items: _concatenated(a, list(items)), 2, _ANY_NUMBER),
    ("concatenate", _concatenated, 1, _ANY_NUMBER),
    ("union", lambda *lists: _distinct(_concatenated(*lists)), 1, _ANY_NUMBER),
    ("distinct values", lambda a: _distinct(_list(a)), 1, 1),
    ("flatten", lambda a: _flattened([a]), 1, 1),
    ("reverse", lambda a: _list(a)[::-1], 1, 1),
    ("sublist", _sublist, 2, 3),
    ("insert before", _inserted, 3, 3),
    ("remove", _removed, 2, 2),
    ("index of", lambda a, b: [i for i, v in enumerate(_list(a), 1) if equal(v, b) is True], 2, 2),
    ("get value", _value_of, 2, 2),
    ("get entries", _entries, 1, 1),
    ("context put", _put, 3, 3),
    ("get or else", lambda a, b: b if a is None else a, 2, 2),
    ("string", conversions.to_string, 1, 1),
    ("number", conversions.to_number, 1, 1),
    ("date", conversions.to_date, 1, 3),
    ("time", conversions.to_time, 1, 3),
    ("date and time", conversions.to_date_time, 1, 2),
    ("duration", conversions.to_duration, 1, 1),
    ("years and months duration", conversions.months_between, 2, 2),
]
BUILTINS = {name: Builtin(function, least, most) for name, function, least, most in _TABLE}
