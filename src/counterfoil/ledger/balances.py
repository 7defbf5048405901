"""Positions now and at any past moment, and statements of account."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.ledger.accounts import Account
from counterfoil.ledger.booking import EXACT

SQL = queries(__file__)
_NAMES = ("asset", "account", "kind", "owner_lei", "sub_balance", "quantity")


def positions(
    tx: Transaction, *, asset: str | None = None, account: str | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """Positions of an asset, an account, or both."""
    rows = tx.rows(SQL.positions, asset=asset, account=account, limit=limit)
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def quantities(tx: Transaction, keys: Sequence[tuple[str, Account]]) -> list[Decimal]:
    """The available quantity of each (asset, account), zero where there is no position, in order."""
    rows = tx.rows(
        SQL.quantities,
        numbers=list(range(len(keys))),
        assets=[asset for asset, _ in keys],
        accounts=[account.id for _, account in keys],
    )
    found: dict[int, Decimal] = dict(rows)
    return [found.get(n, Decimal(0)) for n in range(len(keys))]


def positions_as_of(tx: Transaction, asset: str, at: datetime) -> list[dict[str, Any]]:
    """Positions of an asset as they stood at `at`, from the postings alone."""
    return [dict(zip(_NAMES, row, strict=True)) for row in tx.rows(SQL.as_of, asset=asset, at=at)]


def statement(tx: Transaction, account: str, asset: str, start: datetime, until: datetime) -> dict[str, Any]:
    """Opening balance, movements from `start` up to before `until`, closing balance, over all sub-balances.

    It goes by `booked_at`: what a transaction still open has booked before `until` is not in it yet.
    """
    names = ("booked_at", "kind", "reference", "sub_balance", "amount")
    rows = tx.rows(SQL.statement, account=account, asset=asset, start=start, until=until)
    opening: Decimal = rows[0][4]
    movements = [dict(zip(names, row[:5], strict=True)) for row in rows[1:]]
    with localcontext(EXACT):
        closing = opening + sum((m["amount"] for m in movements), Decimal(0))
    return {
        "account": account,
        "asset": asset,
        "opening": opening,
        "movements": movements,
        "closing": closing,
    }
