"""Reference prices."""

from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Reference prices, which penalties are worked out from.")
_TYPES = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
}


@group.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, NDJSON or JSON.")
    ],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Store the prices of a file, all of them or none. Columns: isin, business_date, price, currency; quotation (unit
    or percent), liquid and asset_class if need be.

    Example: counterfoil price import prices-2026-11-23.csv
    """
    kind = _TYPES.get(file.suffix.lower())
    if kind is None:
        raise typer.BadParameter(f"{file.name} is none of {', '.join(_TYPES)}")
    with client(url) as server, file.open("rb") as body:
        show(
            ask(server, "POST", "/settlement/prices", content=body, headers={"Content-Type": kind}),
            as_json=as_json,
        )


@group.command("list")
def index(
    isin: Annotated[str | None, typer.Option(help="Of this issue.")] = None,
    date: Annotated[str | None, typer.Option(help="Of this business date, YYYY-MM-DD.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Reference prices as delivered.

    Example: counterfoil price list --date 2026-11-23
    """
    wanted: dict[str, Any] = {"isin": isin, "business_date": date, "limit": limit}
    with client(url) as server:
        params = {name: value for name, value in wanted.items() if value is not None}
        found = ask(server, "GET", "/settlement/prices", params=params)
    show_table(found["items"], as_json=as_json)
