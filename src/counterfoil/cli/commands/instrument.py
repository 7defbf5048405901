"""Instruments."""

from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil.cli.client import REFUSED, ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table

group = typer.Typer(no_args_is_help=True, help="Instruments: terms, schedule, payoff, units on demand.")


@group.command("list")
def index(
    issuer: Annotated[str | None, typer.Option(help="LEI of the issuer.")] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help="EUSIPA code, bond, note, commercial_paper.")
    ] = None,
    after: Annotated[str, typer.Option(help="From behind this ISIN.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Instruments in order of ISIN.

    Example: counterfoil instrument list --class 2205
    """
    wanted = {"issuer": issuer, "class": class_, "after": after, "limit": limit}
    with client(url) as server:
        found = ask(server, "GET", "/instruments", params={k: v for k, v in wanted.items() if v is not None})
    show_table(found["items"], as_json=as_json, columns=("isin", "class", "name", "currency", "cfi", "fisn"))


@group.command("show")
def show_instrument(isin: str, url: Url = None, as_json: Json = False) -> None:
    """Terms, what the register says, and positions.

    Example: counterfoil instrument show DE000CF00006
    """
    with client(url) as server:
        found = ask(server, "GET", f"/instruments/{isin}")
    if as_json:
        show(found, as_json=True)
        return
    show(found["terms"], as_json=False)
    note("")
    show(found["register"], as_json=False)
    note("")
    show_table(found["positions"], as_json=False, columns=("account", "sub_balance", "quantity"))


@group.command("schedule")
def schedule(isin: str, url: Url = None, as_json: Json = False) -> None:
    """Every event to maturity.

    Example: counterfoil instrument schedule DE000CF00006
    """
    with client(url) as server:
        show_table(ask(server, "GET", f"/instruments/{isin}/schedule"), as_json=as_json)


@group.command("payoff")
def payoff(
    isin: str,
    observations: Annotated[
        Path, typer.Argument(exists=True, help="JSON: prices, barriers, rates observed.")
    ],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Recompute a redemption from the terms and observations, step by step.

    Example: counterfoil instrument payoff DE000CF00006 fixings.json
    """
    with client(url) as server:
        found = ask(
            server, "POST", f"/instruments/{isin}/payoff", content=observations.read_bytes(),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
    if as_json:
        show(found, as_json=True)
        return
    show_table(found.pop("steps"), as_json=False)
    note("")
    show(found, as_json=False)


@group.command("mark-up")
def mark_up(isin: str, quantity: str, url: Url = None, as_json: Json = False) -> None:
    """Issue further units of an up-to issue, within its authorised volume.

    Example: counterfoil instrument mark-up DE000CF00006 5000
    """
    _request({"kind": "TOP_UP", "isin": isin, "quantity": quantity}, url, as_json=as_json)


@group.command("mark-down")
def mark_down(isin: str, quantity: str, url: Url = None, as_json: Json = False) -> None:
    """Take back units that stand on the issuer's account.

    Example: counterfoil instrument mark-down DE000CF00006 5000
    """
    _request({"kind": "DECREASE", "isin": isin, "quantity": quantity}, url, as_json=as_json)


def _request(body: dict[str, Any], url: str | None, *, as_json: bool) -> None:
    with client(url) as server:
        response = server.post("/issuances", json=body, headers={"Prefer": "wait=30"})
    result = response.json()
    if "refusals" in result:
        for refusal in result["refusals"]:
            note(f"{refusal['code']}: {refusal['detail']}")
        raise typer.Exit(REFUSED)
    show(result, as_json=as_json)
