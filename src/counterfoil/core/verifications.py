"""Runs of `verify` that are kept: when, for whom, and what each check found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, json_value, queries

SQL = queries(__file__)


def keep_verification(
    tx: Transaction,
    id_: UUID,
    checks: Sequence[Check],
    *,
    started_at: datetime,
    ended_at: datetime,
    actor: str,
) -> None:
    """Keep a run that has come to its end."""
    rows = [
        {"name": c.name, "invariant": c.invariant, "count": c.count, "violations": list(c.violations)}
        for c in checks
    ]
    tx.execute(
        SQL.add, id=id_, started_at=started_at, ended_at=ended_at, actor=actor, holds=all(c.holds for c in checks),
        checks=json_value(rows),
    )  # fmt: skip


def verification(tx: Transaction, id_: UUID | None = None) -> dict[str, Any] | None:
    """A run with what its checks found; the last one where none is named."""
    row = tx.row(SQL.one, id=id_)
    names = ("id", "started_at", "ended_at", "actor", "holds", "checks")
    return None if row is None else dict(zip(names, row, strict=True))


def verifications(tx: Transaction, *, before: UUID | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The runs, newest first."""
    names = ("id", "started_at", "ended_at", "actor", "holds")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.page, before=before, limit=limit)]
