"""A list page: columns, order, filters and the place of the next page, all in its address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from starlette.requests import Request

from counterfoil.console import errors
from counterfoil.core.errors import Refused

PAGE = 50
"""Rows a page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `sort` is the name by which the list can be ordered, where its query can do that by an index.
    `descends`: the first press puts the largest, the latest first.
    """

    title: str
    sort: str = ""
    numeric: bool = False
    descends: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """By which column's `sort` a list is ordered, and whether from its end: `amount` or `-amount` in an address."""

    name: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    @classmethod
    def read(
        cls, text: str, known: Collection[str], default: Self, *, offered: Collection[str] | None = None
    ) -> Self:
        """The order of an address. `offered` are those that an index carries with the filters at hand: any other
        gives the default, so that a filter may be added to any order. Raises `Refused` (CON-422) for an unknown one.
        """
        if not text:
            return default
        found = cls(text.removeprefix("-"), text.startswith("-"))
        if found.name not in known:
            raise Refused(errors.MALFORMED("/sort", reason="The list has no such order."))
        return found if offered is None or found.name in offered else default


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `order` is a column's `sort`, or `-sort` for the other direction; `next` is the key of the
    last row, or None at the end. `name` is the id of its element, which a script replaces. `offered` are the orders
    that can be had with the filters at hand, None for those of all its columns.
    """

    request: Request
    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    next: str | None = None
    order: str = ""
    offered: Collection[str] | None = None

    @property
    def filters(self) -> Mapping[str, str]:
        """The filters in the address, without order and place."""
        query = self.request.query_params.items()
        return {name: value for name, value in query if name not in ("sort", "after") and value}

    @property
    def started(self) -> bool:
        """Whether this is a page after the first."""
        return bool(self.request.query_params.get("after"))

    def address(self, *, sort: str | None = None, after: str | None = None) -> str:
        """The address of this list with another order or place; its first page where no place is given."""
        query = {**self.filters, "sort": self.order if sort is None else sort, "after": after or ""}
        return f"{self.request.url.path}?{urlencode({k: v for k, v in query.items() if v})}"

    def direction(self, column: Column) -> str:
        """`ascending`, `descending` or `none`, as a screen reader says it."""
        if column.sort and self.order.removeprefix("-") == column.sort:
            return "descending" if self.order.startswith("-") else "ascending"
        return "none"

    def sorts(self, column: Column) -> bool:
        """Whether a press on a column's title orders the list by it."""
        return bool(column.sort) and (self.offered is None or column.sort in self.offered)

    def turned(self, column: Column) -> str:
        """The order that a press on a column's title gives."""
        direction = self.direction(column)
        is_down = direction == "ascending" or (direction == "none" and column.descends)
        return f"-{column.sort}" if is_down else column.sort


def cut(rows: Sequence[Any], key: str, limit: int = PAGE) -> tuple[Sequence[Any], str | None]:
    """A page of rows, of which one more than `limit` was asked for, and the key of its last one if there are more."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], str(rows[limit - 1][key])
