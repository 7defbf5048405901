"""A Pratt parser that compiles FEEL in one pass: each rule returns the closure of what it has read.

Binding powers follow DMN 1.3, table 55: or, and, comparison, sum, product, power, sign, then path, filter, call.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from counterfoil.orchestration.feel import nodes
from counterfoil.orchestration.feel.builtins import BUILTINS, Builtin
from counterfoil.orchestration.feel.conversions import at_literal
from counterfoil.orchestration.feel.failure import FeelError, FeelSyntax
from counterfoil.orchestration.feel.lexer import Token, tokens
from counterfoil.orchestration.feel.nodes import MISSING, Node, Test
from counterfoil.orchestration.feel.texts import pattern_problem
from counterfoil.orchestration.feel.values import ARITHMETIC, KINDS, negate

CLOCK = "$clock"
"""The variable that `now()` and `today()` read, a datetime; no model can write this name."""

_NESTING = 50
_OPERATORS = 250
"""Operators in one expression: each may be a level of calls when it is evaluated."""
_ITERATORS = 8

_OR, _AND, _COMPARE, _SUM, _PRODUCT, _POWER, _SIGN, _POSTFIX = range(1, 9)
_POWERS = {
    "or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE, "instance": _COMPARE,
    **dict.fromkeys(nodes.COMPARISONS, _COMPARE),
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER, ".": _POSTFIX, "[": _POSTFIX,
}  # fmt: skip
_LITERALS = {"true": True, "false": False, "null": None}
_SPECIAL = ("is defined", "now", "today")
_NAMES_WITH_SPACES = sorted(
    (name.split() for name in (*BUILTINS, *_SPECIAL) if " " in name), key=len, reverse=True
)
_TYPES = {kind.value: kind for kind in KINDS.values()}
_NULL_FOR = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Parser:
    """Reads one expression. `names` collects the variables it reads, loop names included."""

    def __init__(self, source: str) -> None:
        self._tokens = tokens(source)
        self._next = 0
        self._depth = 0
        self._operators = 0
        self.names: set[str] = set()
        self.uses_clock = False

    def parse(self) -> Node:
        """The compiled expression. Raises `FeelSyntax`."""
        node = self._expression()
        if self._peek().kind != "end":
            raise self._unexpected("the end of the expression")
        return node

    # --- tokens ---

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _is(self, text: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind in ("operator", "keyword") and token.value == text

    def _accept(self, text: str) -> bool:
        found = self._is(text)
        self._next += found
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(repr(text))

    def _name(self) -> str:
        if self._peek().kind != "name":
            raise self._unexpected("a name")
        return str(self._take().value)

    def _unexpected(self, wanted: str) -> FeelSyntax:
        token = self._peek()
        found = "the expression ends" if token.kind == "end" else f"{str(token.value)[:40]!r} stands"
        return FeelSyntax(token.position, f"{found} where {wanted} is expected")

    # --- expressions ---

    def _expression(self, above: int = 0) -> Node:
        """An expression whose operators bind stronger than `above`."""
        self._depth += 1
        if self._depth > _NESTING:
            raise FeelSyntax(self._peek().position, f"it is nested more than {_NESTING} levels deep")
        left = self._prefix()
        while (token := self._peek()).kind in ("operator", "keyword"):
            binding = _POWERS.get(token.value, 0)
            if binding <= above:
                break
            self._operators += 1
            if self._operators > _OPERATORS:
                raise FeelSyntax(token.position, f"it has more than {_OPERATORS} operators")
            left = self._infix(left, self._take().value, binding)
        self._depth -= 1
        return left

    def _infix(self, left: Node, sign: str, binding: int) -> Node:
        if sign == "or":
            return nodes.disjunction(left, self._expression(binding))
        if sign == "and":
            return nodes.conjunction(left, self._expression(binding))
        if sign in nodes.COMPARISONS:
            return nodes.comparison(sign, left, self._expression(binding))
        if sign in ARITHMETIC:
            return nodes.binary(ARITHMETIC[sign], left, self._expression(binding))
        if sign == ".":
            return nodes.path(left, self._name())
        if sign == "[":
            condition = self._expression()
            self._expect("]")
            return nodes.filtered(left, condition)
        if sign == "between":
            low = self._expression(_COMPARE)
            self._expect("and")
            return nodes.between(left, low, self._expression(_COMPARE))
        return nodes.tested(left, self._tests()) if sign == "in" else self._instance_of(left)

    def _prefix(self) -> Node:
        token = self._peek()
        if token.kind in ("number", "string"):
            return nodes.constant(self._take().value)
        if token.kind == "name" or (token.kind == "keyword" and self._function_name()):
            return self._name_or_call()
        if token.kind == "keyword":
            return self._keyword(token)
        rule = {"-": self._negative, "(": self._parenthesis, "[": self._bracket, "]": self._bracket,
                "{": self._context, "@": self._at}.get(token.value)  # fmt: skip
        if rule is None or token.kind == "end":
            raise self._unexpected("a value")
        self._take()
        return rule()

    def _keyword(self, token: Token) -> Node:
        word = token.value
        if word in _LITERALS:
            self._take()
            return nodes.constant(_LITERALS[word])
        rules: dict[str, Callable[[], Node]] = {
            "if": self._choice, "for": self._loop, "some": self._some, "every": self._every,
        }  # fmt: skip
        if word not in rules:
            raise self._unexpected("a value")
        self._take()
        return rules[word]()

    def _negative(self) -> Node:
        if self._peek().kind == "number":
            # A negative literal, so that `list[-1]` and `-1 ** 2` mean what DMN's grammar says.
            return nodes.constant(negate(self._take().value))
        return nodes.unary(negate, self._expression(_SIGN))

    def _parenthesis(self) -> Node:
        inner = self._expression()
        if self._accept(".."):
            return self._range(inner, low_closed=False)
        self._expect(")")
        return inner

    def _bracket(self) -> Node:
        """A list, or a range that begins with `[` (closed) or `]` (open)."""
        closed = self._tokens[self._next - 1].value == "["
        if closed and self._accept("]"):
            return nodes.listed([])
        first = self._expression()
        if self._accept(".."):
            return self._range(first, low_closed=closed)
        if not closed:
            raise self._unexpected("'..'")
        items = [first]
        while self._accept(","):
            items.append(self._expression())
        self._expect("]")
        return nodes.listed(items)

    def _range(self, low: Node, *, low_closed: bool) -> Node:
        high = self._expression()
        if self._accept("]"):
            return nodes.interval(low, high, low_closed, True)
        if not self._accept("["):
            self._expect(")")
        return nodes.interval(low, high, low_closed, False)

    def _context(self) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self._accept("}"):
            if entries:
                self._expect(",")
            key = str(self._take().value) if self._peek().kind == "string" else self._name()
            self._expect(":")
            entries.append((key, self._expression()))
        return nodes.context(entries)

    def _at(self) -> Node:
        token = self._take()
        if token.kind != "string":
            raise FeelSyntax(token.position, "a text is expected after '@'")
        try:
            return nodes.constant(at_literal(token.value))
        except (ValueError, TypeError) as error:
            reason = f"@{token.value[:40]!r} is no date, time or duration"
            raise FeelSyntax(token.position, reason) from error

    def _choice(self) -> Node:
        condition = self._expression()
        self._expect("then")
        yes = self._expression()
        self._expect("else")
        return nodes.choice(condition, yes, self._expression())

    def _iterators(self) -> list[tuple[str, Node]]:
        found: list[tuple[str, Node]] = []
        while not found or self._accept(","):
            if len(found) == _ITERATORS:
                raise FeelSyntax(self._peek().position, f"a loop has more than {_ITERATORS} iterators")
            name = self._name()
            self._expect("in")
            source = self._expression()
            if self._accept(".."):
                source = nodes.interval(source, self._expression(), True, True)
            found.append((name, source))
        return found

    def _loop(self) -> Node:
        iterators = self._iterators()
        self._expect("return")
        return nodes.loop(iterators, self._expression())

    def _some(self) -> Node:
        return self._quantified(every=False)

    def _every(self) -> Node:
        return self._quantified(every=True)

    def _quantified(self, *, every: bool) -> Node:
        iterators = self._iterators()
        self._expect("satisfies")
        return nodes.quantified(every, iterators, self._expression())

    # --- unary tests and types ---

    def _tests(self) -> list[Test]:
        """What follows `in`: one test, or several in parentheses; `(1..5]` is one range, not two tests."""
        if not self._is("("):
            return [self._test(_COMPARE)]
        self._take()
        if self._peek().value not in nodes.COMPARISONS or self._peek().kind != "operator":
            first = self._expression()
            if self._accept(".."):
                return [nodes.against(None, self._range(first, low_closed=False))]
            tests = [nodes.against(None, first)]
        else:
            tests = [self._test(0)]
        while self._accept(","):
            tests.append(self._test(0))
        self._expect(")")
        return tests

    def _test(self, above: int) -> Test:
        sign = self._peek()
        if sign.kind == "operator" and sign.value in nodes.COMPARISONS:
            self._take()
            return nodes.against(sign.value, self._expression(_COMPARE))
        return nodes.against(None, self._expression(above))

    def _instance_of(self, left: Node) -> Node:
        self._expect("of")
        start, words = self._peek().position, list[str]()
        while self._peek().kind == "name" or (words and self._is("and")):
            words.append(self._take().value)
            if " ".join(words) in _TYPES and not self._is("and"):
                break
        kind = _TYPES.get(" ".join(words))
        if kind is None:
            raise FeelSyntax(start, f"{' '.join(words)[:40]!r} is not a type")
        return nodes.unary(lambda value: KINDS.get(type(value)) is kind, left)

    # --- names and calls ---

    def _function_name(self) -> str | None:
        """The function called here, if any: a name, perhaps of several words, before a parenthesis."""
        for words in _NAMES_WITH_SPACES:
            if self._is("(", len(words)) and all(
                self._peek(ahead).value == word and self._peek(ahead).kind in ("name", "keyword")
                for ahead, word in enumerate(words)
            ):
                return " ".join(words)
        return str(self._peek().value) if self._peek().kind == "name" and self._is("(", 1) else None

    def _name_or_call(self) -> Node:
        position, function = self._peek().position, self._function_name()
        if function is None:
            name = self._name()
            self.names.add(name)
            return nodes.variable(name)
        self._next += function.count(" ") + 2
        if function in _SPECIAL:
            return self._special(function)
        builtin = BUILTINS.get(function)
        if builtin is None:
            raise FeelSyntax(position, f"there is no function {function[:40]!r}")
        arguments = self._arguments(function)
        if not builtin.least <= len(arguments) <= builtin.most:
            wanted = f"{builtin.least} to {builtin.most}" if builtin.most != builtin.least else builtin.least
            raise FeelSyntax(position, f"{function!r} takes {wanted} arguments, not {len(arguments)}")
        return _call(builtin, arguments)

    def _arguments(self, function: str) -> list[Node]:
        found: list[Node] = []
        while not self._accept(")"):
            if found:
                self._expect(",")
            token = self._peek()
            if len(found) == 1 and function in ("matches", "replace", "split") and token.kind == "string":
                problem = pattern_problem(token.value)
                if problem is not None:
                    raise FeelSyntax(token.position, f"the regular expression is refused: {problem}")
            found.append(self._expression())
        return found

    def _special(self, function: str) -> Node:
        if function == "is defined":
            name = self._peek()
            alone = name.kind == "name" and self._is(")", 1)
            node = self._expression()
            self._expect(")")
            if not alone:
                return nodes.unary(lambda value: value is not None, node)
            return lambda variables: variables.get(name.value, MISSING) is not MISSING
        self._expect(")")
        self.uses_clock = True
        return nodes.unary((lambda value: value) if function == "now" else datetime.date, _clock)


def _clock(variables: Any) -> datetime:
    instant = variables.get(CLOCK)
    if not isinstance(instant, datetime):
        raise FeelError("now() and today() need a clock, and none was given")
    return instant


def _call(builtin: Builtin, arguments: list[Node]) -> Node:
    """A call; what the function does not apply to gives null."""
    function = builtin.function

    def evaluate(variables: Any) -> Any:
        values = [argument(variables) for argument in arguments]
        try:
            return function(*values)
        except _NULL_FOR:
            return None

    return evaluate
