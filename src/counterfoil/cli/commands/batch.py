"""Batches."""

from typing import Annotated, Any

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
    placement: Annotated[
        str | None, typer.Option(help="to_place, waiting, placed or incomplete: of what is sold.")
    ] = None,
    after: Annotated[int, typer.Option(help="From behind this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Results in input order.

    Example: counterfoil batch items 01a1fb66-8b66-7000-b77a-b17f44c71172 --outcome rejected
    """
    wanted = {"after": after, "limit": limit, "outcome": outcome, "placement": placement}
    parameters = {name: value for name, value in wanted.items() if value is not None}
    with client(url) as server:
        found = ask(server, "GET", f"/batches/{batch}/items", params=parameters)["items"]
    names: tuple[str, ...] = ("position", "outcome", "reference", "isin", "refusals", "waits_for")
    if not as_json and any("placement" in item for item in found):
        found = [{**item, "placement": _in_short(item.get("placement"))} for item in found]
        names = (*names[:4], "placement", *names[4:])
    show_table(found, as_json=as_json, columns=names)


@group.command("placements")
def placements(batch: str, url: Url = None, as_json: Json = False) -> None:
    """What a batch has sold and what came of it, by issuer.

    Example: counterfoil batch placements 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        show_table(ask(server, "GET", f"/batches/{batch}/placements"), as_json=as_json)


def _in_short(placement: dict[str, Any] | None) -> str:
    """How a placement stands, in a cell: state, units, money, and why not."""
    if placement is None:
        return ""
    told = "{state}: {placed} of {quantity} for {proceeds} {currency}".format_map(placement)
    why = placement.get("waits_for")
    return f"{told} ({why['code']} {why['detail']})" if why else told
