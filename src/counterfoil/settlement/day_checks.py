"""The invariants of the settlement day, recomputed from the stored data."""

from counterfoil.core.db import queries

SQL = queries(__file__)
DAY_CHECKS = (
    ("days", "a day that has ended did all its events in order", SQL.day_count, SQL.unfinished),
    (
        "closings", "closing balances follow one another and add up to nothing", SQL.closing_count, SQL.unchained,
        SQL.unbalanced,
    ),
    (
        "penalties", "a fail is charged once, to its parties, as its rate says", SQL.penalty_count, SQL.mischarged,
        SQL.miscounted, SQL.told_twice,
    ),
)  # fmt: skip
"""Name, invariant, what is counted, and the statements that yield violations."""
