"""Each invariant of settlement is broken by raw SQL, past every guard, and `verify` sees it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.settlement import Hold, Link, LinkKind, Pool, cancel, checks, run_cycle
from counterfoil.settlement.end_of_day import run_end_of_day
from counterfoil.settlement.penalty_data import ReferencePrice, set_prices
from tests.settlement.market import ANNA, BERT, CORA, FIXED, Market, opened
from tests.settlement.test_batches import lines, row, stored, taken_in
from tests.settlement.test_end_of_day import do_all_but_the_end, evening

FAULTS = """
place: a waiting instruction is lost
    DELETE FROM settlement.unmatched
place: a matched one still waits
    INSERT INTO settlement.unmatched (instruction_id, match_key, movement, account, changed_at) SELECT id,
    match_key, movement, '', accepted_at FROM settlement.instruction WHERE id = DELIVERER
place: an instruction is matched twice
    INSERT INTO settlement.transaction SELECT NEW, receive_id, deliver_id, quantity, amount, matched_at FROM
    settlement.transaction WHERE id = PAIR
place: a transaction is lost
    DELETE FROM settlement.transaction WHERE id = PAIR
waiting: a waiting amount is changed
    UPDATE settlement.unmatched SET amount = 1
waiting: a waiting key is changed
    UPDATE settlement.unmatched SET match_key = NEW
waiting: a waiting account is changed
    UPDATE settlement.unmatched SET account = 'X'
waiting: something waits that nobody instructed
    UPDATE settlement.unmatched SET instruction_id = NEW
sides: quantities differ
    UPDATE settlement.instruction SET quantity = quantity + 1 WHERE id = DELIVERER
sides: both sides deliver
    UPDATE settlement.instruction SET movement = 'DELI'
sides: the counterparty is another
    UPDATE settlement.instruction SET counterparty_lei = 'X' WHERE id = DELIVERER
sides: amounts are further apart than allowed
    UPDATE settlement.instruction SET amount = amount + 30 WHERE id = DELIVERER
sides: the buyer's amount settles
    UPDATE settlement.transaction SET amount = amount + 1 WHERE id = PAIR
sides: more settles than was instructed
    UPDATE settlement.transaction SET quantity = quantity + 1 WHERE id = PAIR
sides: clients differ
    UPDATE settlement.instruction SET client = movement, counterparty_client = movement
whole: a settlement is lost
    DELETE FROM settlement.settled
whole: a settlement is doubled
    INSERT INTO settlement.settled SELECT transaction_id, 9, quantity, amount, 0, booking_id, settled_at FROM
    settlement.settled
whole: what is left grows
    UPDATE settlement.pending SET quantity = quantity + 1
whole: the price of what is left falls
    UPDATE settlement.pending SET amount = amount - 1
pending: another takes the units
    UPDATE settlement.pending SET to_account = OTHER(to_account)
pending: another pays
    UPDATE settlement.pending SET payer_account = OTHER(payer_account)
pending: the money goes to another
    UPDATE settlement.pending SET payee_account = payer_account
pending: the day is moved
    UPDATE settlement.pending SET intended_date = intended_date + 1
pending: the time of matching is rewritten
    UPDATE settlement.pending SET matched_at = matched_at + interval '1 s'
pending: a part is counted twice
    UPDATE settlement.pending SET part_no = 3 WHERE transaction_id = HALF
reasons: the reason is another's
    UPDATE settlement.pending SET reason = 'LACK' WHERE reason = 'PREA'
reasons: the account is unknown
    UPDATE settlement.pending SET blocked = blocked || '{"account": "NOBODY"}' WHERE reason = 'LACK'
reasons: the account is a stranger's
    UPDATE settlement.pending AS p SET blocked = blocked || jsonb_build_object('account', (SELECT number FROM
    ledger.account WHERE id NOT IN (p.from_account, p.to_account) LIMIT 1)) WHERE reason = 'LACK' AND NOT linked
reasons: nothing is lacking
    UPDATE settlement.pending SET blocked = blocked || '{"needed": "0"}' WHERE reason = 'LACK'
parts: a part is missing
    UPDATE settlement.settled SET part_no = part_no + 1
parts: a part leaves too much
    UPDATE settlement.settled SET remaining = remaining + 1
parts: what is left is forgotten
    DELETE FROM settlement.pending WHERE transaction_id = HALF
stamps: matched before accepted
    UPDATE settlement.instruction SET accepted_at = accepted_at + interval '1 h' WHERE id = DELIVERER
stamps: settled before matched
    UPDATE settlement.settled SET settled_at = settled_at - interval '1 s'
cancelled: one side alone
    INSERT INTO settlement.cancelled VALUES (DELIVERER, 'CANI', now(), 'x')
