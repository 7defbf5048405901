"""Refused items as they were handed in, each with why: to be corrected, and handed in again."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from counterfoil.console import errors
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads
from counterfoil.faces import PAGE, harmless

CORRECTABLE = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
"""The forms in which they are given: those in which they can be handed in."""
REASONS = "#refused"
"""The last column of a table of them. A column whose name begins with # is skipped when the table is handed in."""
_COLUMNS = 500
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
Refusals = Sequence[Mapping[str, Any]]
Items = Callable[[], Iterable[tuple[bytes, Refusals]]]


def to_correct(form: str, items: Items) -> Iterator[bytes]:
    """The items in a form of `CORRECTABLE`: lines of JSON as they came, or a table whose last column says why.

    `items` is called twice for a table, whose columns are known at the end only. Raises `Refused` (CON-426) where
    they are too many. A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    if form == "ndjson":
        return _lines(iter(items()))
    columns: dict[str, None] = {}
    for payload, _ in items():
        columns.update(dict.fromkeys(_fields(payload)))
        if len(columns) > _COLUMNS:
            raise Refused(errors.TOO_VARIOUS(maximum=_COLUMNS))
    return _table([*columns, REASONS], iter(items()))


def _lines(items: Iterator[tuple[bytes, Refusals]]) -> Iterator[bytes]:
    """Each on one line: a member of a JSON array may have been written on several."""
    while some := list(islice(items, PAGE)):
        yield b"".join(b" ".join(payload.splitlines()) + b"\n" for payload, _ in some)


def _table(columns: Sequence[str], items: Iterator[tuple[bytes, Refusals]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name in columns])
    while some := list(islice(items, PAGE)):
        for payload, refusals in some:
            cells = _fields(payload) | {REASONS: _said(payload, refusals)}
            writer.writerow([_cell(cells.get(name, "")) for name in columns])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _cell(value: str) -> object:
    return value if _NUMBER.fullmatch(value) else harmless(value)


def _said(payload: bytes, refusals: Refusals) -> str:
    said = "; ".join(f"{r.get('pointer', '')} {r['detail']} ({r['code']})".strip() for r in refusals)
    return said if _read(payload) is not None else f"{said}: {payload.decode(errors='replace')[:1000]}"


def _read(payload: bytes) -> dict[str, Any] | None:
    try:
        value = loads(payload)
    except Refused:
        return None
    return value if isinstance(value, dict) else None


def _fields(payload: bytes) -> dict[str, str]:
    """The values of an item by the path of each; nothing of what is no object."""
    return dict(_paths(_read(payload) or {}, ""))


def _paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from _paths(member, f"{path}.{name}" if path else str(name))
    elif value is not None:
        yield path, value if isinstance(value, str) else dumps(value)
