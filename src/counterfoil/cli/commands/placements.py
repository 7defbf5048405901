"""What became of the placements of a batch, for people: money and units by issuer, one example, what waits."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from counterfoil.cli.client import ask
from counterfoil.cli.output import note, show_table

_TOP = 5
_MOMENT = timedelta(microseconds=1)


def show_placements(server: httpx.Client, batch: str) -> None:
    """Everything that moved, the issuers with the largest proceeds, both postings of one delivery, what waits."""
    totals = ask(server, "GET", f"/batches/{batch}/placements")
    if not totals:
        return
    deliveries, settled = (sum(row[name] for row in totals) for name in ("deliveries", "settled"))
    placed = sum(Decimal(row["placed"]) for row in totals)
    money = ", ".join(f"{paid:,} {currency}" for currency, paid in sorted(_paid(totals).items()))
    note(
        f"\nDelivered against payment: {settled:,} of {deliveries:,} deliveries, {placed:,} units and nominal, "
        f"{money} paid. The issuers that got most:"
    )
    columns = ("issuer", "items", "deliveries", "settled", "placed", "proceeds", "currency")
    show_table(totals[:_TOP], as_json=False, columns=columns)
    _show_example(server, batch)
    _show_waiting(server, batch)


def _paid(totals: list[dict[str, Any]]) -> dict[str, Decimal]:
    paid: dict[str, Decimal] = {}
    for row in totals:
        paid[row["currency"]] = paid.get(row["currency"], Decimal(0)) + Decimal(row["proceeds"])
    return paid


def _show_example(server: httpx.Client, batch: str) -> None:
    items = _items(server, batch, "placed", 1)
    if not items:
        return
    told = ask(server, "GET", f"/settlement/instructions/{items[0]['placement']['lines'][0]['instruction']}")
    note(
        f"\nOne of them: {told['settled_quantity']} {told['isin']} for {told['settled_amount']} {told['currency']}, "
        f"settled at {told['settled_at']} (SF III) in one booking:"
    )
    buyer = ask(server, "GET", "/accounts", params={"owner": told["counterparty"], "kind": "own"})["items"]
    accounts = dict.fromkeys(
        [told["account"], told["cash_account"], *(account["number"] for account in buyer)]
    )
    postings = [
        {"account": account, "asset": asset, "amount": movement["amount"], "booking": movement["booking"]}
        for asset in (told["isin"], told["currency"])
        for account in accounts
        for movement in _movements(server, account, asset, told["settled_at"])
        if movement["reference"] == told["transaction"]
    ]
    show_table(postings, as_json=False)


def _movements(server: httpx.Client, account: str, asset: str, at: str) -> Iterator[dict[str, Any]]:
    """What was booked on an account at one moment: a batch books much at once, so there may be many pages."""
    until = (datetime.fromisoformat(at) + _MOMENT).isoformat()
    parameters = {"asset": asset, "from": at, "to": until, "limit": 1000}
    after: str | None = ""
    while after is not None:
        page = ask(server, "GET", f"/accounts/{account}/statement", params={**parameters, "after": after})
        yield from page["movements"]
        after = page["next"]


def _show_waiting(server: httpx.Client, batch: str) -> None:
    waiting = _items(server, batch, "waiting", 1000)
    if not waiting:
        return
    why = Counter(
        (line["waits_for"]["code"], line["buyer"], line["waits_for"]["detail"])
        for item in waiting
        for line in item["placement"]["lines"]
        if "waits_for" in line
    )
    note("\nPlacements that wait, by reason; they settle by themselves as soon as it is gone:")
    show_table(
        [
            {"code": code, "buyer": buyer, "deliveries": n, "reason": detail}
            for (code, buyer, detail), n in why.most_common(_TOP)
        ],
        as_json=False,
    )


def _items(server: httpx.Client, batch: str, placement: str, limit: int) -> list[dict[str, Any]]:
    parameters = {"placement": placement, "limit": limit}
    found: list[dict[str, Any]] = ask(server, "GET", f"/batches/{batch}/items", params=parameters)["items"]
    return found
