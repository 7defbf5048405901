"""What the register says: extracts and histories, now or at any past moment (eWpG sections 10, 13(3), 19)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from counterfoil.core import json
from counterfoil.core.db import Transaction, queries
from counterfoil.register.model import Issue

SQL = queries(__file__)
_NAMES = (
    "entry_no", "kind", "delta", "issued_after", "authorised_after", "arrived_at", "changed_at", "content", "hash",
    "block", "position", "block_hash",
)  # fmt: skip


def history(
    tx: Transaction, isin: str, at: datetime | None = None, *, after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Entries of an issue in order, up to `at`, from behind number `after`: all of them without a `limit`.

    `content` is the exact text that `hash` is taken of.
    """
    found = tx.rows(SQL.entries, isin=isin, at=at, after=after, limit=limit)
    rows = [dict(zip(_NAMES, row, strict=True)) for row in found]
    return [{**row, "hash": row["hash"].hex(), "block_hash": row["block_hash"].hex()} for row in rows]


def extract(tx: Transaction, isin: str, at: datetime | None = None) -> dict[str, Any] | None:
    """All items of eWpG section 13 together, as the last entry up to `at` states them, or None before the first.

    `entry.content` and `entry.hash` let a reader check the extract without us.
    """
    entries = history(tx, isin, at)
    if not entries:
        return None
    last = entries[-1]
    stated = json.loads(last["content"])
    return {
        "isin": isin,
        "as_of": at,
        "issuer": stated["issuer"],
        "authorised": stated["authorised"],
        "issued": stated["issued"],
        "state": stated["state"],
        "terms_version": stated["terms_version"],
        **stated["content"],
        "first_entered_at": entries[0]["changed_at"],
        "entry": {
            name: last[name] for name in ("entry_no", "kind", "arrived_at", "changed_at", "content", "hash")
        },
        "block": {"sequence": last["block"], "position": last["position"], "hash": last["block_hash"]},
    }


def issues(tx: Transaction, isins: Sequence[str]) -> Mapping[str, Issue]:
    """Issues as they stand; an unknown ISIN is missing."""
    return {row[0]: Issue(*row) for row in tx.rows(SQL.issues, isins=list(isins))}
