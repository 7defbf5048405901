"""What the end of a day does to open instructions: they fail from then on, or have lived too long."""

import doctest
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import add_business_days
from counterfoil.settlement import Hold, cancel, checks, events, find_instructions, recycling
from counterfoil.settlement.recycling import Expired, expire, expires_on, last_basis, turn_failing
from tests.ledger.books import statements_counted
from tests.settlement.market import ANNA, BERT, FIXED, NOON, TODAY, Market

HELD = {"holds": Hold.PARTY}
DATES = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def end(market: Market, business_date: date) -> Expired:
    evening = datetime.combine(business_date, datetime.min.time(), UTC) + timedelta(hours=18)
    with market.database.transaction() as tx:
        return expire(tx, business_date, now=evening, actor="end of day")


def states(market: Market, business_date: date) -> dict[UUID, str]:
    with market.database.transaction() as tx:
        return {i["id"]: i["state"] for i in find_instructions(tx, business_date=business_date, now=NOON)}


def told(market: Market, id_: UUID) -> list[tuple[str, Any]]:
    with market.database.transaction() as tx:
        return [(e["kind"], e["detail"]) for e in events(tx, id_)]


def hold_checks(market: Market) -> None:
    with market.database.transaction() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(recycling).failed == 0


@given(DATES, DATES, DATES, st.sampled_from((1, 20, 60)))
def test_the_limit_decides_exactly_as_the_date_of_expiry(intended, changed, business_date, life_days):
    business_date = add_business_days(business_date, 0, "TARGET")
    by_limit = max(intended, changed) <= last_basis(business_date, life_days)
    assert by_limit == (expires_on(intended, changed, life_days) <= business_date)


@given(DATES, st.integers(-3, 3), st.sampled_from((20, 60)))
def test_the_limit_decides_exactly_at_its_edge(basis, off, life_days):
    business_date = add_business_days(expires_on(basis, basis, life_days), off, "TARGET")
    assert (basis <= last_basis(business_date, life_days)) == (off >= 0)


def test_an_unmatched_instruction_lives_twenty_business_days(market: Market):
    (sell, _) = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell)
    last_day = add_business_days(TODAY, 20, "TARGET")
    assert end(market, add_business_days(last_day, -1, "TARGET")) == Expired((), (), ())
    assert end(market, last_day) == Expired((sell.id,), (), ())
    assert states(market, last_day) == {sell.id: "cancelled"}
    assert told(market, sell.id) == [("EXPIRED", {"rule": "MMCS001", "business_date": str(last_day)})]
    assert market.rows("SELECT code, actor FROM settlement.cancelled") == [("CXLR", "end of day")]
    assert end(market, last_day) == Expired((), (), ())
    hold_checks(market)


def test_a_matched_one_lives_sixty_business_days_and_both_sides_end(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell, buy)
    last_day = add_business_days(TODAY, 60, "TARGET")
    assert end(market, add_business_days(last_day, -1, "TARGET")).matched == ()
    assert set(end(market, last_day).matched) == {sell.id, buy.id}
    assert set(states(market, last_day).values()) == {"cancelled"}
    assert market.reasons() == {}
    hold_checks(market)


def test_life_counts_from_the_later_of_intended_date_and_last_change(market: Market):
    later = add_business_days(TODAY, 5, "TARGET")
    (future, _) = market.trade(ANNA, BERT, FIXED, 10, 950, both={"intended_date": later})
    (changed, _) = market.trade(ANNA, BERT, FIXED, 20, 950)
    market.submit(future, changed)
    with market.database.transaction() as tx:
        tx.execute(
            "UPDATE settlement.unmatched SET changed_at = %(at)s::timestamptz WHERE instruction_id = %(id)s::uuid",
            at=datetime(2026, 11, 25, 22, 30, tzinfo=UTC),  # 23:30 in Frankfurt
            id=changed.id,
        )
    assert end(market, add_business_days(TODAY, 20, "TARGET")) == Expired((), (), ())
    assert end(market, add_business_days(TODAY, 21, "TARGET")) == Expired((), (), ())
    assert end(market, add_business_days(TODAY, 22, "TARGET")).unmatched == (changed.id,)
    assert end(market, add_business_days(TODAY, 25, "TARGET")).unmatched == (future.id,)


