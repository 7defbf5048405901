"""What an account cannot take waits for it in suspense, and nobody else waits for that account."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.ledger import AccountKind, Step, open_accounts
from counterfoil.servicing import (
    SUSPENSE,
    Blocked,
    Paid,
    correct,
    declare,
    release_elsewhere,
    release_unblocked,
    request_release,
    suspended,
)
from tests.ledger.books import statements_counted
from tests.servicing.house import ANNA, BERT, CORA, House, at_once, open_house, own
from tests.servicing.test_paying import SAP

EUR = Decimal


def release(house: House) -> int:
    with house.database.transaction() as tx:
        return release_unblocked(tx, now=house.now, actor="test")


def owed(house: House, **of: object) -> list[tuple[str, str, Decimal]]:
    with house.database.transaction() as tx:
        return [(s["account"], s["asset"], s["amount"]) for s in suspended(tx, **of)]


def corrected(house: House, event, reason: str):
    with house.database.transaction() as tx:
        return correct(tx, event, reason, now=house.now, actor="test")


def test_a_blocked_holder_delays_nobody_and_is_paid_when_the_block_ends(house: House, bond: str):
    house.fund(10_000)
    coupon = house.event(bond, "coupon")["id"]
    house.block(own(BERT))
    (paid,) = house.service(coupon)
    assert isinstance(paid, Paid)
    assert (house.held(own(ANNA)), house.held(own(BERT)), house.held(SUSPENSE)) == (2875, 0, EUR("86.25"))
    assert owed(house) == owed(house, owner=BERT) == [(own(BERT), "EUR", EUR("86.25"))]
    assert owed(house, owner=ANNA) == []
    assert release(house) == 0
    assert house.violations() == []
    house.unblock(own(BERT))
    assert release(house) == 1
    assert (house.held(own(BERT)), house.held(SUSPENSE)) == (EUR("86.25"), 0)
    assert (owed(house), release(house)) == ([], 0)
    assert house.violations() == []


def test_a_block_of_debits_alone_lets_a_coupon_in(house: House, bond: str):
    house.fund(10_000)
    house.block(own(BERT), credit=False)
    house.service(house.event(bond, "coupon")["id"])
    assert (house.held(own(BERT)), owed(house)) == (EUR("86.25"), [])


def test_what_is_redeemed_while_pledged_comes_back_pledged(house: House):
    isin = house.issue("commercial_paper")
    house.give(BERT, isin, 300_000)
    house.pledge(BERT, isin, 100_000)
    house.lay_out()
    house.at("2027-03-01T12:00:00")
    house.fund(300_000)
    house.block(own(BERT), debit=False)
    assert isinstance(house.service(house.event(isin, "redemption")["id"])[0], Paid)
    assert (house.state(isin), house.held(SUSPENSE)) == ("redeemed", 300_000)
    house.unblock(own(BERT), debit=False)
    release(house)
    found = house.rows(
        "SELECT sub_balance, quantity FROM ledger.v_position"
        " WHERE account = %(a)s::text AND asset = 'EUR' ORDER BY 1",
        a=own(BERT),
    )
    assert found == [("available", 200_000), ("pledged", 100_000)]
    assert house.violations() == []


def test_shares_wait_with_the_cash_for_their_fraction(house: House):
    isin = house.issue("1220", coupons={"rate_percent": "7.25", "frequency": 1, "day_count": "30E/360"})
    house.give(ANNA, isin, 10_000)
    house.give(BERT, isin, 10_000)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    house.price("2027-12-17", 120)
    house.fund(1_600)
    house.take_in(SAP, 120)
    house.block(own(BERT), debit=False)
    assert isinstance(house.service(house.event(isin, "redemption")["id"])[0], Paid)
    assert owed(house) == [(own(BERT), SAP, 60), (own(BERT), "EUR", 800)]
    assert house.violations() == []
    house.unblock(own(BERT), debit=False)
    release(house)
    assert (house.held(own(BERT), SAP), house.held(own(BERT))) == (60, 800)
    assert house.violations() == []


def test_a_closed_account_is_paid_on_another_of_its_owner(house: House, bond: str):
    house.fund(10_000)
    coupon = house.event(bond, "coupon")["id"]
    house.pass_on(ANNA, CORA, bond, 100_000)  # after the record date
    house.block(own(ANNA), Step.CLOSE)
    assert isinstance(house.service(coupon)[0], Paid)
    with house.database.transaction() as tx:
        open_accounts(tx, [("ANNA-2", AccountKind.CLIENT_OMNIBUS, ANNA)], house.now)

    def into(number: str, account: str = own(ANNA)) -> None:
        with house.database.transaction() as tx:
            asked = request_release(tx, coupon, account, number, "closed", now=house.now, actor="test")
            release_elsewhere(tx, asked, now=house.now, actor="another")

    for number, account, code in (
        (own(CORA), own(ANNA), "SRV-061"),
        ("NOBODY", own(ANNA), "SRV-061"),
        (own(ANNA), own(ANNA), "SRV-061"),
        ("ANNA-2", own(BERT), "SRV-060"),
        ("ANNA-2", "NOBODY", "SRV-060"),
    ):
        with pytest.raises(Refused) as refused:
            into(number, account)
        assert refused.value.refusals[0].code == code
    into("ANNA-2")
    assert (house.held("ANNA-2"), owed(house)) == (2875, [])
    with pytest.raises(Refused):
        into("ANNA-2")
    assert house.violations() == []


def test_what_a_blocked_account_is_owed_goes_nowhere_else(house: House, bond: str):
    house.fund(10_000)
    coupon = house.event(bond, "coupon")["id"]
    house.block(own(BERT))
    house.service(coupon)
    with house.database.transaction() as tx:
        open_accounts(tx, [("BERT-2", AccountKind.CLIENT_OMNIBUS, BERT)], house.now)
    with pytest.raises(Refused) as refused, house.database.transaction() as tx:
        request_release(tx, coupon, own(BERT), "BERT-2", "to be quick", now=house.now, actor="test")
    assert refused.value.refusals[0].code == "SRV-061"


def test_a_correction_waits_for_an_account_that_was_paid_itself_and_is_blocked_now(house: House):
    isin = house.issue("1200")
    house.give(BERT, isin, 10)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    redemption = house.event(isin, "redemption")["id"]
    house.price("2027-12-17", 150)
    house.fund(20_000)
    house.service(redemption)
    house.block(own(BERT))
    house.price("2027-12-17", 152, reason="the auction was prolonged")
    assert corrected(house, redemption, "corrected") == Blocked(redemption, (own(BERT),))
    house.unblock(own(BERT))
    assert isinstance(corrected(house, redemption, "corrected"), Paid)
    assert house.violations() == []


def test_the_database_releases_once(house: House, bond: str):
    house.fund(10_000)
    house.block(own(BERT))
    house.service(house.event(bond, "coupon")["id"])
    house.unblock(own(BERT))
    release(house)
    with pytest.raises(Conflict), house.database.transaction() as tx:
        tx.execute(
            "INSERT INTO servicing.release SELECT event_id, account_id, payment_no, into_account, gen_random_uuid(),"
            " released_at, released_by, reason FROM servicing.release"
        )


def test_two_who_release_at_once_release_once(house: House, bond: str):
    house.fund(10_000)
    house.block(own(BERT))
    house.service(house.event(bond, "coupon")["id"])
    house.unblock(own(BERT))
    at_once(lambda: release(house), lambda: release(house))
    release(house)
    assert (house.held(own(BERT)), house.held(SUSPENSE)) == (EUR("86.25"), 0)
    assert house.violations() == []


def test_a_release_and_a_correction_at_once_pay_what_is_due_in_the_end(house: House):
    isin = house.issue("1299", maturity_date="2027-12-23", final_valuation_date="2027-12-17")
    house.give(BERT, isin, 10)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    house.fund(1_000)
    redemption = house.event(isin, "redemption")["id"]
    _say(house, redemption, 40)
    house.block(own(BERT), debit=False)
    house.service(redemption)
    house.unblock(own(BERT), debit=False)
    _say(house, redemption, 50)
    told = at_once(lambda: release(house), lambda: corrected(house, redemption, "the agent says so"))
    if "Conflict" in told:
        corrected(house, redemption, "again")
    release(house)
    assert (house.held(own(BERT)), house.held(SUSPENSE)) == (500, 0)
    assert house.violations() == []


def test_the_number_of_statements_does_not_depend_on_how_many_are_blocked(house: House, bond: str):
    house.fund(20_000)

    def statements(coupon, *blocked: str) -> tuple[int, int]:
        house.decide(coupon)
        house.record(coupon)
        for lei in blocked:
            house.block(own(lei))
        with statements_counted() as calls:
            house.pay(coupon)
            paid = calls()
        for lei in blocked:
            house.unblock(own(lei))
        with statements_counted() as calls:
            assert release(house) == len(blocked)
            return paid, calls()

    first, second, third = (house.event(bond, "coupon", n)["id"] for n in range(3))
    statements(first, ANNA)  # opens what money stands in
    house.at("2029-12-03T12:00:00")
    assert statements(second, ANNA) == statements(third, ANNA, BERT)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM servicing.release",
        "UPDATE servicing.suspended SET amount = amount + 1",
        "DELETE FROM servicing.suspended",
    ],
)
def test_the_checks_find_what_suspense_does_not_hold_or_owe(house: House, bond: str, statement: str):
    house.fund(10_000)
    house.block(own(BERT))
    house.service(house.event(bond, "coupon")["id"])
    if "release" in statement:
        house.unblock(own(BERT))
        release(house)
    with house.database.transaction() as tx:
        for table in ("release", "suspended"):
            tx.execute(f"ALTER TABLE servicing.{table} DISABLE TRIGGER USER")
        tx.execute(statement)
    assert any(found.startswith("servicing.suspense") for found in house.violations())


@pytest.fixture(scope="module")
def lasting(shared_database: Database) -> House:
    return open_house(shared_database)


_HOLDERS = (ANNA, BERT, CORA)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("toggle"), st.sampled_from(_HOLDERS)),
        st.tuples(st.just("correct"), st.integers(1, 40)),
        st.tuples(st.just("release"), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=15)
@given(blocked=st.sets(st.sampled_from(_HOLDERS)), steps=_STEPS)
def test_whatever_is_blocked_released_and_corrected_each_ends_with_its_due(lasting: House, blocked, steps):
    """A model of three lines: an amount, who is blocked, and whose part stands in suspense."""
    house, units = lasting, dict(zip(_HOLDERS, (7, 20, 31), strict=True))
    house.clock.advance(datetime(2027, 12, 23, 12, tzinfo=UTC) - house.now)
    isin = house.issue("1299", maturity_date="2027-12-23", final_valuation_date="2027-12-17")
    for holder in _HOLDERS:
        house.give(holder, isin, units[holder])
    house.lay_out()
    house.fund(58 * 40)
    before = {holder: house.held(own(holder)) for holder in _HOLDERS}
    redemption = house.event(isin, "redemption")["id"]
    amount, waiting, blocked = 10, set(blocked), set(blocked)
    _say(house, redemption, amount)
    for holder in blocked:
        house.block(own(holder), debit=False)
    assert isinstance(house.service(redemption)[0], Paid)
    for step, what in [*steps, *(("toggle", holder) for holder in _HOLDERS), ("release", None)]:
        if step == "toggle":
            (house.unblock if what in blocked else house.block)(own(what), debit=False)
            blocked ^= {what}
        elif step == "correct" and what != amount:
            _say(house, redemption, what)
            outcome = corrected(house, redemption, "the agent says so")
            assert isinstance(outcome, Blocked if blocked - waiting else Paid)
            amount = what if isinstance(outcome, Paid) else amount
        elif step == "release":
            assert release(house) == len(waiting - blocked)
            waiting &= blocked
        for holder in _HOLDERS:
            due = amount * units[holder]
            assert house.held(own(holder)) - before[holder] == (0 if holder in waiting else due)
        assert {number for number, *_ in owed(house)} == {own(holder) for holder in waiting}
    for holder in blocked:
        house.unblock(own(holder), debit=False)
    release(house)
    assert house.violations() == []


def _say(house: House, event, amount: int) -> None:
    with house.database.transaction() as tx:
        declare(tx, event, Decimal(amount), now=house.now, actor="agent")
