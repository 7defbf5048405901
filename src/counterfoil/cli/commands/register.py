"""The register."""

from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="The register: extracts and histories.")
AsOf = Annotated[str | None, typer.Option(help="A past moment, ISO 8601 with offset.")]


@group.command("extract")
def extract(isin: str, as_of: AsOf = None, url: Url = None, as_json: Json = False) -> None:
    """All that the register says of an issue, now or at a past moment.

    Example: counterfoil register extract DE000CF00006 --as-of 2026-11-20T12:00:00Z
    """
    with client(url) as server:
        show(
            ask(server, "GET", f"/register/{isin}/extract", params={"as_of": as_of} if as_of else {}),
            as_json=as_json,
        )


@group.command("history")
def history(isin: str, as_of: AsOf = None, url: Url = None, as_json: Json = False) -> None:
    """Every entry of an issue, in order.

    Example: counterfoil register history DE000CF00006
    """
    with client(url) as server:
        found = ask(server, "GET", f"/register/{isin}/entries", params={"as_of": as_of} if as_of else {})
    columns = ("entry_no", "kind", "delta", "issued_after", "arrived_at", "changed_at", "block", "hash")
    show_table(found, as_json=as_json, columns=columns)
