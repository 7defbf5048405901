"""Settlement."""

from typing import Annotated
from uuid import UUID

import httpx
import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.commands.settlement_file import instruct, resume
from counterfoil.cli.output import show, show_table

group = typer.Typer(
    no_args_is_help=True, help="Settlement: instructions, holds, cycles, and why something waits."
)
_COLUMNS = (
    "id",
    "party",
    "reference",
    "movement",
    "isin",
    "quantity",
    "amount",
    "currency",
    "state",
    "reason",
)
Hold = Annotated[
    list[str] | None, typer.Option("--flag", help="PARTY; the depository also CSD, VALIDATION, COSD.")
]

OneInstruction = Annotated[
    str, typer.Argument(help="Its id, or its party's reference where no other party uses the same.")
]


def _line(found: dict) -> dict:  # type: ignore[type-arg]
    waits = found.get("waits_for") or {}
    errors = "; ".join(f"{e['iso']} {e['detail']}" for e in found.get("errors", []))
    return {**found, "reason": errors or " ".join(filter(None, (waits.get("code"), waits.get("detail"))))}


group.command("instruct")(instruct)
group.command("resume")(resume)


@group.command("list")
def index(
    party: Annotated[str | None, typer.Option(help="LEI.")] = None,
    reference: Annotated[str | None, typer.Option(help="The party's own reference.")] = None,
    isin: Annotated[str | None, typer.Option(help="The security.")] = None,
    state: Annotated[
        str | None, typer.Option(help="unmatched, pending, failing, partial, settled or cancelled.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="What it waits for: LACK, MONY, PREA ...")] = None,
    due: Annotated[str | None, typer.Option(help="Open and intended for this day or before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Instructions, newest first, with what each waits for.

    Example: counterfoil settlement list --party 0000CFSAMPLE00000219 --state failing --reason LACK
    """
    wanted = {
        "party": party, "reference": reference, "isin": isin, "state": state, "reason": reason, "due": due,
        "limit": limit,
    }  # fmt: skip
    params = {name: value for name, value in wanted.items() if value is not None}
    with client(url) as server:
        found = ask(server, "GET", "/settlement/instructions", params=params)["items"]
    show_table(found if as_json else [_line(f) for f in found], as_json=as_json, columns=_COLUMNS)


@group.command("why")
def why(instruction: OneInstruction, url: Url = None, as_json: Json = False) -> None:
    """All about one instruction: how it stands, what was done to it, what it waits for and who can act.

    Example: counterfoil settlement why TRADE-7
    """
    with client(url) as server:
        show(ask(server, "GET", _path(server, instruction)), as_json=as_json)


@group.command("hold")
def hold(instruction: OneInstruction, flag: Hold = None, url: Url = None, as_json: Json = False) -> None:
    """Keep an instruction from settling.

    Example: counterfoil settlement hold 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    _change(instruction, {"hold": flag or ["PARTY"]}, url, as_json)


@group.command("release")
def release(
    instruction: OneInstruction,
    flag: Hold = None,
    quantity: Annotated[
        str | None, typer.Option(help="Only so much of a held delivery; the rest stays held.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Let a held instruction settle, in whole or in part; it is tried at once.

    Example: counterfoil settlement release 01a1fb66-8b66-7000-b77a-b17f44c71172 --quantity 300
    """
    if quantity is None:
        _change(instruction, {"release": flag or ["PARTY"]}, url, as_json)
        return
    if flag:
        raise typer.BadParameter("A quantity is released from the party's hold; leave --flag out.")
    _change(instruction, {"release_quantity": quantity}, url, as_json)


@group.command("link")
def link(
    instruction: OneInstruction,
    reference: Annotated[str, typer.Argument(help="The same party's reference of the other instruction.")],
    kind: Annotated[
        str,
        typer.Option(help="AFTE: settles after it; BEFO: before it; WITH: together; INFO: for information."),
    ] = "AFTE",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have an instruction depend on another one of its party.

    Example: counterfoil settlement link 01a1fb66-8b66-7000-b77a-b17f44c71172 TRADE-7 --kind WITH
    """
    _change(instruction, {"link": [{"kind": kind.upper(), "reference": reference}]}, url, as_json)


@group.command("unlink")
def unlink(
    instruction: OneInstruction,
    references: Annotated[
        list[str], typer.Argument(help="References of the instructions it is linked with.")
    ],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Take out links, whichever of the two named the other; what they kept back is tried at once.

    Example: counterfoil settlement unlink 01a1fb66-8b66-7000-b77a-b17f44c71172 TRADE-7
    """
    _change(instruction, {"unlink": references}, url, as_json)


@group.command("prioritise")
def prioritise(
    instruction: OneInstruction,
    priority: Annotated[int, typer.Argument(min=1, max=4, help="2 top, 3 high, 4 normal")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have an instruction tried before others.

    Example: counterfoil settlement prioritise 01a1fb66-8b66-7000-b77a-b17f44c71172 2
    """
    _change(instruction, {"priority": priority}, url, as_json)


def _path(server: httpx.Client, instruction: str) -> str:
    """Of the instruction with this id or reference."""
    try:
        id_ = str(UUID(instruction))
    except ValueError:
        params = {"reference": instruction, "limit": 2}
        found = ask(server, "GET", "/settlement/instructions", params=params)["items"]
        if len(found) != 1:
            said = "Several parties have" if found else "There is no instruction with"
            raise typer.BadParameter(
                f"{said} the reference {instruction}; find its id with: counterfoil settlement list"
            ) from None
        id_ = found[0]["id"]
    return f"/settlement/instructions/{id_}"


def _change(instruction: OneInstruction, wanted: dict, url: str | None, as_json: bool) -> None:  # type: ignore[type-arg]
    with client(url) as server:
        show(ask(server, "POST", f"{_path(server, instruction)}/conditions", json=wanted), as_json=as_json)


@group.command("cancel")
def cancel(instruction: OneInstruction, url: Url = None, as_json: Json = False) -> None:
    """Ask for a cancellation: at once while unmatched, once both sides have asked when matched.

    Example: counterfoil settlement cancel 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        show(ask(server, "POST", f"{_path(server, instruction)}/cancellation"), as_json=as_json)


@group.command("allegements")
def allegements(
    party: Annotated[str | None, typer.Option(help="LEI.")] = None, url: Url = None, as_json: Json = False
) -> None:
    """What others have instructed against a party that it has not answered.

    Example: counterfoil settlement allegements --party 0000CFSAMPLE00000219
    """
    with client(url) as server:
        found = ask(server, "GET", "/settlement/allegements", params={"party": party} if party else {})
    columns = ("id", "counterparty", "movement", "isin", "quantity", "amount", "currency", "intended_date")
    show_table(found, as_json=as_json, columns=columns)


@group.command("cycle")
def cycle(url: Url = None, as_json: Json = False) -> None:
    """Settle all that is due as one set.

    Example: counterfoil settlement cycle
    """
    with client(url) as server:
        show(ask(server, "POST", "/settlement/cycles"), as_json=as_json)


@group.command("rate")
def rate(
    currency: Annotated[str, typer.Argument(help="ISO 4217.")],
    worth: Annotated[str, typer.Argument(help="What one unit is worth in EUR.")],
    valid_from: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Enter a reference exchange rate, by which a cycle weighs values of several currencies.

    Example: counterfoil settlement rate USD 0.92 --from 2026-11-23
    """
    entry = {"currency": currency.upper(), "valid_from": valid_from, "rate": worth}
    with client(url) as server:
        show_table(ask(server, "POST", "/settlement/exchange-rates", json=[entry]), as_json=as_json)


@group.command("rates")
def rates(
    on: Annotated[str | None, typer.Option(help="YYYY-MM-DD; today if absent.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Reference exchange rates as they are valid on a day.

    Example: counterfoil settlement rates --on 2026-11-23
    """
    with client(url) as server:
        params = {"on": on} if on else {}
        show_table(ask(server, "GET", "/settlement/exchange-rates", params=params), as_json=as_json)
