"""How settlement stands, at the same cost however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from counterfoil.core.db import Transaction, queries
from counterfoil.core.sampling import sample_of

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What waits for one reason (its code; "" before it was tried), in one currency (None: free of payment)."""

    reason: str
    currency: str | None
    transactions: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UnsettledByReason:
    """All that is matched and not settled, the largest first. Not `exact`: estimated from a part of it."""

    groups: Sequence[Unsettled]
    exact: bool


@dataclass(frozen=True, slots=True)
class IntegrityCheck:
    """What the last comparison of register, ledger and statements found."""

    business_date: date
    made_at: datetime
    issues: int
    mismatches: int


def unsettled_by_reason(tx: Transaction) -> UnsettledByReason:
    """What waits, by reason and currency."""
    sample = sample_of(tx, "settlement.pending")
    groups = [
        Unsettled(reason, currency, sample.scaled(count).quantize(Decimal(1)), sample.scaled(amount))
        for reason, currency, count, amount in tx.rows(SQL.unsettled, percent=sample.percent)
    ]
    return UnsettledByReason(sorted(groups, key=lambda group: -group.transactions), sample.is_whole)


def settled_by_minute(tx: Transaction, since: datetime) -> list[tuple[datetime, int]]:
    """How many parts have settled in each minute that begins at `since` or later; a minute without any is missing."""
    return [(minute, count) for minute, count in tx.rows(SQL.settled_by_minute, since=since)]


def last_integrity_check(tx: Transaction) -> IntegrityCheck | None:
    """The last daily comparison, or None before the first."""
    row = tx.row(SQL.last_integrity)
    return None if row is None else IntegrityCheck(*row)
