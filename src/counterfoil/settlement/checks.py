"""The invariants of settlement, recomputed from the stored data."""

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


def checks(tx: Transaction) -> list[Check]:
    """No instruction is lost, none settles twice or beyond its quantity, and each settlement is a booking."""

    def check(name: str, invariant: str, counted: str, *statements: str) -> Check:
        found = [str(row[0]) for statement in statements for row in tx.rows(statement)]
        return Check(f"settlement.{name}", invariant, tx.value(counted), tuple(found))

    return [
        check(
            "place",
            "an instruction waits, is matched once, or was cancelled",
            SQL.instruction_count,
            SQL.misplaced,
        ),
        check("whole", "settled and left make up what was matched", SQL.transaction_count, SQL.unsettled),
        check(
            "booked",
            "what is settled is booked, and the reverse",
            SQL.settled_count,
            SQL.unbooked,
            SQL.unexplained,
        ),
    ]
