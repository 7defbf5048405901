"""Observations: prices, rates, barriers, as named sources state them."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.client import REFUSED, ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Observations: enter, confirm, dispute, read.")
_TYPES = {".csv": "text/csv", ".json": "application/json"}
Why = Annotated[str, typer.Option("--reason", help="Why.")]


@group.command("enter")
def enter(
    file: Annotated[Path, typer.Argument(exists=True, help="CSV, a JSON array (.json), or NDJSON.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Enter the observations of a file; each is taken or refused by itself. Exit code 1 where one is refused.

    Example: counterfoil observation enter fixings.csv
    """
    kind = _TYPES.get(file.suffix.lower(), "application/x-ndjson")
    with client(url) as server:
        found = ask(
            server, "POST", "/observations", content=file.read_bytes(), headers={"Content-Type": kind}
        )["items"]
    refused = any("errors" in item for item in found)
    show_table(found, as_json=as_json, columns=("observation", "version", "new", "errors"))
    if refused:
        raise typer.Exit(REFUSED)


@group.command("ticks")
def ticks(
    file: Annotated[Path, typer.Argument(exists=True, help="CSV, a JSON array (.json), or NDJSON.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Take in the prices of a file and knock out what they reach. Columns: underlying, source, at, price; close,
    sequence, reason if need be. Exit code 1 where one is refused.

    Example: counterfoil observation ticks prices.csv
    """
    kind = _TYPES.get(file.suffix.lower(), "application/x-ndjson")
    with client(url) as server, file.open("rb") as body:
        found = ask(server, "POST", "/ticks", content=body, headers={"Content-Type": kind})
    show(found, as_json=as_json)
    if found["refused"]:
        raise typer.Exit(REFUSED)


@group.command("touches")
def touches(isin: str, url: Url = None, as_json: Json = False) -> None:
    """By which prices the barriers of a security were touched.

    Example: counterfoil observation touches DE000CF00006
    """
    with client(url) as server:
        found = ask(server, "GET", "/ticks/touches", params={"isin": isin})["items"]
    columns = ("barrier", "day", "at", "source", "price", "level", "terms_version", "observation")
    show_table(found, as_json=as_json, columns=columns)


@group.command("list")
def index(
    kind: Annotated[
        str, typer.Argument(help="price, rate, fx, barrier, credit_event, strike, unwinding, choice")
    ],
    subject: Annotated[str, typer.Argument(help="What was observed: an ISIN, an index, ISIN/barrier, ...")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What is stored of a subject, and whether it counts.

    Example: counterfoil observation list price DE0007164600
    """
    with client(url) as server:
        found = ask(server, "GET", "/observations", params={"kind": kind, "subject": subject})["items"]
    columns = (
        "day",
        "value",
        "low",
        "high",
        "hit_on",
        "choice",
        "source",
        "version",
        "standing",
        "observation",
    )
    show_table(found, as_json=as_json, columns=columns)


@group.command("confirm")
def confirm(observations: list[str], url: Url = None, as_json: Json = False) -> None:
    """Confirm what another person has entered.

    Example: counterfoil observation confirm 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        body = {"observations": observations}
        show(ask(server, "POST", "/observations/confirmations", json=body), as_json=as_json)


@group.command("dispute")
def dispute(observation: str, reason: Why, url: Url = None, as_json: Json = False) -> None:
    """Keep an observation from being used.

    Example: counterfoil observation dispute 01a1fb66-8b66-7000-b77a-b17f44c71172 --reason "auction prolonged"
    """
    with client(url) as server:
        path = f"/observations/{observation}/disputes"
        show(ask(server, "POST", path, json={"reason": reason}), as_json=as_json)


@group.command("source")
def source(
    name: str,
    window: Annotated[int, typer.Option(help="Seconds in which it may be disputed before it counts.")] = 0,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Name a source.

    Example: counterfoil observation source XETR --window 3600
    """
    with client(url) as server:
        body = {"dispute_window_s": window}
        show(ask(server, "PUT", f"/observations/sources/{name}", json=body), as_json=as_json)
