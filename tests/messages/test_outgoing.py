"""A party that sends messages is told by messages of everything that becomes of its instructions, once."""

from datetime import timedelta

import pytest

from counterfoil.core.db import Database
from counterfoil.messages import advise, correspond
from counterfoil.settlement import Change, Hold, cancel, change
from counterfoil.settlement.recycling import expire, turn_failing
from tests.messages.conftest import Schema
from tests.messages.exchange import (
    ANNA,
    BERT,
    CORA,
    RELEASE,
    Exchange,
    cancellation,
    conditions,
    exchange,
)
from tests.settlement.market import FIXED


@pytest.fixture
def market(database: Database, schema: Schema) -> Exchange:
    return exchange(database, schema)


def swept(market: Exchange) -> None:
    """Tell all that is to be told."""
    while True:
        with market.market.database.transaction() as tx:
            if not advise(tx, now=market.market.now):
                return


def told(market: Exchange, party: str) -> list[str]:
    swept(market)
    return market.mail(party)


def test_two_parties_from_instruction_to_confirmation(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    market.market.give(BERT, 100)
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, 100)
    market.instruct(sell)
    assert told(market, ANNA) == ["024 R1 AckdAccptd", "024 R1 Umtchd CMIS"]
    assert told(market, BERT) == []
    market.instruct(buy)
    assert told(market, ANNA) == ["024 R1 Mtchd", "025 R1 10"]
    assert told(market, BERT) == ["024 R2 AckdAccptd", "024 R2 Mtchd", "025 R2 10"]


def test_a_correspondent_that_has_not_instructed_is_sent_an_allegement_once(market: Exchange):
    with market.market.database.transaction() as tx:
        correspond(tx, BERT, None, now=market.market.now, actor="test")
    sell = market.market.side("DELI", ANNA, BERT, FIXED, 10, 100)
    market.market.submit(sell)
    (allegement,) = told(market, BERT)
    assert allegement.startswith("028")
    market.instruct(market.market.side("RECE", BERT, ANNA, FIXED, 11, 100))
    assert told(market, BERT) == ["024 R2 AckdAccptd", "024 R2 Umtchd DQUA"]
    assert told(market, ANNA) == []


def test_one_side_by_message_the_other_over_the_api(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None)
    market.instruct(buy)
    market.market.submit(sell)
    assert told(market, BERT) == ["024 R2 AckdAccptd", "024 R2 Mtchd", "025 R2 10"]
    assert told(market, ANNA) == []


def test_each_side_is_told_its_own_reason_and_nothing_of_the_others_account(market: Exchange):
    market.market.give(ANNA, 4, FIXED)
    market.instruct(*market.market.trade(ANNA, BERT, FIXED, 10, None, both={"partial": "NPAR"}))
    swept(market)
    content = str(market.market.rows("SELECT content FROM messages.outgoing WHERE receiver_lei LIKE '%%3%%'"))
    assert f"{ANNA}-OWN" not in content
    assert market.mail(ANNA)[-1] == "024 R1 Mtchd Pdg LACK"
    assert market.mail(BERT)[-1] == "024 R2 Mtchd Pdg CLAC"


def test_parts_are_confirmed_one_by_one(market: Exchange):
    market.market.give(ANNA, 4, FIXED)
    market.market.give(BERT, 100)
    market.instruct(*market.market.trade(ANNA, BERT, FIXED, 10, 100))
    assert told(market, ANNA)[1:] == ["025 R1 PAIN 4", "024 R1 Mtchd Pdg LACK"]
    market.market.give(ANNA, 6, FIXED)
    with market.market.database.transaction() as tx:
        rows = tx.rows("SELECT id FROM settlement.transaction")
    resumed(market, rows[0][0])
    assert told(market, ANNA) == ["025 R1 PARC 6"]
    assert told(market, BERT)[-2:] == ["024 R2 Mtchd Pdg CLAC", "025 R2 PARC 6"]


def resumed(market: Exchange, transaction) -> None:
    from counterfoil.settlement import settle

    m = market.market
    with m.database.transaction() as tx:
        settle(tx, [transaction], now=m.now, business_date=m.today, actor="test")


