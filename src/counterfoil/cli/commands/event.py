"""One lifecycle event, calls, exercises, corrections."""

from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil.cli.client import REFUSED, ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table
from counterfoil.core.json import loads
from counterfoil.servicing import recompute as work_out

group = typer.Typer(
    no_args_is_help=True, help="Events: what one pays and lacks, declarations, corrections, calls."
)


@group.command("show")
def show_event(event: str, url: Url = None, as_json: Json = False) -> None:
    """An event as it stands: what it lacks, what was observed, recorded and paid.

    Example: counterfoil event show 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        show(ask(server, "GET", f"/events/{event}"), as_json=as_json)


@group.command("entitled")
def entitled(
    event: str,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Who gets what.

    Example: counterfoil event entitled 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        found = ask(server, "GET", f"/events/{event}/entitlements", params={"limit": limit})["items"]
    columns = ("line", "account", "sub_balance", "units", "interest", "principal", "tax")
    show_table(found, as_json=as_json, columns=columns)


@group.command("declare")
def declare(event: str, amount: str, url: Url = None, as_json: Json = False) -> None:
    """Say what the event pays for one unit or denomination, as its paying agent.

    Example: counterfoil event declare 01a1fb66-8b66-7000-b77a-b17f44c71172 28.75
    """
    with client(url) as server:
        found = ask(server, "POST", f"/events/{event}/declarations", json={"amount": amount})
    show(found, as_json=as_json)


@group.command("correct")
def correct(
    event: str,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have a paid event decided and paid anew, once another person has approved.

    Example: counterfoil event correct 01a1fb66-8b66-7000-b77a-b17f44c71172 --reason "fixing corrected"
    """
    with client(url) as server:
        found = ask(server, "POST", f"/events/{event}/corrections", json={"reason": reason})
    show(found, as_json=as_json)


@group.command("reopen")
def reopen(
    event: str,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have an event decided anew that a person refused.

    Example: counterfoil event reopen 01a1fb66-8b66-7000-b77a-b17f44c71172 --reason "the agent was right"
    """
    with client(url) as server:
        show(ask(server, "POST", f"/events/{event}/reopenings", json={"reason": reason}), as_json=as_json)


@group.command("suspense")
def suspense(
    event: Annotated[str | None, typer.Argument(help="Of one event only.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What is owed to accounts that are blocked or closed.

    Example: counterfoil event suspense
    """
    with client(url) as server:
        found = ask(server, "GET", "/suspense", params={"event": event} if event else {})["items"]
    columns = ("since", "event", "isin", "account", "asset", "amount", "sub_balance")
    show_table(found, as_json=as_json, columns=columns)


@group.command("claims")
def claims(
    event: str,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What followed from a payment for trades that were not delivered when it fell due.

    Example: counterfoil event claims 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        found = ask(server, "GET", f"/events/{event}/claims", params={"limit": limit})["items"]
    columns = (
        "transaction",
        "kind",
        "quantity",
        "gives",
        "takes",
        "asset",
        "amount",
        "instructed_as",
        "refused",
    )
    show_table(found, as_json=as_json, columns=columns)


@group.command("release")
def release(
    event: str,
    account: Annotated[str, typer.Argument(help="The closed account.")],
    into: Annotated[str, typer.Argument(help="Another account of its owner.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Give what a closed account is owed to another one of its owner, once another person has approved.

    Example: counterfoil event release 01a1fb66-8b66-7000-b77a-b17f44c71172 A-OWN A-OMNIBUS-1 --reason "closed"
    """
    body = {"account": account, "into": into, "reason": reason}
    with client(url) as server:
        show(ask(server, "POST", f"/events/{event}/releases", json=body), as_json=as_json)


@group.command("call")
def call(
    isin: str,
    day: Annotated[str, typer.Argument(help="The day of the right, YYYY-MM-DD.")],
    share: Annotated[str, typer.Option(help="Part of everybody's units that is redeemed.")] = "1",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Redeem early by a right of the terms.

    Example: counterfoil event call DE000CF00006 2030-12-01
    """
    with client(url) as server:
        found = ask(server, "POST", "/calls", json={"isin": isin, "day": day, "share": share})
    show(found, as_json=as_json)


@group.command("exercise")
def exercise(isin: str, account: str, units: str, day: str, url: Url = None, as_json: Json = False) -> None:
    """Exercise units of an account, valued on a day.

    Example: counterfoil event exercise DE000CF00006 0000CFSAMPLE00000219-OWN 400 2027-03-01
    """
    body = {"isin": isin, "account": account, "units": units, "day": day}
    with client(url) as server:
        show(ask(server, "POST", "/exercises", json=body), as_json=as_json)


@group.command("funding")
def funding(
    until: Annotated[str | None, typer.Option(help="A day; seven days ahead if absent.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What paying accounts need on coming days, what they hold, what is missing.

    Example: counterfoil event funding --until 2027-03-01
    """
    with client(url) as server:
        found = ask(server, "GET", "/funding", params={"until": until} if until else {})
    if as_json:
        show(found, as_json=True)
    else:
        columns = ("payment", "account", "currency", "expected", "held", "missing")
        show_table(found["accounts"], as_json=False, columns=columns)


def recompute(
    event: Annotated[str, typer.Argument(help="The event's id, or with --file nothing.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", exists=True, help="A proof that was kept: no server is needed.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Work out what an event pays from published terms and stored observations alone: hash, sources, steps, amount.

    With --json it prints the proof; keep it, and anyone can repeat the calculation offline with --file. Exit code 1
    where the digits differ.

    Example: counterfoil recompute 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    if file is not None:
        document: dict[str, Any] = loads(file.read_bytes())
        document["recomputed"] = work_out(document)
    else:
        with client(url) as server:
            document = ask(server, "GET", f"/events/{event}/proof")
    if as_json:
        show(document, as_json=True)
    else:
        _print_proof(document)
    if not document["recomputed"]["agrees"]:
        raise typer.Exit(REFUSED)


def _print_proof(document: dict[str, Any]) -> None:
    head = ("event", "isin", "kind", "day", "terms_version", "terms_hash", "origin", "declared")
    show({name: document.get(name) for name in head}, as_json=False)
    columns = (
        "kind",
        "subject",
        "day",
        "value",
        "low",
        "high",
        "hit_on",
        "choice",
        "factor",
        "source",
        "entered_by",
        "confirmed_by",
    )
    show_table(document["sources"], as_json=False, columns=columns)
    note("")
    steps = document["recomputed"]["steps"] or document["steps"]  # none are worked out of free terms
    show_table(steps, as_json=False, columns=("name", "formula", "value"))
    note("")
    result = ("currency", "basis", "interest", "principal", "deliveries", "redeems")
    show({name: document.get(name) for name in result}, as_json=False)
    agrees = document["recomputed"]["agrees"]
    note("The same digits come out." if agrees else "; ".join(document["recomputed"]["differences"]))
