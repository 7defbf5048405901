"""Acts on all that match a filter: with how many, only so many, and only by who operates."""

import pytest

from counterfoil.console.pages import matching
from counterfoil.orchestration import deploy, incidents, instance, instances, interventions
from tests.console.conftest import NOW, House
from tests.console.test_processes import ISSUANCE
from tests.console.under_way import UnderWay, under_way

PATH = "/console/processes/matching"
AT = "process=issuance&element=register"


@pytest.fixture
def working(own_house: House) -> UnderWay:
    return under_way(own_house.database, stuck=5)


def open_ids(house: House) -> list:
    with house.database.transaction() as tx:
        return [one["instance_id"] for one in incidents(tx)]


def test_all_that_has_stopped_at_an_element_is_tried_again(own_house: House, working: UnderWay) -> None:
    operator = own_house.sign_in("operator")
    assert (
        f'href="{PATH}/incidents?process=issuance&amp;element=register"'
        in operator.get(f"/console/processes/incidents?{AT}").text
    )
    assert "5 open incidents match" in operator.get(f"{PATH}/incidents?{AT}").text
    form = {"count": "5", "reason": "the register is back"}
    answer = operator.post(f"{PATH}/incidents/retry?{AT}", data=form)
    assert answer.status_code == 303, answer.text
    assert "5 incidents are tried again." in operator.get(answer.headers["location"]).text
    assert open_ids(own_house) == []
    working.desk.work_without_pauses()
    with own_house.database.transaction() as tx:
        assert {instance(tx, id_)["state"] for id_ in working.stuck} == {"completed"}
        assert all(interventions(tx, id_)[0]["reason"] == "the register is back" for id_ in working.stuck)


def test_nothing_is_done_where_another_number_matches_than_was_confirmed(
    own_house: House, working: UnderWay
) -> None:
    operator = own_house.sign_in("operator")
    for path in (f"incidents/retry?{AT}", f"instances/cancellation?{AT}"):
        answer = operator.post(f"{PATH}/{path}", data={"count": "4", "reason": "x"})
        assert (answer.status_code, "CON-424" in answer.text) == (409, True)
        assert "5 match now, not 4" in answer.text
    assert len(open_ids(own_house)) == 5
    with own_house.database.transaction() as tx:
        assert interventions(tx, working.stuck[0]) == []


def test_the_oldest_of_very_many_are_taken(
    own_house: House, working: UnderWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST", 3)
    operator = own_house.sign_in("operator")
    assert "At most 3 are taken at once" in operator.get(f"{PATH}/instances?{AT}").text
    form = {"count": "3", "reason": "not wanted"}
    assert operator.post(f"{PATH}/instances/cancellation?{AT}", data=form).status_code == 303
    with own_house.database.transaction() as tx:
        gone = [one["id"] for one in instances(tx, state="cancelled")]
    assert gone == sorted(working.stuck)[:3]


def test_all_that_match_are_migrated_to_a_new_version(own_house: House, working: UnderWay) -> None:
    with own_house.database.transaction() as tx:
        changed = ISSUANCE.replace(b'name="Deposit terms"', b'name="Deposit all terms"')
        deploy(tx, changed, resource="x", now=NOW)
    operator, key = own_house.sign_in("operator"), None
    with own_house.database.transaction() as tx:
        key = instance(tx, working.stuck[0])["business_key"]
    query = f"process=issuance&key={key}"
    assert "5 active instances match" in operator.get(f"{PATH}/instances?{query}").text
    form = {"count": "5", "reason": "new model", "to": "2"}
    assert operator.post(f"{PATH}/instances/migration?{query}", data=form).status_code == 303
    with own_house.database.transaction() as tx:
        assert [one["id"] for one in instances(tx, version=2)] == sorted(working.stuck)


def test_a_process_must_be_named(own_house: House, working: UnderWay) -> None:
    operator = own_house.sign_in("operator")
    form = {"count": "5", "reason": "x"}
    assert operator.post(f"{PATH}/instances/cancellation", data=form).status_code == 422
    assert "/matching/" not in operator.get("/console/processes/incidents").text
    assert len(open_ids(own_house)) == 5


@pytest.mark.parametrize("role", ["auditor", "approver", "modeller", "issuer"])
def test_who_does_not_operate_acts_on_nothing(own_house: House, working: UnderWay, role: str) -> None:
    person = own_house.sign_in(role)
    form = {"count": "5", "reason": "x", "to": "1"}
    for path in ("instances/cancellation", "instances/migration", "incidents/retry"):
        assert person.post(f"{PATH}/{path}?{AT}", data=form).status_code == 403
    assert person.get(f"{PATH}/instances?{AT}").status_code == 403
    assert person.get(f"{PATH}/incidents?{AT}").status_code == 403
    assert len(open_ids(own_house)) == 5
