"""Holds come and go until an instruction has settled; to cancel what is matched takes two."""

import pytest

from counterfoil.core.errors import Refused
from counterfoil.settlement import Change, Hold, Partial, cancel, change, checks
from tests.settlement.market import ANNA, BERT, CORA, FIXED, Market


def changed(market: Market, instruction, **wanted) -> None:
    with market.database.transaction() as tx:
        change(tx, instruction.id, Change(**wanted), now=market.now, business_date=market.today, actor="test")


def cancelled(market: Market, instruction, by: str | None) -> bool:
    with market.database.transaction() as tx:
        return cancel(tx, instruction.id, by=by, now=market.now, actor="test")


def code(market: Market, work) -> str:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.refusals[0].code


def test_each_hold_is_lifted_by_itself_and_the_last_one_settles(market: Market):
    market.give(ANNA, 10, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    market.submit(sell, buy)
    changed(market, sell, hold=Hold.CSD)
    changed(market, sell, release=Hold.PARTY, by=ANNA)
    assert market.reasons() == {sell.id: "CSDH"}
    changed(market, sell, release=Hold.CSD)
    assert market.held(BERT, FIXED) == 10


def test_what_is_held_before_it_is_matched_stays_held(market: Market):
    market.give(ANNA, 10, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell)
    changed(market, sell, hold=Hold.PARTY, partial=Partial.NOT_ALLOWED, priority=2, by=ANNA)
    market.submit(buy)
    assert market.rows("SELECT deliver_holds, deliver_partial, priority FROM settlement.pending") == [
        (1, "NPAR", 2)
    ]


def test_a_party_lifts_no_hold_of_the_depository_nor_takes_its_priority(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.CSD)
    market.submit(sell, buy)
    assert code(market, lambda: changed(market, sell, release=Hold.CSD, by=ANNA)) == "SET-021"
    assert code(market, lambda: changed(market, sell, priority=1, by=ANNA)) == "SET-022"
    assert code(market, lambda: changed(market, sell, release=Hold.PARTY, by=BERT)) == "SET-018"


def test_one_side_cancels_what_is_unmatched(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell)
    assert cancelled(market, sell, ANNA)
    market.submit(buy)
    assert market.reasons() == {}
    assert code(market, lambda: cancelled(market, sell, ANNA)) == "SET-020"


def test_both_sides_cancel_what_is_matched_or_the_depository_alone(market: Market):
    first, second = market.trade(ANNA, BERT, FIXED, 10, None), market.trade(ANNA, CORA, FIXED, 10, None)
    market.submit(*first, *second)
    assert not cancelled(market, first[0], ANNA)
    assert len(market.reasons()) == 2
    assert cancelled(market, first[1], BERT)
    assert cancelled(market, second[0], None)
    assert market.reasons() == {}
    with market.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


def test_what_has_settled_can_be_neither_changed_nor_cancelled(market: Market):
    market.give(ANNA, 10, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell, buy)
    assert code(market, lambda: cancelled(market, sell, ANNA)) == "SET-019"
    assert code(market, lambda: changed(market, sell, hold=Hold.PARTY)) == "SET-019"
