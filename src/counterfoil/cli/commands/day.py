"""The settlement day."""

from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="The settlement day: its events, and running it.")
_COLUMNS = (
    "event",
    "at",
    "settled",
    "in_parts",
    "marked_down",
    "failing",
    "expired",
    "penalties",
    "mismatches",
)


@group.command("run")
def run(
    date: Annotated[str, typer.Option(help="Business date, YYYY-MM-DD.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Run a whole settlement day in seconds: night cycles, real time, partial windows, cut-offs, end of day.

    Example: counterfoil day run --date 2026-11-23
    """
    with client(url) as server:
        done = ask(server, "POST", f"/settlement/days/{date}")
    if as_json:
        show(done, as_json=True)
    else:
        show_table(done["events"], as_json=False, columns=_COLUMNS)


@group.command("show")
def index(url: Url = None, as_json: Json = False) -> None:
    """The open day and its events.

    Example: counterfoil day show
    """
    with client(url) as server:
        show(ask(server, "GET", "/settlement/day"), as_json=as_json)
