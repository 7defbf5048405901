"""Corporate actions on underlyings: approved by a second person, applied on the ex day, followed by what is paid."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.processes import start_adjustment
from counterfoil.register import EntryKind
from counterfoil.servicing import Action, lay_out, proof, recompute
from tests.instruments.examples import BASKET_NOTE
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, ISSUER, House, own

SAP = "DE0007164600"
DAYS = timedelta(days=14)


@pytest.fixture
def clockwork(database: Database) -> Iterator[Clockwork]:
    found = open_clockwork(database)
    yield found
    assert found.trouble() == []


@pytest.fixture
def house(clockwork: Clockwork) -> House:
    return clockwork.house


def split(house: House, factor: str = "0.5", day: str = "2027-03-01", requester: str = "Ada") -> None:
    with house.database.transaction() as tx:
        action = Action(SAP, Decimal(factor), date.fromisoformat(day))
        start_adjustment(tx, action, "split", now=house.now, requester=requester)


def version(house: House, isin: str) -> int:
    (row,) = house.rows("SELECT terms_version FROM register.v_issue WHERE isin = %(isin)s::text", isin=isin)
    return int(row[0])


def test_a_split_moves_every_security_on_the_ex_day_and_no_other(clockwork: Clockwork, house: House):
    discount, warrant, bond = house.issue("1200"), house.issue("2100"), house.issue("bond")
    house.give(ANNA, discount, 100)
    house.fund(50_000)
    split(house)
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-02-28T22:00:00", DAYS)
    assert [version(house, i) for i in (discount, warrant, bond)] == [1, 1, 1]
    clockwork.until("2027-03-01T00:00:00")
    assert [version(house, i) for i in (discount, warrant, bond)] == [2, 2, 1]
    clockwork.until("2027-12-17T18:00:00", DAYS)
    house.price("2027-12-17", 75)
    clockwork.until("2027-12-23T12:00:00")
    assert house.held(own(ANNA)) == 15_000, "what 150 would have paid before the split"
    with house.database.transaction() as tx:
        document = proof(tx, house.event(discount, "redemption")["id"])
    assert document["terms_version"] == 2
    assert recompute(document)["agrees"]


def test_what_was_observed_before_the_ex_day_is_read_on_the_new_level(clockwork: Clockwork, house: House):
    isin = house.issue("1260")
    house.give(ANNA, isin, 5_000)
    house.fund(10_000)
    clockwork.until("2027-06-17T18:00:00", DAYS)
    house.price("2027-06-17", 99)
    clockwork.until("2027-06-18T18:00:00")
    split(house, day="2027-07-01")
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-12-17T18:00:00", DAYS)
    house.price("2027-12-17", 60)
    clockwork.until("2027-12-23T18:00:00")
    assert house.held(own(ANNA)) == 5_400, (
        "99 was below the coupon barrier, and is not taken for a call at 75"
    )
    with house.database.transaction() as tx:
        document = proof(tx, house.event(isin, "observation", 1)["id"])
    assert [Decimal(s["factor"]) for s in document["sources"] if "factor" in s] == [Decimal("0.5")]


def test_what_the_register_has_entered_just_before_is_moved_as_well(clockwork: Clockwork, house: House):
    split(house)
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-02-28T22:00:00", DAYS)
    single, basket = house.issue("1200"), house.issue_many([BASKET_NOTE | {"issuer": ISSUER}])[0]
    house.at("2027-03-01T00:00:00")
    while clockwork.worker.run_once():
        pass
    assert [version(house, i) for i in (single, basket)] == [2, 2], "nothing of them has been laid out yet"
    clockwork.work()
    with house.database.transaction() as tx:
        tx.execute("DELETE FROM servicing.rests_on WHERE isin = %(isin)s::text", isin=single)
    assert house.violations() == [f"servicing.underlyings: ('{single} DE0007164600',)"]
    with house.database.transaction() as tx:
        lay_out(tx, [single], now=house.now)


def test_a_barrier_moves_with_the_price(clockwork: Clockwork, house: House):
    isin = house.issue("2200")
    split(house, factor="0.5")
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-03-01T12:00:00", DAYS)
    clockwork.work()
    rows = house.rows("SELECT level, first_day FROM servicing.watched WHERE isin = %(isin)s::text", isin=isin)
    (before,) = house.rows(
        "SELECT (canonical::jsonb -> 'barrier' ->> 'level')::numeric FROM instruments.v_terms"
        " WHERE isin = %(isin)s::text AND version = 1",
        isin=isin,
    )
    assert rows == [(before[0] / 2, date(2027, 3, 1))]


def test_what_is_refused_or_asked_for_twice_moves_nothing(clockwork: Clockwork, house: House):
    isin = house.issue("1200")
    split(house)
    with pytest.raises(Refused, match="SRV-071"):
        split(house)
    clockwork.work()
    clockwork.answer(approved=False)
    clockwork.until("2027-03-01T12:00:00", DAYS)
    assert version(house, isin) == 1
    assert clockwork.running() == []
    with pytest.raises(Refused, match="SRV-070"):
        split(house, factor="1")


def test_a_suspended_issue_is_left_and_moved_once_it_is_resumed(clockwork: Clockwork, house: House):
    live, suspended = house.issue("1200"), house.issue("1200")
    house.enter(EntryKind.SUSPEND, suspended)
    split(house)
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-03-01T12:00:00", DAYS)
    assert [version(house, i) for i in (live, suspended)] == [2, 1]
    (task,) = clockwork.tasks()
    assert (task["name"], task["variables"]["left"]) == ("See to what is left", 1)
    house.enter(EntryKind.RESUME, suspended)
    clockwork.answer(approved=True)
    assert [version(house, i) for i in (live, suspended)] == [2, 2]
    assert clockwork.running() == []


def test_the_database_refuses_approval_by_who_asked(clockwork: Clockwork, house: House):
    split(house, requester="Eve")
    with pytest.raises(Conflict), house.database.transaction() as tx:
        tx.execute(
            "INSERT INTO servicing.adjustment_decision"
            " SELECT id, requested_by, true, requested_by, requested_at FROM servicing.adjustment"
        )


def test_terms_that_are_not_those_of_the_adjustment_are_found(clockwork: Clockwork, house: House):
    isin = house.issue("1200")
    split(house)
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2027-03-01T12:00:00", DAYS)
    with house.database.transaction() as tx:
        tx.execute("ALTER TABLE servicing.adjusted DISABLE TRIGGER adjusted_append_only")
        tx.execute("UPDATE servicing.adjusted SET terms_hash = decode(repeat('00', 32), 'hex')")
    assert any(isin in found for found in house.violations())
    with house.database.transaction() as tx:
        tx.execute(
            "UPDATE servicing.adjusted AS a SET terms_hash = t.hash FROM instruments.v_terms AS t"
            " WHERE t.isin = a.isin AND t.version = a.terms_version"
        )
