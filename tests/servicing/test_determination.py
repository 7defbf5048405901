"""Amounts follow from terms and observations that count; what is lacking is said; the agent's word is compared."""

from decimal import Decimal

import pytest

from counterfoil.servicing import Determination, Lacking, Origin, declare, determine
from tests.instruments.examples import EXAMPLES
from tests.servicing.house import House

SAP = "DE0007164600"


@pytest.fixture(autouse=True)
def years_later(house: House) -> None:
    house.at("2032-01-02T12:00:00")


def decide(house: House, isin: str, kind: str, number: int = 0, **how) -> Determination | Lacking:
    house.lay_out()
    with house.database.transaction() as tx:
        (found,) = determine(tx, [house.event(isin, kind, number)["id"]], now=house.now, actor="test", **how)
    return found


def decided(house: House, isin: str, kind: str, number: int = 0) -> tuple[Decimal, Decimal, bool]:
    found = decide(house, isin, kind, number)
    assert isinstance(found, Determination), found
    return found.interest, found.principal, found.redeems


def test_a_fixed_coupon_and_the_redemption_need_no_observation(house: House):
    isin = house.issue("bond")
    assert decided(house, isin, "coupon") == (Decimal("28.75"), 0, False)
    assert decided(house, isin, "redemption") == (0, 1000, True)


def test_a_floating_coupon_says_which_fixing_it_lacks(house: House):
    isin = house.issue("note")
    lacks = decide(house, isin, "coupon")
    assert isinstance(lacks, Lacking)
    assert [r.code for r in lacks.refusals] == ["INS-060"]
    assert "2026-11-27" in lacks.refusals[0].detail
    id_ = house.observe("rate", "EURIBOR 3M", "2026-11-27", value="2.1", confirmed=False)
    waits = decide(house, isin, "coupon")
    assert isinstance(waits, Lacking)
    assert [(w["standing"], w["observation"]) for w in waits.waits_for] == [("unconfirmed", id_)]
    house.observe("rate", "EURIBOR 3M", "2026-11-27", value="2.1", source="REUTERS")
    assert decided(house, isin, "coupon") == (Decimal("0.16"), 0, False), "a stub of two days"


def test_a_final_fixing_redeems(house: House):
    isin = house.issue("1200")
    house.price("2027-12-17", "152.36")
    assert decided(house, isin, "redemption") == (0, Decimal("152.36"), True)


def test_a_barrier_may_be_stated_or_searched_in_daily_prices(house: House):
    stated, searched = house.issue("1320"), house.issue("1320", barrier={
        "level": "105", "monitoring": "close", "observed_from": "2027-12-15", "observed_to": "2027-12-17",
    })  # fmt: skip
    for day, price in (("2027-12-15", 120), ("2027-12-16", 106), ("2027-12-17", 140)):
        house.price(day, price)
    assert decided(house, searched, "redemption") == (0, 170, True)
    assert isinstance(decide(house, stated, "redemption"), Lacking)
    house.observe("barrier", f"{stated}/barrier", "2027-06-01")
    assert isinstance(decide(house, stated, "redemption"), Lacking), (
        "not hit by June says nothing of December"
    )
    house.observe("barrier", f"{stated}/barrier", "2027-12-17", hit_on="2027-07-01")
    assert decided(house, stated, "redemption") == (0, 140, True)


def test_an_unconfirmed_hit_is_waited_for(house: House):
    isin = house.issue("1320")
    house.price("2027-12-17", 140)
    house.observe("barrier", f"{isin}/barrier", "2027-12-17")
    house.observe("barrier", f"{isin}/barrier", "2027-03-01", hit_on="2027-03-01", confirmed=False)
    assert isinstance(decide(house, isin, "redemption"), Lacking)


def test_an_express_is_called_on_its_first_date(house: House):
    isin = house.issue("1260")
    house.price("2027-06-17", 150)
    assert decided(house, isin, "observation") == (40, 1000, True)
    assert isinstance(decide(house, isin, "redemption"), Lacking)


