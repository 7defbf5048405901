"""Finds the barriers that prices touch. What it costs follows the barriers that are touched, not those that stand.

A source's prices of a day have gone so far down, and so far up: each price that goes further touches the barriers
that lie between. Whatever comes late, or twice, or after a barrier, is compared with the same marks, so the order of
arrival changes nothing. What is touched becomes the source's observation "hit on this day", which counts as all
others do.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_ids
from counterfoil.servicing.observations import ObservationKind

SQL = queries(__file__)
PricesOf = tuple[str, date, str]
"""Underlying, day, source."""
_CORRECTED = "the price that touched it was corrected"


def lock_prices(tx: Transaction) -> None:
    """Whoever takes in prices, or has barriers watched, does so alone until its transaction ends: neither passes over
    what the other writes.
    """
    tx.execute("LOCK TABLE servicing.staged_tick IN SHARE ROW EXCLUSIVE MODE")


def look(tx: Transaction, anew: Collection[PricesOf], *, now: datetime, actor: str) -> int:
    """Note what the staged ticks touch, and what is touched, or is not any more, on those days of which all prices
    are to be looked at `anew`; how many barriers were touched. Empties the stage.
    """
    keys = _columns(anew)
    if anew:
        tx.execute(SQL.forget_extremes, **keys)
        tx.execute(SQL.unstage, **keys)
        tx.execute(SQL.stage_anew, **keys)
    found = 0
    if tx.execute(SQL.step):
        found = tx.execute(SQL.find)
        tx.execute(SQL.note_extremes)
    if found:
        tx.execute(SQL.observe, ids=new_ids(found), now=now, actor=actor)
        tx.execute(SQL.mark_touched)
    if anew:
        _retract(tx, keys, now, actor)
    tx.execute("TRUNCATE servicing.staged_tick, servicing.staged_step, servicing.staged_touch")
    return found


def _retract(tx: Transaction, keys: dict[str, Any], now: datetime, actor: str) -> None:
    """What rested on a price that is not said any more is corrected: not hit on that day."""
    rows = tx.rows(SQL.unfounded, **keys)
    tx.copy(
        "servicing.observation",
        (
            "id", "kind", "subject", "day", "source", "version", "observed_at", "entered_at", "entered_by",
            "reason",
        ),
        (
            "uuid", "text", "text", "date", "text", "int4", "timestamptz", "timestamptz", "text", "text",
        ),
        (
            (id_, ObservationKind.BARRIER.value, subject, day, source, version + 1, now, now, actor, _CORRECTED)
            for id_, (subject, day, source, version) in zip(new_ids(len(rows)), rows, strict=True)
        ),
    )  # fmt: skip


def _columns(keys: Collection[PricesOf]) -> dict[str, Any]:
    return {
        "underlyings": [underlying for underlying, _, _ in keys],
        "days": [day for _, day, _ in keys],
        "sources": [source for *_, source in keys],
    }
