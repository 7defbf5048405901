"""Random histories of bookings against a model small enough to be obviously right, and two writers at once."""

import threading
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from counterfoil.core.db import Conflict, Database, Transaction, Unavailable
from counterfoil.ledger import (
    Account,
    Booked,
    Booking,
    SubBalance,
    checks,
    positions,
    positions_as_of,
    statement,
)
from tests.ledger.books import NOON, accounts_of, book_now, booking, endow, transfer

AMOUNTS = st.sampled_from([Decimal(n) for n in ("1", "2", "5", "0.5", "0.000000000000000001", "1E+20")])
Key = tuple[str, str, str]


class Model:
    """Quantities in a dictionary, one booking after the other; fractions, because they never round."""

    def __init__(self) -> None:
        self.held: dict[Key, Fraction] = defaultdict(Fraction)

    def book(self, booking: Booking) -> bool:
        """Whether the booking fits; if so it is done."""
        after = self.held.copy()
        for p in booking.postings:
            after[p.asset, p.account.number, p.sub_balance.value] += Fraction(p.amount)
        if any(
            quantity < 0 and not account.startswith("bank") for (_, account, _), quantity in after.items()
        ):
            return False
        self.held = after
        return True


class Rollback(Exception):
    """Stands for a crash between a booking and its commit."""


class LedgerMachine(RuleBasedStateMachine):
    """Transactions of several batches of several bookings; some crash."""

    database: Database
    runs = count()

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"X{next(self.runs)}-"
        self.accounts = accounts_of(self.database, "bank", "a", "b", "c")
        self.model = Model()
        self.now = NOON
        self.past: list[tuple[datetime, dict[Key, Fraction]]] = []

    def bookings(self, legs: list[list[tuple[int, int, int, Decimal, SubBalance]]]) -> list[Booking]:
        return [
            booking(
                *(
                    leg
                    for giver, taker, asset, amount, sub in transfers
                    for leg in (
                        (self.accounts[giver], f"{self.prefix}{asset}", amount.copy_negate()),
                        (self.accounts[taker], f"{self.prefix}{asset}", amount, sub),
                    )
                )
            )
            for transfers in legs
        ]

    @rule(
        batches=st.lists(
            st.lists(
                st.lists(
                    st.tuples(
                        st.integers(0, 3), st.integers(0, 3), st.integers(0, 1), AMOUNTS,
                        st.sampled_from([SubBalance.AVAILABLE, SubBalance.AVAILABLE, SubBalance.PLEDGED]),
                    ),
                    min_size=1, max_size=3,
                ),
                min_size=1, max_size=4,
            ),
            min_size=1, max_size=3,
        ),
        crash=st.sampled_from([False, False, False, True]),
    )  # fmt: skip
    def transact(
        self, batches: list[list[list[tuple[int, int, int, Decimal, SubBalance]]]], crash: bool
    ) -> None:
        self.now += timedelta(seconds=1)
        before = self.model.held.copy()
        try:
            with self.database.transaction() as tx:
                for legs in batches:
                    batch = self.bookings(legs)
                    outcomes = book_now(tx, batch, self.now)
                    assert [isinstance(o, Booked) for o in outcomes] == [self.model.book(b) for b in batch]
                if crash:
                    raise Rollback
        except Rollback:
            self.model.held = before
        self.past.append((self.now, self.model.held.copy()))

    def stored(self, rows: list[dict[str, Any]]) -> dict[Key, Fraction]:
        return {
            (str(r["asset"]), str(r["account"]), str(r["sub_balance"])): Fraction(r["quantity"])
            for r in rows
            if r["quantity"]
        }

    @invariant()
    def positions_are_those_of_the_model(self) -> None:
        with self.database.transaction() as tx:
            rows = [r for n in range(2) for r in positions(tx, asset=f"{self.prefix}{n}")]
        assert self.stored(rows) == {k: q for k, q in self.model.held.items() if q}

    def teardown(self) -> None:
        with self.database.transaction() as tx:
            for at, held in self.past:
                rows = [r for n in range(2) for r in positions_as_of(tx, f"{self.prefix}{n}", at)]
                assert self.stored(rows) == {k: q for k, q in held.items() if q}, "as of = replay"
            for account in self.accounts:
                self.check_statement(tx, account)

    def check_statement(self, tx: Transaction, account: Account) -> None:
        for n in range(2):
            asset = f"{self.prefix}{n}"
            middle = NOON + (self.now - NOON) / 2
            first = statement(tx, account.number, asset, NOON, middle)
            second = statement(tx, account.number, asset, middle, self.now + timedelta(seconds=1))
            assert (first["opening"], second["opening"]) == (0, first["closing"])
            assert second["closing"] == sum(
                q for (a, name, _), q in self.model.held.items() if (a, name) == (asset, account.number)
            )


def test_random_histories_agree_with_the_model(database: Database) -> None:
    LedgerMachine.database = database
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    with database.snapshot() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


def again(database: Database, bookings: list[Booking]) -> list[bool]:
    """Book, and repeat the batch as long as another transaction was in the way, as the engine does."""
    for _ in range(200):
        try:
            with database.transaction() as tx:
                return [isinstance(o, Booked) for o in book_now(tx, bookings)]
        except (Conflict, Unavailable):
            continue
    raise AssertionError("never came through")


def test_writers_at_once_lose_nothing_and_overdraw_nothing(database: Database) -> None:
    """Four writers pass units round in both directions: no unit is lost, none is spent twice."""
    names = [f"n{n}" for n in range(6)]
    ring = accounts_of(database, *names)
    endow(database, ring[0], "DE1", 20)
    done: list[list[bool]] = []
    failed: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for step in range(12):
                order = ring if worker % 2 else ring[::-1]
                batch = [
                    transfer(order[i], order[(i + step + 1) % 6], "DE1", 5)
                    for i in range(6)
                    if (step + 1) % 6
                ]
                if batch:
                    done.append(again(database, batch))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert any(any(outcomes) for outcomes in done)
    with database.snapshot() as tx:
        assert [c for c in checks(tx) if not c.holds] == []
        held = {p["account"]: p["quantity"] for p in positions(tx, asset="DE1")}
    assert sum(q for name, q in held.items() if name != "bank") == 20


def test_the_second_of_two_waits_and_sees_what_the_first_left(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10)
    endow(database, b, "DE1", 1)
    started = threading.Event()
    outcome: list[list[bool]] = []

    def second() -> None:
        started.set()
        outcome.append(again(database, [transfer(a, b, "DE1", 7)]))

    thread = threading.Thread(target=second)
    with database.transaction() as tx:
        assert isinstance(book_now(tx, [transfer(a, b, "DE1", 7)])[0], Booked)
        thread.start()
        started.wait()
    thread.join()
    assert outcome == [[False]], "only 3 are left"


def test_two_that_open_the_same_position_at_once_conflict_and_the_repeat_succeeds(database: Database) -> None:
    bank, a = accounts_of(database, "bank", "a")
    with database.transaction() as first:
        book_now(first, [transfer(bank, a, "DE1", 1)])
        threading.Timer(0.2, first._connection.commit).start()
        with database.transaction() as second, pytest.raises(Conflict, match="position_pkey"):
            book_now(second, [transfer(bank, a, "DE1", 1)])
    assert again(database, [transfer(bank, a, "DE1", 1)]) == [True]
    with database.transaction() as tx:
        assert {p["account"]: p["quantity"] for p in positions(tx, asset="DE1")} == {"bank": -2, "a": 2}
