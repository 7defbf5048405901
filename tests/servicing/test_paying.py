"""Everybody who held at the record moment is paid what is due, once, in one booking run; units come back with it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database
from counterfoil.core.ids import new_id
from counterfoil.core.money import Rounding, round_to
from counterfoil.ledger import (
    accounts_by_number,
    book_staged,
    stage,
)
from counterfoil.register import issuer_account
from counterfoil.servicing import (
    TAX,
    Blocked,
    Paid,
    Spent,
    Unchanged,
    Uncovered,
    Unfunded,
    correct,
    entitlements,
    pay,
    set_withholding,
)
from tests.servicing.house import ANNA, BERT, CORA, ISSUER, House, open_house, own

SAP = "DE0007164600"
PAYER = issuer_account(ISSUER)
EUR = Decimal


def test_a_coupon_pays_every_holder_and_no_one_twice(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    house.fund(10_000)
    (paid,) = house.service(coupon)
    assert isinstance(paid, Paid)
    assert (house.held(own(ANNA)), house.held(own(BERT)), house.held(own(CORA))) == (2875, EUR("86.25"), 0)
    assert house.held(PAYER) == 10_000 - EUR("2961.25")
    assert (paid.record.holders, paid.record.units, paid.record.own_units) == (2, 103_000, 4_897_000)
    (again,) = house.pay(coupon)
    assert again == paid
    assert house.held(own(ANNA)) == 2875
    assert house.event(bond, "coupon")["state"] == "paid"
    assert house.violations() == []


def test_who_holds_at_the_record_moment_is_paid(house: House, bond: str):
    house.pass_on(ANNA, CORA, bond, 100_000)  # on the payment date, after the close of the record date
    house.fund(10_000)
    house.service(house.event(bond, "coupon")["id"])
    assert (house.held(own(ANNA)), house.held(own(CORA))) == (2875, 0)


def test_units_that_were_delivered_in_a_set_are_recorded_with_the_others(house: House, bond: str):
    house.clock.advance(-(house.now - datetime(2027, 11, 29, 12, tzinfo=UTC)))
    with house.database.transaction() as tx:
        known = accounts_by_number(tx, [own(ANNA), own(CORA)])
        stage(
            tx,
            "SELECT %(id)s::uuid, %(isin)s::text, 40000::numeric, %(giver)s::uuid, %(taker)s::uuid, NULL::text,"
            " NULL::numeric, NULL::uuid, NULL::uuid",
            id=new_id(), isin=bond, giver=known[own(ANNA)].id, taker=known[own(CORA)].id,
        )  # fmt: skip
        book_staged(tx, batch=new_id(), kind="set", booked_at=house.now, actor="test")
    house.at("2027-12-01T12:00:00")
    house.fund(10_000)
    house.service(house.event(bond, "coupon")["id"])
    assert (house.held(own(ANNA)), house.held(own(CORA))) == (1725, 1150)
    assert house.violations() == []


def test_without_funds_nobody_is_paid_and_who_pays_how_much_is_said(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    house.fund("2961.24")
    (unfunded,) = house.service(coupon)
    assert unfunded == Unfunded(coupon, PAYER, "EUR", EUR("2961.24"), EUR("2961.25"))
    assert house.held(own(ANNA)) == 0
    house.fund("0.01")
    (paid,) = house.pay(coupon)
    assert isinstance(paid, Paid)
    assert house.held(PAYER) == 0
    assert house.violations() == []


def test_of_several_events_those_named_first_are_paid_as_far_as_funds_go(house: House):
    isins = house.issue_many([house.terms("commercial_paper")] * 3)
    for isin in isins:
        house.give(ANNA, isin, 100_000)
    house.lay_out()
    house.at("2027-03-01T12:00:00")
    house.fund(250_000)
    ids = [house.event(isin, "redemption")["id"] for isin in isins]
    told = house.service(*ids)
    assert [type(t) for t in told] == [Paid, Paid, Unfunded]
    assert told[2].held == 50_000
    assert [house.state(isin) for isin in isins] == ["redeemed", "redeemed", "active"]
    assert house.violations() == []


def test_a_redemption_takes_the_units_back_and_the_register_has_nothing_left(house: House):
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 10_000_000)
    house.give(BERT, isin, 200_000)
    house.pledge(BERT, isin, 100_000)
    house.lay_out()
    house.at("2027-03-01T12:00:00")
    house.fund(11_000_000)
    (paid,) = house.service(house.event(isin, "redemption")["id"])
    assert isinstance(paid, Paid)
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (10_000_000, 200_000)
    assert {house.held(number, isin) for number in (own(ANNA), own(BERT), PAYER, "CSD-CONTROL")} == {0}
    assert house.state(isin) == "redeemed"
    pledged = house.rows(
        "SELECT sub_balance, quantity FROM ledger.v_position WHERE account = %(n)s AND asset = 'EUR' ORDER BY 1",
        n=own(BERT),
    )
    assert pledged == [("available", 100_000), ("pledged", 100_000)], (
        "what was pledged stays pledged, as money"
    )
    assert house.violations() == []


def test_a_redemption_pays_who_holds_the_units_now(house: House):
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 300_000)
    house.lay_out()
    house.at("2027-02-26T18:00:00")
    redemption = house.event(isin, "redemption")["id"]
    house.decide(redemption)
    house.record(redemption)
    house.pass_on(ANNA, CORA, isin, 100_000)
    house.at("2027-03-01T12:00:00")
    house.fund(300_000)
    (paid,) = house.pay(redemption)
    assert isinstance(paid, Paid)
    assert paid.record.no == 2
    assert (house.held(own(ANNA)), house.held(own(CORA))) == (200_000, 100_000)
    assert house.violations() == []


def test_shares_are_delivered_with_cash_for_fractions_in_one_booking(house: House):
    isin = house.issue("1220", coupons={"rate_percent": "7.25", "frequency": 1, "day_count": "30E/360"})
    house.give(ANNA, isin, 10_000)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    house.price("2027-12-17", 120)
    redemption = house.event(isin, "redemption")["id"]
    house.fund(800)
    (unfunded,) = house.service(redemption)
    assert unfunded == Unfunded(redemption, PAYER, SAP, EUR(0), EUR(60))
    house.take_in(SAP, 60)
    (paid,) = house.pay(redemption)
    assert isinstance(paid, Paid)
    assert (house.held(own(ANNA), SAP), house.held(own(ANNA)), house.held(own(ANNA), isin)) == (60, 800, 0)
    assert house.violations() == []


def test_tax_is_withheld_from_interest_alone_and_rounded_down(house: House, bond: str):
    with house.database.transaction() as tx:
        set_withholding(tx, ANNA, date(2027, 1, 1), EUR("26.375"))
        set_withholding(tx, ANNA, date(2028, 1, 1), EUR(50))
    house.fund(10_000)
    (paid,) = house.service(house.event(bond, "coupon")["id"])
    assert isinstance(paid, Paid)
    assert paid.record.tax == EUR("758.28"), "26.375 % of 2,875 is 758.281"
    assert (house.held(own(ANNA)), house.held(TAX)) == (EUR("2116.72"), EUR("758.28"))
    assert house.held(own(BERT)) == EUR("86.25")
    assert house.violations() == []


def test_an_account_that_may_not_give_its_units_keeps_the_redemption_waiting(house: House):
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 10_000_000)
    house.lay_out()
    house.at("2027-03-01T12:00:00")
    house.fund(11_000_000)
    redemption = house.event(isin, "redemption")["id"]
    house.block(own(ANNA))
    assert house.service(redemption) == [Blocked(redemption, (own(ANNA),))]
    house.unblock(own(ANNA))
    assert isinstance(house.pay(redemption)[0], Paid)


def test_a_correction_pays_or_takes_back_the_difference(house: House):
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.give(BERT, isin, 10)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    redemption = house.event(isin, "redemption")["id"]
    house.price("2027-12-17", 150)
    house.fund(20_000)
    house.service(redemption)
    assert house.held(own(ANNA)) == 15_000
    told = corrected(house, redemption, "nothing new")
    assert told == Unchanged(redemption, 1)
    house.price("2027-12-17", 152, reason="the auction was prolonged")
    told = corrected(house, redemption, "the fixing was corrected")
    assert isinstance(told, Paid)
    assert (told.no, house.held(own(ANNA)), house.held(own(BERT))) == (2, 15_200, 1_520)
    house.price("2027-12-17", 149, reason="typed wrongly")
    assert isinstance(corrected(house, redemption, "the fixing was corrected again"), Paid)
    assert (house.held(own(ANNA)), house.held(own(BERT)), house.held(PAYER)) == (14_900, 1_490, 3_610)
    assert house.state(isin) == "redeemed"
    assert house.violations() == []


def test_a_correction_that_cannot_be_collected_changes_nothing(house: House):
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    redemption = house.event(isin, "redemption")["id"]
    house.price("2027-12-17", 150)
    house.fund(15_000)
    house.service(redemption)
    house.fund(-14_950, own(ANNA))
    house.price("2027-12-17", 149, reason="typed wrongly")
    told = corrected(house, redemption, "the fixing was corrected")
    assert isinstance(told, Spent)
    assert [(lack.account, lack.held, lack.needed) for lack in told.lacks] == [(own(ANNA), 50, 100)]
    house.price("2027-12-17", 151, reason="typed wrongly again")
    assert isinstance(corrected(house, redemption, "more is due"), Unfunded)
    assert house.rows("SELECT no FROM servicing.payment") == [(1,)]
    assert house.rows("SELECT FROM servicing.reversal") == []
    assert house.held(own(ANNA)) == 50


def corrected(house: House, event, reason: str):
    with house.database.transaction() as tx:
        return correct(tx, event, reason, now=house.now, actor="test")


def test_the_database_refuses_a_second_payment_and_one_without_reversal(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    house.fund(10_000)
    house.service(coupon)
    for no, record_no in ((1, 1), (2, 1), (3, 1)):
        with pytest.raises(Conflict), house.database.transaction() as tx:
            tx.execute(
                "INSERT INTO servicing.payment (event_id, no, record_no, paid_at, paid_by)"
                " VALUES (%(e)s::uuid, %(no)s::integer, %(r)s::integer, now(), 'x')", e=coupon, no=no, r=record_no,
            )  # fmt: skip


def test_two_who_pay_at_once_pay_once(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    house.fund(10_000)
    house.decide(coupon)
    house.record(coupon)
    moment = Barrier(2)

    def work(_: int) -> str:
        with house.database.transaction() as tx:
            moment.wait()
            return type(pay(tx, [coupon], now=house.now, actor="test")[0]).__name__

    def tried(n: int) -> str:
        try:
            return work(n)
        except (Conflict, Uncovered) as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as hands:
        told = sorted(hands.map(tried, range(2)))
    assert told in (["Conflict", "Paid"], ["Paid", "Uncovered"], ["Paid", "Paid"])
    assert house.held(own(ANNA)) == 2875
    assert house.rows("SELECT no FROM servicing.payment") == [(1,)]
    assert house.violations() == []


def test_what_is_held_is_read_line_by_line(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    house.decide(coupon)
    house.record(coupon)
    with house.database.transaction() as tx:
        lines = entitlements(tx, coupon)
        assert [(x["line"], x["units"], x["interest"]) for x in lines] == [
            (1, 100_000, 2875), (2, 3_000, EUR("86.25")),
        ]  # fmt: skip
        assert [x["line"] for x in entitlements(tx, coupon, owner=BERT)] == [2]
        assert entitlements(tx, coupon, after=2) == []


def test_nothing_issued_is_redeemed_for_nothing(house: House):
    isin = house.issue("1200", volume={"unit": "units", "mode": "up_to", "authorised": "1000"})
    house.lay_out()
    house.at("2027-12-23T12:00:00")
    house.price("2027-12-17", 150)
    assert isinstance(house.service(house.event(isin, "redemption")["id"])[0], Paid)
    assert house.state(isin) == "redeemed"
    assert house.violations() == []


UNITS = st.lists(st.integers(1, 10**7), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def lasting(shared_database: Database) -> House:
    return open_house(shared_database)


@given(units=UNITS, cents=st.integers(0, 10**6), rate=st.integers(0, 100_000))
def test_amounts_are_rounded_half_up_and_tax_down_for_each_holder(lasting: House, units, cents, rate):
    """Whatever the numbers: the database computes what exact fractions give."""
    with lasting.database.transaction() as tx:
        rows = tx.rows(
            "SELECT div(2 * u * i + s * b, 2 * s * b) * s AS due FROM unnest(%(units)s::numeric[]) AS u (u),"
            " (SELECT %(amount)s::numeric AS i, 0.01 AS s, %(basis)s::numeric AS b) AS x",
            units=[Decimal(n) for n in units], amount=Decimal(cents).scaleb(-4), basis=Decimal(rate % 997 + 1),
        )  # fmt: skip
    wanted = [
        round_to(Fraction(n) * Fraction(cents, 10_000) / (rate % 997 + 1), 2, Rounding.HALF_UP) for n in units
    ]
    assert [row[0] for row in rows] == wanted
