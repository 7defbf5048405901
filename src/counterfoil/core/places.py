"""The place of a row in an ordered list, as a text that the next page goes on from."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from counterfoil.core.errors import Refused, ensure, rule

NOT_A_PLACE = rule(
    "COR-004", "No place in a list", "This is no place in a list that is ordered so.",
    "Ask for the first page, and go on with the place that it gives.",
)  # fmt: skip
_BETWEEN = "~"
_DIGITS = 60
"""More than any column has; a number written with an exponent could take a gigabyte."""


def place(*values: object) -> str:
    """The values by which a list is ordered, those of one row. Only the first may contain a tilde."""
    texts = [f"{value:f}" if isinstance(value, Decimal) else str(value) for value in values]
    ensure(not any(_BETWEEN in text for text in texts[1:]), "only the first value of a place is free text")
    return _BETWEEN.join(texts)


def read_place(text: str, *kinds: type) -> tuple[Any, ...]:
    """The values of a place, each of its kind. Raises `Refused` (COR-004) for what no page has given."""
    parts = text.rsplit(_BETWEEN, len(kinds) - 1)
    try:
        return tuple(_READERS[kind](part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, InvalidOperation):
        raise Refused(NOT_A_PLACE("/after")) from None


def _decimal(text: str) -> Decimal:
    found = Decimal(text)
    if len(text) > _DIGITS or not found.is_finite() or "e" in text.lower():
        raise ValueError
    return found


def _integer(text: str) -> int:
    found = int(text)
    if not -(2**31) <= found < 2**31:
        raise ValueError
    return found


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError
    return text


_READERS: Mapping[type, Callable[[str], Any]] = {
    str: _text, int: _integer, Decimal: _decimal, UUID: UUID, date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}  # fmt: skip
