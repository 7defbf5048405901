"""The database itself refuses what would break the ledger, whoever asks: raw SQL, past all our code."""

from contextlib import suppress

import pytest

from counterfoil.core.db import Conflict, Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.ledger import checks
from tests.ledger.books import accounts_of, book_now, endow, transfer

BATCH = "INSERT INTO ledger.batch (id, actor, booked_at) VALUES (%(batch)s::uuid, 'x', '2026-11-20T12:00Z');"
BOOKING = "INSERT INTO ledger.booking VALUES (%(booking)s::uuid, %(batch)s::uuid, 'x', %(batch)s::uuid);"
POSTING = """INSERT INTO ledger.posting VALUES
    (%(batch)s::uuid, %(booking)s::uuid, 1, %(a)s::uuid, 'DE1', 'available', -7, '2026-11-20T12:00Z'),
    (%(batch)s::uuid, %(booking)s::uuid, 2, %(b)s::uuid, 'DE1', 'available', 7, '2026-11-20T12:00Z');"""
MOVE = """UPDATE ledger.position SET batch_id = %(batch)s::uuid,
    quantity = quantity + CASE account_id WHEN %(a)s::uuid THEN -7 ELSE 7 END
    WHERE asset = 'DE1' AND account_id IN (%(a)s::uuid, %(b)s::uuid);"""
WHOLE = [BATCH, BOOKING, POSTING, MOVE]
DELIVERY = """INSERT INTO ledger.delivery VALUES
    (%(batch)s::uuid, %(booking)s::uuid, 'x', 'DE1', 7, %(a)s::uuid, %(b)s::uuid,
    NULL, NULL, NULL, NULL, '2026-11-20T12:00Z');"""
DELIVERED = [BATCH, DELIVERY, MOVE]
PAID = DELIVERY.replace("'DE1', 7,", "'DE1', 0,").replace(
    "NULL, NULL, NULL, NULL", "'DE1', 7, %(a)s::uuid, %(b)s::uuid"
)
"""What was a security is money here: the same positions move."""
SECOND = [s.replace("%(batch)s", "%(batch2)s").replace("%(booking)s", "%(booking2)s") for s in WHOLE]
SECOND_DELIVERED = [
    s.replace("%(batch)s", "%(batch2)s").replace("%(booking)s", "%(booking2)s") for s in DELIVERED
]
CHANGE = """WITH changed AS (
        UPDATE ledger.account SET blocks = {blocks}, event_no = {no}, closed_at = {closed} WHERE id = %({who})s::uuid
    )
    INSERT INTO ledger.account_event (account_id, no, kind, blocks, reason, actor, happened_at)
    VALUES (%({who})s::uuid, {no}, '{kind}', {blocks}, 'x', 'x', '2026-11-20T12:00Z')"""


def event(who: str, kind: str, blocks: int = 0, no: int = 1) -> str:
    """A change of an account and its event, as raw SQL."""
    closed = "'2026-11-20T12:00Z'" if kind == "CLOSED" else "NULL"
    return CHANGE.format(who=who, kind=kind, blocks=blocks, no=no, closed=closed)


TO_THIRD = [s.replace("%(b)s", "%(c)s") for s in (BATCH, BOOKING, POSTING)]
NOW_IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE;"

