"""Batches."""

from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Batches of issue requests and their results.")


@group.command("list")
def index(url: Url = None, as_json: Json = False) -> None:
    """The newest batches.

    Example: counterfoil batch list
    """
    with client(url) as server:
        show_table(ask(server, "GET", "/batches")["items"], as_json=as_json)


@group.command("show")
def show_batch(batch: str, url: Url = None, as_json: Json = False) -> None:
    """A batch with its progress.

    Example: counterfoil batch show 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        show(ask(server, "GET", f"/batches/{batch}"), as_json=as_json)


@group.command("items")
def items(
    batch: str,
    outcome: Annotated[str | None, typer.Option(help="done or rejected.")] = None,
    after: Annotated[int, typer.Option(help="From behind this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Results in input order.

    Example: counterfoil batch items 01a1fb66-8b66-7000-b77a-b17f44c71172 --outcome rejected
    """
    parameters = {"after": after, "limit": limit} | ({"outcome": outcome} if outcome else {})
    with client(url) as server:
        found = ask(server, "GET", f"/batches/{batch}/items", params=parameters)["items"]
    show_table(
        found, as_json=as_json, columns=("position", "outcome", "reference", "isin", "refusals", "waits_for")
    )
