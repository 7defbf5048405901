"""The invariants of servicing, recomputed from the stored data."""

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


def checks(tx: Transaction) -> list[Check]:
    """No event is lost, everybody recorded is paid what is due, once, and every payment is a booking."""

    def check(name: str, invariant: str, counted: str, *statements: str) -> Check:
        found = [str(row[0]) for statement in statements for row in tx.rows(statement)]
        return Check(f"servicing.{name}", invariant, tx.value(counted), tuple(found))

    return [
        check(
            "events",
            "an event with a process is pending or has ended, not both",
            SQL.event_count,
            SQL.misplaced,
        ),
        check(
            "record",
            "a record is the sum of its lines, and covers what was issued",
            SQL.record_count,
            SQL.uncovered,
        ),
        check(
            "paid",
            "each holder of a paid record was booked what is due to it",
            SQL.payment_count,
            SQL.misbooked,
        ),
        check(
            "booked", "every booking of servicing belongs to a payment", SQL.booking_count, SQL.unexplained
        ),
        check(
            "suspense",
            "what stands in suspense is owed to accounts that could not take it, and released to them as it is",
            SQL.suspended_count,
            SQL.wrongly_suspended,
            SQL.unbalanced_suspense,
            SQL.misreleased,
        ),
        check(
            "claims",
            "what was traded and not delivered has its claim, and what was instructed for it is what it says",
            SQL.claim_count,
            SQL.misclaimed,
            SQL.unclaimed,
            SQL.undelivered,
        ),
        check("refused", "what a person refused is not paid", SQL.payment_count, SQL.paid_after_refusal),
        check(
            "ended",
            "nothing is pending of an issue that was due after its redemption",
            SQL.record_count,
            SQL.undead,
        ),
        check(
            "barriers",
            "prices are noted as far as they went, and what they reach is noted as touched, of live issues only",
            SQL.watched_count,
            SQL.astray,
            SQL.passed_over,
            SQL.not_furthest,
        ),
        check(
            "underlyings",
            "every active security is found by what it rests on",
            SQL.listed_count,
            SQL.unlisted,
        ),
        check(
            "adjusted",
            "what an approved adjustment moved has the terms that it made, deposited and entered",
            SQL.adjusted_count,
            SQL.misadjusted,
        ),
    ]
