"""Bookings with any number of legs, over all sub-balances, made and booked without leaving the database.

`staging` is for deliveries, which have four legs and move what is available; this is for what pays a whole issue.
"""

from datetime import datetime

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_id
from counterfoil.ledger.booking import Lack, SubBalance

SQL = queries(__file__)
_INTO = "INSERT INTO ledger.staged_leg (booking_id, reference, account_id, asset, sub_balance, amount) "


def stage_legs(tx: Transaction, selection: str, **parameters: object) -> int:
    """Stage the legs that a query yields (booking, reference, account, asset, sub-balance, amount) and lock what they
    would move; how many. Others wait until this transaction has ended, which books them or fails.

    A booking has at most 30,000 legs: they are numbered by 16 bits.
    """
    tx.execute("LOCK TABLE ledger.staged_leg IN SHARE ROW EXCLUSIVE MODE")
    staged = tx.execute(_INTO + selection, **parameters)
    if staged:
        tx.execute(SQL.net)
        tx.execute(SQL.lock)
    return staged


def short_legs(tx: Transaction) -> list[Lack]:
    """The positions that would fall below zero if all that is staged were booked."""
    return [
        Lack(account, asset, SubBalance(sub_balance), held, needed)
        for account, asset, sub_balance, held, needed in tx.rows(SQL.short)
    ]


def book_legs(tx: Transaction, *, kind: str, booked_at: datetime, actor: str) -> int:
    """Book all that is staged and clear the stage; how many postings. Every position is written once.

    Raises `Conflict` where a position would fall below zero (no_overdraft; ask `short_legs` first), a booking does
    not add up, or an account is barred.
    """
    batch = new_id()
    tx.execute(SQL.add_batch, id=batch, actor=actor, booked_at=booked_at)
    tx.execute(SQL.add_bookings, batch=batch, kind=kind)
    posted = tx.execute(SQL.add_postings, batch=batch, booked_at=booked_at)
    if tx.execute(SQL.move_positions, batch=batch) < tx.value(SQL.moving):
        tx.execute(SQL.open_positions, batch=batch)
    tx.execute("TRUNCATE ledger.staged_leg, ledger.staged_leg_net")
    return posted
