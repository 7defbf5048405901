"""What commands print: one JSON object or tables on standard output, everything else on standard error."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from counterfoil.core.errors import CATALOGUE, Refused
from counterfoil.core.json import dumps

OUT = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240)
ERR = Console(stderr=True, soft_wrap=True, highlight=False)


def show(value: Any, *, as_json: bool) -> None:
    """One object: as JSON, or as a table of names and values."""
    if as_json:
        print_json(value)
    elif isinstance(value, Mapping):
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for name, content in value.items():
            table.add_row(Text(str(name), style="bold"), Text(_cell(content)))
        OUT.print(table)
    else:
        show_table(value, as_json=False)


def show_table(
    rows: Iterable[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str] | None = None
) -> None:
    """Rows: as one JSON object with `items`, or as a table."""
    rows = list(rows)
    if as_json:
        print_json({"items": rows})
        return
    if not rows:
        ERR.print("Nothing found.")
        return
    names = list(columns or rows[0])
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name))) for name in names))
    OUT.print(table)


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    OUT.out(dumps(value), highlight=False)


def note(text: str) -> None:
    """A line for people, on standard error."""
    ERR.print(Text(text))


def show_refusal(refused: Refused) -> None:
    """What is wrong, where, and what to do."""
    for refusal in refused.refusals[:20]:
        show_problem(refusal.code, refusal.detail, refusal.pointer, CATALOGUE[refusal.code].remedy)


def show_problem(code: str, detail: str, pointer: str, remedy: str) -> None:
    """One error for people."""
    where = f" at {pointer}" if pointer else ""
    ERR.print(Text.assemble((f"{code}{where}: ", "bold red"), detail))
    if remedy:
        ERR.print(Text(f"  {remedy}", style="dim"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping | list):
        return dumps(value)
    return str(value)
