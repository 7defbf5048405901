"""What `book` does to positions, in order, exactly, in a fixed number of statements."""

from datetime import timedelta
from decimal import Decimal

import pytest

from counterfoil.core.db import Database
from counterfoil.core.errors import Bug
from counterfoil.ledger import (
    AccountKind,
    Booked,
    Short,
    SubBalance,
    book,
    checks,
    open_accounts,
    positions,
    positions_as_of,
    quantities,
    statement,
)
from tests.ledger.books import LEI, NOON, accounts_of, book_now, booking, endow, statements_counted, transfer


def test_a_transfer_moves_units_and_conserves_them(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 100)
    with database.transaction() as tx:
        assert [type(o) for o in book_now(tx, [transfer(a, b, "DE1", 30)])] == [Booked]
        assert quantities(tx, [("DE1", a), ("DE1", b), ("DE2", a)]) == [70, 30, 0]
        assert sum(p["quantity"] for p in positions(tx, asset="DE1")) == 0


def test_bookings_are_judged_in_order_and_a_short_one_is_left_out(database: Database) -> None:
    a, b, c = accounts_of(database, "a", "b", "c")
    endow(database, a, "DE1", 50)
    batch = [
        transfer(b, c, "DE1", 1),  # b has nothing yet
        transfer(a, b, "DE1", 30),
        transfer(b, c, "DE1", 30),  # b has them now
        transfer(a, c, "DE1", 21),  # a has 20 left
        transfer(a, c, "DE1", 20),
    ]
    with database.transaction() as tx:
        outcomes = book_now(tx, batch)
        assert [type(o) for o in outcomes] == [Short, Booked, Booked, Short, Booked]
        assert [o.id for o in outcomes] == [b.id for b in batch]
        assert quantities(tx, [("DE1", a), ("DE1", b), ("DE1", c)]) == [0, 0, 50]


def test_a_short_booking_says_what_is_short_and_by_how_much(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 50)
    with database.transaction() as tx:
        # Delivery against payment: the buyer has no cash, the seller too few units (in two legs).
        legs = [(a, "DE1", -40), (a, "DE1", -20), (b, "DE1", 60), (b, "EUR", -600), (a, "EUR", 600)]
        (outcome,) = book_now(tx, [booking(*legs)])
        assert isinstance(outcome, Short)
        assert [(k.account, k.asset, k.sub_balance, k.held, k.needed) for k in outcome.lacks] == [
            ("a", "DE1", SubBalance.AVAILABLE, 50, 60),
            ("b", "EUR", SubBalance.AVAILABLE, 0, 600),
        ]
        assert tx.value("SELECT count(*) FROM ledger.batch") == 1, "nothing was written"


def test_legs_of_one_booking_count_together(database: Database) -> None:
    (a, b) = accounts_of(database, "a", "b")
    with database.transaction() as tx:
        legs = [(a, "DE1", -5), (b, "DE1", 5), (a, "DE1", 5), (b, "DE1", -5)]
        assert isinstance(book_now(tx, [booking(*legs)])[0], Booked)


def test_units_move_between_sub_balances(database: Database) -> None:
    (a,) = accounts_of(database, "a")
    endow(database, a, "DE1", 10)
    with database.transaction() as tx:
        pledge = booking((a, "DE1", -4), (a, "DE1", 4, SubBalance.PLEDGED))
        spend = transfer(a, accounts_of(database, "b")[0], "DE1", 7)
        assert [type(o) for o in book_now(tx, [pledge, spend])] == [Booked, Short]
        assert {p["sub_balance"]: p["quantity"] for p in positions(tx, asset="DE1", account="a")} == {
            "available": 6,
            "pledged": 4,
        }


@pytest.mark.parametrize(
    "amount", ["1E-18", "123456789012.123456789012345678", "99999999999999999999999999999.5"]
)
def test_amounts_of_any_size_are_booked_exactly(database: Database, amount: str) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", "1E+29")
    endow(database, a, "DE1", "0.000000000000000001")
    with database.transaction() as tx:
        assert isinstance(book_now(tx, [transfer(a, b, "DE1", amount)])[0], Booked)
    with database.transaction() as tx:
        left, moved = quantities(tx, [("DE1", a), ("DE1", b)])
        assert moved == Decimal(amount)
        assert str(left + 0) or True
        assert tx.value("SELECT sum(quantity) = 0 FROM ledger.position WHERE asset = 'DE1'"), (
            "no digit was lost"
        )


