"""What can settle settles at once; what cannot says why, and settles when the reason is gone."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from counterfoil.core.ids import new_id
from counterfoil.ledger import Changed, StateChange, Step, change_states
from counterfoil.parties import grant_mandates
from counterfoil.settlement import (
    CashDirection,
    ExchangeRate,
    Fulfilment,
    Hold,
    Link,
    LinkKind,
    Partial,
    Payment,
    Pool,
    cancel,
    fulfilments,
    resume_accounts,
    run_cycle,
    set_exchange_rates,
)
from tests.settlement.market import ANNA, BERT, CORA, FIXED, ISSUER, NOTES, UP_TO, Market, own


def test_delivery_and_payment_happen_together(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 1000)
    assert market.submit(*market.trade(ANNA, BERT, FIXED, 10, 950)) == ["ok", "ok"]
    assert (market.held(ANNA, FIXED), market.held(BERT, FIXED)) == (0, 10)
    assert (market.held(ANNA), market.held(BERT)) == (950, 50)


def test_the_second_side_settles_what_the_first_has_begun(market: Market):
    market.give(ANNA, 10, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell)
    assert market.held(BERT, FIXED) == 0
    market.submit(buy)
    assert market.held(BERT, FIXED) == 10


def test_what_lacks_securities_moves_nothing_and_settles_when_they_come(market: Market):
    market.give(CORA, 10, FIXED)
    market.give(BERT, 1000)
    trade = market.trade(ANNA, BERT, FIXED, 10, 950, both={"partial": Partial.NOT_ALLOWED})
    market.submit(*trade)
    assert market.reasons() == {trade[0].id: "LACK"}
    assert market.held(BERT) == 1000
    market.submit(*market.trade(CORA, ANNA, FIXED, 10, None))
    assert (market.held(BERT, FIXED), market.held(BERT)) == (10, 50)
    assert market.reasons() == {}


def test_money_that_comes_in_by_settlement_settles_what_waited_for_it(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 5, FIXED)
    market.give(CORA, 1000)
    first = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(*first)
    assert market.reasons() == {first[0].id: "MONY"}
    market.submit(*market.trade(BERT, CORA, FIXED, 5, 950))
    assert market.reasons() == {}
    assert (market.held(ANNA), market.held(BERT), market.held(CORA)) == (950, 0, 50)


def test_cash_alone_moves_without_securities(market: Market):
    market.give(BERT, 100)
    pay, get = market.trade(ANNA, BERT, FIXED, 0, 60)
    assert market.submit(pay, get) == ["ok", "ok"]
    assert (market.held(ANNA), market.held(BERT)) == (60, 40)


def test_delivery_with_payment_sends_both_the_same_way(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(ANNA, 100)
    sell, buy = market.trade(
        ANNA,
        BERT,
        FIXED,
        10,
        60,
        sell_cash_direction=CashDirection.DEBIT,
        buy_cash_direction=CashDirection.CREDIT,
    )
    assert market.submit(sell, buy) == ["ok", "ok"]
    assert (market.held(BERT, FIXED), market.held(BERT), market.held(ANNA)) == (10, 60, 40)


@pytest.mark.parametrize(
    ("sell", "buy", "reason"),
    [(1, 0, "PREA"), (0, 1, "PREA"), (1, 1, "BOTH"), (2, 0, "CSDH"), (0, 4, "CVAL"), (8, 0, "CDLR")],
)
def test_any_hold_on_either_side_keeps_it_back(market: Market, sell, buy, reason):
    market.give(ANNA, 10, FIXED)
    trade = market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold(sell), buy_holds=Hold(buy))
    market.submit(*trade)
    assert market.reasons() == {trade[0].id: reason}
    assert market.held(BERT, FIXED) == 0


def test_nothing_settles_before_its_day(market: Market):
    market.give(ANNA, 10, FIXED)
    trade = market.trade(ANNA, BERT, FIXED, 10, None, both={"intended_date": date(2026, 11, 24)})
    market.submit(*trade)
    assert market.reasons() == {trade[0].id: "FUTU"}


def test_securities_that_do_not_suffice_settle_in_parts_and_the_last_part_takes_the_rest(market: Market):
    market.give(ANNA, 3, FIXED)
    market.give(CORA, 10, FIXED)
    market.give(BERT, 1000)
    trade = market.trade(ANNA, BERT, FIXED, 9, "100.00")
    market.submit(*trade)
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (3, Decimal("33.33"))
    assert market.reasons() == {trade[0].id: "LACK"}
    market.submit(*market.trade(CORA, ANNA, FIXED, 6, None))
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (9, 100)
    parts = market.rows(
        "SELECT part_no, quantity, amount, remaining FROM settlement.settled WHERE amount > 0 ORDER BY 1"
    )
    assert parts == [(1, 3, Decimal("33.33"), 6), (2, 6, Decimal("66.67"), 0)]


@pytest.mark.parametrize("side", ["sell_partial", "buy_partial"])
def test_one_side_that_wants_no_parts_gets_none(market: Market, side):
    market.give(ANNA, 3, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 9, None, **{side: Partial.NOT_ALLOWED}))
    assert market.held(BERT, FIXED) == 0


def test_parts_come_in_whole_denominations(market: Market):
    market.give(ANNA, 2500 // 1000 * 1000, NOTES)
    market.submit(*market.trade(ANNA, BERT, NOTES, 5000, None))
    assert market.held(BERT, NOTES) == 2000


def test_a_cash_threshold_keeps_small_parts_back(market: Market):
    market.give(ANNA, 3, FIXED)
    market.give(BERT, 100_000)
    market.submit(*market.trade(ANNA, BERT, FIXED, 9, 90_000, sell_partial=Partial.CASH_THRESHOLD))
    assert market.held(BERT, FIXED) == 3
    market.give(CORA, 3, FIXED)
    market.submit(*market.trade(CORA, BERT, FIXED, 9, 8_000, buy_partial=Partial.CASH_THRESHOLD))
    assert market.held(BERT, FIXED) == 3


def test_the_largest_quantity_is_counted_exactly_and_a_longer_one_refused(market: Market):
    market.give(ANNA, 3, FIXED)
    most = "9" * 28
    wrong = [
        market.side("DELI", ANNA, BERT, FIXED, text, None)
        for text in (most + "9", most + "99", most[1:] + ".5")
    ]
    assert market.submit(*wrong) == ["SET-007", "SET-007", "SET-008"]
    no_parts = {"partial": Partial.NOT_ALLOWED}
    assert market.submit(*market.trade(ANNA, BERT, FIXED, most, None, both=no_parts)) == ["ok", "ok"]
    with market.database.transaction() as tx:
        run_cycle(tx, now=market.now, business_date=market.today, actor="test")
    ((blocked,),) = market.rows("SELECT blocked FROM settlement.pending")
    assert (blocked["code"], blocked["needed"]) == ("LACK", most)
    assert most[:-1] + "6" in blocked["remedy"]


@pytest.mark.parametrize(("rate", "settled"), [("0.0061", 0), (None, 3), ("120", 3)])
def test_a_cash_threshold_is_an_amount_in_eur_whatever_the_currency(
    market: Market, rate: str | None, settled: int
):
    """30,000 of a currency are 183 EUR, or 30,000 while its rate is unknown, or millions."""
    market.give(ANNA, 3, FIXED)
    market.give(BERT, 90_000, "JPY")
    if rate:
        with market.database.transaction() as tx:
            set_exchange_rates(tx, [ExchangeRate("JPY", market.today, Decimal(rate))])
    in_yen = {"currency": "JPY", "partial": Partial.CASH_THRESHOLD}
    market.submit(*market.trade(ANNA, BERT, FIXED, 9, 90_000, both=in_yen))
    assert market.held(BERT, FIXED) == settled


def test_the_more_urgent_settles_first_where_there_is_not_enough_for_all(market: Market):
    market.give(ANNA, 5, FIXED)
    no_parts = {"partial": Partial.NOT_ALLOWED}
    usual = market.trade(ANNA, BERT, FIXED, 5, None, both=no_parts)
    urgent = market.trade(ANNA, CORA, FIXED, 5, None, both=no_parts, buy_priority=2)
    market.submit(*usual, *urgent)
    assert (market.held(BERT, FIXED), market.held(CORA, FIXED)) == (0, 5)


def test_a_sale_from_the_issuer_makes_the_units_it_lacks(market: Market):
    market.give(BERT, 10_000)
    issuer = {"account": f"{ISSUER}-ISSUER", "cash_account": f"{ISSUER}-ISSUER"}
    sale = market.trade(ISSUER, BERT, UP_TO, 300, 3000, **{f"sell_{k}": v for k, v in issuer.items()})
    assert market.submit(*sale) == ["ok", "ok"]
    assert market.held(BERT, UP_TO) == 300
    assert market.rows(f"SELECT issued FROM register.issue WHERE isin = '{UP_TO}'") == [(300,)]
    more = market.trade(ISSUER, BERT, UP_TO, 201, 10, **{f"sell_{k}": v for k, v in issuer.items()})
    market.submit(*more)
    assert market.reasons() == {more[0].id: "LACK"}
    assert market.rows(f"SELECT issued FROM register.issue WHERE isin = '{UP_TO}'") == [(300,)]


def test_units_are_not_made_for_a_buyer_without_money(market: Market):
    issuer = {"account": f"{ISSUER}-ISSUER", "cash_account": f"{ISSUER}-ISSUER"}
    sale = market.trade(ISSUER, BERT, UP_TO, 300, 3000, **{f"sell_{k}": v for k, v in issuer.items()})
    market.submit(*sale)
    assert market.rows(f"SELECT issued FROM register.issue WHERE isin = '{UP_TO}'") == [(0,)]
    assert market.reasons() == {sale[0].id: "MONY"}, "units would be made: what is missing is the money"


def test_money_goes_to_the_agent_that_a_party_has_appointed_and_none_is_taken_from_it(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 1000)
    market.give(CORA, 1000)
    trade = market.trade(ANNA, BERT, FIXED, 4, 400, sell_cash_account=own(CORA))
    assert market.submit(trade[0]) == ["SET-004"]
    with market.database.transaction() as tx:
        roles = [(CORA, "paying_agent", ANNA), (CORA, "paying_agent", BERT), (CORA, "dealer", ISSUER)]
        grant_mandates(tx, roles, actor="test", now=market.now)
    assert market.submit(*trade) == ["ok", "ok"]
    assert (market.held(ANNA), market.held(CORA)) == (0, 1400)
    assert market.submit(market.trade(ANNA, BERT, FIXED, 4, 400, buy_cash_account=own(CORA))[1]) == [
        "SET-004"
    ]


def test_how_far_instructions_are_is_told_of_both_sides(market: Market):
    market.give(ANNA, 4, FIXED)
    market.give(BERT, 1000)
    done, short = market.trade(ANNA, BERT, FIXED, 4, 400), market.trade(ANNA, BERT, FIXED, 5, 500)
    alone = market.trade(ANNA, CORA, FIXED, 1, None)[0]
    market.submit(*done, *short, alone)
    with market.database.transaction() as tx:
        cancel(tx, alone.id, by=ANNA, now=market.now, actor="test")
        found = fulfilments(tx, [i.id for i in (*done, *short, alone)] + [new_id()])
        assert fulfilments(tx, []) == {}
    assert [found[i.id] for i in done] == [Fulfilment(True, Decimal(4), Decimal(400))] * 2
    assert [found[i.id] for i in short] == [Fulfilment(False, Decimal(0), Decimal(0))] * 2
    assert found[alone.id] == Fulfilment(True, Decimal(0), Decimal(0))
    assert len(found) == 5


def test_what_is_linked_after_another_waits_for_it(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(CORA, 10, FIXED)
    first = market.trade(ANNA, BERT, FIXED, 10, None, sell_reference="FIRST", sell_holds=Hold.PARTY)
    then = market.trade(ANNA, CORA, FIXED, 1, None, sell_links=(Link(LinkKind.AFTER, "FIRST"),))
    market.submit(*first, *then)
    assert market.reasons() == {first[0].id: "PREA", then[0].id: "LINK"}


def test_before_keeps_back_one_that_knew_nothing_of_it(market: Market):
    market.give(ANNA, 10, FIXED)
    second = market.trade(ANNA, CORA, FIXED, 1, None, sell_reference="SECOND")
    first = market.trade(ANNA, BERT, FIXED, 20, None, sell_links=(Link(LinkKind.BEFORE, "SECOND"),))
    market.submit(first[0])
    market.submit(*second)
    assert market.reasons() == {second[0].id: "LINK"}
    market.submit(first[1])
    assert market.reasons()[second[0].id] == "LINK"


def test_all_or_none_settles_a_circle_that_nobody_could_begin(market: Market):
    market.give(ANNA, 1, FIXED)  # so that FIXED has a position; the circle needs no units of its own
    link = (Link(LinkKind.WITH, "LEG2"),)
    one = market.trade(ANNA, BERT, NOTES, 5000, None, sell_links=link)
    two = market.trade(BERT, ANNA, NOTES, 5000, None, buy_reference="LEG2")
    market.submit(*one)
    assert market.reasons() == {one[0].id: "LINK"}
    market.submit(*two)
    assert market.reasons() == {}


def test_a_pool_waits_until_it_is_complete(market: Market):
    market.give(ANNA, 10, FIXED)
    pool = Pool("P1", 2)
    one = market.trade(ANNA, BERT, FIXED, 4, None, sell_pool=pool)
    two = market.trade(ANNA, CORA, FIXED, 6, None, sell_pool=pool)
    market.submit(*one)
    assert market.reasons() == {one[0].id: "INBC"}
    market.submit(*two)
    assert (market.held(BERT, FIXED), market.held(CORA, FIXED)) == (4, 6)


def test_payment_free_of_delivery_funds_what_waited_for_money(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(CORA, 950)
    trade = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(*trade)
    assert market.reasons() == {trade[0].id: "MONY"}
    market.submit(*market.trade(BERT, CORA, FIXED, 0, 950))
    assert market.reasons() == {}
    assert market.held(BERT, FIXED) == 10


def test_free_of_payment_and_against_it_do_not_match(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 10)
    sell, _ = market.trade(ANNA, BERT, FIXED, 10, None)
    _, buy = market.trade(ANNA, BERT, FIXED, 10, 10)
    assert (sell.payment, buy.payment) == (Payment.FREE, Payment.AGAINST)
    market.submit(sell, buy)
    assert market.rows("SELECT count(*) FROM settlement.unmatched") == [(2,)]
    assert own(ANNA) != own(BERT)


def test_what_another_took_first_still_leaves_a_part(market: Market):
    """The larger is tried first, then the smaller settles whole: the larger gets what is left after that."""
    market.give(ANNA, 10, FIXED)
    large = market.trade(ANNA, BERT, FIXED, 15, None, both={"priority": 2})
    small = market.trade(ANNA, CORA, FIXED, 8, None)
    market.submit(*large, *small)
    assert (market.held(BERT, FIXED), market.held(CORA, FIXED)) == (2, 8)
    assert market.reasons() == {large[0].id: "LACK"}


def test_a_part_that_nobody_pays_for_is_left_to_the_next(market: Market):
    market.give(ANNA, 5, FIXED)
    market.give(BERT, 100)
    poor = market.trade(ANNA, BERT, FIXED, 10, 100, both={"priority": 3})
    spends = market.trade(CORA, BERT, FIXED, 0, 100, both={"priority": 4})
    free = market.trade(ANNA, CORA, FIXED, 10, None)
    market.submit(*poor, *spends, *free)
    assert (market.held(CORA, FIXED), market.held(CORA)) == (5, 100)


def test_no_more_units_are_made_than_the_buyer_can_pay_for(market: Market):
    market.give(BERT, 100)
    account = {"sell_account": f"{ISSUER}-ISSUER", "sell_cash_account": f"{ISSUER}-ISSUER"}
    first = market.trade(ISSUER, BERT, UP_TO, 4, 100, **account)
    second = market.trade(ISSUER, BERT, UP_TO, 4, 100, **account)
    market.submit(*first, *second)
    assert market.rows(f"SELECT issued FROM register.issue WHERE isin = '{UP_TO}'") == [(4,)]
    assert len(market.reasons()) == 1


def test_a_link_for_information_keeps_nobody_from_settling_in_parts(market: Market):
    market.give(ANNA, 4, FIXED)
    told = (Link(LinkKind.INFORMATION, "ELSEWHERE"),)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None, sell_links=told))
    assert market.held(BERT, FIXED) == 4


def test_what_waited_for_its_day_behind_a_block_settles_when_that_is_lifted(market: Market):
    market.give(ANNA, 10, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None, both={"intended_date": date(2026, 11, 24)}))
    blocked(market, Step.BLOCK)
    market.today = date(2026, 11, 24)
    with market.database.transaction() as tx:
        run_cycle(tx, now=market.now, business_date=market.today, actor="test")
    assert market.held(BERT, FIXED) == 0
    account = blocked(market, Step.UNBLOCK)
    with market.database.transaction() as tx:
        resume_accounts(tx, [account], now=market.now, business_date=market.today, actor="test")
    assert market.held(BERT, FIXED) == 10


def blocked(market: Market, step: Step) -> UUID:
    """Have the depository block Anna's account, or lift that; its id."""
    with market.database.transaction() as tx:
        wanted = StateChange(own(ANNA), step, "a test")
        (outcome,) = change_states(tx, [wanted], by_party=False, at=market.now, actor="test")
    assert isinstance(outcome, Changed)
    return outcome.account_id