ATTACKS: dict[str, tuple[str, list[str]]] = {
    # What is written stays.
    "a posting is changed": ("append_only", ["UPDATE ledger.posting SET amount = amount * 2"]),
    "a posting is deleted": ("append_only", ["DELETE FROM ledger.posting"]),
    "postings are emptied": ("append_only", ["TRUNCATE ledger.posting"]),
    "a booking is changed": ("append_only", ["UPDATE ledger.booking SET kind = 'y'"]),
    "a booking is deleted": ("append_only", ["DELETE FROM ledger.booking"]),
    "bookings are emptied": ("append_only", ["TRUNCATE ledger.booking"]),
    "a batch is changed": ("append_only", ["UPDATE ledger.batch SET actor = 'y'"]),
    "a batch is deleted": ("append_only", ["DELETE FROM ledger.batch"]),
    "batches are emptied": ("append_only", ["TRUNCATE ledger.batch"]),
    "the note of a posted batch is changed": ("append_only", ["UPDATE ledger.posted SET xact = '9'"]),
    "the note of a posted batch is deleted": ("append_only", ["DELETE FROM ledger.posted"]),
    "a position is deleted": ("append_only", ["DELETE FROM ledger.position"]),
    "positions are emptied": ("append_only", ["TRUNCATE ledger.position"]),
    "an account is deleted": ("append_only", ["DELETE FROM ledger.account"]),
    "an account becomes a central bank's": ("append_only", ["UPDATE ledger.account SET kind = 'central_bank'"]),
    "an account changes hands": ("append_only", ["UPDATE ledger.account SET owner_lei = 'y'"]),
    # Postings.
    "a leg is missing": (
        "booking_balances",
        [BATCH, BOOKING, POSTING.replace("-7", "-6")],
    ),
    "a leg is not a number": (
        "booking_balances",
        [BATCH, BOOKING, POSTING.replace("-7", "'NaN'")],
    ),
    "two legs are infinite": (
        "booking_balances",
        [BATCH, BOOKING, POSTING.replace("-7", "'-Infinity'").replace(" 7", " 'Infinity'")],
    ),
    "a leg is in another asset": (
        "booking_balances",
        [BATCH, BOOKING, POSTING.replace("'DE1'", "'DE2'", 1)],
    ),
    "a leg moves nothing": ("posting_amount_check", [BATCH, BOOKING, POSTING.replace("7", "0")]),
    "there is no batch": ("posting_in_its_batch", [BOOKING, POSTING]),
    "the batch is an old one": ("posting_in_its_batch", [POSTING.replace("%(batch)s", "%(old)s")]),
    "the posting is dated otherwise": (
        "posting_in_its_batch",
        [BATCH, BOOKING, POSTING.replace("T12", "T11")],
    ),
    "there is no booking": ("posting_has_booking_and_account", [BATCH, POSTING]),
    "there is no account": (
        "posting_has_booking_and_account",
        [BATCH, BOOKING, POSTING.replace("%(b)s", "%(batch)s")],
    ),
    "the sub-balance is unknown": (
        "posting_sub_balance_check",
        [BATCH, BOOKING, POSTING.replace("available", "elsewhere")],
    ),
    "a batch is posted in two statements": (
        "posted_pkey",
        [*WHOLE, POSTING.replace(" 1,", " 3,").replace(" 2,", " 4,")],
    ),
    "a batch names a transaction to come": (
        "own_transaction",
        [BATCH.replace("booked_at)", "booked_at, xact)").replace("Z')", "Z', '99999999')")],
    ),
    # Deliveries.
    "a delivery is changed": ("append_only", ["UPDATE ledger.delivery SET quantity = quantity * 2"]),
    "a delivery is deleted": ("append_only", ["DELETE FROM ledger.delivery"]),
    "deliveries are emptied": ("append_only", ["TRUNCATE ledger.delivery"]),
    "a delivery moves nothing": ("something_moves", [BATCH, DELIVERY.replace(" 7,", " 0,")]),
    "a payment of nothing moves nothing": ("something_moves", [BATCH, PAID.replace(" 7,", " 0,")]),
    "a delivery goes backwards": ("delivery_quantity_check", [BATCH, DELIVERY.replace(" 7,", " -7,")]),
    "a delivery is not a number": ("delivery_quantity_check", [BATCH, DELIVERY.replace(" 7,", " 'NaN',")]),
    "a delivery is infinite": ("delivery_quantity_check", [BATCH, DELIVERY.replace(" 7,", " 'Infinity',")]),
    "a payment goes backwards": ("delivery_amount_check", [BATCH, PAID.replace(" 7,", " -7,")]),
    "a payment is not a number": ("delivery_amount_check", [BATCH, PAID.replace(" 7,", " 'NaN',")]),
    "a payment has no payee": (
        "payment_complete",
        [BATCH, PAID.replace("%(a)s::uuid, %(b)s::uuid, '2026", "%(a)s::uuid, NULL, '2026")],
    ),
    "a delivery has no batch": ("posting_in_its_batch", [DELIVERY]),
    "a delivery's batch is an old one": ("posting_in_its_batch", [DELIVERY.replace("%(batch)s", "%(old)s")]),
    "a delivery is dated otherwise": ("posting_in_its_batch", [BATCH, DELIVERY.replace("T12", "T11")]),
    "a delivery goes to no account": (
        "posting_has_booking_and_account", [BATCH, DELIVERY.replace("%(b)s", "%(batch)s")],
    ),
    "a delivery comes from no account": (
        "posting_has_booking_and_account", [BATCH, DELIVERY.replace("%(a)s", "%(batch)s")],
    ),
    "a payment comes from no account": (
        "posting_has_booking_and_account",
        [BATCH, PAID.replace("'DE1', 7, %(a)s", "'DE1', 7, %(batch)s")],
    ),
    "a payment goes to no account": (
        "posting_has_booking_and_account",
        [BATCH, PAID.replace("%(b)s::uuid, '2026", "%(batch)s::uuid, '2026")],
    ),
    "a batch is delivered in two statements": (
        "posted_pkey", [*DELIVERED, DELIVERY.replace("%(booking)s", "%(booking2)s")],
    ),
    "a batch is delivered after it is posted": ("posted_pkey", [*WHOLE, DELIVERY]),
    "a batch is posted after it is delivered": ("posted_pkey", [*DELIVERED, BOOKING, POSTING]),
    "a delivery reaches no position": ("position_follows_postings", [BATCH, DELIVERY]),
    "a payment reaches no position": ("position_follows_postings", [BATCH, PAID]),
    "half a delivery reaches its position": (
        "position_follows_postings",
        [BATCH, DELIVERY, MOVE.replace("IN (%(a)s::uuid, %(b)s::uuid)", "IN (%(b)s::uuid)")],
    ),
    "units appear beside a delivery": (
        "position_follows_postings", [BATCH, DELIVERY, MOVE.replace("ELSE 7 END\n", "ELSE 8 END\n")],
    ),
    "a position opens beside those delivered": (
        "position_follows_postings",
        [*DELIVERED,
         "INSERT INTO ledger.position VALUES ('DE9', %(a)s::uuid, 'available', 1, false, %(batch)s::uuid)"],
    ),
    "a delivery is applied twice": ("position_follows_postings", [*DELIVERED, MOVE]),
    "of a posting and a delivery only one is applied": (
        "position_follows_postings", [*WHOLE, *SECOND_DELIVERED[:2]],
    ),
    "an account that is blocked delivers": ("account_barred", [event("a", "BLOCKED", 1), *DELIVERED]),
    "an account that is blocked is delivered to": ("account_barred", [event("b", "BLOCKED", 2), *DELIVERED]),
    "an account that is blocked pays": ("account_barred", [event("a", "BLOCKED", 4), BATCH, BOOKING, PAID, MOVE]),
    "an account that is blocked is paid": ("account_barred", [event("b", "BLOCKED", 8), BATCH, BOOKING, PAID, MOVE]),
    "a closed account is delivered to": (
        "account_barred", [event("c", "CLOSED"), BATCH, BOOKING, DELIVERY.replace("%(b)s", "%(c)s")],
    ),
    "it is delivered by one who looks at the past": (
        "read_committed", ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", *DELIVERED],
    ),
    # Positions.
    "units appear": ("position_follows_postings", ["UPDATE ledger.position SET quantity = quantity + 1"]),
    "units appear under a batch without postings": (
        "position_follows_postings",
        [BATCH, MOVE],
    ),
    "units appear beside a posting": (
        "position_follows_postings",
        [BATCH, BOOKING, POSTING, MOVE.replace("ELSE 7 END\n", "ELSE 8 END\n")],
    ),
    "a position grows to no number": (
        "position_follows_postings",
        [BATCH, BOOKING, POSTING, MOVE.replace("ELSE 7 END\n", "ELSE 'NaN'::numeric END\n")],
    ),
    "a position moves to another account": (
        "append_only",
        ["UPDATE ledger.position SET account_id = %(c)s::uuid WHERE account_id = %(b)s::uuid"],
    ),
    "a position becomes one that may be negative": (
        "append_only",
        [BATCH, BOOKING, POSTING, MOVE.replace("quantity = quantity", "may_be_negative = true, quantity = quantity")],
    ),
    "a position is opened out of nothing": (
        "position_follows_postings",
        [BATCH, "INSERT INTO ledger.position VALUES ('DE9', %(a)s::uuid, 'available', 5, false, %(batch)s::uuid)"],
    ),
    "a position is opened with the right to be negative": (
        "position_follows_postings",
        [BATCH, BOOKING, POSTING.replace("DE1", "DE9"),
         """INSERT INTO ledger.position VALUES ('DE9', %(a)s::uuid, 'available', -7, true, %(batch)s::uuid),
            ('DE9', %(b)s::uuid, 'available', 7, false, %(batch)s::uuid)"""],
    ),
    "a position opens beside those posted on": (
        "position_follows_postings",
        [BATCH, BOOKING, POSTING, MOVE,
         "INSERT INTO ledger.position VALUES ('DE9', %(a)s::uuid, 'available', 1, false, %(batch)s::uuid)"],
    ),
    "what one position loses another gains": (
        "position_follows_postings", [*WHOLE, MOVE.replace("-7 ELSE 7", "-1 ELSE 1")],
    ),
    "what was posted on one account reaches another": (
        "position_follows_postings",
        [*WHOLE[:3],
         "INSERT INTO ledger.position VALUES ('DE1', %(c)s::uuid, 'available', 7, false, %(batch)s::uuid)",
         MOVE.replace("IN (%(a)s::uuid, %(b)s::uuid)", "IN (%(a)s::uuid)")],
    ),
    "a position moves in another sub-balance than was posted": (
        "position_follows_postings", [BATCH, BOOKING, POSTING.replace("'available', 7", "'blocked', 7"), MOVE],
    ),
    "a movement is made up": (
        "noted_by_guards", [*WHOLE[:3], "INSERT INTO ledger.moved (by_lot) SELECT sum(by_lot) FROM ledger.posted"],
    ),
    "a note of postings is made up": (
        "noted_by_guards", ["INSERT INTO ledger.posted (batch_id, by_lot) VALUES (%(batch)s::uuid, 1)"],
    ),
    "a note of a movement is changed": ("append_only", ["UPDATE ledger.moved SET by_lot = 0"]),
    "a position is overdrawn": (
        "no_overdraft",
        [BATCH, BOOKING, POSTING.replace("7", "700"), MOVE.replace("7", "700")],
    ),
    "a posting reaches no position": ("position_follows_postings", [BATCH, BOOKING, POSTING]),
    "half a posting reaches its position": (
        "position_follows_postings",
        [BATCH, BOOKING, POSTING, MOVE.replace("IN (%(a)s::uuid, %(b)s::uuid)", "IN (%(b)s::uuid)")],
    ),
    # Several batches in one transaction.
    "a batch is applied twice": (
        "position_follows_postings",
        [*WHOLE, *SECOND, MOVE],
    ),
    "of two batches only the second is applied": (
        "position_follows_postings",
        [*WHOLE[:3], *SECOND],
    ),
    "of two batches only the first is applied": (
        "position_follows_postings",
        [*WHOLE, *SECOND[:3]],
    ),
    # Accounts.
    "an account that its party has blocked gives": ("account_barred", [event("a", "BLOCKED", 1), *WHOLE]),
    "an account that its party has blocked takes": ("account_barred", [event("b", "BLOCKED", 2), *WHOLE]),
    "an account that the depository has blocked gives": ("account_barred", [event("a", "BLOCKED", 4), *WHOLE]),
    "an account that the depository has blocked takes": ("account_barred", [event("b", "BLOCKED", 8), *WHOLE]),
    "a closed account takes": ("account_barred", [event("c", "CLOSED"), *TO_THIRD]),
    "a blocked account moves within itself": (
        "account_barred",
        [event("a", "BLOCKED", 1), BATCH, BOOKING,
         POSTING.replace("%(b)s", "%(a)s").replace("'available', 7", "'blocked', 7")],
    ),
    "it is posted by one who looks at the past": (
        "read_committed",
        ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", *WHOLE],
    ),
    "it is blocked by one who looks at the past": (
        "read_committed",
        ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", event("a", "BLOCKED", 1)],
    ),
    "an account is blocked without an event": (
        "account_follows_events",
        ["UPDATE ledger.account SET blocks = 4, event_no = 1 WHERE id = %(a)s::uuid"],
    ),
    "an event changes no account": (
        "account_follows_events",
        ["""INSERT INTO ledger.account_event (account_id, no, kind, blocks, reason, actor, happened_at)
            VALUES (%(a)s::uuid, 1, 'BLOCKED', 4, 'x', 'x', '2026-11-20T12:00Z')"""],
    ),
    "an event is of no account": ("account_follows_events", [event("old", "BLOCKED", 4)]),
    "an event says otherwise": (
        "account_follows_events", [event("a", "BLOCKED", 4).replace("'BLOCKED', 4", "'BLOCKED', 12")],
    ),
    "an event is left out": ("account_follows_events", [event("a", "BLOCKED", 4, no=2)]),
    "a block lifts another": (
        "account_follows_events", [event("a", "BLOCKED", 4), event("a", "BLOCKED", 8, no=2)],
    ),
    "an unblocking blocks": ("account_follows_events", [event("a", "UNBLOCKED", 4)]),
    "a block changes nothing": ("account_follows_events", [event("a", "BLOCKED", 0)]),
    "a blocked account is closed": (
        "account_follows_events", [event("c", "BLOCKED", 4), event("c", "CLOSED", no=2)],
    ),
    "a closed account is opened again": (
        "account_follows_events", [event("c", "CLOSED"), event("c", "UNBLOCKED", no=2)],
    ),
    "a closed account is opened silently": (
        "account_follows_events", [event("c", "CLOSED"), "UPDATE ledger.account SET closed_at = NULL"],
    ),
    "an account is closed that holds something": ("closed_empty", [event("a", "CLOSED")]),
    "the issues' control account is closed": ("closed_for_good", [event("control", "CLOSED")]),
    "an account is closed and blocked": ("closed_for_good", [event("c", "CLOSED", 4)]),
    "there is no such block": ("account_blocks_check", [event("a", "BLOCKED", 16)]),
    "no reason is given": ("account_event_reason_check", [event("a", "BLOCKED", 4).replace("'x', 'x'", "'', 'x'")]),
    "an account opens blocked": (
        "append_only",
        ["""INSERT INTO ledger.account (id, number, kind, owner_lei, opened_at, opened_by, blocks)
            VALUES (%(batch)s::uuid, 'n', 'own', 'x', '2026-11-20T12:00Z', 'x', 4)"""],
    ),
    "an account number is too long": (
        "account_number_check",
        ["""INSERT INTO ledger.account (id, number, kind, owner_lei, opened_at, opened_by)
            VALUES (%(batch)s::uuid, repeat('n', 36), 'own', 'x', '2026-11-20T12:00Z', 'x')"""],
    ),
    "an event of an account is changed": ("append_only", ["UPDATE ledger.account_event SET actor = 'y'"]),
    "an event of an account is deleted": ("append_only", ["DELETE FROM ledger.account_event"]),
    "the note of a booking is changed": ("append_only", ["UPDATE ledger.booking_note SET reason = 'y'"]),
    # The checks at commit are asked for early, before there is anything to check.
    "checked early, then posted": ("position_follows_postings", [BATCH, BOOKING, NOW_IMMEDIATE, POSTING]),
    "checked early, then counted back": (
        "position_follows_postings",
        [*WHOLE, NOW_IMMEDIATE, "SELECT setval('ledger.act', currval('ledger.act') - 2)", MOVE],
    ),
    "checked early, then applied twice": ("position_follows_postings", [*WHOLE, NOW_IMMEDIATE, MOVE]),
}  # fmt: skip