@pytest.mark.parametrize(
    "legs",
    [
        [("a", "DE1", 1)],
        [("a", "DE1", -1), ("b", "DE1", 2)],
        [("a", "DE1", -1), ("b", "DE2", 1)],
        [("a", "DE1", 0), ("b", "DE1", 0)],
        [("a", "DE1", "NaN"), ("b", "DE1", "NaN")],
        [("a", "DE1", "-Infinity"), ("b", "DE1", "Infinity")],
        [],
    ],
)
def test_a_booking_that_does_not_add_up_stops_the_batch(
    database: Database, legs: list[tuple[str, str, int | str]]
) -> None:
    by_name = dict(zip("ab", accounts_of(database, "a", "b"), strict=True))
    with database.transaction() as tx, pytest.raises(Bug):
        book_now(tx, [booking(*((by_name[name], asset, amount) for name, asset, amount in legs))])


def test_an_empty_batch_does_nothing(database: Database) -> None:
    with database.transaction() as tx:
        assert book(tx, [], booked_at=NOON, actor="test") == []


def test_opening_an_account_twice_gives_the_same_account(database: Database) -> None:
    (first,) = accounts_of(database, "a")
    (again,) = accounts_of(database, "a")
    assert first == again


def test_a_number_never_stands_for_another_ones_account(database: Database) -> None:
    accounts_of(database, "a")
    with database.transaction() as tx, pytest.raises(Bug, match="another's"):
        open_accounts(tx, [("a", AccountKind.CENTRAL_BANK, LEI)], NOON)


def test_only_control_and_central_bank_accounts_may_be_negative(database: Database) -> None:
    with database.transaction() as tx:
        opened = open_accounts(tx, [(k.value, k, LEI) for k in AccountKind], NOON)
        stored = dict(tx.rows("SELECT kind, may_be_negative FROM ledger.account"))
        assert {k for k, negative in stored.items() if negative} == {"issue_control", "central_bank"}
        assert {a.kind.value: a.may_be_negative for a in opened.values()} == stored


def test_a_statement_runs_from_opening_to_closing(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 100)
    for day, amount in enumerate((10, 20, 30), 1):
        with database.transaction() as tx:
            book_now(tx, [transfer(a, b, "DE1", amount)], NOON + timedelta(days=day))
    with database.transaction() as tx:
        told = statement(tx, "a", "DE1", NOON + timedelta(days=2), NOON + timedelta(days=3))
        assert (told["opening"], [m["amount"] for m in told["movements"]], told["closing"]) == (90, [-20], 70)
        whole = statement(tx, "b", "DE1", NOON, NOON + timedelta(days=9))
        assert (whole["opening"], whole["closing"], len(whole["movements"])) == (0, 60, 3)
        assert statement(tx, "nobody", "DE1", NOON, NOON)["closing"] == 0


def test_positions_as_of_a_moment_are_those_that_stood_then(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 100)
    with database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 40)], NOON + timedelta(hours=1))

    def at(hours: float) -> dict[str, Decimal]:
        with database.transaction() as tx:
            rows = positions_as_of(tx, "DE1", NOON + timedelta(hours=hours))
        return {r["account"]: r["quantity"] for r in rows if r["account"] != "bank"}

    assert at(-1) == {}
    assert at(0.5) == {"a": 100}
    assert at(1) == {"a": 60, "b": 40}


def test_the_number_of_statements_does_not_depend_on_the_batch(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10_000)

    def statements(count: int) -> int:
        with database.transaction() as tx, statements_counted() as calls:
            book_now(tx, [transfer(a, b, f"DE{n % 7}", 1) for n in range(count)])
            return calls()

    assert statements(7) == statements(700)


def test_a_session_that_booked_little_books_much_at_the_same_speed(database: Database) -> None:
    """The guards' plans are made at their first call; a plan for one row must not be quadratic for many."""
    a, b = accounts_of(database, "a", "b")
    with database.transaction() as tx:
        book_now(tx, [transfer(accounts_of(database, "bank")[0], a, "DE0", 1)])
        book_now(tx, [transfer(a, b, "DE0", 1)])
        tx.execute("SET LOCAL statement_timeout = '3s'")  # a nested loop over 20,000 rows takes half a minute
        (bank,) = accounts_of(database, "bank")
        outcomes = book_now(tx, [transfer(bank, a, f"DE{n}", 1) for n in range(20_000)])
        assert all(isinstance(o, Booked) for o in outcomes)
        outcomes = book_now(tx, [transfer(a, b, f"DE{n}", 1) for n in range(20_000)])
        assert all(isinstance(o, Booked) for o in outcomes)


def test_the_checks_hold_after_bookings(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 100)
    with database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 30), transfer(b, a, "DE1", 5)])
    with database.snapshot() as tx:
        assert [(c.name, c.violations) for c in checks(tx) if not c.holds] == []
        assert all(c.count > 0 for c in checks(tx))
