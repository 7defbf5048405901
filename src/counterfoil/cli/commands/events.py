"""The calendar of lifecycle events."""

from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show_table

_COLUMNS = ("on", "isin", "kind", "day", "record_date", "payment", "currency", "state", "id")


def events(
    first: Annotated[
        str | None, typer.Option("--from", help="First day, YYYY-MM-DD; today if absent.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day; 30 days later if absent.")] = None,
    isin: Annotated[str | None, typer.Option(help="Of one instrument.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Of one issuer (LEI).")] = None,
    kind: Annotated[str | None, typer.Option(help="coupon, redemption, observation, ...")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 1000,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Lifecycle events by day: coupons, observations, fixings, exercise windows, redemptions.

    Example: counterfoil events --from 2027-06-01 --to 2027-06-30 --isin DE000CF00006
    """
    wanted = {"from": first, "to": last, "isin": isin, "issuer": issuer, "kind": kind}
    params: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    found: list[dict[str, Any]] = []
    with client(url) as server:
        place: dict[str, Any] | None = {}
        while place is not None and len(found) < limit:
            page = {**params, **place, "limit": min(1000, limit - len(found))}
            answer = ask(server, "GET", "/events", params=page)
            found += answer["items"]
            place = answer["next"]
    show_table(found, as_json=as_json, columns=_COLUMNS)