def prepared(database: Database) -> dict[str, object]:
    """Two accounts of 100 units each, a third, and an issue's control account."""
    a, b, c, control = accounts_of(database, "a", "b", "c", "control")
    endow(database, a, "DE1", 100)
    endow(database, b, "DE1", 100)
    with database.transaction() as tx:
        old = tx.value("SELECT id FROM ledger.batch LIMIT 1")
    return {"a": a.id, "b": b.id, "c": c.id, "control": control.id, "old": old}


@pytest.fixture(scope="module")
def attacked(shared_database: Database) -> tuple[Database, dict[str, object]]:
    """What the attacks are tried on: each is refused, so each finds it as it was."""
    return shared_database, prepared(shared_database)


def run(database: Database, statements: list[str], names: dict[str, object]) -> None:
    fresh = {name: new_id() for name in ("batch", "batch2", "booking", "booking2")}
    with database.transaction() as tx:
        for statement in statements:
            tx.execute(statement, **names, **fresh)


def test_raw_sql_that_keeps_every_rule_is_accepted(database: Database) -> None:
    """Without this, the attacks below might fail for another reason than the rule that they break."""
    names = prepared(database)
    run(database, [event("a", "BLOCKED", 10), event("b", "BLOCKED", 5), event("c", "CLOSED"), *WHOLE], names)
    with database.transaction() as tx:
        assert (
            tx.value("SELECT quantity FROM ledger.position WHERE account_id = %(a)s::uuid", a=names["a"])
            == 93
        )


