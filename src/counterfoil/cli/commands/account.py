"""Accounts."""

from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Accounts: open, fund, balances, statements.")


@group.command("open")
def open_one(
    owner: Annotated[str, typer.Argument(help="LEI of the owner.")],
    kind: Annotated[
        str, typer.Option(help="own, client_omnibus, client_segregated, dealer, paying_agent")
    ] = "own",
    number: Annotated[str | None, typer.Option(help="Named after owner and kind if absent.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Open an account; it may hold securities and money.

    Example: counterfoil account open 0000CFSAMPLE00000219
    """
    new = {"owner": owner, "kind": kind} | ({"number": number} if number else {})
    with client(url) as server:
        show(ask(server, "POST", "/accounts", json=new), as_json=as_json)


@group.command("list")
def index(
    owner: Annotated[str | None, typer.Option(help="LEI of the owner.")] = None,
    after: Annotated[str, typer.Option(help="Go on after this number.")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Accounts by number, a thousand at most.

    Example: counterfoil account list --owner 0000CFSAMPLE00000219
    """
    params = {"after": after, "limit": 1000} | ({"owner": owner} if owner else {})
    with client(url) as server:
        found = ask(server, "GET", "/accounts", params=params)
    show_table(found["items"], as_json=as_json, columns=("number", "kind", "owner", "opened_at"))


@group.command("balances")
def balances(number: str, url: Url = None, as_json: Json = False) -> None:
    """What an account holds.

    Example: counterfoil account balances 0000CFSAMPLE00000219-OWN
    """
    with client(url) as server:
        found = ask(server, "GET", f"/accounts/{number}/balances")
    show_table(found, as_json=as_json, columns=("asset", "sub_balance", "quantity"))


@group.command("statement")
def statement(
    number: str,
    asset: Annotated[str, typer.Argument(help="ISIN or currency.")],
    start: Annotated[str, typer.Option("--from", help="ISO 8601 with offset.")],
    until: Annotated[str | None, typer.Option("--to", help="Now if absent.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Opening balance, movements, closing balance.

    Example: counterfoil account statement 0000CFSAMPLE00000219-OWN EUR --from 2026-11-23T00:00:00Z
    """
    params = {"asset": asset, "from": start} | ({"to": until} if until else {})
    with client(url) as server:
        show(ask(server, "GET", f"/accounts/{number}/statement", params=params), as_json=as_json)


@group.command("fund")
def fund(
    number: str,
    currency: str,
    amount: Annotated[str, typer.Argument(help="Negative: back to the central bank.")],
    reference: Annotated[str, typer.Option(help="The same reference again changes nothing.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Bring money to an account from the central bank.

    Example: counterfoil account fund 0000CFSAMPLE00000219-OWN EUR 1000000 --reference F1
    """
    body = {"currency": currency, "amount": amount, "reference": reference}
    with client(url) as server:
        show(ask(server, "POST", f"/accounts/{number}/fundings", json=body), as_json=as_json)
