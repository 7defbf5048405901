"""Many cancellations at once end as they would one by one."""

from uuid import UUID

import pytest

from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_id
from counterfoil.settlement import cancel, cancel_all, checks, events
from tests.settlement.market import ANNA, BERT, FIXED, Market


def asked(market: Market, *requests: tuple[UUID, str | None]) -> list[str]:
    """The outcome of each, in a word or its code."""
    with market.database.transaction() as tx:
        outcomes = cancel_all(tx, requests, now=market.now, actor="test")
    return [o.code if isinstance(o, Refusal) else "cancelled" if o else "waits" for o in outcomes]


def test_each_request_has_its_own_outcome_in_order(market: Market):
    market.give(ANNA, 1, FIXED)
    settled, bought = market.trade(ANNA, BERT, FIXED, 1, None)
    alone = market.side("DELI", ANNA, BERT, FIXED, 3, None)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    other, another = market.trade(ANNA, BERT, FIXED, 20, None)
    market.submit(settled, bought, alone, sell, buy, other, another)
    wanted = (
        (settled.id, ANNA, "SET-019"), (alone.id, ANNA, "cancelled"), (alone.id, ANNA, "SET-020"),
        (sell.id, ANNA, "waits"), (sell.id, ANNA, "waits"), (buy.id, ANNA, "SET-018"), (buy.id, BERT, "cancelled"),
        (sell.id, ANNA, "SET-020"), (other.id, None, "cancelled"), (new_id(), ANNA, "SET-018"),
    )  # fmt: skip
    assert asked(market, *(w[:2] for w in wanted)) == [w[2] for w in wanted]
    assert market.rows("SELECT code, count(*) FROM settlement.cancelled GROUP BY 1 ORDER BY 1") == [
        ("CANI", 3), ("CANS", 2),
    ]  # fmt: skip
    with market.database.transaction() as tx:
        assert all(check.holds for check in checks(tx))


@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_the_answer_may_come_in_a_later_batch(market: Market, sides: tuple[int, int]):
    trade = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(*trade)
    first, second = (trade[n] for n in sides)
    assert asked(market, (first.id, first.party_lei)) == ["waits"]
    assert asked(market, (first.id, first.party_lei), (second.id, second.party_lei)) == ["waits", "cancelled"]
    assert asked(market, (first.id, first.party_lei)) == ["SET-020"]


def test_none_asks_nothing(market: Market):
    assert asked(market) == []


def test_the_reason_is_kept_with_what_it_led_to(market: Market):
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell, buy)
    with market.database.transaction() as tx:
        assert not cancel(tx, sell.id, by=ANNA, now=market.now, actor="anna", reason="mistaken")
        assert cancel(tx, buy.id, by=BERT, now=market.now, actor="bert", reason="agreed")
        told = [
            [(e["kind"], e["detail"].get("reason"), e["actor"]) for e in events(tx, i.id)]
            for i in (sell, buy)
        ]
    assert told == [[("CANCELLATION_REQUESTED", "mistaken", "anna")], [("CANCELLED", "agreed", "bert")]]