cancelled: it still waits
    INSERT INTO settlement.cancelled SELECT instruction_id, 'CANI', now(), 'x' FROM settlement.unmatched
cancelled: it is still pending
    INSERT INTO settlement.cancelled SELECT i, 'CANI', now(), 'x' FROM settlement.pending AS p JOIN
    settlement.transaction AS t ON t.id = p.transaction_id, unnest(ARRAY[deliver_id, receive_id]) AS u (i)
links: settled before what it comes after
    INSERT INTO settlement.link SELECT d.id, 'AFTE', d.party_lei, w.reference FROM settlement.instruction AS d,
    settlement.instruction AS w WHERE d.id = DELIVERER AND w.reference = 'WAITS'
links: settled without its other half
    INSERT INTO settlement.link SELECT id, 'WITH', party_lei, 'NOBODY' FROM settlement.instruction WHERE id =
    DELIVERER
links: a link is another party's
    UPDATE settlement.link SET party_lei = 'X'
links: a link is to itself
    UPDATE settlement.link AS l SET reference = i.reference FROM settlement.instruction AS i WHERE i.id =
    l.instruction_id
pools: settled without the others
    INSERT INTO settlement.pool_member SELECT id, party_lei, 'Q', 2 FROM settlement.instruction WHERE id =
    DELIVERER
pools: a pool is another party's
    UPDATE settlement.pool_member SET party_lei = 'X'
booked: settled without a booking
    UPDATE settlement.settled SET booking_id = NEW
booked: booked without a settlement
    DELETE FROM settlement.settled WHERE transaction_id = PAIR
moved: another sum is booked
    UPDATE ledger.posting SET amount = amount * 2
moved: one leg is missing
    DELETE FROM ledger.posting WHERE leg = 3
moved: the units went elsewhere
    UPDATE ledger.posting SET account_id = OTHER(account_id) WHERE leg = 1
moved: settled twice by one booking
    INSERT INTO settlement.settled SELECT transaction_id, 9, quantity, amount, 0, booking_id, settled_at FROM
    settlement.settled
moved: a delivery of a set is of another sum
    UPDATE ledger.delivery SET amount = amount * 2
moved: a delivery of a set is missing
    DELETE FROM ledger.delivery
moved: the units of a set went elsewhere
    UPDATE ledger.delivery SET to_account = OTHER(to_account)
moved: booked on another sub-balance
    UPDATE ledger.posting SET sub_balance = 'pledged'
files: a result is lost
    DELETE FROM settlement.batch_outcome WHERE position = 1
files: a result names an instruction that is not there
    UPDATE settlement.batch_outcome SET instruction_id = NEW WHERE instruction_id IS NOT NULL
files: a row is lost
    DELETE FROM settlement.batch_item WHERE position = 2
files: more is said to be rejected
    UPDATE settlement.batch SET rejected = rejected + 1
cycles: one more is said to have settled
    UPDATE settlement.cycle SET settled = settled + 1, considered = 99
cycles: more settled than there was
    UPDATE settlement.cycle SET considered = 0
cycles: more than the proven bound
    UPDATE settlement.cycle SET chosen_value = bound + 1
cycles: a cycle is lost and another found
    UPDATE settlement.cycle SET id = NEW WHERE settled > 0
days: an event was never done
    UPDATE settlement.day_event SET done_at = NULL WHERE name = 'partial_3'
days: an event was done before the one before it
    UPDATE settlement.day_event SET done_at = at WHERE name = 'end_of_day'
days: a day has ended without its figures
    DELETE FROM settlement.end_of_day
days: a day has ended without its report
    DELETE FROM settlement.integrity_report
days: a day that has ended is open again
    UPDATE settlement.day SET state = 'open', closed_at = NULL
closings: a closing balance is changed
    UPDATE settlement.closing_balance SET quantity = quantity + 1 WHERE quantity > 0
closings: a closing balance is lost
    DELETE FROM settlement.closing_balance WHERE asset = 'EUR' AND quantity > 0
closings: a balance moves behind the report
    UPDATE ledger.position SET quantity = quantity + 1 WHERE asset = 'EUR'
penalties: an amount is changed
    UPDATE settlement.penalty SET amount = amount + 1
penalties: a stranger pays
    UPDATE settlement.penalty SET debtor_lei = 'X'
penalties: a day before the intended one is charged
    UPDATE settlement.penalty SET business_date = business_date - 1
penalties: a penalty is lost
    DELETE FROM settlement.penalty
penalties: a fail is told twice
    INSERT INTO settlement.event SELECT gen_random_uuid(), instruction_id, kind, detail, at, actor FROM
    settlement.event WHERE kind = 'FAILING'
