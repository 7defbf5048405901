"""A blocked account stands still: whatever SQL is sent, whoever is booking at the time."""

import threading
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database, Unavailable
from counterfoil.core.ids import new_id
from counterfoil.ledger import Account, Booked, Changed, Step, accounts_by_number, checks, positions
from tests.ledger.books import accounts_of, anew, book_now, change, endow, transfer
from tests.ledger.test_guards import BATCH, BOOKING, MOVE, NOW_IMMEDIATE, POSTING, SECOND, WHOLE, event

OTHERS = [s.replace("%(a)s", "%(c)s") for s in WHOLE]
SABOTAGE = [
    "UPDATE ledger.account SET blocks = 0 WHERE id = %(a)s::uuid",
    "UPDATE ledger.account SET blocks = 0, event_no = 2 WHERE id = %(a)s::uuid",
    "UPDATE ledger.account SET closed_at = now(), blocks = 0, event_no = 2 WHERE id = %(a)s::uuid",
    "DELETE FROM ledger.account_event",
    event("a", "UNBLOCKED", 15, no=2),
    event("a", "BLOCKED", 10, no=2),
    event("a", "CLOSED", no=2),
    NOW_IMMEDIATE,
    "SET CONSTRAINTS ALL DEFERRED",
    "UPDATE ledger.position SET quantity = quantity + 1 WHERE account_id = %(a)s::uuid",
    POSTING.replace("%(b)s", "%(a)s").replace("'available', 7", "'pledged', 7"),
    POSTING.replace("-7", "7").replace(" 7,", " -7,"),
    MOVE.replace("%(b)s", "%(c)s"),
]
REFUSED = (Conflict, Unavailable)
"""The second is said to whoever looks at the past and would change what has changed since."""
STATEMENTS = st.sampled_from([BATCH, BOOKING, POSTING, MOVE, *SECOND, *OTHERS, *SABOTAGE])


def held(database: Database, account: Account) -> list[tuple[str, str, Decimal]]:
    with database.transaction() as tx:
        rows = positions(tx, account=account.number)
    return [(r["asset"], r["sub_balance"], r["quantity"]) for r in rows]


@settings(max_examples=150)
@given(
    program=st.lists(st.one_of(STATEMENTS.map(lambda s: [s]), st.just(WHOLE), st.just(OTHERS)), max_size=6),
    outside=st.booleans(),
)
def test_no_statement_moves_a_blocked_account(
    shared_database: Database, program: list[list[str]], outside: bool
) -> None:
    """Statements in any order, each refused or not; `outside` first looks at a state before the block."""
    database = shared_database
    a, b, c = accounts_of(database, f"a{new_id().hex[:30]}", "b", "c")
    endow(database, a, "DE1", 100)
    endow(database, b, "DE1", 100)
    endow(database, c, "DE1", 100)
    names = {"a": a.id, "b": b.id, "c": c.id}
    fresh = {name: new_id() for name in ("batch", "batch2", "booking", "booking2")}
    before = held(database, a)
    with suppress(*REFUSED), database.transaction() as tx:
        if outside:
            tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            tx.execute("SELECT 1")
        assert isinstance(change(database, a, Step.BLOCK), Changed)
        for statements in program:
            for statement in statements:
                with suppress(*REFUSED), tx.savepoint():
                    tx.execute(statement, **names, **fresh)
    assert held(database, a) == before
    with database.snapshot() as tx:
        assert [check for check in checks(tx) if not check.holds] == []


def test_the_program_above_would_move_an_account_that_is_not_blocked(shared_database: Database) -> None:
    a, b = accounts_of(shared_database, "free", "b")
    endow(shared_database, a, "DE1", 100)
    endow(shared_database, b, "DE1", 100)
    names = {"a": a.id, "b": b.id, "batch": new_id(), "booking": new_id()}
    with shared_database.transaction() as tx:
        for statement in WHOLE:
            tx.execute(statement, **names)
    assert held(shared_database, a) == [("DE1", "available", 93)]


def test_a_block_waits_for_the_booking_under_way_and_the_next_one_sees_it(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10)
    blocked = threading.Event()
    seen: list[list[tuple[str, str, Decimal]]] = []

    def block() -> None:
        change(database, a, Step.BLOCK)
        blocked.set()
        seen.append(held(database, a))

    thread = threading.Thread(target=block)
    with database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 3)])
        thread.start()
        assert not blocked.wait(0.3)
    thread.join()
    assert seen == [[("DE1", "available", 7)]]
    with pytest.raises(Conflict, match="blocked or closed"), database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 3)])
    assert held(database, a) == seen[0]


def test_a_booking_that_looked_an_account_up_before_its_block_conflicts(database: Database) -> None:
    """It has locked the positions already, but not posted: the block goes first."""
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10)
    with database.transaction() as tx:
        found = accounts_by_number(tx, ["a"])["a"]
        tx.execute("SELECT FROM ledger.position FOR UPDATE")
        change(database, a, Step.BLOCK)
        with pytest.raises(Conflict, match="blocked or closed"):
            book_now(tx, [transfer(found, b, "DE1", 3)])
    assert held(database, a) == [("DE1", "available", 10)]


def test_accounts_that_are_blocked_while_four_writers_book_stand_still(database: Database) -> None:
    ring = accounts_of(database, *(f"n{n}" for n in range(5)))
    for account in ring:
        endow(database, account, "DE1", 100)
    stop = threading.Event()
    failed: list[BaseException] = []
    booked = [0, 0, 0, 0]

    def write(worker: int) -> None:
        try:
            while not stop.is_set():
                order = [anew(database, n) for n in (ring if worker % 2 else ring[::-1])]
                batch = [
                    transfer(order[i], order[(i + worker + 1) % 5], f"DE{1 + i % 2}", 1) for i in range(5)
                ]
                with suppress(Conflict, Unavailable), database.transaction() as tx:
                    booked[worker] += sum(isinstance(o, Booked) for o in book_now(tx, batch))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(6):
            account = ring[turn % 5]
            change(database, account, Step.BLOCK)
            first, count = held(database, account), sum(booked)
            while sum(booked) < count + 20 and not failed:
                stop.wait(0.01)
            assert held(database, account) == first
            change(database, account, Step.UNBLOCK)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert sum(booked) >= 100
    with database.snapshot() as tx:
        assert [check for check in checks(tx) if not check.holds] == []
