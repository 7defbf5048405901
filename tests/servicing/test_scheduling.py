"""Every event to maturity is stored from the terms, once, and anew when terms are amended."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import is_business_day
from counterfoil.core.db import Conflict
from counterfoil.instruments import current_terms, from_canonical, planned_events
from counterfoil.register import EntryKind
from counterfoil.servicing import (
    Ending,
    end_events,
    endings,
    events_between,
    is_time_to_lay_out,
    lay_out_new,
    take_due,
)
from counterfoil.servicing.moments import record_date, record_moment
from tests.instruments.examples import EXAMPLES
from tests.servicing.house import House


def kinds(house: House, isin: str) -> Counter[str]:
    return Counter(e["kind"] for e in house.events(isin))


def test_every_class_is_laid_out_as_its_terms_say(house: House):
    isins = house.issue_many([house.terms(class_) for class_ in EXAMPLES])
    assert house.lay_out() == len(EXAMPLES)
    with house.database.transaction() as tx:
        versions = current_terms(tx, isins)
    for isin in isins:
        planned = planned_events(from_canonical(versions[isin].canonical))
        stored = house.events(isin)
        assert sorted(
            (e["kind"], e["day"], e["payment"], e["pointer"]) for e in stored if e["payment"]
        ) == sorted((p.kind.value, p.day, p.payment, p.pointer) for p in planned if p.payment)
        assert len(stored) == len(planned)


def test_the_register_is_read_once(house: House):
    house.issue("bond")
    assert (house.lay_out(), house.lay_out()) == (1, 0)
    isin = house.issue("1200")
    assert house.lay_out() == 1
    assert kinds(house, isin)["redemption"] == 1


def test_an_issue_that_is_registered_while_others_are_read_is_not_passed_over(house: House):
    for _ in range(3):
        house.issue("1200")
    with house.database.transaction() as tx:
        assert lay_out_new(tx, now=house.now, blocks=2) == 2
        with house.database.transaction() as other:
            assert lay_out_new(other, now=house.now) == 0, "one reads at a time"
    assert house.lay_out() == 1
    assert kinds_of_all(house)["redemption"] == 3


def kinds_of_all(house: House) -> Counter[str]:
    return Counter(e["kind"] for e in house.events())


def test_a_mass_issue_goes_first_for_a_minute(house: House):
    def time_to(seconds: float) -> bool:
        with house.database.transaction() as tx:
            return is_time_to_lay_out(tx, now=house.now + timedelta(seconds=seconds))

    assert not time_to(100), "there is nothing to read"
    house.issue("1200")
    assert (time_to(0), time_to(1)) == (False, True)
    house.clock.advance(timedelta(seconds=59.5))
    house.issue("1200")
    assert (time_to(0), time_to(0.5)) == (False, True), "the first has waited a minute"
    house.lay_out()
    assert not time_to(100)


def test_a_payment_is_recorded_on_the_business_day_before(house: House):
    isin = house.issue("bond")
    house.lay_out()
    coupon = house.event(isin, "coupon")
    assert (coupon["day"], coupon["record_date"], coupon["payment"]) == (
        date(2027, 12, 1), date(2027, 11, 30), date(2027, 12, 1),
    )  # fmt: skip
    assert house.event(isin, "issuer_call")["state"] == "date"
    assert coupon["state"] == "scheduled"


@given(st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_a_record_date_is_a_business_day_before_the_payment(payment):
    recorded = record_date(payment, "TARGET")
    assert recorded < payment
    assert is_business_day(recorded, "TARGET")
    assert record_moment(recorded).date() == recorded


def test_an_amendment_replaces_what_it_changes_and_leaves_what_has_begun(house: House):
    isin = house.issue("bond")
    house.lay_out()
    before = {e["pointer"]: e["id"] for e in house.events(isin) if e["kind"] == "coupon"}
    with house.database.transaction() as tx:
        begun = take_due(tx, date(2027, 12, 1))
        assert [e.pointer for e, _ in begun] == ["/interest/periods/0"]
    house.amend(isin, maturity_date="2030-12-02", calls=[])
    house.lay_out()
    after = {e["pointer"]: e["id"] for e in house.events(isin) if e["kind"] == "coupon"}
    assert after["/interest/periods/0"] == before["/interest/periods/0"]
    assert kinds(house, isin)["issuer_call"] == 0
    assert house.event(isin, "redemption")["day"] == date(2030, 12, 2)
    assert kinds(house, isin)["redemption"] == 1
    assert house.event(isin, "redemption")["terms_version"] == 2


def test_what_ended_is_not_laid_out_again(house: House):
    isin = house.issue("bond")
    house.lay_out()
    first = house.event(isin, "coupon")["id"]
    with house.database.transaction() as tx:
        assert end_events(tx, [(first, Ending.PAID)], now=house.now) == 1
        assert end_events(tx, [(first, Ending.LAPSED)], now=house.now) == 0
        assert endings(tx, [first]) == {first: Ending.PAID}
    house.amend(isin, maturity_date="2030-12-02", calls=[])
    house.lay_out()
    paid = [e for e in house.events(isin) if e["kind"] == "coupon" and e["state"] == "paid"]
    assert [e["id"] for e in paid] == [first]
    assert kinds(house, isin)["coupon"] == 5


def test_a_cancelled_issue_has_nothing_pending(house: House):
    isin = house.issue("bond")
    house.lay_out()
    house.enter(EntryKind.CANCEL, isin)
    house.lay_out()
    assert {e["state"] for e in house.events(isin)} == {"date", "lapsed"}


def test_an_event_is_handed_out_once(house: House):
    house.issue_many([house.terms("commercial_paper")] * 3)
    house.lay_out()
    with house.database.transaction() as tx:
        assert take_due(tx, date(2027, 2, 25)) == []
        assert len(take_due(tx, date(2027, 2, 26), limit=2)) == 2, "the record date of 1 March"
        with house.database.transaction() as other:
            assert len(take_due(other, date(2027, 2, 26))) == 1
    with house.database.transaction() as tx:
        assert take_due(tx, date(2099, 1, 1)) == []


def test_pages_follow_one_another(house: House):
    house.issue_many([house.terms("1230")] * 4)
    house.lay_out()
    with house.database.transaction() as tx:
        first, last = date(2026, 1, 1), date(2028, 1, 1)
        everything = events_between(tx, first, last, limit=1000)
        paged, place = [], None
        while True:
            page = events_between(tx, first, last, limit=3, **({"after": place} if place else {}))
            if not page:
                break
            paged += page
            place = page[-1]["on"], page[-1]["id"]
    assert paged == everything


def test_an_event_is_found_on_its_day_and_on_its_payment(house: House):
    isin = house.issue("1200")
    house.lay_out()
    with house.database.transaction() as tx:
        fixed = events_between(tx, date(2027, 12, 17), date(2027, 12, 17), isin=isin, kind="redemption")
        paid = events_between(tx, date(2027, 12, 23), date(2027, 12, 23), isin=isin, kind="redemption")
        assert [e["id"] for e in fixed] == [e["id"] for e in paid]
        assert events_between(tx, date(2027, 12, 18), date(2027, 12, 22), isin=isin) == []


def test_laid_out_events_cannot_be_changed(house: House):
    house.issue("bond")
    house.lay_out()
    with pytest.raises(Conflict), house.database.transaction() as tx:
        tx.execute("UPDATE servicing.event SET day = day + 1")
