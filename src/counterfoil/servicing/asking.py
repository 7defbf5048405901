"""Who has asked for what an event pays: they do not decide it as well."""

from collections.abc import Sequence
from uuid import UUID

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


def askers(tx: Transaction, event_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """Who has called for these events, reopened them or declared what they pay; events without any are missing."""
    found: dict[UUID, set[str]] = {}
    for event_id, label in tx.rows(SQL.askers, ids=list(event_ids)):
        found.setdefault(event_id, set()).add(label)
    return {event_id: frozenset(labels) for event_id, labels in found.items()}
