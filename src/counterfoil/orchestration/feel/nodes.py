"""The pieces that an expression is compiled to: each is a closure from variables to a value.

Only `get` is used on the variables, so that a plain dict serves at top level and a `Scope` inside loops.
"""

import operator
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from counterfoil.orchestration.feel.failure import FeelError
from counterfoil.orchestration.feel.values import Range, equal, less, matches, number
from counterfoil.orchestration.iso8601 import Duration

Node = Callable[[Any], Any]

ITERATIONS = 100_000
"""Steps of all loops and filters inside one outermost loop or filter."""
MISSING = object()


class Scope:
    """Names of a loop or filter in front of the variables around it; it also counts the loop's steps."""

    __slots__ = ("_local", "_outer", "budget")

    def __init__(self, outer: Any, local: dict[str, Any]) -> None:
        self._outer = outer
        self._local = local
        self.budget: list[int] = outer.budget if type(outer) is Scope else [ITERATIONS]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, the innermost first."""
        value = self._local.get(name, MISSING)
        return self._outer.get(name, default) if value is MISSING else value

    def step(self) -> None:
        """Count one step. Raises `FeelError` when the loop has used up its steps."""
        self.budget[0] -= 1
        if self.budget[0] < 0:
            raise FeelError(f"a loop takes more than {ITERATIONS} steps")


def constant(value: Any) -> Node:
    """A literal."""
    return lambda _variables: value


def variable(name: str) -> Node:
    """A variable; null where it does not exist."""
    return lambda variables: variables.get(name)


def conjunction(left: Node, right: Node) -> Node:
    """Three-valued `and`: false wins over null, and null over true."""

    def evaluate(variables: Any) -> bool | None:
        a = left(variables)
        if a is False:
            return False
        b = right(variables)
        if b is False:
            return False
        return True if a is True and b is True else None

    return evaluate


def disjunction(left: Node, right: Node) -> Node:
    """Three-valued `or`: true wins over null, and null over false."""

    def evaluate(variables: Any) -> bool | None:
        a = left(variables)
        if a is True:
            return True
        b = right(variables)
        if b is True:
            return True
        return False if a is False and b is False else None

    return evaluate


def _unequal(a: Any, b: Any) -> bool | None:
    result = equal(a, b)
    return None if result is None else not result


COMPARISONS: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": _unequal,
    "<": less,
    ">": lambda a, b: less(b, a),
    "<=": lambda a, b: less(a, b, or_equal=True),
    ">=": lambda a, b: less(b, a, or_equal=True),
}
_DIRECT = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


def comparison(sign: str, left: Node, right: Node) -> Node:
    """One of = != < <= > >=; two ints or two texts are compared directly, which is the usual case."""
    general, direct = COMPARISONS[sign], _DIRECT[sign]

    def evaluate(variables: Any) -> bool | None:
        a, b = left(variables), right(variables)
        kind = type(a)
        if kind is type(b) and (kind is str or kind is int):
            return bool(direct(a, b))
        return general(a, b)

    return evaluate


def binary(function: Callable[[Any, Any], Any], left: Node, right: Node) -> Node:
    """A function of two operands."""
    return lambda variables: function(left(variables), right(variables))


def unary(function: Callable[[Any], Any], operand: Node) -> Node:
    """A function of one operand."""
    return lambda variables: function(operand(variables))


def choice(condition: Node, yes: Node, no: Node) -> Node:
    """`if then else`: anything but true takes the else branch."""
    return lambda variables: yes(variables) if condition(variables) is True else no(variables)


def between(value: Node, low: Node, high: Node) -> Node:
    """`between`, both ends included."""
    return lambda variables: Range(low(variables), high(variables), True, True).holds(value(variables))


def interval(low: Node, high: Node, low_closed: bool, high_closed: bool) -> Node:
    """A range literal."""
    return lambda variables: Range(low(variables), high(variables), low_closed, high_closed)


Test = Callable[[Any, Any], bool | None]


def against(sign: str | None, operand: Node) -> Test:
    """A unary test of a value: `< 5` with a sign; without one, a value, a list or a range to lie in."""
    function = matches if sign is None else COMPARISONS[sign]
    return lambda variables, value: function(value, operand(variables))


def tested(value: Node, tests: list[Test]) -> Node:
    """`in`: whether any of the tests holds; null where none does and one has no answer."""

    def evaluate(variables: Any) -> bool | None:
        subject = value(variables)
        results = [test(variables, subject) for test in tests]
        return True if True in results else None if None in results else False

    return evaluate


def listed(items: list[Node]) -> Node:
    """A list literal."""
    return lambda variables: [item(variables) for item in items]


def context(entries: list[tuple[str, Node]]) -> Node:
    """A context literal; an entry sees those before it."""

    def evaluate(variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        scope = Scope(variables, found)
        for name, node in entries:
            found[name] = node(scope)
        return found

    return evaluate


def path(subject: Node, name: str) -> Node:
    """`a.b`: an entry of a context, a part of a point or span of time; over a list, of each entry."""

    def evaluate(variables: Any) -> Any:
        value = subject(variables)
        if type(value) is dict:
            return value.get(name)
        if type(value) in (list, tuple):
            return [item.get(name) if type(item) is dict else _part(item, name) for item in value]
        return _part(value, name)

    return evaluate


_DATE_PARTS = {"year", "month", "day"}
_TIME_PARTS = {"hour", "minute", "second"}


def _part(value: Any, name: str) -> Any:
    if isinstance(value, date) and name in _DATE_PARTS:
        return getattr(value, name)
    if isinstance(value, date) and name == "weekday":
        return value.isoweekday()
    if isinstance(value, datetime | time) and name in _TIME_PARTS:
        return getattr(value, name)
    if type(value) is Duration:
        sign = -1 if value.months < 0 else 1
        years, months = divmod(abs(value.months), 12)
        return {"years": sign * years, "months": sign * months}.get(name)
    if type(value) is timedelta:
        sign, span = (-1, -value) if value < timedelta() else (1, value)
        part = {"days": span.days, "hours": span.seconds // 3600, "minutes": span.seconds // 60 % 60,
                "seconds": span.seconds % 60}.get(name)  # fmt: skip
        return None if part is None else sign * part
    return None


def _at(items: list[Any], index: Any) -> Any:
    position = number(index)
    if position is None or position == 0 or not -len(items) <= position <= len(items):
        return None
    place = int(position)
    return None if place != position else items[place - 1 if place > 0 else place]


def filtered(subject: Node, condition: Node) -> Node:
    """`list[2]` (from 1; from the end where negative) or `list[item > 2]`; a single value is a list of one."""

    def evaluate(variables: Any) -> Any:
        value = subject(variables)
        if value is None:
            return None
        items = list(value) if type(value) in (list, tuple) else [value]
        kept: list[Any] = []
        for item in items or [None]:
            scope = Scope(variables, {**item, "item": item} if type(item) is dict else {"item": item})
            scope.step()
            result = condition(scope)
            if number(result) is not None:
                return _at(items, result)
            if result is True and items:
                kept.append(item)
        return kept

    return evaluate


def _entries(value: Any) -> list[Any] | tuple[Any, ...] | range:
    """What a loop runs over: a list, or the whole numbers of a range, upwards or downwards."""
    if type(value) in (list, tuple):
        return value  # type: ignore[no-any-return]  # narrowed by the line above
    if type(value) is Range and type(value.low) is int and type(value.high) is int:
        if value.low <= value.high:
            return range(value.low, value.high + 1)
        return range(value.low, value.high - 1, -1)
    return () if value is None else (value,)


def _walk(variables: Any, iterators: list[tuple[str, Node]], result: Node) -> Iterator[Any]:
    """The result for each combination of the iterators' entries, the last iterator running fastest."""
    (name, source), *rest = iterators
    for entry in _entries(source(variables)):
        scope = Scope(variables, {name: entry})
        scope.step()
        if rest:
            yield from _walk(scope, rest, result)
        else:
            yield result(scope)


def loop(iterators: list[tuple[str, Node]], result: Node) -> Node:
    """`for x in list return …`."""
    return lambda variables: list(_walk(Scope(variables, {}), iterators, result))


def quantified(every: bool, iterators: list[tuple[str, Node]], condition: Node) -> Node:
    """`some` and `every`: three-valued, like a chain of `or` and `and`."""

    def evaluate(variables: Any) -> bool | None:
        unknown = False
        for answer in _walk(Scope(variables, {}), iterators, condition):
            if answer is (not every):
                return not every
            if answer is not every:
                unknown = True
        return None if unknown else every

    return evaluate
