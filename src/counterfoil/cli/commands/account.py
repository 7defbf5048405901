"""Accounts."""

from typing import Annotated, Any
from uuid import UUID

import httpx
import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, print_json, show, show_table
from counterfoil.core.ids import new_id

group = typer.Typer(
    no_args_is_help=True, help="Accounts: open, block, close, fund, balances, statements, movements."
)
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the event.")]
Side = Annotated[str, typer.Option(help="debit, credit or both")]
Authority = Annotated[
    str | None, typer.Option(help="On whose word: CSD, or PARTY where the depository acts for the party.")
]
Reference = Annotated[
    str | None, typer.Option(help="The same reference again changes nothing. Made up if absent.")
]


@group.command("open")
def open_one(
    owner: Annotated[str, typer.Argument(help="LEI of the owner.")],
    kind: Annotated[
        str, typer.Option(help="own, client_omnibus, client_segregated, dealer, paying_agent, issuer")
    ] = "own",
    number: Annotated[str | None, typer.Option(help="Named after owner, kind and suffix if absent.")] = None,
    suffix: Annotated[str, typer.Option(help="Tells several accounts of one kind apart.")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Open an account; it may hold securities and money.

    Example: counterfoil account open 0000CFSAMPLE00000219 --kind client_segregated --suffix 07
    """
    new = {"owner": owner, "kind": kind, "suffix": suffix} | ({"number": number} if number else {})
    with client(url) as server:
        show(ask(server, "POST", "/accounts", json=new), as_json=as_json)


@group.command("list")
def index(
    owner: Annotated[str | None, typer.Option(help="LEI of the owner.")] = None,
    kind: Annotated[str | None, typer.Option(help="What the account is for.")] = None,
    state: Annotated[str | None, typer.Option(help="open, blocked or closed")] = None,
    after: Annotated[str, typer.Option(help="Go on after this number.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 1000,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Accounts by number.

    Example: counterfoil account list --owner 0000CFSAMPLE00000219 --state blocked
    """
    wanted = {"owner": owner, "kind": kind, "state": state, "after": after, "limit": limit}
    with client(url) as server:
        found = ask(server, "GET", "/accounts", params={k: v for k, v in wanted.items() if v is not None})
    if as_json:
        print_json(found)
        return
    show_table(
        found["items"], as_json=False, columns=("number", "kind", "owner", "state", "blocks", "opened_at")
    )
    if found["next"]:
        note(f"There are more: --after {found['next']}")


@group.command("show")
def one(number: str, url: Url = None, as_json: Json = False) -> None:
    """An account with its state, its balances, and who has blocked or unblocked it when and why.

    Example: counterfoil account show 0000CFSAMPLE00000219-OWN
    """
    with client(url) as server:
        found = ask(server, "GET", f"/accounts/{number}")
        held = _all_pages(server, f"/accounts/{number}/balances", {})
    if as_json:
        print_json({**found, "balances": held})
        return
    events = found.pop("events")
    show(found, as_json=False)
    if held:
        show_table(held, as_json=False, columns=("asset", "sub_balance", "quantity"))
    if events:
        show_table(events, as_json=False, columns=("at", "kind", "blocks", "actor", "reason"))


@group.command("block")
def block(
    number: str,
    reason: Reason,
    side: Side = "both",
    authority: Authority = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Let an account give (debit) or take (credit) no more.

    Example: counterfoil account block 0000CFSAMPLE00000219-OWN --side debit --reason "court order 12/26"
    """
    _change(number, "block", {"reason": reason, "side": side}, authority, url, as_json=as_json)


@group.command("unblock")
def unblock(
    number: str,
    reason: Reason,
    side: Side = "both",
    authority: Authority = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Lift a block; each is lifted by whoever has set it.

    Example: counterfoil account unblock 0000CFSAMPLE00000219-OWN --reason "order 12/26 lifted"
    """
    _change(number, "unblock", {"reason": reason, "side": side}, authority, url, as_json=as_json)


@group.command("close")
def close(
    number: str, reason: Reason, authority: Authority = None, url: Url = None, as_json: Json = False
) -> None:
    """Close an open account that holds nothing, for good.

    Example: counterfoil account close 0000CFSAMPLE00000219-OWN --reason "client has left"
    """
    _change(number, "close", {"reason": reason}, authority, url, as_json=as_json)


def _change(
    number: str, step: str, body: dict[str, str], authority: str | None, url: str | None, *, as_json: bool
) -> None:
    wanted = body | ({"authority": authority} if authority else {})
    with client(url) as server:
        show(ask(server, "POST", f"/accounts/{number}/{step}", json=wanted), as_json=as_json)


@group.command("balances")
def balances(
    number: str,
    at: Annotated[str | None, typer.Option("--as-of", help="ISO 8601 with offset; now if absent.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What an account holds, or held at a past moment.

    Example: counterfoil account balances 0000CFSAMPLE00000219-OWN --as-of 2026-11-23T18:00:00+01:00
    """
    with client(url) as server:
        found = _all_pages(server, f"/accounts/{number}/balances", {"as_of": at} if at else {})
    show_table(found, as_json=as_json, columns=("asset", "sub_balance", "quantity"))


@group.command("statement")
def statement(
    number: str,
    asset: Annotated[str, typer.Argument(help="ISIN or currency.")],
    start: Annotated[str, typer.Option("--from", help="ISO 8601 with offset.")],
    until: Annotated[str | None, typer.Option("--to", help="Up to before this; now if absent.")] = None,
    sub_balance: Annotated[str | None, typer.Option(help="Of this sub-balance only.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Opening balance, movements, closing balance.

    Example: counterfoil account statement 0000CFSAMPLE00000219-OWN EUR --from 2026-11-23T00:00:00Z
    """
    wanted = {"asset": asset, "from": start, "to": until, "sub_balance": sub_balance}
    params: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    with client(url) as server:
        told = ask(server, "GET", f"/accounts/{number}/statement", params=params)
        movements = told.pop("movements")
        if told["next"]:
            more = {**params, "after": told["next"]}
            movements += _all_pages(server, f"/accounts/{number}/statement", more, name="movements")
    if as_json:
        print_json({**told, "movements": movements, "next": None})
        return
    ends = ("opening", told["opening"]), ("closing", told["closing"])
    first, last = ({"kind": name, "amount": value} for name, value in ends)
    columns = ("booked_at", "kind", "sub_balance", "amount", "own_reference", "reason", "reference")
    show_table([first, *movements, last], as_json=False, columns=columns)


def _all_pages(
    server: httpx.Client, path: str, params: dict[str, Any], *, name: str = "items"
) -> list[dict[str, Any]]:
    """What all pages from here on hold."""
    found: list[dict[str, Any]] = []
    while True:
        page = ask(server, "GET", path, params=params)
        found += page[name]
        if not page["next"]:
            return found
        params = {**params, "after": page["next"]}


@group.command("fund", context_settings={"ignore_unknown_options": True})
def fund(
    number: str,
    currency: str,
    amount: Annotated[str, typer.Argument(help="Negative: back to the central bank.")],
    reference: Reference = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Bring money to an account from the central bank.

    Example: counterfoil account fund 0000CFSAMPLE00000219-OWN EUR 1000000
    """
    body = {"currency": currency, "amount": amount, "reference": reference or _fresh(new_id())}
    with client(url) as server:
        show(ask(server, "POST", f"/accounts/{number}/fundings", json=body), as_json=as_json)


@group.command("move")
def move(
    number: str,
    asset: Annotated[str, typer.Argument(help="ISIN or currency.")],
    quantity: str,
    source: Annotated[str, typer.Option("--from", help="available, earmarked, blocked or pledged")],
    target: Annotated[str, typer.Option("--to", help="available, earmarked, blocked or pledged")],
    reason: Reason,
    reference: Reference = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Move between the sub-balances of an account.

    Example: counterfoil account move 0000CFSAMPLE00000219-OWN EUR 5 --from available --to blocked --reason "order 7"
    """
    body = {
        "asset": asset, "quantity": quantity, "from": source, "to": target, "reason": reason,
        "reference": reference or _fresh(new_id()),
    }  # fmt: skip
    with client(url) as server:
        show(ask(server, "POST", f"/accounts/{number}/movements", json=body), as_json=as_json)


def _fresh(id_: UUID) -> str:
    """A reference of no more than the 35 characters that one may have."""
    return id_.hex
