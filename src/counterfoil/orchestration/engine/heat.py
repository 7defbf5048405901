"""Where instances stand in a model and how long they took: at the same cost however many there are and were."""

from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.orchestration.engine.definitions import load, version_id

SQL = queries(__file__)
STANDING_COUNTED = 10_000
"""What stands at an element is counted up to here."""
_PATHS = 2000
"""So many of the latest paths tell how long things take; up to a thousand instances share one."""
STANDING = ("ready", "waiting", "active", "arrived", "incident")
"""How an instance can stand at an element."""


def heat_map(tx: Transaction, process_id: str, version: int) -> dict[str, Any]:
    """Visits of the latest instances with their durations, and what stands where now (each count at most
    `STANDING_COUNTED`), by element. Raises `Refused` (ORC-204).
    """
    id_ = version_id(tx, process_id, version)
    elements = list(load(tx, [id_])[id_].process.elements)
    visited = ("element_id", "outcome", "visits", "average_s", "longest_s")
    standing = ("element_id", "state", "count")
    found = tx.rows(SQL.standing, id=id_, elements=elements, states=list(STANDING), limit=STANDING_COUNTED)
    return {
        "visited": [
            dict(zip(visited, row, strict=True)) for row in tx.rows(SQL.visited, id=id_, paths=_PATHS)
        ],
        "standing": [dict(zip(standing, row, strict=True)) for row in found],
    }
