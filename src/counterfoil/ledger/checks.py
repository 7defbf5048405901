"""The ledger's invariants, recomputed from the stored data."""

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


def checks(tx: Transaction) -> list[Check]:
    """Zero sums, no overdraft, positions equal their postings, no posting without its booking.

    Accounts stand as their events say; what is blocked stands still, what is closed is empty.
    """
    postings, positions = tx.value(SQL.postings), tx.value(SQL.positions)
    accounts = tx.value(SQL.accounts)

    def check(name: str, invariant: str, count: int, statement: str) -> Check:
        return Check(name, invariant, count, tuple(str(row[0]) for row in tx.rows(statement)))

    return [
        check("ledger.zero-sum", "postings of a booking add up to zero", postings, SQL.unbalanced),
        check(
            "ledger.no-overdraft", "no position below zero but a control account's", positions, SQL.overdrawn
        ),
        check("ledger.positions", "a position is the sum of its postings", positions, SQL.parted),
        check("ledger.bookings", "every posting belongs to a booking of its batch", postings, SQL.orphans),
        check("ledger.booked-once", "no booking stands twice", postings, SQL.doubled),
        check("ledger.account-states", "an account stands as its events say", accounts, SQL.misled),
        check(
            "ledger.account-blocks",
            "nothing is posted on what is blocked or closed",
            accounts,
            SQL.trespasses,
        ),
        check("ledger.closed-empty", "a closed account holds nothing", accounts, SQL.left_behind),
    ]