def test_hold_and_release(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    market.instruct(sell, buy)
    assert told(market, ANNA)[1:] == ["024 R1 Mtchd Pdg PREA"]
    assert told(market, BERT)[1:] == ["024 R2 Mtchd Pdg PRCY"]
    market.send(market.message(ANNA, conditions(("R1", RELEASE))))
    assert told(market, ANNA) == ["031 R1 Cmpltd", "025 R1 10"]
    assert told(market, BERT) == ["025 R2 10"]


def test_both_sides_cancel(market: Exchange):
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None)
    market.instruct(sell, buy)
    told(market, ANNA), told(market, BERT)
    market.send(market.message(ANNA, cancellation(sell)))
    assert told(market, ANNA) == ["027 R1 PdgCxl OTHR", "024 R1 PdgCxl CONF"]
    assert told(market, BERT) == ["024 R2 CxlReqd"]
    market.send(market.message(BERT, cancellation(buy)))
    assert told(market, ANNA) == ["024 R1 Canc CANI", "027 R1 Canc CANI"]
    assert told(market, BERT) == ["027 R2 Canc CANI", "024 R2 Canc CANI"]


def test_a_request_to_cancel_that_comes_too_late_in_the_end_is_denied(market: Exchange):
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None)
    market.instruct(sell, buy)
    market.send(market.message(ANNA, cancellation(sell)))
    told(market, ANNA)
    market.market.give(ANNA, 10, FIXED)
    resumed(market, market.market.rows("SELECT id FROM settlement.transaction")[0][0])
    assert told(market, ANNA) == ["025 R1 10", "027 R1 Dnd DSET"]


def test_a_request_that_nobody_answers_is_denied_and_the_instruction_goes_on(market: Exchange):
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None)
    market.instruct(sell, buy)
    market.send(market.message(ANNA, cancellation(sell)))
    told(market, ANNA)
    day = market.market.today + timedelta(days=40)
    with market.market.database.transaction() as tx:
        expire(tx, day, now=market.market.now, actor="test")
    assert told(market, ANNA) == ["024 R1 Mtchd Pdg LACK", "027 R1 Dnd OTHR"]


def test_the_end_of_a_day_and_of_a_life_is_told(market: Exchange):
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None)
    market.instruct(sell, buy)
    told(market, ANNA)
    with market.market.database.transaction() as tx:
        turn_failing(tx, market.market.today, now=market.market.now, actor="test")
    assert told(market, ANNA) == ["024 R1 Mtchd Flng LACK"]
    with market.market.database.transaction() as tx:
        expire(tx, market.market.today + timedelta(days=120), now=market.market.now, actor="test")
    assert told(market, ANNA) == ["024 R1 Canc CXLR"]


def test_what_the_depository_does_is_told(market: Exchange):
    receipts = market.instruct(*market.market.trade(ANNA, BERT, FIXED, 10, None))
    id_ = receipts[0].instruction
    told(market, ANNA)
    m = market.market
    with m.database.transaction() as tx:
        change(tx, id_, Change(hold=Hold.CSD), now=m.now, business_date=m.today, actor="test")
    assert told(market, ANNA) == ["024 R1 Mtchd Pdg CSDH"]
    with m.database.transaction() as tx:
        cancel(tx, id_, by=None, now=m.now, actor="test")
    assert told(market, ANNA) == ["024 R1 Canc CANS"]


def test_what_a_mismatch_is_about_is_told_to_both_when_the_second_comes(market: Exchange):
    market.instruct(market.market.side("DELI", ANNA, BERT, FIXED, 10, 100))
    assert told(market, ANNA)[-1] == "024 R1 Umtchd CMIS"
    market.instruct(market.market.side("RECE", BERT, ANNA, FIXED, 10, 150))
    assert told(market, ANNA) == ["028", "024 R1 Umtchd DMON"]
    assert told(market, BERT) == ["024 R2 AckdAccptd", "024 R2 Umtchd DMON", "028"]


def test_a_sweep_that_dies_has_told_nothing_and_the_next_tells_once(market: Exchange):
    market.instruct(market.market.side("DELI", ANNA, BERT, FIXED, 10, 100))
    market.mail(ANNA)
    with pytest.raises(ZeroDivisionError), market.market.database.transaction() as tx:  # noqa: PT012
        assert advise(tx, now=market.market.now)
        raise ZeroDivisionError
    assert market.mail(ANNA) == []
    assert told(market, ANNA) == ["024 R1 Umtchd CMIS"]
    assert told(market, ANNA) == []


def test_only_one_sweeps_at_a_time(market: Exchange):
    market.instruct(market.market.side("DELI", CORA, BERT, FIXED, 10, 100))
    database = market.market.database
    with database.transaction() as first, database.transaction() as second:
        assert advise(first, now=market.market.now)
        assert advise(second, now=market.market.now) == 0
    assert told(market, CORA) == ["024 R1 AckdAccptd", "024 R1 Umtchd CMIS"]
