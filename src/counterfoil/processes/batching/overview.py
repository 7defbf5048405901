"""How fast items of batches come to their ends."""

from dataclasses import dataclass
from datetime import datetime

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Ended:
    """Items that ended in one minute, and how long they took from the receipt of their batches, in seconds."""

    minute: datetime
    done: int
    rejected: int
    average_s: float
    longest_s: float


def ended_by_minute(tx: Transaction, since: datetime) -> list[Ended]:
    """The minutes that begin at `since` or later; one in which nothing ended is missing."""
    return [Ended(*row) for row in tx.rows(SQL.ended_by_minute, since=since)]
