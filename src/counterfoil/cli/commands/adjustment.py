"""Corporate actions on underlyings."""

from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Adjustments for corporate actions on underlyings.")


@group.command("request")
def request(
    underlying: Annotated[str, typer.Argument(help="ISIN or symbol of the underlying.")],
    factor: Annotated[str, typer.Option(help="Price after the action over the price before it.")],
    ex_day: Annotated[str, typer.Option(help="First day of the new prices, YYYY-MM-DD.")],
    reason: Annotated[str, typer.Option(help="What happens.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have every security on an underlying adjusted, once another person has approved.

    Example: counterfoil adjustment request DE0007164600 --factor 0.5 --ex-day 2027-03-01 --reason "split 1:2"
    """
    body = {"underlying": underlying, "factor": factor, "ex_day": ex_day, "reason": reason}
    with client(url) as server:
        show(ask(server, "POST", "/adjustments", json=body), as_json=as_json)


@group.command("list")
def index(
    underlying: Annotated[str | None, typer.Option(help="Of this underlying.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Adjustments, what was decided about them, and how many securities they have moved.

    Example: counterfoil adjustment list --underlying DE0007164600
    """
    params: dict[str, Any] = {"limit": limit, **({"underlying": underlying} if underlying else {})}
    with client(url) as server:
        found = ask(server, "GET", "/adjustments", params=params)["items"]
    columns = ("id", "underlying", "factor", "ex_day", "approved", "decided_by", "securities", "reason")
    show_table(found, as_json=as_json, columns=columns)


@group.command("show")
def securities(
    adjustment: str,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """The securities that an adjustment has moved, and the versions of their terms since then.

    Example: counterfoil adjustment show 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        found = ask(server, "GET", f"/adjustments/{adjustment}/securities", params={"limit": limit})["items"]
    show_table(found, as_json=as_json, columns=("isin", "terms_version", "terms_hash", "adjusted_at"))