def test_an_express_with_memory_pays_what_it_missed_and_ends_by_its_redemption(house: House):
    isin = house.issue("1260")
    house.price("2027-06-17", 95)
    house.price("2027-12-17", 155)
    assert decided(house, isin, "observation") == (0, 0, False)
    assert decided(house, isin, "observation", 1) == (80, 0, False)
    assert decided(house, isin, "redemption") == (0, 1000, True)


def test_shares_are_delivered_with_cash_for_the_fraction(house: House):
    isin = house.issue("1220")
    house.price("2027-12-17", 120)
    found = decide(house, isin, "redemption")
    assert isinstance(found, Determination)
    assert found.deliveries == ((SAP, Decimal(6)),)
    assert found.principal == Decimal("80.00"), "1,000 / 150 = 6.67 shares: six, and 0.67 times 120"


def test_a_compo_takes_each_rate_from_its_own_day(house: House):
    isin = house.issue(
        "1100", fx="compo", underlyings=[{**EXAMPLES["1100"]["underlyings"][0], "currency": "USD"}]
    )
    house.price("2027-12-17", 150)
    house.observe("fx", "EUR/USD", "2027-12-17", value="1.1")
    assert isinstance(decide(house, isin, "redemption"), Lacking), "the rate at the start is missing"
    house.observe("fx", "EUR/USD", "2026-11-24", value="1")
    assert decided(house, isin, "redemption") == (0, 1030, True)


def test_what_the_agent_declares_is_compared(house: House):
    isin = house.issue("bond")
    house.lay_out()
    with house.database.transaction() as tx:
        declare(tx, house.event(isin, "coupon")["id"], Decimal("28.70"), now=house.now, actor="agent")
    found = decide(house, isin, "coupon")
    assert isinstance(found, Determination)
    assert (found.differs, found.declared, found.total) == (True, Decimal("28.70"), Decimal("28.75"))


def test_free_terms_take_the_agents_word(house: House):
    isin = house.issue("1299", maturity_date="2027-12-23", final_valuation_date="2027-12-17")
    lacks = decide(house, isin, "redemption")
    assert isinstance(lacks, Lacking)
    assert [r.code for r in lacks.refusals] == ["INS-062"]
    with house.database.transaction() as tx:
        declare(tx, house.event(isin, "redemption")["id"], Decimal("97.5"), now=house.now, actor="agent")
    found = decide(house, isin, "redemption")
    assert isinstance(found, Determination)
    assert (found.origin, found.principal, found.redeems) == (Origin.DECLARED, Decimal("97.5"), True)


def test_a_negative_coupon_is_not_taken_from_the_holders(house: House):
    interest = {**EXAMPLES["note"]["interest"], "margin_percent": "0", "floor_percent": None}
    isin = house.issue("note", interest={k: v for k, v in interest.items() if v is not None})
    house.observe("rate", "EURIBOR 3M", "2026-11-27", value="-0.5")
    assert decided(house, isin, "coupon") == (0, 0, False)


def test_what_is_decided_stays_until_it_is_decided_anew_with_a_reason(house: House):
    isin = house.issue("1200")
    house.price("2027-12-17", 152)
    assert decided(house, isin, "redemption")[1] == 152
    house.price("2027-12-17", 153, reason="auction")
    assert decided(house, isin, "redemption")[1] == 152
    anew = decide(house, isin, "redemption", reason="the fixing was corrected")
    assert isinstance(anew, Determination)
    assert (anew.version, anew.principal) == (2, 153)
    again = decide(house, isin, "redemption", reason="looked once more")
    assert isinstance(again, Determination)
    assert again.version == 2, "nothing differs"


def test_a_batch_of_every_class_has_an_outcome_for_each(house: House):
    house.issue_many([house.terms(class_) for class_ in EXAMPLES])
    house.lay_out()
    ids = [e["id"] for e in house.events() if e["state"] == "scheduled"]
    with house.database.transaction() as tx:
        outcomes = determine(tx, ids, now=house.now, actor="test")
    assert [o.event_id for o in outcomes] == ids
    assert {type(o) for o in outcomes} == {Determination, Lacking}
