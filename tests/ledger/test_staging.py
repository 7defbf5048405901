"""A set of deliveries booked as one: what statements, balances and checks read from it afterwards."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    Account,
    Changed,
    Delivery,
    Step,
    book_staged,
    booking_of,
    checks,
    holdings,
    positions_as_of,
    stage,
    statement,
)
from tests.ledger.books import NOON, accounts_of, book_now, change, endow, transfer

DELIVERIES = """SELECT * FROM unnest(
    %(ids)s::uuid[], %(isins)s::text[], %(quantities)s::numeric[], %(givers)s::uuid[], %(takers)s::uuid[],
    %(currencies)s::text[], %(amounts)s::numeric[], %(payers)s::uuid[], %(payees)s::uuid[])"""
LATER = NOON + timedelta(hours=1)


def sale(seller: Account, buyer: Account, units: int, money: int | None) -> Delivery:
    """Units of DE1 against EUR, or against nothing."""
    cash = ("EUR", Decimal(money), buyer.id, seller.id) if money is not None else (None, None, None, None)
    return Delivery(new_id(), "DE1", Decimal(units), seller.id, buyer.id, *cash)


def deliver(tx: Transaction, sales: Sequence[Delivery], at: datetime = LATER) -> None:
    """Stage and book a set."""
    stage(
        tx, DELIVERIES, ids=[s.booking_id for s in sales], isins=[s.isin for s in sales],
        quantities=[s.quantity for s in sales], givers=[s.from_account for s in sales],
        takers=[s.to_account for s in sales], currencies=[s.currency for s in sales],
        amounts=[s.amount for s in sales], payers=[s.payer_account for s in sales],
        payees=[s.payee_account for s in sales],
    )  # fmt: skip
    book_staged(tx, batch=new_id(), kind="set", booked_at=at, actor="test")


def market(database: Database) -> list[Account]:
    """Three accounts with units and money."""
    accounts = accounts_of(database, "a", "b", "c")
    for account in accounts:
        endow(database, account, "DE1", 100)
        endow(database, account, "EUR", 1000)
    return accounts


def test_a_statement_shows_the_legs_of_a_set_between_postings(database: Database) -> None:
    a, b, c = market(database)
    sales = [sale(a, b, 7, 70), sale(b, c, 3, 30), sale(a, c, 0, 5), sale(c, a, 2, None), sale(a, b, 1, 0)]
    with database.transaction() as tx:
        deliver(tx, sales)
    with database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 4)], LATER + timedelta(hours=1))
    with database.snapshot() as tx:
        units = statement(tx, "a", "DE1", LATER, LATER + timedelta(days=1))
        money = statement(tx, "a", "EUR", LATER, LATER + timedelta(days=1))
        first = statement(tx, "a", "DE1", LATER, LATER + timedelta(days=1), limit=2)
        rest = statement(tx, "a", "DE1", LATER, LATER + timedelta(days=1), limit=2, after=first["next"])
        assert (units["opening"], units["closing"]) == (100, 90)
        assert [m["amount"] for m in units["movements"]] == [-7, 2, -1, -4]
        assert [m["reference"] for m in units["movements"][:3]] == [sales[n].booking_id for n in (0, 3, 4)]
        assert (money["opening"], money["closing"]) == (1000, 1075)
        assert [m["amount"] for m in money["movements"]] == [70, 5]
        assert first["movements"] + rest["movements"] == units["movements"]
        then = {p["account"]: p["quantity"] for p in positions_as_of(tx, "DE1", LATER)}
        assert then == {"a": 94, "b": 105, "c": 101, "bank": -300}
        held = [(h["asset"], h["quantity"]) for h in holdings(tx, "b", at=LATER)]
        assert held == [("DE1", 105), ("EUR", 960)]
        assert [check for check in checks(tx) if not check.holds] == []


PARTY = st.integers(0, 2)


@settings(max_examples=25)
@given(sets=st.lists(
    st.lists(st.tuples(PARTY, PARTY, st.integers(1, 9), st.none() | st.integers(0, 9)), min_size=1, max_size=6),
    min_size=1, max_size=3,
))  # fmt: skip
def test_whatever_is_delivered_moves_positions_by_its_legs(
    shared_database: Database, sets: list[list[tuple[int, int, int, int | None]]]
) -> None:
    names = [f"{name}{new_id().hex[:30]}" for name in "xyz"]
    accounts = accounts_of(shared_database, *names)
    for account in accounts:
        endow(shared_database, account, "DE1", 1000)
        endow(shared_database, account, "EUR", 1000)
    units, money = [Decimal(1000)] * 3, [Decimal(1000)] * 3
    with shared_database.transaction() as tx:
        for wanted in sets:  # in one transaction: positions move several times in it
            deliver(tx, [sale(accounts[s], accounts[b], u, m) for s, b, u, m in wanted])
            for seller, buyer, sold, paid in wanted:
                units[seller] -= sold
                units[buyer] += sold
                money[seller] += paid or 0
                money[buyer] -= paid or 0
    with shared_database.snapshot() as tx:
        for name, owned, cash in zip(names, units, money, strict=True):
            assert {h["asset"]: h["quantity"] for h in holdings(tx, name)} == {"DE1": owned, "EUR": cash}
            assert holdings(tx, name) == holdings(tx, name, at=LATER)
        assert [check for check in checks(tx) if not check.holds] == []


@pytest.mark.parametrize("view", ["every_posting", "v_posting", "v_movement"])
def test_whoever_reads_postings_reads_deliveries(database: Database, view: str) -> None:
    a, b, c = market(database)
    with database.transaction() as tx:
        deliver(tx, [sale(a, b, 7, 70), sale(b, c, 3, None)])
    with database.snapshot() as tx:
        moved = f"SELECT asset, account_id, sum(amount) FROM ledger.{view} GROUP BY 1, 2 ORDER BY 1, 2"
        assert tx.rows(moved) == tx.rows(
            "SELECT asset, account_id, quantity FROM ledger.position ORDER BY 1, 2"
        )


@settings(max_examples=25)
@given(sales=st.lists(
    st.tuples(PARTY, PARTY, st.integers(0, 9), st.none() | st.integers(0, 9)).filter(lambda s: s[2] or s[3]),
    min_size=1, max_size=8,
))  # fmt: skip
def test_postings_are_found_by_asset_and_account_as_by_reading_them_all(
    shared_database: Database, sales: list[tuple[int, int, int, int | None]]
) -> None:
    accounts = accounts_of(shared_database, *[f"{name}{new_id().hex[:30]}" for name in "xyz"])
    for account in accounts:
        endow(shared_database, account, "DE1", 1000)
        endow(shared_database, account, "EUR", 1000)
    with shared_database.transaction() as tx:
        deliver(tx, [sale(accounts[s], accounts[b], units, paid) for s, b, units, paid in sales])
        book_now(tx, [transfer(accounts[0], accounts[1], "DE1", 1)], LATER)
    with shared_database.snapshot() as tx:
        for asset in ("DE1", "EUR", "USD"):
            read = "SELECT * FROM ledger.every_posting WHERE asset = %(asset)s::text"
            found = tx.rows("SELECT * FROM ledger.postings_on(%(asset)s::text)", asset=asset)
            assert sorted(found) == sorted(tx.rows(read, asset=asset))
            for account in accounts:
                key = {"asset": asset, "account": account.id}
                found = tx.rows("SELECT * FROM ledger.postings_on(%(asset)s::text, %(account)s::uuid)", **key)
                assert sorted(found) == sorted(tx.rows(f"{read} AND account_id = %(account)s::uuid", **key))


@pytest.mark.parametrize("source", [
    "ledger.postings_on('DE1')",
    "ledger.postings_on('DE1', '0e0e0e0e-0e0e-0e0e-0e0e-0e0e0e0e0e0e')",
    "ledger.v_movement_of('DE1')",
    "ledger.position AS p CROSS JOIN LATERAL ledger.postings_on(p.asset, p.account_id)",
])  # fmt: skip
def test_postings_are_found_by_index(shared_database: Database, source: str) -> None:
    with shared_database.snapshot() as tx:
        tx.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(line for (line,) in tx.rows(f"EXPLAIN SELECT * FROM {source}"))
    assert "delivery_touching" in plan
    assert "posting_by_asset" in plan
    assert "Function Scan" not in plan
    assert "Seq Scan on posting" not in plan
    assert "Seq Scan on delivery" not in plan


def test_what_nobody_has_is_not_delivered(database: Database) -> None:
    a, b, _ = market(database)
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        deliver(tx, [sale(a, b, 101, 1)])
    assert refused.value.constraint == "no_overdraft"


def test_a_block_waits_for_the_set_under_way_and_the_next_one_sees_it(database: Database) -> None:
    a, b, _ = market(database)
    blocked = threading.Event()

    def block() -> None:
        assert isinstance(change(database, a, Step.BLOCK), Changed)
        blocked.set()

    thread = threading.Thread(target=block)
    with database.transaction() as tx:
        deliver(tx, [sale(a, b, 1, 1)])
        thread.start()
        assert not blocked.wait(0.3)
    thread.join()
    for seller, buyer in ((a, b), (b, a)):
        with pytest.raises(Conflict) as refused, database.transaction() as tx:
            deliver(tx, [sale(seller, buyer, 1, 1)])
        assert refused.value.constraint == "account_barred"


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("UPDATE ledger.delivery SET quantity = quantity + 1", "ledger.positions"),
        ("UPDATE ledger.delivery SET amount = amount + 1", "ledger.positions"),
        ("UPDATE ledger.delivery SET to_account = from_account", "ledger.positions"),
        ("DELETE FROM ledger.delivery", "ledger.positions"),
        (
            "INSERT INTO ledger.booking SELECT booking_id, batch_id, kind, booking_id FROM ledger.delivery",
            "ledger.booked-once",
        ),
    ],
)
def test_a_check_finds_a_delivery_that_was_tampered_with(database: Database, fault: str, check: str) -> None:
    a, b, _ = market(database)
    with database.transaction() as tx:
        deliver(tx, [sale(a, b, 7, 70)])
    with database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # switches the triggers off
        tx.execute(fault)
    with database.snapshot() as tx:
        assert {c.name for c in checks(tx) if not c.holds} == {check}


def test_a_booking_is_found_by_its_id_with_the_legs_that_its_reader_may_see(database: Database) -> None:
    one, two, three = market(database)
    sold = sale(one, two, 5, 50)
    with database.transaction() as tx:
        deliver(tx, [sold, sale(two, three, 1, None)])
        (line,) = statement(tx, one.number, "DE1", LATER, LATER + timedelta(hours=1))["movements"]
        found = booking_of(tx, line["booking"], batch=line["batch"])
        assert found is not None
        assert (found["booking"], found["kind"], found["booked_at"]) == (sold.booking_id, "set", LATER)
        legs = [(leg["account"], leg["asset"], leg["amount"]) for leg in found["legs"]]
        assert legs == [
            (one.number, "DE1", -5), (two.number, "DE1", 5), (two.number, "EUR", -50), (one.number, "EUR", 50),
        ]  # fmt: skip
        behind = booking_of(tx, line["booking"], batch=line["batch"], after=0, limit=2)
        assert behind is not None
        assert [leg["leg"] for leg in behind["legs"]] == [1, 2]
        assert booking_of(tx, line["booking"]) is None, "a delivery is filed in its batch"
        for moved in (("DE1", one.number), ("EUR", two.number)):
            assert booking_of(tx, line["booking"], moved=moved) == found
        for moved in (("DE1", three.number), ("GBP", one.number), ("", "")):
            assert booking_of(tx, line["booking"], moved=moved) is None
        for after in (-1, 0, 9):
            assert booking_of(tx, line["booking"], batch=line["batch"], owner="nobody", after=after) is None
        assert booking_of(tx, new_id(), batch=line["batch"]) is None


def test_a_booking_by_itself_is_found_without_its_batch(database: Database) -> None:
    one, two = accounts_of(database, "a", "b")
    endow(database, one, "DE1", 100)
    made = transfer(one, two, "DE1", 7)
    with database.transaction() as tx:
        book_now(tx, [made])
        found = booking_of(tx, made.id)
        assert found is not None
        assert [(leg["account"], leg["amount"]) for leg in found["legs"]] == [
            (one.number, -7),
            (two.number, 7),
        ]
        assert booking_of(tx, made.id, owner=found["legs"][1]["owner"]) == found