"""
WORDS = {
    "DELIVERER": "(SELECT deliver_id FROM settlement.transaction WHERE id = PAIR)",
    "PAIR": "(SELECT id FROM settlement.transaction ORDER BY id LIMIT 1)",
    "HALF": "(SELECT transaction_id FROM settlement.settled WHERE remaining > 0)",
    "NEW": f"'{new_id()}'",
}
UNIQUE = (
    "ALTER TABLE settlement.transaction DROP CONSTRAINT delivered_once, DROP CONSTRAINT received_once",
    "ALTER TABLE settlement.link DROP CONSTRAINT link_pkey",
    "ALTER TABLE settlement.unmatched DROP CONSTRAINT unmatched_pkey",
)


def planted() -> dict[str, str]:
    """The faults of the table: what is to be seen, and the SQL that makes it."""
    found: dict[str, str] = {}
    for line in FAULTS.strip().splitlines():
        if line.startswith(" "):
            fault = next(reversed(found))
            found[fault] += f" {line.strip()}"
        else:
            found[line] = ""
    for fault, statement in found.items():
        text = re.sub(r"OTHER\((\w+)\)", r"(SELECT id FROM ledger.account WHERE id <> \1 LIMIT 1)", statement)
        for word, meaning in WORDS.items():
            text = text.replace(word, meaning)
        found[fault] = text
    return found


PLANTED = planted()


@pytest.fixture(scope="module")
def busy(shared_database: Database) -> Market:
    """A market in which something is in every state."""
    market = opened(shared_database)
    market.give(ANNA, 30, FIXED)
    market.give(BERT, 500)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, 100, sell_client="C", buy_counterparty_client="C"))
    market.submit(*market.trade(ANNA, BERT, FIXED, 5, 50), at_once=False)
    with market.database.transaction() as tx:
        run_cycle(tx, now=market.now, business_date=market.today, actor="test")
    market.submit(*market.trade(ANNA, BERT, FIXED, 20, 200))
    market.submit(*market.trade(ANNA, CORA, FIXED, 1, None, sell_holds=Hold.PARTY, sell_reference="WAITS"))
    after = (Link(LinkKind.AFTER, "WAITS"),)
    market.submit(*market.trade(ANNA, CORA, FIXED, 1, None, sell_links=after, buy_pool=Pool("P", 2)))
    market.submit(*market.trade(CORA, BERT, FIXED, 1, 5))
    market.submit(market.side("DELI", BERT, CORA, FIXED, 3, 30))
    gone = market.trade(ANNA, BERT, FIXED, 7, 70)
    market.submit(*gone, at_once=False)
    with market.database.transaction() as tx:
        cancel(tx, gone[0].id, by=None, now=market.now, actor="test")
        set_prices(tx, [ReferencePrice(FIXED, market.today, Decimal(500), "EUR")])
        do_all_but_the_end(tx, market.today)
        run_end_of_day(tx, market.today, now=evening(market.today), actor="test")
    stored(market, lines(row(market, "DELI", "ROW1"), {"reference": "ROW2"}))
    taken_in(market)
    return market


def failing(market: Market, *statements: str) -> set[str]:
    """What `verify` finds after the statements; nothing of them stays."""

    class Undone(Exception):
        pass

    found: set[str] = set()
    try:
        with market.database.transaction() as tx:
            tx.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                tx.execute(statement)
            found = {c.name.removeprefix("settlement.") for c in checks(tx) if not c.holds}
            raise Undone
    except Undone:
        return found


def test_a_sound_market_passes_and_every_check_has_something_to_look_at(busy: Market):
    assert failing(busy) == set()
    with busy.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.count] == []


def test_every_check_is_broken_below(busy: Market):
    with busy.database.snapshot() as tx:
        assert {c.name.removeprefix("settlement.") for c in checks(tx)} == {
            fault.partition(":")[0] for fault in PLANTED
        }


@pytest.mark.parametrize("fault", PLANTED)
def test_verify_sees(busy: Market, fault: str):
    assert fault.partition(":")[0] in failing(busy, *UNIQUE, PLANTED[fault])


@pytest.mark.parametrize("at_once", [True, False])
def test_stamps_are_in_order_though_a_later_turn_looked_at_its_clock_earlier(market: Market, at_once: bool):
    market.give(ANNA, 5, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 10, None)
    market.submit(sell)
    market.now -= timedelta(seconds=1)
    market.submit(buy, at_once=at_once)
    market.now -= timedelta(seconds=1)
    market.give(ANNA, 5, FIXED)
    with market.database.transaction() as tx:
        run_cycle(tx, now=market.now, business_date=market.today, actor="test")
    assert market.held(BERT, FIXED) == 10
    assert failing(market) == set()
