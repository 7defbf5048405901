"""Every order that is offered is read from an index, whatever is asked for, from either end and page by page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from counterfoil.core.db import Database, Transaction
from counterfoil.core.errors import Refused
from counterfoil.settlement import By, Order, State, Wanted, find_instructions, orders_of, searching
from counterfoil.settlement.searching import page_of_spots
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, TODAY, Market, opened, own

PAIRS = 8_000
"""Half of them matched and pending, a quarter each settled and alone."""
READ_AT_MOST = 2_500
"""Rows that a page may look at, of twice as many instructions as there are pairs."""
LARGE = ("instruction", "transaction", "pending", "unmatched", "settled")
FILTERS = {
    "everything": Wanted(),
    "a party": Wanted(party=ANNA),
    "a party that has little": Wanted(party=CORA),
    "an ISIN": Wanted(isin=FIXED),
    "an ISIN that has little": Wanted(isin=NOTES),
    "from a day on": Wanted(intended_from=TODAY + timedelta(days=9)),
    "until a day": Wanted(intended_until=TODAY - timedelta(days=9)),
    "a large amount": Wanted(amount_from=Decimal(7_900)),
    "a party and an amount": Wanted(party=BERT, amount_until=Decimal(1_000)),
    "an account": Wanted(account=own(ANNA)),
    "what an account waits for": Wanted(account=own(ANNA), state=State.PENDING),
    "unmatched": Wanted(state=State.UNMATCHED),
    "pending": Wanted(state=State.PENDING),
    "pending of an ISIN that has little": Wanted(state=State.PENDING, isin=NOTES),
    "pending from a day on": Wanted(state=State.PENDING, intended_from=TODAY + timedelta(days=9)),
    "failing": Wanted(state=State.FAILING),
    "a large amount that waits": Wanted(state=State.FAILING, amount_from=Decimal(7_700)),
    "waiting for securities": Wanted(reason="LACK"),
    "settled": Wanted(state=State.SETTLED),
    "settled of a party": Wanted(party=ANNA, state=State.SETTLED),
    "pending of a party": Wanted(party=ANNA, state=State.PENDING),
    "pending of a party that has little": Wanted(party=CORA, state=State.PENDING),
    "what a party that has little waits for": Wanted(party=CORA, reason="LACK"),
    "due of a party that has little": Wanted(party=CORA, due=TODAY),
    "due": Wanted(due=TODAY),
}
ORDERED = [
    (name, Order(by, descending))
    for name, wanted in FILTERS.items()
    for by, both in orders_of(wanted).items()
    for descending in (True, False)
    if descending or both
]
_FILL = """
WITH pair AS MATERIALIZED (
    SELECT n, uuidv7() AS deliver_id, uuidv7() AS receive_id, uuidv7() AS transaction_id,
        %(today)s::date + ((n * 7919) %% 21)::integer - 10 AS day, (n * 6007) %% 8000 + 1 AS amount,
        CASE WHEN n %% 401 = 0 THEN 'NOTES' ELSE 'FIXED' END AS kind
    FROM generate_series(1, %(pairs)s::integer) AS n ORDER BY n
), side AS (
    INSERT INTO settlement.instruction (
        id, party_lei, reference, movement, payment, isin, quantity, account_id, counterparty_lei, currency, amount,
        cash_direction, cash_account_id, trade_date, intended_date, transaction_type, match_key, accepted_at, actor
    )
    SELECT CASE s.way WHEN 'DELI' THEN p.deliver_id ELSE p.receive_id END, s.party, s.way || p.n, s.way, 'APMT',
        CASE p.kind WHEN 'NOTES' THEN %(notes)s::text ELSE %(fixed)s::text END, 1, s.account, s.other, 'EUR',
        p.amount, CASE s.way WHEN 'DELI' THEN 'CRDT' ELSE 'DBIT' END, s.account, p.day, p.day, 'TRAD',
        p.transaction_id,
        %(now)s::timestamptz, 'test'
    FROM pair AS p CROSS JOIN LATERAL (
        SELECT 'DELI' AS way, CASE WHEN p.n %% 400 = 1 THEN %(cora)s::text ELSE %(anna)s::text END AS party,
            %(bert)s::text AS other, %(annas)s::uuid AS account
        UNION ALL SELECT 'RECE', %(bert)s::text, %(anna)s::text, %(berts)s::uuid
    ) AS s
), alone AS (
    INSERT INTO settlement.unmatched (instruction_id, match_key, movement, account, changed_at)
    SELECT deliver_id, transaction_id, 'DELI', 'x', %(now)s::timestamptz FROM pair WHERE n %% 4 = 0
), matched AS (
    INSERT INTO settlement.transaction (id, deliver_id, receive_id, quantity, amount, matched_at)
    SELECT transaction_id, deliver_id, receive_id, 1, amount, %(now)s::timestamptz FROM pair WHERE n %% 4 <> 0
), waiting AS (
    INSERT INTO settlement.pending (
        transaction_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account,
        intended_date, deliver_holds, receive_holds, priority, deliver_partial, receive_partial, linked, matched_at,
        changed_at, reason
    )
    SELECT transaction_id, CASE kind WHEN 'NOTES' THEN %(notes)s::text ELSE %(fixed)s::text END, 1,
        %(annas)s::uuid, %(berts)s::uuid, 'EUR', amount, %(berts)s::uuid, %(annas)s::uuid, day, 0, 0,
        1 + n %% 4, 'PART', 'PART', false, %(now)s::timestamptz, %(now)s::timestamptz,
        CASE WHEN n %% 3 = 0 THEN 'LACK' END
    FROM pair WHERE n %% 4 IN (1, 2)
)
INSERT INTO settlement.settled (transaction_id, part_no, quantity, amount, remaining, booking_id, settled_at)
SELECT transaction_id, 1, 1, amount, 0, uuidv7(), %(now)s::timestamptz FROM pair WHERE n %% 4 = 3
"""


@pytest.fixture(scope="module")
def book(shared_database: Database) -> Market:
    """A filled book, written as settlement would leave it."""
    market = opened(shared_database)
    with market.database.transaction() as tx:
        accounts = dict(tx.rows("SELECT number, id FROM ledger.account"))
        tx.execute("ALTER TABLE settlement.transaction DISABLE TRIGGER transaction_checked")
        tx.execute("ALTER TABLE settlement.settled DISABLE TRIGGER settled_checked")
        tx.execute(
            _FILL, today=TODAY, pairs=PAIRS, now=market.now, notes=NOTES, fixed=FIXED, anna=ANNA, bert=BERT,
            cora=CORA, annas=accounts[own(ANNA)], berts=accounts[own(BERT)],
        )  # fmt: skip
        tx.execute("ANALYZE")
    return market


def page(tx: Transaction, wanted: Wanted, order: Order, after: str | None = None, limit: int = 51) -> list:
    return page_of_spots(
        tx, wanted, order=order, after=after, limit=limit, business_date=TODAY, ended=()
    )  # fmt: skip


@contextmanager
def analysed() -> Iterator[list[dict[str, Any]]]:
    """The plans of the searches meanwhile, as they were carried out."""
    plans: list[dict[str, Any]] = []
    rows = Transaction.rows

    def explaining(tx: Transaction, statement: str, **parameters: object) -> list:
        if "limit" in parameters:
            (told,) = rows(tx, f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", **parameters)
            plans.append(told[0][0]["Plan"])
        return rows(tx, statement, **parameters)

    with patch.object(Transaction, "rows", explaining):
        yield plans


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def looked_at(plan: dict[str, Any]) -> int:
    """The rows that scans have met."""
    told = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return int(
        sum(
            sum(node.get(name, 0) for name in told) * node["Actual Loops"]
            for node in nodes(plan)
            if "Scan" in node["Node Type"] and "Subquery" not in node["Node Type"]
        )
    )


@pytest.mark.parametrize(("asked", "order"), ORDERED)
def test_an_order_is_read_from_an_index_and_not_sorted(book: Market, asked: str, order: Order) -> None:
    with book.database.transaction() as tx, analysed() as plans:
        first = page(tx, FILTERS[asked], order)
        page(tx, FILTERS[asked], order, after=first[-1].place)
    for plan in plans:
        assert not [
            n for n in nodes(plan) if n.get("Relation Name") in LARGE and n["Node Type"] == "Seq Scan"
        ], plan
        assert looked_at(plan) <= READ_AT_MOST, plan
    assert len(first) == 51 or "little" in asked


@pytest.mark.parametrize(("asked", "order"), ORDERED)
def test_pages_in_an_order_join_without_gap_or_repetition(book: Market, asked: str, order: Order) -> None:
    with book.database.transaction() as tx:
        whole = page(tx, FILTERS[asked], order, limit=130)
        joined, after = [], None
        while len(joined) < len(whole):
            joined += page(tx, FILTERS[asked], order, after=after, limit=13)
            after = joined[-1].place
        everything = page(tx, FILTERS[asked], order, limit=10**6)
        if orders_of(FILTERS[asked])[order.by]:
            back = page(tx, FILTERS[asked], Order(order.by, not order.descending), limit=10**6)
            assert back == everything[::-1]
    assert joined[: len(whole)] == whole == everything[: len(whole)]
    assert len({spot.id for spot in everything}) == len(everything)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(party=party, **more)
        for party in (ANNA, CORA)
        for more in (
            *({"state": state} for state in State), {"reason": "LACK"}, {"due": TODAY},
            {"state": State.PENDING, "reference": "DELI1"}, {"state": State.FAILING, "amount_from": Decimal(4_000)},
        )
    ],
    ids=str,
)  # fmt: skip
def test_of_few_each_is_looked_up_and_of_many_all_are_looked_through(
    book: Market, monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    with book.database.transaction() as tx:
        found = []
        for few in (0, 10**6):
            monkeypatch.setattr(searching, "_FEW", few)
            found.append({spot.id for spot in page(tx, wanted, Order(), limit=10**6)})
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("by", "key"),
    [(By.INTENDED, "intended_date"), (By.AMOUNT, "amount"), (By.PRIORITY, "priority"), (By.REFERENCE, "reference")],
)  # fmt: skip
def test_an_order_is_by_what_its_name_says(book: Market, by: By, key: str) -> None:
    wanted = Wanted(party=ANNA) if by is By.REFERENCE else Wanted(state=State.PENDING)
    for descending in (False, True):
        with book.database.transaction() as tx:
            found = find_instructions(
                tx, business_date=TODAY, now=book.now, wanted=wanted, order=Order(by, descending), limit=300
            )
        told = [i[key] for i in found]
        assert told == sorted(told, reverse=descending)
        assert len(set(told)) > 1 or by in (By.PRIORITY, By.INTENDED)


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (Wanted(), Order(By.PRIORITY)),
        (Wanted(), Order(By.REFERENCE)),
        (Wanted(reason="LACK"), Order(By.INTENDED)),
        (Wanted(due=date(2026, 11, 23)), Order(By.RECEIVED, descending=False)),
        (Wanted(state=State.SETTLED), Order(By.AMOUNT)),
    ],
)
def test_an_order_that_no_index_carries_is_refused(book: Market, wanted: Wanted, order: Order) -> None:
    with book.database.transaction() as tx, pytest.raises(Refused) as refused:
        page(tx, wanted, order)
    assert refused.value.rule.code == "SET-090"


def test_the_place_of_another_order_is_refused(book: Market) -> None:
    with book.database.transaction() as tx, pytest.raises(Refused) as refused:
        page(tx, Wanted(), Order(By.AMOUNT), after=page(tx, Wanted(), Order(By.INTENDED))[0].place)
    assert refused.value.rule.code == "COR-004"
