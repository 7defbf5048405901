"""Whatever becomes of an instruction whose party is told by messages is announced; of others nothing is."""

from datetime import date, timedelta

from counterfoil.core.outbox import take
from counterfoil.parties import enter_correspondents
from counterfoil.settlement import (
    DAY_ENDED,
    INSTRUCTION,
    TRANSACTION,
    Change,
    Hold,
    cancel,
    change,
    find_instructions,
    mismatches,
    run_cycle,
    seen_by,
    settled_parts,
    sides,
    standings,
)
from counterfoil.settlement.recycling import expire, turn_failing
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, Market, own


def announced(market: Market) -> set[str]:
    """What is announced, by references of instructions and of both sides of transactions."""
    with market.database.transaction() as tx:
        found = take(tx, [INSTRUCTION, TRANSACTION, DAY_ENDED], limit=1000)
    names = {str(i.id): i.reference for i in market.submitted}
    told = set()
    with market.database.transaction() as tx:
        for topic, subject in found:
            ids = sides(tx, [subject]) if topic == TRANSACTION else [subject]
            told |= {names.get(str(id_), str(id_)) for id_ in ids}
    return told


def corresponding(market: Market, *leis: str) -> None:
    with market.database.transaction() as tx:
        enter_correspondents(tx, dict.fromkeys(leis), now=market.now, actor="test")


def test_nothing_is_announced_of_parties_that_are_not_told_by_messages(market: Market):
    corresponding(market, CORA)
    market.give(ANNA, 10, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell, buy)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    market.submit(market.trade(BERT, ANNA, FIXED, 10, 5)[0])
    assert announced(market) == set()


def test_the_whole_life_of_an_advised_instruction_is_announced(market: Market):
    corresponding(market, BERT)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell)
    assert announced(market) == {sell.reference}
    market.submit(buy)
    assert announced(market) == {sell.reference, buy.reference}
    with market.database.transaction() as tx:
        hold = Change(hold=Hold.PARTY, by=ANNA)
        change(tx, sell.id, hold, now=market.now, business_date=market.today, actor="test")
    assert announced(market) == {sell.reference, buy.reference}
    with market.database.transaction() as tx:
        cancel(tx, sell.id, by=ANNA, now=market.now, actor="test")
    assert announced(market) == {sell.reference, buy.reference}
    with market.database.transaction() as tx:
        cancel(tx, buy.id, by=BERT, now=market.now, actor="test")
    assert announced(market) == {sell.reference, buy.reference}


def test_what_a_cycle_settles_is_announced(market: Market):
    corresponding(market, BERT)
    market.give(ANNA, 20, FIXED)
    told = market.trade(ANNA, BERT, FIXED, 10, None)
    silent = market.trade(ANNA, CORA, FIXED, 10, None)
    market.submit(*told, *silent, at_once=False)
    announced(market)
    with market.database.transaction() as tx:
        assert run_cycle(tx, now=market.now, business_date=market.today, actor="test").settled == 2
    assert announced(market) == {i.reference for i in told}


def test_a_standing_says_all_that_a_status_message_needs(market: Market):
    market.give(ANNA, 4, FIXED)
    market.give(BERT, 100)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, 100)
    market.submit(sell, buy)
    with market.database.transaction() as tx:
        found = standings(tx, [sell.id, buy.id])
        settled = settled_parts(tx, [found[sell.id].transaction])
    assert found[sell.id].instruction == sell
    assert found[buy.id].counterpart == sell.id
    assert (found[sell.id].left, found[sell.id].left_amount) == (6, 60)
    (part,) = settled[found[sell.id].transaction]
    assert (part.quantity, part.amount, part.remaining) == (4, 40, 6)


def test_the_nearest_candidates_are_found_for_many_at_once(market: Market):
    corresponding(market, ANNA)
    sell = market.side("DELI", ANNA, BERT, FIXED, 10, 100)
    buy = market.side("RECE", BERT, ANNA, FIXED, 11, 100)
    alone = market.side("DELI", ANNA, BERT, NOTES, 5000, None)
    wrong = market.side("DELI", ANNA, BERT, NOTES, 7000, None)
    meant = market.side("RECE", CORA, ANNA, NOTES, 7000, None)
    market.submit(sell, buy, alone, wrong, meant)
    with market.database.transaction() as tx:
        found = mismatches(tx, [sell.id, buy.id, alone.id, wrong.id])
    assert {i.reference: found[i.id].codes for i in (sell, buy, alone, wrong)} == {
        sell.reference: ("DQUA",), buy.reference: ("DQUA",), alone.reference: ("CMIS",), wrong.reference: ("ICAG",),
    }  # fmt: skip
    assert found[sell.id].nearest == buy.id


def test_a_party_learns_nothing_of_the_counterpartys_account(market: Market):
    market.give(ANNA, 4, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, 100, both={"trade_date": date(2026, 11, 20)})
    market.submit(sell, buy)
    with market.database.transaction() as tx:
        found = {
            s["id"]: s["waits_for"] for s in find_instructions(tx, business_date=market.today, now=market.now)
        }
    assert found[sell.id]["code"] == "LACK"
    assert (found[sell.id]["account"], str(found[sell.id]["held"])) == (own(ANNA), "4")
    assert {name: value for name, value in found[buy.id].items() if name != "also"} == {
        "code": "CLAC", "detail": "The counterparty lacks securities.", "asset": FIXED,
        "remedy": "The counterparty brings them.", "who": [ANNA],
    }  # fmt: skip


def test_what_is_said_of_the_others_blocked_account_names_no_account():
    reason = {
        "code": "BLOC", "detail": "A-1 is blocked.", "remedy": "Have it unblocked.", "who": ["CSD"], "account": "A-1",
    }  # fmt: skip
    assert "A-1" in seen_by(ANNA, ["A-1"], reason)["detail"]
    assert "A-1" not in str(seen_by(BERT, ["B-1"], reason))


def test_the_end_of_life_is_announced(market: Market):
    corresponding(market, BERT)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    lonely = market.side("RECE", BERT, ANNA, FIXED, 3, None)
    market.submit(sell, buy, lonely)
    announced(market)
    with market.database.transaction() as tx:
        assert turn_failing(tx, market.today, now=market.now, actor="test") == 1
    assert announced(market) == {sell.reference, buy.reference}
    with market.database.transaction() as tx:
        expire(tx, market.today + timedelta(days=120), now=market.now, actor="test")
    assert announced(market) == {sell.reference, buy.reference, lonely.reference}
