"""A cycle settles as a set what no one could settle alone, and never more than balances and links allow."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.ledger import checks as ledger_checks
from counterfoil.register import checks as register_checks
from counterfoil.settlement import (
    Cycle,
    ExchangeRate,
    Hold,
    Link,
    LinkKind,
    Partial,
    Pool,
    cycles,
    known_exchange_rates,
    run_cycle,
    set_exchange_rates,
)
from tests.settlement.market import ANNA, BERT, CORA, FIXED, ISSUER, NOTES, UP_TO, Market

LATER = {"at_once": False}
WHOLE = {"partial": Partial.NOT_ALLOWED}


def cycle(market: Market, **how) -> Cycle:
    with market.database.transaction() as tx:
        return run_cycle(tx, now=market.now, business_date=market.today, actor="test", **how)


def test_a_circle_of_deliveries_settles_together(market: Market):
    market.give(ANNA, 5, FIXED)
    ring = [
        *market.trade(ANNA, BERT, FIXED, 10, 100), *market.trade(BERT, CORA, FIXED, 10, 100),
        *market.trade(CORA, ANNA, FIXED, 10, 100),
    ]  # fmt: skip
    market.submit(*ring, **LATER)
    assert len(market.reasons()) == 3
    done = cycle(market)
    assert (done.considered, done.settled, done.contended) == (3, 3, 0)
    assert market.reasons() == {}
    assert (market.held(ANNA, FIXED), market.held(BERT)) == (5, 0)


def test_the_most_valuable_selection_settles_and_the_rest_says_why(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 1000)
    market.give(CORA, 1000)
    small = [
        market.trade(ANNA, BERT, FIXED, 6, 300, both=WHOLE),
        market.trade(ANNA, BERT, FIXED, 4, 300, both=WHOLE),
    ]
    large = market.trade(ANNA, CORA, FIXED, 10, 500, both=WHOLE)
    market.submit(*large, *small[0], *small[1], **LATER)
    done = cycle(market)
    assert (done.settled, done.contended, done.value, done.gap) == (2, 3, 600, 0)
    assert market.reasons() == {large[0].id: "LACK"}
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (10, 600)


def competing(market: Market, *, dear: str, cheap: str, **more) -> tuple:
    """Two sales of the same ten units: 100 of one currency against 90 of another."""
    market.give(ANNA, 10, FIXED)
    for buyer, currency in ((BERT, dear), (CORA, cheap)):
        market.give(buyer, 1000, currency)
    first = market.trade(ANNA, BERT, FIXED, 10, 100, both={**WHOLE, "currency": dear}, **more)
    second = market.trade(ANNA, CORA, FIXED, 10, 90, both={**WHOLE, "currency": cheap})
    market.submit(*first, *second, **LATER)
    return first, second


def test_values_of_several_currencies_are_weighed_by_their_worth(market: Market):
    first, _ = competing(market, dear="USD", cheap="EUR")
    with market.database.transaction() as tx:
        days = (date(2026, 11, 20), date(2026, 11, 24))
        rates = [
            ExchangeRate("USD", day, Decimal(rate)) for day, rate in zip(days, ("0.85", "2"), strict=True)
        ]
        set_exchange_rates(tx, [ExchangeRate("USD", days[0], Decimal(7)), *rates])
        assert known_exchange_rates(tx, market.today) == [rates[0]]
    done = cycle(market)
    assert (done.value, done.gap, done.unrated) == (90, 0, ())
    assert market.reasons().keys() == {first[0].id}
    assert market.held(CORA, FIXED) == 10


def test_a_currency_without_a_rate_counts_as_it_is_and_the_cycle_says_so(market: Market):
    _, second = competing(market, dear="USD", cheap="EUR")
    done = cycle(market)
    assert (done.value, done.unrated) == (100, ("USD",))
    assert market.reasons().keys() == {second[0].id}
    with market.database.transaction() as tx:
        assert cycles(tx)[0]["unrated"] == ["USD"]


def test_the_urgent_settles_before_what_is_worth_more(market: Market):
    market.give(ANNA, 10, FIXED)
    for buyer in (BERT, CORA):
        market.give(buyer, 1000)
    dear = market.trade(ANNA, BERT, FIXED, 10, 900, both=WHOLE)
    urgent = market.trade(ANNA, CORA, FIXED, 10, 1, both=WHOLE, buy_priority=2)
    market.submit(*dear, *urgent, **LATER)
    done = cycle(market)
    assert (done.settled, done.value, done.gap) == (1, 1, 0)
    assert market.reasons().keys() == {dear[0].id}


@pytest.mark.parametrize(
    ("currency", "rate", "code"),
    [("EUR", "1", "SET-011"), ("XYZ", "1", "SET-011"), ("USD", "0", "SET-078"), ("USD", "-1", "SET-078")],
)
def test_a_rate_that_is_none_is_refused(market: Market, currency, rate, code):
    with market.database.transaction() as tx, pytest.raises(Refused) as refused:
        set_exchange_rates(tx, [ExchangeRate(currency, market.today, Decimal(rate))])
    assert refused.value.refusals[0].code == code


def test_what_cannot_settle_whole_settles_in_parts(market: Market):
    market.give(ANNA, 7, FIXED)
    market.give(BERT, 100)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, 100), **LATER)
    done = cycle(market)
    assert (done.settled, done.in_parts) == (0, 1)
    assert (market.held(BERT, FIXED), market.held(ANNA)) == (7, 70)
    market.give(ANNA, 3, FIXED)
    assert cycle(market).settled == 1
    assert (market.held(BERT, FIXED), market.held(BERT)) == (10, 0)


def test_holds_dates_and_unmet_links_are_left_alone(market: Market):
    market.give(ANNA, 100, FIXED)
    held = market.trade(ANNA, BERT, FIXED, 1, None, sell_holds=Hold.PARTY, sell_reference="HELD")
    after = market.trade(ANNA, BERT, FIXED, 1, None, sell_links=(Link(LinkKind.AFTER, "HELD"),))
    alone = market.trade(ANNA, BERT, FIXED, 1, None, sell_links=(Link(LinkKind.WITH, "NOBODY"),))
    pool = market.trade(ANNA, BERT, FIXED, 1, None, sell_pool=Pool("P", 3))
    market.submit(*held, *after, *alone, *pool, **LATER)
    assert cycle(market).considered == 0
    assert market.held(BERT, FIXED) == 0


def test_links_hold_within_a_cycle(market: Market):
    market.give(ANNA, 10, FIXED)
    market.give(CORA, 40)
    # Both or neither: Bert has no money for the first, so Cora's 40 stay where they are though she could pay.
    one = market.trade(ANNA, BERT, FIXED, 4, 100, sell_links=(Link(LinkKind.WITH, "TWO"),))
    two = market.trade(ANNA, CORA, FIXED, 5, 40, sell_reference="TWO")
    then = market.trade(ANNA, CORA, FIXED, 1, None, sell_links=(Link(LinkKind.AFTER, "TWO"),))
    market.submit(*one, *two, *then, **LATER)
    assert cycle(market).settled == 0
    market.give(BERT, 100)
    assert cycle(market).settled == 3
    assert (market.held(CORA, FIXED), market.held(CORA)) == (6, 0)


def test_units_that_are_sold_on_demand_are_made_as_far_as_the_volume_goes(market: Market):
    market.give(BERT, 100)
    account = {"sell_account": f"{ISSUER}-ISSUER", "sell_cash_account": f"{ISSUER}-ISSUER"}
    fits = market.trade(ISSUER, BERT, UP_TO, 400, 50, **account)
    more = market.trade(ISSUER, BERT, UP_TO, 101, 40, both=WHOLE, **account)
    market.submit(*fits, *more, **LATER)
    assert cycle(market).settled == 1
    assert market.rows(f"SELECT issued FROM register.issue WHERE isin = '{UP_TO}'") == [(400,)]
    assert market.reasons() == {more[0].id: "LACK"}


def test_a_cycle_that_fails_to_book_changes_nothing(market: Market):
    market.give(ANNA, 10, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None), **LATER)
    before = market.rows("SELECT * FROM settlement.pending")

    def run_and_spoil() -> None:
        with market.database.transaction() as tx:
            run_cycle(tx, now=market.now, business_date=market.today, actor="test")
            tx.execute("UPDATE ledger.position SET quantity = quantity + 1")

    with pytest.raises(Conflict):
        run_and_spoil()
    assert market.rows("SELECT * FROM settlement.pending") == before
    assert market.held(ANNA, FIXED) == 10
    assert market.rows("SELECT count(*) FROM ledger.staged") == [(0,)]


PARTY = st.sampled_from((ANNA, BERT, CORA))
ISIN = st.sampled_from((FIXED, NOTES))
AMOUNT = st.none() | st.integers(1, 50)
TRADE = st.tuples(PARTY, PARTY, ISIN, st.integers(1, 6), AMOUNT, st.integers(2, 4)).filter(
    lambda t: t[0] != t[1]
)
STOCK = st.lists(st.integers(0, 8), min_size=9, max_size=9)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trades=st.lists(TRADE, min_size=1, max_size=12), stock=STOCK, at_once=st.booleans())
def test_whatever_comes_in_nothing_is_lost_or_settled_twice(
    shared_database: Database, trades, stock, at_once
):
    market = Market(shared_database)
    if not market.rows("SELECT FROM ledger.account"):
        market.open()
    market.used = market.rows("SELECT count(*) FROM settlement.instruction")[0][0]
    for n, lei in enumerate((ANNA, BERT, CORA)):
        for asset, units in (
            (FIXED, stock[3 * n]),
            (NOTES, 1000 * stock[3 * n + 1]),
            ("EUR", 10 * stock[3 * n + 2]),
        ):
            if units:
                market.give(lei, units, asset)
    wanted = {}
    sides = []
    for seller, buyer, isin, units, amount, priority in trades:
        quantity = units * (1000 if isin == NOTES else 1)
        sides += market.trade(seller, buyer, isin, quantity, amount, buy_priority=priority)
        wanted[sides[-2].id] = quantity
    assert set(market.submit(*sides, at_once=at_once)) == {"ok"}
    cycle(market)
    booked = dict(
        market.rows(
            "SELECT t.deliver_id, sum(s.quantity) FROM settlement.settled AS s"
            " JOIN settlement.transaction AS t ON t.id = s.transaction_id GROUP BY 1"
        )
    )
    left = dict(
        market.rows(
            "SELECT t.deliver_id, p.quantity FROM settlement.pending AS p"
            " JOIN settlement.transaction AS t ON t.id = p.transaction_id"
        )
    )
    assert {id_: booked.get(id_, 0) + left.get(id_, 0) for id_ in wanted} == wanted
    with shared_database.snapshot() as tx:
        assert [c.name for c in (*ledger_checks(tx), *register_checks(tx)) if not c.holds] == []
