"""What is exercised is valued on its day and paid before anything else becomes of it; what is not may lapse."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from counterfoil.core.errors import Refused
from counterfoil.servicing import Blocked, Exercise, Paid, exercise, knock_out, proof, recompute
from tests.servicing.house import ANNA, BERT, House, own

EXPIRY = date(2027, 12, 17)


def issue_warrant(house: House, **terms) -> str:
    """Anna and Bert hold 1,000 each; it is the last day of its window."""
    isin = house.issue("2100", strike="150", **terms)
    for holder in (ANNA, BERT):
        house.give(holder, isin, 1_000)
    house.lay_out()
    house.at(f"{EXPIRY}T09:00:00")
    return isin


def wants(house: House, isin: str, units: int = 400, day: date = EXPIRY):
    with house.database.transaction() as tx:
        wanted = Exercise(isin, own(ANNA), Decimal(units), day)
        return exercise(tx, wanted, business_date=house.now.date(), now=house.now, actor="Anna").id


def code_of(house: House, isin: str, **what) -> str:
    with pytest.raises(Refused) as refused:
        wants(house, isin, **what)
    return refused.value.refusals[0].code


def test_what_comes_after_the_deadline_or_the_window_is_refused(house: House):
    isin = issue_warrant(house)
    assert code_of(house, isin, day=EXPIRY - timedelta(days=1)) == "SRV-045"
    assert code_of(house, isin, day=EXPIRY + timedelta(days=3)) == "SRV-041"
    assert code_of(house, isin, units=1_001) == "LED-001"
    house.at(f"{EXPIRY}T17:00:00")  # 18:00 in Frankfurt
    wants(house, isin)
    house.clock.advance(timedelta(seconds=1))
    assert code_of(house, isin) == "SRV-045"


@pytest.mark.parametrize(("automatic", "bert"), [(True, 1_000), (False, 0)])
def test_what_is_not_exercised_is_exercised_by_itself_or_lapses(house: House, automatic: bool, bert: int):
    isin = issue_warrant(house, automatic_exercise=automatic, ratio="0.1")
    exercised = wants(house, isin, 1_000)
    house.price(EXPIRY.isoformat(), 160)
    house.at("2027-12-23T12:00:00")
    house.fund(10_000)
    redemption = house.event(isin, "redemption")["id"]
    assert isinstance(house.service(exercised)[0], Paid)
    assert isinstance(house.service(redemption)[0], Paid)
    assert (house.held(own(ANNA)), house.held(own(BERT)), house.state(isin)) == (1_000, bert, "redeemed")
    with house.database.transaction() as tx:
        assert recompute(proof(tx, redemption))["agrees"]
    assert house.violations() == []


def test_a_redemption_waits_for_what_was_exercised_before_it(house: House):
    isin = issue_warrant(house, automatic_exercise=False, ratio="0.1")
    exercised = wants(house, isin)
    house.price(EXPIRY.isoformat(), 160)
    house.at("2027-12-23T12:00:00")
    house.fund(10_000)
    redemption = house.event(isin, "redemption")["id"]
    assert house.service(redemption) == [Blocked(redemption, (own(ANNA),))]
    house.service(exercised)
    assert isinstance(house.pay(redemption)[0], Paid)
    assert (house.held(own(ANNA)), house.state(isin)) == (400, "redeemed")
    assert house.violations() == []


def test_nothing_is_knocked_out_on_a_day_to_come(house: House):
    isin = house.issue("2200")
    house.lay_out()
    house.at("2027-03-01T12:00:00")
    with house.database.transaction() as tx:
        later, today = (
            knock_out(tx, [isin], day, now=house.now)[0] for day in (date(2027, 3, 2), date(2027, 3, 1))
        )
    assert (later.code, today.kind) == ("SRV-015", "knock_out")
