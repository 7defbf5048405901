"""Text of an expression to tokens."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from counterfoil.orchestration.feel.failure import FeelSyntax

SOURCE_LENGTH = 10_000
"""Characters of the longest expression."""
_NUMBER_DIGITS = 34
"""Decimal digits of a number (IEEE 754 decimal128, as DMN wants)."""

KEYWORDS = frozenset(
    "true false null if then else for in return some every satisfies and or between function instance of".split()
)

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<number>\d+(?:\.\d+)?|\.\d+)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<name>[^\W\d]\w*)
      | `(?P<quoted>[^`\n]+)`
      | (?P<operator>\.\.|\*\*|<=|>=|!=|[-+*/=<>()\[\]{},.:@])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'", "/": "/", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression: its kind (number, string, name, keyword, operator, end), value and position."""

    kind: str
    value: Any
    position: int


def tokens(source: str) -> list[Token]:
    """The tokens of `source`, ended by one of kind `end`. Raises `FeelSyntax`."""
    if len(source) > SOURCE_LENGTH:
        raise FeelSyntax(SOURCE_LENGTH, f"it is longer than {SOURCE_LENGTH} characters")
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise FeelSyntax(position, f"{source[position]!r} is not expected here")
        kind, text = str(match.lastgroup), match[0]
        if kind != "space":
            found.append(_token(kind, text, position))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _token(kind: str, text: str, position: int) -> Token:
    if kind == "number":
        return Token(kind, _number(text, position), position)
    if kind == "string":
        return Token(kind, _unescaped(text[1:-1], position + 1), position)
    if kind == "quoted":
        return Token("name", text[1:-1], position)
    if kind == "name" and text in KEYWORDS:
        return Token("keyword", text, position)
    return Token(kind, text, position)


def _number(text: str, position: int) -> int | Decimal:
    if len(text.replace(".", "").lstrip("0")) > _NUMBER_DIGITS:
        raise FeelSyntax(position, f"a number has more than {_NUMBER_DIGITS} digits")
    return Decimal(text) if "." in text else int(text)


def _unescaped(text: str, position: int) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            point = int(code[1:], 16)
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                raise FeelSyntax(position + match.start(), f"{match[0]} is not a character")
            return chr(point)
        if code not in _ESCAPED:
            raise FeelSyntax(position + match.start(), f"{match[0]} is not an escape")
        return _ESCAPED[code]

    return _ESCAPE.sub(character, text)
