"""What a person refused is decided anew as another event, and paid once."""

from decimal import Decimal

import pytest

from counterfoil.core.db import Conflict
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.register import EntryKind
from counterfoil.servicing import Call, Paid, call_early, declare, reopen, take_due, withdraw
from tests.servicing.house import ANNA, House, own


@pytest.fixture(autouse=True)
def funds(house: House) -> None:
    """Money for every payment."""
    house.fund(10_000)


def refuse(house: House, event) -> None:
    with house.database.transaction() as tx:
        withdraw(tx, [event], reason="refused by a person", now=house.now, actor="Ada")


def anew(house: House, event):
    with house.database.transaction() as tx:
        return reopen(tx, event, "the agent was right", now=house.now, actor="Bob")


def code_of(house: House, event) -> str:
    with pytest.raises(Refused) as refused:
        anew(house, event)
    return refused.value.refusals[0].code


def test_a_refused_coupon_is_decided_anew_and_paid_once(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    with house.database.transaction() as tx:
        take_due(tx, house.now.date())
        declare(tx, coupon, Decimal("28.70"), now=house.now, actor="agent")
    house.decide(coupon)
    refuse(house, coupon)
    again = anew(house, coupon)
    with house.database.transaction() as tx:
        assert [(event.id, process.value) for event, process in take_due(tx, house.now.date())] == [
            (again, "coupon")
        ]
    (found,) = house.decide(again)
    assert (found.differs, found.declared) == (False, None)
    assert isinstance(house.service(again)[0], Paid)
    assert house.held(own(ANNA)) == 2875
    assert [e["state"] for e in house.events(bond) if e["kind"] == "coupon"][:2] == ["withdrawn", "paid"]
    assert code_of(house, coupon) == code_of(house, again) == "SRV-062"
    assert house.violations() == []


def test_what_is_refused_again_is_reopened_again(house: House, bond: str):
    event = house.event(bond, "coupon")["id"]
    for _ in range(3):
        refuse(house, event)
        event = anew(house, event)
    assert isinstance(house.service(event)[0], Paid)
    assert (house.held(own(ANNA)), house.violations()) == (2875, [])


def test_amended_terms_meet_the_reopened_event_and_not_the_refused_one(house: House, bond: str):
    coupon = house.event(bond, "coupon")["id"]
    refuse(house, coupon)
    again = anew(house, coupon)
    before = [e["id"] for e in house.events(bond)]
    house.amend(bond, name="Another name")
    house.lay_out()
    assert [e["id"] for e in house.events(bond)] == before
    assert isinstance(house.service(again)[0], Paid)


def test_only_what_a_person_refused_is_reopened(house: House, bond: str):
    coupon, later = (house.event(bond, "coupon", n)["id"] for n in (0, 1))
    house.service(coupon)
    assert (code_of(house, coupon), code_of(house, later), code_of(house, new_id())) == (
        "SRV-062",
        "SRV-062",
        "SRV-001",
    )


def test_a_call_that_was_refused_is_made_again_instead(house: House, bond: str):
    right = house.event(bond, "issuer_call")
    with house.database.transaction() as tx:
        called = call_early(
            tx, Call(bond, right["day"]), business_date=house.now.date(), now=house.now, actor="issuer"
        )
    refuse(house, called.id)
    assert code_of(house, called.id) == "SRV-063"


def test_a_deleted_issue_is_not_serviced_any_more(house: House):
    isin = house.issue("commercial_paper")
    house.lay_out()
    redemption = house.event(isin, "redemption")["id"]
    refuse(house, redemption)
    house.enter(EntryKind.CANCEL, isin)
    assert code_of(house, redemption) == "SRV-040"


def test_the_database_reopens_only_what_was_refused_and_once(house: House, bond: str):
    paid, refused = (house.event(bond, "coupon", n)["id"] for n in (0, 1))
    house.service(paid)
    refuse(house, refused)
    anew(house, refused)
    for event in (paid, refused):
        with pytest.raises(Conflict), house.database.transaction() as tx:
            tx.execute(
                "INSERT INTO servicing.reopening (event_id, refused_id, reason, reopened_at, reopened_by)"
                " VALUES (%(new)s::uuid, %(event)s::uuid, 'x', now(), 'x')", new=paid, event=event,
            )  # fmt: skip