@pytest.mark.parametrize("legs", [DELIVERY, PAID])
def test_a_delivery_by_raw_sql_is_accepted_beside_postings(database: Database, legs: str) -> None:
    names = prepared(database)
    barred = [event("a", "BLOCKED", 10), event("b", "BLOCKED", 5)]
    run(database, [*barred, BATCH, legs, MOVE, *SECOND], names)
    with database.snapshot() as tx:
        assert (
            tx.value("SELECT quantity FROM ledger.position WHERE account_id = %(a)s::uuid", a=names["a"])
            == 86
        )
        assert all(check.holds for check in checks(tx))


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_when(attacked: tuple[Database, dict[str, object]], attack: str) -> None:
    database, names = attacked
    constraint, statements = ATTACKS[attack]
    with pytest.raises(Conflict) as refused:
        run(database, statements, names)
    assert refused.value.constraint == constraint
    with database.snapshot() as tx:
        assert all(check.holds for check in checks(tx))


LATE_EVENT = """INSERT INTO ledger.account_event (account_id, no, kind, blocks, reason, actor, happened_at, act)
    SELECT id, 1, 'BLOCKED', 4, 'x', 'x', opened_at, -1 FROM ledger.account WHERE number = 'bank'"""
"""A block that all that was posted comes after."""


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("UPDATE ledger.posting SET amount = amount + 1 WHERE leg = 1", "ledger.zero-sum"),
        ("UPDATE ledger.position SET quantity = quantity + 1", "ledger.positions"),
        ("DELETE FROM ledger.posting", "ledger.positions"),
        ("DELETE FROM ledger.position", "ledger.positions"),
        ("DELETE FROM ledger.booking", "ledger.bookings"),
        (
            "ALTER TABLE ledger.position DROP CONSTRAINT no_overdraft; UPDATE ledger.position SET quantity = -1",
            "ledger.no-overdraft",
        ),
        ("UPDATE ledger.account SET blocks = 4 WHERE number = 'a'", "ledger.account-states"),
        ("UPDATE ledger.account SET closed_at = opened_at WHERE number = 'a'", "ledger.account-states"),
        ("UPDATE ledger.account SET closed_at = opened_at WHERE number = 'a'", "ledger.closed-empty"),
        (LATE_EVENT, "ledger.account-states"),
        (LATE_EVENT, "ledger.account-blocks"),
        (LATE_EVENT.replace("BLOCKED", "CLOSED").replace("4, 'x'", "0, 'x'"), "ledger.account-blocks"),
    ],
)
def test_a_check_finds_a_fault_that_got_past_the_guards(database: Database, fault: str, check: str) -> None:
    prepared(database)
    with database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # switches the triggers off
        tx.execute(fault)
    with database.snapshot() as tx:
        found = {c.name: c.violations for c in checks(tx)}
    assert found[check], found


def test_several_batches_in_one_transaction_are_accepted(database: Database) -> None:
    a, b, c = accounts_of(database, "a", "b", "c")
    endow(database, a, "DE1", 100)

    def thrice(tx: Transaction) -> None:
        for giver, taker in ((a, b), (b, c), (c, a)):
            book_now(tx, [transfer(giver, taker, "DE1", 60)])

    with database.transaction() as tx:
        thrice(tx)
    with database.transaction() as tx:
        with suppress(ZeroDivisionError), tx.savepoint():
            thrice(tx)
            raise ZeroDivisionError
        thrice(tx)
        with tx.savepoint():
            thrice(tx)
    with database.snapshot() as tx:
        assert all(check.holds for check in checks(tx))