def test_a_change_after_midnight_in_frankfurt_is_one_of_the_new_day(market: Market):
    (sell, _) = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell)
    with market.database.transaction() as tx:
        tx.execute(
            "UPDATE settlement.unmatched SET changed_at = %(at)s::timestamptz",
            at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC),  # half past midnight of the 25th
        )
    assert end(market, add_business_days(TODAY, 21, "TARGET")).unmatched == ()
    assert end(market, add_business_days(TODAY, 22, "TARGET")).unmatched == (sell.id,)


def test_what_has_settled_does_not_expire_but_the_rest_of_a_part_does(market: Market):
    market.give(ANNA, 4, FIXED)
    market.give(BERT, 1000)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell, buy)
    last_day = add_business_days(TODAY, 60, "TARGET")
    assert set(end(market, last_day).matched) == {sell.id, buy.id}
    assert market.held(BERT, FIXED) == 4
    hold_checks(market)


def test_an_unanswered_request_to_cancel_is_dropped_and_the_transaction_stays(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell, buy)
    with market.database.transaction() as tx:
        assert not cancel(tx, sell.id, by=ANNA, now=market.now, actor="anna")
    last_day = add_business_days(TODAY, 20, "TARGET")
    assert end(market, add_business_days(last_day, -1, "TARGET")).requests == ()
    assert end(market, last_day).requests == (sell.id,)
    assert [kind for kind, _ in told(market, sell.id)] == ["CANCELLATION_REQUESTED", "CANCELLATION_EXPIRED"]
    with market.database.transaction() as tx:
        assert not cancel(tx, buy.id, by=BERT, now=market.now, actor="bert")  # the other half is gone


def test_a_request_that_was_granted_stays(market: Market):
    (sell, _) = market.trade(ANNA, BERT, FIXED, 10, 950)
    market.submit(sell)
    with market.database.transaction() as tx:
        assert cancel(tx, sell.id, by=ANNA, now=market.now, actor="anna")
    assert end(market, add_business_days(TODAY, 70, "TARGET")) == Expired((), (), ())
    assert market.rows("SELECT count(*) FROM settlement.cancellation_request") == [(1,)]


def flip(market: Market, business_date: date) -> int:
    with market.database.transaction() as tx:
        return turn_failing(tx, business_date, now=market.now, actor="end of day")


def test_what_is_pending_at_the_end_of_its_day_turns_failing_once(market: Market):
    tomorrow = date(2026, 11, 24)
    today = market.trade(ANNA, BERT, FIXED, 10, 950)
    later = market.trade(ANNA, BERT, FIXED, 20, 950, both={"intended_date": tomorrow})
    market.submit(*today, *later)
    assert flip(market, TODAY) == 1
    reason = {"reason": "LACK", "business_date": "2026-11-23"}
    assert [told(market, i.id) for i in today] == [[("FAILING", reason)]] * 2
    assert [told(market, i.id) for i in later] == [[], []]
    assert flip(market, TODAY) == 0
    assert flip(market, tomorrow) == 1
    assert [len(told(market, i.id)) for i in (*today, *later)] == [1, 1, 1, 1]


def test_what_has_settled_on_its_day_does_not_fail(market: Market):
    market.give(ANNA, 10, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    assert flip(market, TODAY) == 0


@pytest.mark.parametrize("action", [end, flip])
def test_the_number_of_statements_does_not_depend_on_how_many_there_are(market: Market, action):
    def statements(count: int) -> int:
        trades = [market.trade(ANNA, BERT, FIXED, n + 1, None, both=HELD) for n in range(count)]
        alone = [market.trade(ANNA, BERT, FIXED, n + 1, None)[0] for n in range(count)]
        market.submit(*[side for trade in trades for side in trade], *alone)
        with statements_counted() as calls:
            action(market, add_business_days(TODAY, 70, "TARGET"))
            return calls()

    assert statements(1) == statements(30)
