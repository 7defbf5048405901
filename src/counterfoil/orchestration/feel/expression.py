"""A compiled expression, and how a model's attribute becomes one."""

from collections.abc import Mapping
from typing import Any

from counterfoil.orchestration.feel.conversions import to_string
from counterfoil.orchestration.feel.failure import FeelError
from counterfoil.orchestration.feel.nodes import Node
from counterfoil.orchestration.feel.parser import CLOCK, Parser

__all__ = ["CLOCK", "FeelExpression", "FixedText", "Storable", "compile", "from_model"]

_DEPTH = 30
"""Levels of lists and contexts in a variable; strict JSON refuses more than 32."""
_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a value of an unforeseen type, or one out of range, can make the arithmetic of Python raise."""


class FeelExpression:
    """A FEEL expression, compiled to closures.

    `source` is its text without the leading `=`, `names` the variables it reads, and `uses_clock` tells whether
    the variable `CLOCK` (a datetime) must be given, because it calls `now()` or `today()`.
    """

    __slots__ = ("_node", "names", "source", "uses_clock")

    def __init__(self, source: str, node: Node, names: frozenset[str], uses_clock: bool) -> None:
        self.source = source
        self.names = names
        self.uses_clock = uses_clock
        self._node = node

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value over these variables; a variable that does not exist is null. Raises `FeelError`."""
        try:
            return self._node(variables)
        except _FAILURES as error:
            raise FeelError(f"{type(error).__name__}: {error}"[:200]) from error

    def __repr__(self) -> str:
        return f"FeelExpression({self.source!r})"


class FixedText:
    """An attribute without a leading `=`: always its own text."""

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source

    def evaluate(self, variables: Mapping[str, Any]) -> str:  # noqa: ARG002 - the protocol of expressions
        """The text."""
        return self.source

    def __repr__(self) -> str:
        return f"FixedText({self.source!r})"


class Storable:
    """An expression whose value becomes a process variable, in the form in which variables are stored.

    Variables are JSON, in which decimals, dates and durations are texts. They are made texts at once, so that a
    later step sees the same value whether or not the instance was stored in between.
    """

    __slots__ = ("_expression", "source")

    def __init__(self, expression: FeelExpression | FixedText) -> None:
        self.source = expression.source
        self._expression = expression

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value, of JSON's types only. Raises `FeelError`, also for a range, which has no such form."""
        return _stored(self._expression.evaluate(variables), 0)

    def __repr__(self) -> str:
        return f"Storable({self._expression!r})"


def _stored(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if depth > _DEPTH:
        raise FeelError(f"a value is nested more than {_DEPTH} levels deep")
    if kind in (list, tuple):
        return [_stored(item, depth + 1) for item in value]
    if kind is dict:
        return {str(key): _stored(item, depth + 1) for key, item in value.items()}
    try:
        return to_string(value)
    except TypeError:
        raise FeelError(f"a {kind.__name__} cannot be stored in a variable") from None


def compile(source: str) -> FeelExpression:  # noqa: A001 - it is what re.compile is for regular expressions
    """Compile an expression (without a leading `=`). Raises `FeelSyntax`, a `Refused`, with the position."""
    parser = Parser(source)
    node = parser.parse()
    return FeelExpression(source, node, frozenset(parser.names), parser.uses_clock)


def from_model(text: str) -> FeelExpression | FixedText:
    """What an attribute of a model means: an expression after `=`, otherwise its own text. `FeelSyntax`."""
    stripped = text.strip()
    return compile(stripped[1:]) if stripped.startswith("=") else FixedText(text)
