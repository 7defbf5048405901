"""Finds for each waiting instruction the one that is its other half (DOMAIN section 3.2, after T2S)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.ids import new_ids

SQL = queries(__file__)


def match(tx: Transaction, keys: Sequence[UUID], *, now: datetime, business_date: date) -> list[UUID]:
    """Match what waits under the given keys; the transactions that came of it: SF II.

    Mandatory and additional fields agree where the match keys do. Amounts may differ by the currency's tolerance: the
    deliverer's settles. Optional fields must agree where both sides fill them. The caller holds `lock_matching`.
    """
    wanted = list(set(keys))
    # The working sets grow from nothing within a batch: whatever the planner believes of them, rows are found by key.
    tx.execute("SET LOCAL enable_seqscan = off")
    made = join(tx, tx.rows(SQL.pair_equals, keys=wanted), now)
    # Each round pairs at least the best of all candidates that are left, so it ends.
    while pairs := tx.rows(SQL.pair_best, keys=wanted, business_date=business_date):
        made += join(tx, pairs, now)
    return made


def join(tx: Transaction, pairs: Sequence[Row], now: datetime) -> list[UUID]:
    """Make each pair (deliverer, receiver) of waiting instructions one transaction: SF II."""
    ids = new_ids(len(pairs))
    if pairs:
        delivers, receives = [deliver for deliver, _ in pairs], [receive for _, receive in pairs]
        tx.execute(SQL.add_transactions, ids=ids, delivers=delivers, receives=receives, now=now)
        added = tx.value(SQL.add_pending, ids=ids, delivers=delivers, receives=receives, now=now)
        gone = tx.execute(SQL.delete_unmatched, ids=delivers + receives)
        ensure((added, gone) == (len(pairs), 2 * len(pairs)), "a pair becomes one transaction")
    return ids
