"""What arrives already matched skips matching, and nothing else: both sides are taken in, or neither."""

from decimal import Decimal

import pytest

from counterfoil.core.errors import Bug
from counterfoil.settlement import Hold, Trade, checks, instruct_matched, read_trade
from tests.settlement.market import ANNA, BERT, FIXED, Market, own


def handed_in(market: Market, *trades: Trade) -> list:
    """ "ok", or the codes of the deliverer's side and of the receiver's."""
    with market.database.transaction() as tx:
        results = instruct_matched(tx, trades, now=market.now, business_date=market.today, actor="test")
    return [
        tuple(" ".join(r.code for r in side.refusals) for side in result)
        if isinstance(result, tuple)
        else "ok"
        for result in results
    ]


def given_as_data(market: Market, **more) -> dict:
    day = market.today.isoformat()
    return {
        "isin": FIXED, "quantity": "10", "trade_date": day, "intended_date": day, "currency": "EUR", "amount": "950",
        "deliver": {"party": ANNA, "reference": "S1", "account": own(ANNA)},
        "receive": {"party": BERT, "reference": "B1", "account": own(BERT)}, **more,
    }  # fmt: skip


def test_both_sides_settle_without_waiting_for_each_other(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 1000)
    assert handed_in(market, Trade(*market.trade(ANNA, BERT, FIXED, 10, 950))) == ["ok"]
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (10, 950)
    assert market.rows("SELECT count(*) FROM settlement.unmatched") == [(0,)]
    with market.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


def test_they_meet_nobody_elses_instruction(market: Market):
    """A side that waits, alike in every field, goes on waiting for its own counterpart."""
    lone, _ = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(lone)
    assert handed_in(market, Trade(*market.trade(ANNA, BERT, FIXED, 10, None))) == ["ok"]
    assert market.rows("SELECT instruction_id FROM settlement.unmatched") == [(lone.id,)]
    assert list(market.reasons().values()) == ["LACK"]


def test_every_rule_holds_for_both_and_one_bad_side_keeps_out_the_other(market: Market):
    bad = market.trade(ANNA, BERT, FIXED, 10, 950, sell_account=own(BERT), buy_cash_account="NOBODY")
    good = market.trade(ANNA, BERT, FIXED, 1, None)
    assert handed_in(market, Trade(*bad), Trade(*good)) == [("SET-003", "SET-004"), "ok"]
    assert market.rows("SELECT count(*) FROM settlement.instruction") == [(2,)]
    half = market.trade(ANNA, BERT, FIXED, 1, None, buy_priority=1)
    assert handed_in(market, Trade(*half)) == [("", "SET-022")]
    assert market.rows("SELECT count(*) FROM settlement.instruction") == [(2,)]


def test_a_reference_serves_one_side_only(market: Market):
    both = {"reference": "SAME"}
    assert handed_in(market, Trade(*market.trade(ANNA, BERT, FIXED, 1, None, both=both))) == ["ok"]
    again = market.trade(ANNA, BERT, FIXED, 1, None, sell_reference="SAME")
    assert handed_in(market, Trade(*again)) == [("SET-006", "")]
    own_trade = market.trade(ANNA, ANNA, FIXED, 1, None, sell_reference="MINE", buy_reference="MINE")
    assert handed_in(market, Trade(*own_trade)) == [("", "SET-006")]


def test_holds_and_links_of_each_side_stand(market: Market):
    market.give(ANNA, 10, FIXED)
    trade = Trade(*market.trade(ANNA, BERT, FIXED, 10, None, buy_holds=Hold.PARTY))
    assert handed_in(market, trade) == ["ok"]
    assert list(market.reasons().values()) == ["PREA"]


def test_sides_that_contradict_each_other_are_a_bug_of_whoever_states_them(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    with pytest.raises(Bug):
        Trade(buy, sell)
    with pytest.raises(Bug):
        Trade(sell, market.trade(ANNA, BERT, FIXED, 11, None)[1])


def test_a_trade_is_read_from_data_with_what_its_sides_share_said_once(market: Market):
    trade = read_trade(given_as_data(market, deliver={
        "party": ANNA, "reference": "S1", "account": own(ANNA), "client": "C1", "hold": True, "priority": 2,
    }))  # fmt: skip
    assert isinstance(trade, Trade)
    assert (trade.deliver.counterparty_lei, trade.receive.counterparty_lei) == (BERT, ANNA)
    assert (trade.deliver.cash_account, trade.receive.cash_account) == (own(ANNA), own(BERT))
    assert (trade.deliver.client, trade.receive.counterparty_client) == ("C1", "C1")
    assert (trade.deliver.holds, trade.receive.holds, trade.receive.priority) == (Hold.PARTY, Hold.NONE, 4)
    assert trade.deliver.amount == Decimal(950)
    along = read_trade(given_as_data(market, cash_direction="DBIT"))
    assert isinstance(along, Trade)
    assert [along.deliver.cash_direction, along.receive.cash_direction] == ["DBIT", "CRDT"]


@pytest.mark.parametrize(
    ("more", "pointers"),
    [
        ({"deliver": "ANNA"}, ["/deliver"]),
        ({"price": "1", "quantity": "x"}, ["/price"]),
        ({"quantity": "x", "isin": "?"}, ["/isin", "/quantity"]),
        ({"receive": {"party": "?", "reference": "B1", "account": "A"}}, ["/receive/party"]),
        ({"receive": {"party": BERT, "reference": "B1"}}, ["/receive/account"]),
        ({"deliver": {"reference": "S1", "account": "A"}}, ["/deliver/party"]),
        ({"deliver": {"isin": FIXED}, "movement": "DELI"}, ["/deliver/isin", "/movement"]),
        (
            {"receive": {"party": BERT, "reference": "B", "account": "A", "priority": 9}},
            ["/receive/priority"],
        ),
        ({"cash_direction": "UP"}, ["/cash_direction"]),
    ],
)
def test_what_is_wrong_with_the_data_is_named_once_where_it_stands(market: Market, more, pointers):
    found = read_trade(given_as_data(market, **more))
    assert isinstance(found, list)
    assert sorted({r.pointer for r in found}) == pointers
