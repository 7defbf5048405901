"""A held delivery lets go of a part: that much is tried at once, what is left stays held."""

from decimal import Decimal
from unittest.mock import patch

import pytest

from counterfoil.core.errors import Refused
from counterfoil.settlement import Change, Hold, Link, LinkKind, Partial, change, checks, realtime, run_cycle
from counterfoil.settlement.hours import Hours
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, Market


def released(market: Market, instruction, quantity, *, in_parts: bool = False, **wanted) -> str:
    """ "ok", or the codes; outside every window for parts unless `in_parts`."""
    wanted_change = Change(release_quantity=Decimal(quantity), **wanted)
    with patch.object(realtime, "hours_at", lambda *_, **__: Hours(in_parts=in_parts)):
        try:
            with market.database.transaction() as tx:
                change(
                    tx,
                    instruction.id,
                    wanted_change,
                    now=market.now,
                    business_date=market.today,
                    actor="test",
                )
        except Refused as refused:
            return " ".join(r.code for r in refused.refusals)
    return "ok"


def held(market: Market, *, quantity=10, amount=None, isin=FIXED, **more):
    """A matched delivery by Anna to Bert that she holds."""
    trade = market.trade(ANNA, BERT, isin, quantity, amount, sell_holds=Hold.PARTY, **more)
    market.submit(*trade)
    return trade


def left(market: Market) -> tuple:
    return market.rows("SELECT quantity, amount, released, deliver_holds, reason FROM settlement.pending")[0]


def test_the_released_part_settles_outside_every_window_and_the_rest_stays_held(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 100)
    sell, _ = held(market, amount="100.00")
    assert released(market, sell, 3, by=ANNA) == "ok"
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (3, 30)
    assert left(market) == (7, 70, None, 1, "PREA")
    assert released(market, sell, 7, by=ANNA) == "ok"
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (10, 100)
    with market.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


def test_a_released_part_that_lacks_securities_waits_as_such_and_settles_when_they_come(market: Market):
    market.give(CORA, 10, FIXED)
    sell, _ = held(market)
    assert released(market, sell, 3, by=ANNA) == "ok"
    assert left(market) == (10, None, 3, 1, "PREL")
    market.submit(*market.trade(CORA, ANNA, FIXED, 5, None))
    assert (market.held(BERT, FIXED), market.held(ANNA, FIXED)) == (3, 2)
    assert left(market) == (7, None, None, 1, "PREA")


def test_within_a_window_less_than_what_is_released_settles_too(market: Market):
    market.give(ANNA, 2, FIXED)
    sell, _ = held(market)
    assert released(market, sell, 3, by=ANNA) == "ok"
    assert market.held(BERT, FIXED) == 0
    assert released(market, sell, 3, in_parts=True, by=ANNA) == "ok"
    assert left(market) == (8, None, 1, 1, "PREL")
    assert market.held(BERT, FIXED) == 2


def test_a_cycle_tries_what_was_released(market: Market):
    sell, _ = held(market)
    assert released(market, sell, 3, by=ANNA) == "ok"
    market.give(ANNA, 3, FIXED)
    with market.database.transaction() as tx:
        run_cycle(tx, now=market.now, business_date=market.today, actor="test")
    assert (market.held(BERT, FIXED), left(market)[0]) == (3, 7)


def test_holding_again_takes_back_what_has_not_settled(market: Market):
    sell, _ = held(market)
    assert released(market, sell, 3, by=ANNA) == "ok"
    with market.database.transaction() as tx:
        wanted = Change(hold=Hold.PARTY, by=ANNA)
        change(tx, sell.id, wanted, now=market.now, business_date=market.today, actor="test")
    assert left(market) == (10, None, None, 1, "PREA")


def test_other_holds_keep_back_the_released_part(market: Market):
    market.give(ANNA, 10, FIXED)
    sell, _ = held(market, buy_holds=Hold.PARTY)
    assert released(market, sell, 3, by=ANNA) == "ok"
    assert (market.held(BERT, FIXED), left(market)[2:]) == (0, (3, 1, "PREA"))


def test_a_side_that_no_longer_wants_parts_gets_none(market: Market):
    sell, buy = held(market)
    assert released(market, sell, 3, by=ANNA) == "ok"
    with market.database.transaction() as tx:
        wanted = Change(partial=Partial.NOT_ALLOWED, by=BERT)
        change(tx, buy.id, wanted, now=market.now, business_date=market.today, actor="test")
    market.give(ANNA, 10, FIXED)
    assert (market.held(BERT, FIXED), left(market)[4]) == (0, "PREA")


@pytest.mark.parametrize(
    ("how", "quantity", "side"),
    [
        pytest.param({"sell_partial": Partial.NOT_ALLOWED}, 3, 0, id="the-deliverer-wants-no-parts"),
        pytest.param({"buy_partial": Partial.NOT_ALLOWED}, 3, 0, id="the-receiver-wants-no-parts"),
        pytest.param({"sell_links": (Link(LinkKind.WITH, "X"),)}, 3, 0, id="all-or-none"),
        pytest.param({"sell_partial": Partial.CASH_THRESHOLD, "amount": 100}, 3, 0, id="below-the-threshold"),
        pytest.param({}, 11, 0, id="more-than-is-left"),
        pytest.param({}, 0, 0, id="nothing"),
        pytest.param({}, "2.5", 0, id="half-a-unit"),
        pytest.param({}, 3, 1, id="by-the-receiver"),
        pytest.param({"quantity": 5000, "isin": NOTES}, 1500, 0, id="no-whole-denomination"),
    ],
)
def test_a_part_that_cannot_settle_by_itself_is_not_released(market: Market, how, quantity, side):
    trade = held(market, **how)
    assert released(market, trade[side], quantity, by=(ANNA, BERT)[side]) == "SET-072"
    assert left(market)[2] is None


def test_what_is_not_held_or_not_matched_is_not_released_in_part(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    market.submit(sell)
    assert released(market, sell, 3, by=ANNA) == "SET-072"
    market.submit(buy)
    assert released(market, sell, 3, release=Hold.PARTY, by=ANNA) == "SET-072"
    assert released(market, sell, 3, hold=Hold.PARTY, by=ANNA) == "SET-072"
