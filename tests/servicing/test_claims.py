"""What was traded and not delivered when a payment fell due: who was paid passes it on, or what came of it is."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil import settlement
from counterfoil.core.db import Database
from counterfoil.core.money import Rounding, round_to
from counterfoil.servicing import Paid, claims_of, ex_date, make_claims, set_withholding
from counterfoil.settlement import (
    Change,
    Hold,
    change,
    settle,
)
from tests.ledger.books import statements_counted
from tests.servicing.house import ANNA, BERT, CORA, House, at_once, open_house, own

EUR = Decimal
BEFORE, RECORDED, PAID = date(2027, 11, 26), date(2027, 11, 30), date(2027, 12, 1)


def look(house: House) -> int:
    with house.database.transaction() as tx:
        return make_claims(tx, house.now.date(), now=house.now, actor="test")


def claimed(house: House, event) -> list[tuple]:
    """Kind, quantity, who gives to whom how much of what."""
    names = {own(ANNA): "Anna", own(BERT): "Bert", own(CORA): "Cora", None: None}
    with house.database.transaction() as tx:
        found = claims_of(tx, event)
    assert all(c["refused"] is None for c in found), found
    return [
        (c["kind"], c["quantity"], names[c["gives"]], names[c["takes"]], c["asset"], c["amount"])
        for c in found
    ]


def violations(house: House) -> list[str]:
    with house.database.snapshot() as tx:
        return house.violations() + [c.name for c in settlement.checks(tx) if not c.holds]


@pytest.fixture
def bond(house: House) -> str:
    """A bond with 2.875 % a few days before its record date: Anna holds 100,000 and has money."""
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.lay_out()
    house.fund(10_000)
    house.at("2027-11-26T12:00:00")
    return isin


def pay_coupon(house: House, isin: str):
    house.at("2027-12-01T12:00:00")
    coupon = house.event(isin, "coupon")["id"]
    assert isinstance(house.service(coupon)[0], Paid)
    assert look(house) == 1
    return coupon


def test_a_seller_that_has_not_delivered_passes_the_coupon_on(house: House, bond: str):
    house.sell(bond, 40_000, 39_000, traded=BEFORE)  # Bert has no money
    coupon = pay_coupon(house, bond)
    assert claimed(house, coupon) == [("claim", 40_000, "Anna", "Bert", "EUR", 1150)]
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (1725, 1150)
    rows = house.rows(
        "SELECT i.movement, i.payment, i.quantity, i.transaction_type, i.trade_date, l.kind, l.reference"
        " FROM settlement.instruction AS i JOIN settlement.link AS l ON l.instruction_id = i.id ORDER BY 1"
    )
    assert rows == [
        ("DELI", "APMT", 0, "CLAI", BEFORE, "INFO", f"T{house.used}D"),
        ("RECE", "APMT", 0, "CLAI", BEFORE, "INFO", f"T{house.used}R"),
    ]
    assert (look(house), len(claimed(house, coupon)), violations(house)) == (0, 1, [])


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "claim"),
        ({"opt_out": True}, None),
        ({"ex_cum": "XCPN"}, None),
        ({"traded": RECORDED}, None),
        ({"traded": RECORDED, "ex_cum": "CCPN"}, "claim"),
        ({"transaction_type": "SECL"}, None),
    ],
)
def test_what_the_parties_agreed_decides_who_has_a_claim(
    house: House, bond: str, more: dict, kind: str | None
):
    house.at("2027-11-30T12:00:00")
    house.sell(bond, 40_000, 39_000, **({"traded": BEFORE} | more))
    coupon = pay_coupon(house, bond)
    assert [c[0] for c in claimed(house, coupon)] == ([kind] if kind else [])
    assert violations(house) == []


def test_a_buyer_that_was_delivered_without_a_right_gives_back(house: House, bond: str):
    house.at("2027-11-30T12:00:00")
    house.sell(bond, 40_000, traded=RECORDED)
    coupon = pay_coupon(house, bond)
    assert claimed(house, coupon) == [("reverse_claim", 40_000, "Bert", "Anna", "EUR", 1150)]
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (2875, 0)
    assert violations(house) == []


def test_a_claim_is_for_what_was_not_delivered_by_the_record_moment(house: House, bond: str):
    made = house.sell(bond, 120_000, traded=BEFORE)  # Anna has 100,000: a part settles
    house.at("2027-11-30T18:00:00")  # after the close
    house.give(ANNA, bond, 20_000)
    with house.database.transaction() as tx:
        settle(tx, [made], now=house.now, business_date=house.now.date(), actor="test")
    coupon = pay_coupon(house, bond)
    assert claimed(house, coupon) == [("claim", 20_000, "Anna", "Bert", "EUR", 575)]
    assert (house.held(own(BERT), bond), house.held(own(BERT))) == (120_000, 2875)
    assert house.held(own(ANNA)) == 0
    assert violations(house) == []


def test_a_claim_without_money_waits_like_any_instruction(house: House, bond: str):
    house.sell(bond, 40_000, by=CORA, traded=BEFORE)  # Cora has nothing: she was not paid either
    coupon = pay_coupon(house, bond)
    assert claimed(house, coupon) == [("claim", 40_000, "Cora", "Bert", "EUR", 1150)]
    assert house.rows("SELECT reason FROM settlement.pending WHERE quantity = 0") == [("MONY",)]


def test_what_is_matched_late_is_found_for_twenty_days(house: House, bond: str):
    coupon = pay_coupon(house, bond)
    house.at("2027-12-10T12:00:00")
    house.sell(bond, 40_000, 39_000, traded=BEFORE)
    assert look(house) == 1
    assert [c[0] for c in claimed(house, coupon)] == ["claim"]
    assert look(house) == 0  # looked at for today
    house.at("2028-01-10T12:00:00")
    look(house)
    house.sell(bond, 10_000, 9_000, traded=BEFORE)
    house.clock.advance(timedelta(days=1))
    assert (look(house), len(claimed(house, coupon))) == (0, 1)


def test_a_claim_is_net_of_the_tax_withheld_from_who_was_paid(house: House, bond: str):
    with house.database.transaction() as tx:
        set_withholding(tx, ANNA, date(2027, 1, 1), EUR("26.375"))
    house.sell(bond, 40_000, 39_000, traded=BEFORE)
    coupon = pay_coupon(house, bond)
    assert [c[5] for c in claimed(house, coupon)] == [EUR("846.69")]  # 1150 less 303.31


def test_a_party_sees_its_own_account_and_not_the_others(house: House, bond: str):
    house.sell(bond, 40_000, 39_000, traded=BEFORE)
    coupon = pay_coupon(house, bond)
    with house.database.transaction() as tx:
        seen = [
            (c["gives"], c["takes"]) for lei in (ANNA, BERT, CORA) for c in claims_of(tx, coupon, owner=lei)
        ]
    assert seen == [(own(ANNA), None), (None, own(BERT))]


def test_what_was_cancelled_between_the_parties_is_no_claim(house: House, bond: str):
    made = house.sell(bond, 40_000, 39_000, traded=BEFORE)
    with house.database.transaction() as tx:
        both = settlement.sides(tx, [made])
        settlement.cancel_all(tx, [(both[0], None)], now=house.now, actor="test")
    assert claimed(house, pay_coupon(house, bond)) == []


def test_who_looks_at_once_claims_once_and_who_dies_leaves_nothing(house: House, bond: str):
    house.sell(bond, 40_000, 39_000, traded=BEFORE)
    house.at("2027-12-01T12:00:00")
    coupon = house.event(bond, "coupon")["id"]
    house.service(coupon)
    with suppress(RuntimeError), house.database.transaction() as tx:
        assert make_claims(tx, house.now.date(), now=house.now, actor="test") == 1
        raise RuntimeError("the worker dies before its commit")
    assert claimed(house, coupon) == []
    at_once(lambda: look(house), lambda: look(house))
    assert (len(claimed(house, coupon)), violations(house)) == (1, [])


@pytest.fixture
def paper(house: House) -> str:
    """Commercial paper a few days before it is redeemed at par: Anna holds 200,000."""
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 200_000)
    house.lay_out()
    house.fund(200_000)
    house.at("2027-02-24T12:00:00")
    return isin


def redeem(house: House, isin: str):
    house.at("2027-03-01T12:00:00")
    redemption = house.event(isin, "redemption")["id"]
    assert isinstance(house.service(redemption)[0], Paid)
    assert look(house) == 1
    return redemption


def cancelled(house: House) -> list[str]:
    return [code for (code,) in house.rows("SELECT code FROM settlement.cancelled")]


@pytest.mark.parametrize(
    ("price", "gives", "takes", "amount", "anna"),
    [
        (99_000, "Anna", "Bert", 1_000, 199_000),
        (None, "Anna", "Bert", 100_000, 100_000),
        (101_000, "Bert", "Anna", 1_000, 200_000),  # Bert has no money: it waits
    ],
)
def test_a_redemption_replaces_what_was_not_delivered_by_money(
    house, paper, price, gives, takes, amount, anna
):
    traded = date(2027, 2, 24)
    house.sell(paper, 100_000, price, traded=traded, held=price is None)
    redemption = redeem(house, paper)
    assert claimed(house, redemption) == [("transformation", 100_000, gives, takes, "EUR", amount)]
    assert cancelled(house) == ["CANT", "CANT"]
    assert house.held(own(ANNA)) == anna
    assert house.rows("SELECT DISTINCT transaction_type FROM settlement.instruction WHERE quantity = 0") == [
        ("CORP",)
    ]
    assert (house.state(paper), violations(house)) == ("redeemed", [])


def test_a_redemption_at_the_price_leaves_nothing_to_pay(house: House, paper: str):
    house.sell(paper, 100_000, 100_000, traded=date(2027, 2, 24))
    redemption = redeem(house, paper)
    assert claimed(house, redemption) == [("transformation", 100_000, None, None, None, None)]
    assert (cancelled(house), violations(house)) == (["CANT", "CANT"], [])


def test_who_opted_out_is_cancelled_and_not_replaced(house: House, paper: str):
    house.sell(paper, 100_000, 99_000, traded=date(2027, 2, 24), opt_out=True)
    redemption = redeem(house, paper)
    assert claimed(house, redemption) == [("cancellation", 100_000, None, None, None, None)]
    assert (cancelled(house), violations(house)) == (["CORP", "CORP"], [])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM servicing.claim",
        "UPDATE servicing.claim SET quantity = quantity + 1",
        "UPDATE servicing.claim SET amount = amount + 1",
        "UPDATE servicing.claim SET instructed_as = gen_random_uuid()",
    ],
)
def test_the_checks_find_claims_that_are_missing_or_wrong(house: House, bond: str, statement: str):
    house.sell(bond, 40_000, 39_000, traded=BEFORE)
    pay_coupon(house, bond)
    with house.database.transaction() as tx:
        tx.execute("ALTER TABLE servicing.claim DISABLE TRIGGER USER")
        tx.execute(statement)
    assert [found.split(":")[0] for found in house.violations()] == ["servicing.claims"]


def test_the_number_of_statements_does_not_depend_on_how_many_claims_there_are(house: House):
    def statements(count: int) -> int:
        house.clock.advance(datetime(2027, 11, 26, 12, tzinfo=UTC) - house.now)
        isin = house.issue("bond", calls=[])
        house.give(ANNA, isin, 100_000)
        house.lay_out()
        house.fund(10_000)
        for _ in range(count):
            house.sell(isin, 1_000, 900, traded=BEFORE)
        house.at("2027-12-01T12:00:00")
        house.service(house.event(isin, "coupon")["id"])
        with statements_counted() as calls:
            assert look(house) == 1
            return calls()

    assert statements(8) == statements(16)


@dataclass(frozen=True)
class _Trade:
    units: int
    traded: date
    flag: str | None
    opt_out: bool
    part: int
    """Units delivered before the record moment; the rest never."""


_TRADES = st.lists(
    st.builds(
        _Trade,
        units=st.integers(1, 40).map(lambda n: n * 1000),
        traded=st.sampled_from([BEFORE, date(2027, 11, 29), RECORDED]),
        flag=st.sampled_from([None, None, "CCPN", "XCPN"]),
        opt_out=st.booleans(),
        part=st.integers(0, 40),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def lasting(shared_database: Database) -> House:
    return open_house(shared_database)


@settings(max_examples=12)
@given(trades=_TRADES)
def test_whoever_had_the_right_has_the_coupon_in_the_end(lasting: House, trades):
    """The oracle: each trade alone, in plain arithmetic."""
    house = lasting
    house.clock.advance(house.now.replace(year=2027, month=11, day=30, hour=12) - house.now)
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 300_000)
    house.lay_out()
    house.fund(100_000)
    expected = []
    for trade in trades:
        more = {"ex_cum": trade.flag, "opt_out": trade.opt_out}
        made = house.sell(isin, trade.units, traded=trade.traded, held=True, **more)
        part = min(trade.part * 1000, trade.units)
        if part:
            whole = part == trade.units
            wanted = Change(release=Hold.PARTY) if whole else Change(release_quantity=Decimal(part))
            with house.database.transaction() as tx:
                deliver, _ = settlement.sides(tx, [made])
                change(tx, deliver, wanted, now=house.now, business_date=house.now.date(), actor="test")
        right = trade.flag == "CCPN" or (trade.flag is None and trade.traded < ex_date(RECORDED))
        owed = trade.units - part if right else part
        if owed and not trade.opt_out:
            amount = round_to(owed * Decimal("0.02875"), 2, Rounding.HALF_UP)
            who = ("Anna", "Bert") if right else ("Bert", "Anna")
            expected.append(("claim" if right else "reverse_claim", owed, *who, "EUR", amount))
    coupon = pay_coupon(house, isin)
    assert sorted(claimed(house, coupon)) == sorted(expected)
    assert violations(house) == []
