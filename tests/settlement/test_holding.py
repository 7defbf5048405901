"""Many are held and released at once as each would be alone, by a fixed number of statements."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.errors import Refusal
from counterfoil.settlement import Change, Hold, cancel, change, change_holds, standings
from tests.ledger.books import statements_counted
from tests.settlement.market import ANNA, BERT, FIXED, NOTES, Market, opened

HOLDS = st.integers(0, 15).map(Hold)


def held(market: Market, ids: Sequence[UUID]) -> list[Hold]:
    with market.database.transaction() as tx:
        found = standings(tx, ids)
    return [found[id_].instruction.holds for id_ in ids]


def change_all(market: Market, ids: Sequence[UUID], **what: object) -> list[str]:
    with market.database.transaction() as tx:
        outcomes = change_holds(
            tx, ids, **{"by": None, **what}, now=market.now, business_date=market.today, actor="test"
        )  # fmt: skip
    return ["ok" if outcome is None else outcome.code for outcome in outcomes]


@pytest.fixture(scope="module")
def book(shared_database) -> Market:
    return opened(shared_database)


@given(st.lists(st.tuples(HOLDS, HOLDS), min_size=1, max_size=4))
def test_many_at_once_stand_as_each_alone_would(book: Market, steps: list[tuple[Hold, Hold]]) -> None:
    pairs = [book.trade(ANNA, BERT, FIXED, 900 + n, None, sell_holds=Hold.CSD) for n in range(2)]
    alone = [book.side("DELI", ANNA, BERT, NOTES, 1000, None, holds=Hold.PARTY) for _ in range(2)]
    book.submit(*(side for pair in pairs for side in pair), *alone)
    together = [pairs[0][0].id, pairs[0][1].id, alone[0].id]
    singly = [pairs[1][0].id, pairs[1][1].id, alone[1].id]
    for hold, release in steps:
        assert change_all(book, together, hold=hold, release=release) == ["ok"] * 3
        for id_ in singly:
            with book.database.transaction() as tx:
                wanted = Change(hold=hold, release=release)
                change(tx, id_, wanted, now=book.now, business_date=book.today, actor="test")
        assert held(book, together) == held(book, singly)


def test_what_is_released_settles_at_once(market: Market) -> None:
    market.give(ANNA, 10, FIXED)
    pairs = [market.trade(ANNA, BERT, FIXED, 5, None, sell_holds=Hold.PARTY) for _ in range(2)]
    market.submit(*(side for pair in pairs for side in pair))
    assert change_all(market, [sell.id for sell, _ in pairs], release=Hold.PARTY, by=ANNA) == ["ok", "ok"]
    assert market.held(BERT, FIXED) == 10


def test_each_that_cannot_be_changed_is_told_why_and_the_others_are(market: Market) -> None:
    market.give(ANNA, 5, FIXED)
    settled, _ = market.trade(ANNA, BERT, FIXED, 5, None)
    market.submit(settled, _)
    open_, gone = (market.side("DELI", ANNA, BERT, NOTES, 1000, None) for _ in range(2))
    market.submit(open_, gone)
    with market.database.transaction() as tx:
        cancel(tx, gone.id, by=None, now=market.now, actor="test")
    ids = [settled.id, gone.id, open_.id, UUID(int=7), open_.id]
    assert change_all(market, ids, hold=Hold.PARTY) == ["SET-019", "SET-020", "ok", "SET-018", "ok"]
    assert change_all(market, [open_.id], hold=Hold.PARTY, by=BERT) == ["SET-018"]
    assert change_all(market, [open_.id], hold=Hold.CSD, by=ANNA) == ["SET-021"]
    assert held(market, [open_.id]) == [Hold.PARTY]
    assert change_all(market, []) == []


def test_the_number_of_statements_is_fixed(market: Market) -> None:
    counted = []
    for count in (2, 40):
        sides = [market.side("DELI", ANNA, BERT, NOTES, 1000, None) for _ in range(count)]
        market.submit(*sides)
        with market.database.transaction() as tx, statements_counted() as calls:
            outcomes: list[Refusal | None] = change_holds(
                tx, [side.id for side in sides], hold=Hold.PARTY, by=None, now=market.now, business_date=market.today,
                actor="test",
            )  # fmt: skip
            counted.append(calls())
        assert outcomes == [None] * count
    assert counted[0] == counted[1]
