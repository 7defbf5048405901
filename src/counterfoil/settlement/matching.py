"""Finds for each waiting instruction the one that is its other half (DOMAIN section 3.2, after T2S)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.ids import new_ids

SQL = queries(__file__)


def match(
    tx: Transaction, *, now: datetime, business_date: date, keys: Sequence[UUID] | None = None
) -> list[UUID]:
    """Match what waits under the given keys (all, where there are none); the transactions that came of it: SF II.

    Mandatory and additional fields agree where the match keys do. Amounts may differ by the currency's tolerance: the
    deliverer's settles. Optional fields must agree where both sides fill them. The caller holds `lock_matching`.
    """
    wanted = None if keys is None else list(set(keys))
    made = _join(tx, tx.rows(SQL.pair_equals, keys=wanted), now)
    # Each round pairs at least the best of all candidates that are left, so it ends.
    while pairs := tx.rows(SQL.pair_best, keys=wanted, business_date=business_date):
        made += _join(tx, pairs, now)
    return made


def _join(tx: Transaction, pairs: Sequence[Row], now: datetime) -> list[UUID]:
    ids = new_ids(len(pairs))
    if pairs:
        tx.execute(
            SQL.join_pairs,
            ids=ids,
            delivers=[deliver for deliver, _ in pairs],
            receives=[receive for _, receive in pairs],
            now=now,
        )
    return ids
