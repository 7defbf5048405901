"""The invariants of settlement, recomputed from the stored data."""

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries
from counterfoil.settlement.day_checks import DAY_CHECKS

SQL = queries(__file__)

_ALL, _TRANSACTIONS, _SETTLED = SQL.instruction_count, SQL.transaction_count, SQL.settled_count
_CHECKS = (
    ("place", "an instruction waits, is matched once, or was cancelled", _ALL, SQL.misplaced),
    ("waiting", "what waits is as it was instructed", SQL.unmatched_count, SQL.changed_while_waiting),
    ("sides", "the sides of a transaction are one trade", _TRANSACTIONS, SQL.unlike_sides),
    ("whole", "settled and left make up what was matched", _TRANSACTIONS, SQL.unsettled),
    ("pending", "what is pending is as it was matched, less its parts", SQL.pending_count, SQL.changed_while_pending),
    ("reasons", "a reason tells a position of its transaction and a lack", SQL.pending_count, SQL.unreasonable),
    ("parts", "parts follow one another down to what is left", _SETTLED, SQL.out_of_order),
    ("stamps", "accepted comes before matched, matched before settled", _TRANSACTIONS, SQL.out_of_time),
    ("cancelled", "what was cancelled neither waits nor settled in full", SQL.cancelled_count, SQL.alive),
    ("links", "what has settled waited for what it was linked to", SQL.link_count, SQL.ahead_of_link),
    ("pools", "a pool has settled as a whole", SQL.pool_count, SQL.without_pool),
    ("booked", "what is settled is booked, and the reverse", _SETTLED, SQL.unbooked, SQL.unexplained),
    ("moved", "a booking moves what its parts say, between their accounts", _SETTLED, SQL.misbooked),
    ("files", "a file's rows have one result each, as far as it has come", SQL.batch_count, SQL.uncounted),
    ("cycles", "a cycle has booked as many as its record says", SQL.cycle_count, SQL.misreported),
)  # fmt: skip
"""Name, invariant, what is counted, and the statements that yield violations."""


def checks(tx: Transaction) -> list[Check]:
    """No instruction is lost, none settles twice or beyond its quantity, and each settlement is a booking of exactly
    what was instructed, after all that it was linked to; and each day has ended as a whole.
    """
    return [
        Check(
            f"settlement.{name}",
            invariant,
            tx.value(counted),
            tuple(str(row[0]) for statement in statements for row in tx.rows(statement)),
        )
        for name, invariant, counted, *statements in (*_CHECKS, *DAY_CHECKS)
    ]
