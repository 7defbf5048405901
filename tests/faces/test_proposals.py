"""What an approver is shown: what would change and what would be paid, leaf by leaf, beside what stands."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.core.db import Database
from counterfoil.faces import Proposal, proposal_of
from counterfoil.orchestration import user_tasks
from counterfoil.processes import start_adjustment, start_correction
from counterfoil.servicing import Action, Call, call_early, declare
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.processes.desk import CLOCK, Desk, new, open_desk, terms, up_to
from tests.servicing.house import ANNA, House

MONTH = timedelta(days=14)
SAP = "DE0007164600"


@pytest.fixture
def clockwork(database: Database) -> Iterator[Clockwork]:
    found = open_clockwork(database)
    yield found
    assert found.trouble() == []


@pytest.fixture
def house(clockwork: Clockwork) -> House:
    return clockwork.house


@pytest.fixture
def desk(database: Database) -> Desk:
    return open_desk(database)


def shown(found: Proposal | None) -> dict[str, tuple[str | None, str | None]]:
    assert found is not None
    return {line.name: (line.before, line.after) for line in found.lines}


def of_one(clockwork: Clockwork) -> Proposal:
    (task,) = clockwork.tasks()
    with clockwork.house.database.transaction() as tx:
        found = proposal_of(tx, task, now=clockwork.house.now)
    assert found is not None
    return found


def of_amendment(desk: Desk, instrument: dict[str, Any], changes: dict[str, Any]) -> Proposal | None:
    isin = desk.one({**new(), "instrument": instrument})["isin"]
    desk.issue([{"kind": "AMEND", "isin": isin, "changes": changes, "issuer_consent": True}])
    with desk.database.transaction() as tx:
        (task,) = user_tasks(tx)
        found = proposal_of(tx, task, now=CLOCK.now())
    assert found is None or found.isin == isin
    return found


def test_new_terms_show_every_leaf_that_says_something(desk: Desk) -> None:
    volume = {"unit": "units", "mode": "fixed", "authorised": "1000000000000"}
    desk.issue([new(instrument=terms("1299", volume=volume))])
    with desk.database.transaction() as tx:
        (task,) = user_tasks(tx)
        found = shown(proposal_of(tx, task, now=CLOCK.now()))
    assert found["free terms › floor percent"] == (None, "90")
    assert found["underlyings › 1 › currency"] == (None, "EUR")
    assert not [name for name, (_, after) in found.items() if after is None or after[:1] in "[{"]


def test_a_nested_change_shows_its_leaf_and_nothing_that_stays(desk: Desk) -> None:
    changes = {"volume": {"authorised": "2000"}, "name": "Renamed"}
    found = of_amendment(desk, up_to("1000"), changes)
    assert shown(found) == {"name": (terms()["name"], "Renamed"), "volume › authorised": ("1000", "2000")}
    assert found is not None
    assert (found.subject, found.hindrances) == ("AMEND", ())


def test_a_number_that_only_reads_otherwise_is_no_change(desk: Desk) -> None:
    found = of_amendment(
        desk, up_to("1000"), {"volume": {"authorised": "1000.00", "mode": "up_to"}, "name": "N"}
    )
    assert shown(found).keys() == {"name"}


def test_what_null_takes_out_has_no_value_afterwards(desk: Desk) -> None:
    dated = terms() | {"value_date": "2027-01-08"}
    assert shown(of_amendment(desk, dated, {"value_date": None})) == {"value date": ("2027-01-08", None)}


def test_a_declared_amount_stands_beside_the_one_worked_out(clockwork: Clockwork, house: House) -> None:
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 100_000)
    clockwork.work()
    with house.database.transaction() as tx:
        declare(tx, house.event(isin, "redemption")["id"], Decimal(99_000), now=house.now, actor="agent")
    clockwork.until("2027-03-01T12:00:00", MONTH)
    found = of_one(clockwork)
    assert (found.subject, found.headings) == ("AMOUNT", ("Declared", "Worked out, to be paid"))
    lines = shown(found)
    assert lines["per 100000, EUR"] == ("99000", "100000")
    issued = dict(found.facts)["Issued"]
    assert lines["In all at most, EUR"] == (f"{Decimal(issued) * 99 / 100:f}".removesuffix(".00"), issued)


def test_a_correction_shows_what_was_paid_and_what_is_to_be_paid(clockwork: Clockwork, house: House) -> None:
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.fund(20_000)
    clockwork.until("2027-12-17T18:00:00", MONTH)
    house.price("2027-12-17", 150)
    clockwork.until("2027-12-23T12:00:00")
    house.price("2027-12-17", 149, reason="typed wrongly")
    event = house.event(isin, "redemption")["id"]
    with house.database.transaction() as tx:
        start_correction(tx, event, isin, "the fixing was corrected", now=house.now, requester="Ada")
    clockwork.work()
    found = of_one(clockwork)
    assert shown(found) == {
        "Interest per 1, EUR": ("0", "0"),
        "Principal per 1, EUR": ("150", "149"),
        "Total per 1, EUR": ("150", "149"),
        "In all, EUR": ("15000", "14900"),
        "Difference to be booked, EUR": (None, "-100"),
    }
    facts = dict(found.facts)
    assert (facts["Holders recorded"], facts["Units recorded"]) == ("1", "100")
    assert facts["Reason"] == "the fixing was corrected"
    clockwork.answer(approved=True)
    paid = house.rows("SELECT interest + principal FROM servicing.record ORDER BY no DESC LIMIT 1")
    assert paid[0][0] == 14_900, "what was shown is what was paid"


def test_an_adjustment_shows_the_terms_of_every_security_that_it_moves(
    clockwork: Clockwork, house: House
) -> None:
    discount, bond = house.issue("1200"), house.issue("bond")
    with house.database.transaction() as tx:
        action = Action(SAP, Decimal("0.5"), date(2027, 3, 1))
        start_adjustment(tx, action, "split 1:2", now=house.now, requester="Ada")
    clockwork.work()
    found = of_one(clockwork)
    facts = dict(found.facts)
    assert (facts["Securities to be moved"], facts["Factor"], facts["Reason"]) == ("1", "0.5", "split 1:2")
    lines = shown(found)
    assert lines
    assert all(name.startswith(f"{discount}: ") and bond not in name for name in lines)
    cap = next(values for name, values in lines.items() if name.endswith("cap"))
    assert Decimal(cap[1] or 0) * 2 == Decimal(cap[0] or 0)


def test_a_call_shows_what_it_would_pay(clockwork: Clockwork, house: House) -> None:
    isin = house.issue("bond")
    house.give(ANNA, isin, 100_000)
    house.fund(200_000)
    clockwork.until("2030-11-15T12:00:00", timedelta(days=60))
    with house.database.transaction() as tx:
        call = Call(isin, date(2030, 12, 1), Decimal("0.5"))
        call_early(tx, call, business_date=house.now.date(), now=house.now, actor="Ada")
    clockwork.until("2030-11-29T12:00:00")
    found = of_one(clockwork)
    assert (found.subject, found.isin, found.hindrances) == ("CALL", isin, ())
    facts = dict(found.facts)
    assert (facts["Event"], facts["Share"]) == ("partial redemption", "0.5")
    lines = shown(found)
    assert lines["per 1000, EUR"] == (None, "1010")
    assert lines["In all at most, EUR"] == (None, f"{Decimal(facts['Issued']) / 2 * Decimal('1.01'):.0f}")
