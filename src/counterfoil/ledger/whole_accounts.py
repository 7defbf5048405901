"""Statements of whole accounts, many at once: for each asset opening balance, movements, closing balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting. `reference` is the id of what caused the booking, `own_reference` what a person gave with it."""

    booking: UUID
    leg: int
    kind: str
    reference: UUID
    own_reference: str | None
    sub_balance: str
    amount: Decimal
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class AssetStatement:
    """One asset of one account: opening and all movements make the closing balance."""

    account: str
    asset: str
    opening: Decimal
    closing: Decimal
    movements: tuple[Movement, ...]


def account_statements(
    tx: Transaction, accounts: Sequence[str], start: datetime, until: datetime
) -> list[AssetStatement]:
    """What moved on the accounts (numbers) from `start` up to before `until`, by account and asset; what did not move
    is left out. It goes by the time of booking, as `statement` does.
    """
    found: dict[tuple[str, str], tuple[Decimal, list[Movement]]] = {}
    for account, asset, opening, *movement in tx.rows(
        SQL.movements, accounts=list(accounts), start=start, until=until
    ):
        found.setdefault((account, asset), (opening, []))[1].append(Movement(*movement))
    return [
        AssetStatement(
            account,
            asset,
            opening,
            opening + sum((m.amount for m in movements), Decimal(0)),
            tuple(movements),
        )
        for (account, asset), (opening, movements) in found.items()
    ]


def account_holdings(
    tx: Transaction, accounts: Sequence[str], at: datetime
) -> dict[str, list[tuple[str, str, Decimal]]]:
    """What the accounts (numbers) held just before a moment: asset, sub-balance and quantity, other than zero."""
    found: dict[str, list[tuple[str, str, Decimal]]] = {account: [] for account in accounts}
    for account, asset, sub_balance, quantity in tx.rows(SQL.holdings, accounts=list(accounts), at=at):
        found[account].append((asset, sub_balance, quantity))
    return found
