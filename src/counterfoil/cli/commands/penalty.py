"""Cash penalties."""

from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, print_json, show_table

group = typer.Typer(no_args_is_help=True, help="Cash penalties for what fails, by day and by month.")
_COLUMNS = (
    "charged_on", "kind", "business_date", "transaction", "debtor", "creditor", "basis", "quantity", "price", "rate",
    "amount", "currency",
)  # fmt: skip
Party = Annotated[str | None, typer.Option(help="LEI; a party sees its own only.")]


@group.command("list")
def index(
    first: Annotated[str, typer.Option("--from", help="First day of charging, YYYY-MM-DD.")],
    last: Annotated[str | None, typer.Option("--to", help="Last day; the first if absent.")] = None,
    party: Party = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Penalties charged on the days of a period.

    Example: counterfoil penalty list --from 2026-11-02 --to 2026-11-30
    """
    params: dict[str, Any] = {"from": first, "to": last or first} | ({"party": party} if party else {})
    found: list[dict[str, Any]] = []
    with client(url) as server:
        while True:
            page = ask(server, "GET", "/settlement/penalties", params=params)
            found += page["items"]
            if not page["next"]:
                break
            params["after"] = page["next"]
    show_table(found, as_json=as_json, columns=_COLUMNS)


@group.command("month")
def month(
    month: Annotated[str, typer.Argument(help="YYYY-MM")],
    party: Party = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """A month's penalties, net for each party, and when they may be appealed against, are reported and paid.

    Example: counterfoil penalty month 2026-11
    """
    with client(url) as server:
        path = f"/settlement/penalties/months/{month}"
        found = ask(server, "GET", path, params={"party": party} if party else {})
    if as_json:
        print_json(found)
        return
    note(f"Appeals until {found['appeals_until']}, reported {found['reported_on']}, paid {found['paid_on']}.")
    show_table(found["parties"], as_json=False, columns=("party", "currency", "net", "debit", "credit"))
