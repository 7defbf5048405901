"""A whole set of deliveries, judged by its net effect and booked together without leaving the database.

Between `stage` and `book_staged` the set can be looked at and thinned out; `book` is for what is judged one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
_INTO = """INSERT INTO ledger.staged (
    booking_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account
) """


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units of a security one way, and money the other or none at all. The booking's id is what caused it."""

    booking_id: UUID
    isin: str
    quantity: Decimal
    from_account: UUID
    to_account: UUID
    currency: str | None
    amount: Decimal | None
    payer_account: UUID | None
    payee_account: UUID | None


@dataclass(frozen=True, slots=True)
class Net:
    """What a position holds and by how much the staged set would change it."""

    asset: str
    account_id: UUID
    held: Decimal
    change: Decimal
    may_be_negative: bool


def stage(tx: Transaction, selection: str, **parameters: object) -> int:
    """Stage what a SELECT yields: the columns of `Delivery` in order. How many; the net of all of them is taken once.

    The caller sees to it that one set is staged at a time, and that the transaction books or clears it.
    """
    staged = tx.execute(_INTO + selection, **parameters)
    if staged:
        tx.execute(SQL.net)
        tx.execute(SQL.lock)
    return staged


def shortages(tx: Transaction) -> list[Net]:
    """The positions that would fall below zero if all that is staged were booked."""
    return [
        Net(asset, account, held, -needed, may_be_negative=False)
        for asset, account, held, needed in tx.rows(SQL.shortages)
    ]


def nets(tx: Transaction, keys: Sequence[tuple[str, UUID]]) -> list[Net]:
    """The given positions (asset, account), as far as the staged set touches them."""
    return [Net(*row) for row in tx.rows(SQL.nets, **_key_columns(keys))]


def debits(tx: Transaction, keys: Sequence[tuple[str, UUID]]) -> list[Delivery]:
    """The staged deliveries that take from any of the given positions (asset, account)."""
    return [Delivery(*row) for row in tx.rows(SQL.debits, **_key_columns(keys))]


def deliveries(tx: Transaction, bookings: Sequence[UUID]) -> list[Delivery]:
    """Of the given deliveries those that are staged."""
    return [Delivery(*row) for row in tx.rows(SQL.deliveries, ids=list(bookings))] if bookings else []


def unstage(tx: Transaction, bookings: Sequence[UUID]) -> None:
    """Take deliveries out of the set again."""
    if bookings:
        tx.execute(SQL.drop_net, ids=list(bookings))
        tx.execute(SQL.drop_staged, ids=list(bookings))


def book_staged(tx: Transaction, *, batch: UUID, kind: str, booked_at: datetime, actor: str) -> None:
    """Book all that is staged as one batch and clear the stage. Every position is written once, whatever moves
    through it.

    Raises `Conflict` (no_overdraft) where a position would fall below zero: ask `shortages` first.
    """
    tx.execute(SQL.add_batch, id=batch, actor=actor, booked_at=booked_at)
    if tx.execute(SQL.add_deliveries, batch=batch, kind=kind, booked_at=booked_at):
        tx.execute(SQL.file_deliveries)
        tx.execute(SQL.move_positions, batch=batch)
        tx.execute(SQL.open_positions, batch=batch)
    clear_staged(tx)


def clear_staged(tx: Transaction) -> None:
    """Empty the stage."""
    tx.execute("TRUNCATE ledger.staged, ledger.staged_net")


def _key_columns(keys: Sequence[tuple[str, UUID]]) -> dict[str, Any]:
    return {"assets": [asset for asset, _ in keys], "accounts": [account for _, account in keys]}
