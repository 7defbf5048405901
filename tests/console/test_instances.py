"""Instances, incidents and tasks: who sees them, what is said of them, and what can be done."""

import json
from html import unescape
from uuid import UUID

import pytest

from counterfoil.core.ids import new_id
from counterfoil.orchestration import (
    NewInstance,
    deploy,
    incidents,
    instance,
    interventions,
    start,
    user_tasks,
)
from tests.console.conftest import NOW, House
from tests.console.under_way import CAUSE, UnderWay, under_way
from tests.orchestration.bpmn_text import flows, node, process
from tests.orchestration.test_engine import ENDS, USER


@pytest.fixture
def working(own_house: House) -> UnderWay:
    """Requests that stand somewhere."""
    return under_way(own_house.database)


def path(id_: object) -> str:
    return f"/console/processes/instances/{id_}"


def marks(page: str) -> dict:
    return json.loads(unescape(page.partition('data-marks="')[2].partition('"')[0]))


def open_incidents(house: House) -> list[dict]:
    with house.database.transaction() as tx:
        return incidents(tx)


def test_what_has_stopped_is_found_explained_and_retried_in_bulk(own_house: House, working: UnderWay) -> None:
    operator = own_house.sign_in("operator")
    page = operator.get("/console/processes/incidents?process=issuance&element=register").text
    assert page.count('name="ids"') == len(working.stuck)
    assert "the &lt;b&gt;register&lt;/b&gt; is away" in page
    assert CAUSE not in page
    found = open_incidents(own_house)
    form = {"ids": [str(one["id"]) for one in found], "reason": "the register is back"}
    answer = operator.post("/console/processes/incidents/retry", data=form)
    assert answer.status_code == 303, answer.text
    assert "3 incidents are tried again." in operator.get(answer.headers["location"]).text
    working.desk.work_without_pauses()
    assert open_incidents(own_house) == []
    page = operator.get(path(working.stuck[0])).text
    assert "completed" in page
    assert "the register is back" in page, "who has intervened, and why"
    again = operator.post("/console/processes/incidents/retry", data=form)
    assert "ORC-202" in again.text


def test_an_instance_shows_its_way_where_it_stands_and_why_it_stopped(
    own_house: House, working: UnderWay
) -> None:
    page = own_house.sign_in("auditor").get(path(working.stuck[0])).text
    shown = marks(page)
    assert shown["register"]["tone"] == "bad"
    assert shown["validate"]["tone"] == "passed"
    assert "the &lt;b&gt;register&lt;/b&gt; is away" in page
    assert "<textarea" not in page, "an auditor can do nothing"


def with_a_note(house: House) -> UUID:
    """An instance of a model of its own that lets its note be mended."""
    xml = process(
        ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"), id_="noted", mendable="note"
    )
    id_ = new_id()
    with house.database.transaction() as tx:
        deploy(tx, xml, resource="noted.bpmn", now=NOW)
        start(tx, "noted", [NewInstance(id_, {"note": 1})], now=NOW)
    return id_


def test_a_variable_that_its_model_gives_away_is_mended_with_its_reason(own_house: House) -> None:
    operator, id_ = own_house.sign_in("operator"), with_a_note(own_house)
    form = {"name": "note", "value": '{"a": [1, "<i>"]}', "reason": "told by telephone"}
    assert operator.post(f"{path(id_)}/variables", data=form).status_code == 303
    with own_house.database.transaction() as tx:
        assert instance(tx, id_)["variables"]["note"] == {"a": [1, "<i>"]}
        (act,) = interventions(tx, id_)
    assert (act["kind"], act["reason"]) == ("mended", "told by telephone")
    assert "&lt;i&gt;" in operator.get(path(id_)).text
    for value in ("no json", '1, "x": 2', '1}, "y": {"z": 3', "", '{"a": 1, "a": 2}', "NaN"):
        wrong = operator.post(f"{path(id_)}/variables", data={**form, "value": value})
        assert (wrong.status_code, "CON-422" in wrong.text) == (422, True), value
    with own_house.database.transaction() as tx:
        assert instance(tx, id_)["variables"] == {"note": {"a": [1, "<i>"]}}


def test_what_an_approver_looks_at_is_not_mended(own_house: House, working: UnderWay) -> None:
    operator, id_ = own_house.sign_in("operator"), working.amending
    with own_house.database.transaction() as tx:
        before = instance(tx, id_)["variables"]
    for name in (*before, "requester", "approver", "approved", "isin", "note"):
        form = {"name": name, "value": "false", "reason": "x"}
        answer = operator.post(f"{path(id_)}/variables", data=form)
        assert (answer.status_code, "ORC-212" in answer.text) == (409, True), name
    with own_house.database.transaction() as tx:
        assert instance(tx, id_)["variables"] == before
        assert interventions(tx, id_) == []


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_model_does_not_give_away_is_mended_by_two_persons(
    own_house: House, working: UnderWay, count: int
) -> None:
    operator, approver, ids = (
        own_house.sign_in("operator"),
        own_house.sign_in("approver"),
        working.stuck[:count],
    )
    form = {"name": "policy", "value": '"<ALL>"', "reason": "agreed by telephone"}
    for reader in ("auditor", "approver"):
        assert own_house.sign_in(reader).post(f"{path(ids[0])}/variables", data=form).status_code == 403
    if count == 1:
        answer = operator.post(f"{path(ids[0])}/variables", data=form)
    else:
        chosen = {**form, "ids": [str(id_) for id_ in ids]}
        answer = operator.post("/console/processes/instances/mending", data=chosen)
    assert answer.status_code == 303, answer.text
    working.desk.work_without_pauses()
    with own_house.database.transaction() as tx:
        assert "<ALL>" not in {instance(tx, id_)["variables"].get("policy") for id_ in ids}
        (task,) = user_tasks(tx, process_id="mending")
    page = approver.get(f"/console/tasks/{task['id']}").text
    assert page.count("<ins>&#34;&lt;ALL&gt;&#34;</ins>") == count
    assert "agreed by telephone" in page
    decided = approver.post(
        f"/console/tasks/{task['id']}/decision", data={"decision": "approve", "reason": "seen"}
    )
    assert decided.status_code == 303, decided.text
    with own_house.database.transaction() as tx:
        assert {instance(tx, id_)["variables"]["policy"] for id_ in ids} == {"<ALL>"}
        for id_ in ids:
            assert [act["kind"] for act in interventions(tx, id_)] == ["mended"]


def test_instances_are_cancelled_in_bulk(own_house: House, working: UnderWay) -> None:
    operator = own_house.sign_in("operator")
    form = {"ids": [str(id_) for id_ in working.stuck], "reason": "not wanted"}
    answer = operator.post("/console/processes/instances/cancellation", data=form)
    assert "3 instances are cancelled." in operator.get(answer.headers["location"]).text
    page = operator.get("/console/processes/instances?process=issuance&state=cancelled").text
    assert all(str(id_) in page for id_ in working.stuck)
    assert "ORC-205" in operator.post("/console/processes/instances/cancellation", data=form).text


def test_a_migration_is_refused_with_the_reason(own_house: House, working: UnderWay) -> None:
    form = {"ids": str(working.stuck[0]), "reason": "x", "process": "issuance", "version": "7"}
    answer = own_house.sign_in("operator").post("/console/processes/instances/migration", data=form)
    assert answer.status_code == 404
    assert "ORC-204" in answer.text


@pytest.mark.parametrize("role", ["auditor", "issuer"])
def test_who_does_not_operate_changes_nothing(own_house: House, working: UnderWay, role: str) -> None:
    person, (first, *_) = own_house.sign_in(role), open_incidents(own_house)
    form = {"ids": str(first["id"]), "reason": "x"}
    assert person.post("/console/processes/incidents/retry", data=form).status_code == 403
    form = {"ids": str(working.stuck[0]), "reason": "x"}
    assert person.post("/console/processes/instances/cancellation", data=form).status_code == 403
    if role == "issuer":
        for place in ("instances", "incidents", f"instances/{working.stuck[0]}"):
            assert person.get(f"/console/processes/{place}").status_code == 403
        assert person.get("/console/tasks").status_code == 403
    assert len(open_incidents(own_house)) == len(working.stuck)


def the_task(house: House) -> dict:
    with house.database.transaction() as tx:
        (found,) = user_tasks(tx)
    return found


def test_an_approver_sees_the_difference_and_approves(own_house: House, working: UnderWay) -> None:
    approver, task = own_house.sign_in("approver"), the_task(own_house)
    assert f"/console/tasks/{task['id']}" in approver.get("/console/tasks").text
    page = approver.get(f"/console/tasks/{task['id']}").text
    assert "<ins>2027-12-30</ins>" in page
    assert "<ins>Renamed &lt;i&gt;note&lt;/i&gt;</ins>" in page
    assert "<del>" in page
    form = {"decision": "approve", "reason": "consent is there"}
    answer = approver.post(f"/console/tasks/{task['id']}/decision", data=form)
    assert answer.status_code == 303, answer.text
    working.desk.work_without_pauses()
    with own_house.database.transaction() as tx:
        assert user_tasks(tx) == []
        assert instance(tx, working.amending)["state"] == "completed"
    assert "ORC-203" in approver.post(f"/console/tasks/{task['id']}/decision", data=form).text


def test_whoever_asked_cannot_approve(own_house: House, working: UnderWay) -> None:
    approver = own_house.sign_in("approver")
    with own_house.database.transaction() as tx:
        label = tx.value("SELECT name || ' (' || id || ')' FROM access.token WHERE name ILIKE 'approver'")
    amend = {
        "kind": "AMEND",
        "isin": working.isin,
        "changes": {"maturity_date": "2028-12-29"},
        "issuer_consent": True,
    }
    working.request(amend, label)
    with own_house.database.transaction() as tx:
        mine = next(t for t in user_tasks(tx) if t["asked_by"] == label)
    page = approver.get(f"/console/tasks/{mine['id']}").text
    assert "ACC-405" in page
    assert "<textarea" not in page
    answer = approver.post(
        f"/console/tasks/{mine['id']}/decision", data={"decision": "approve", "reason": "x"}
    )
    assert (answer.status_code, "ACC-405" in answer.text) == (403, True)


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_only_an_approver_decides(own_house: House, working: UnderWay, role: str) -> None:
    task = the_task(own_house)
    form = {"decision": "approve", "reason": "x"}
    answer = own_house.sign_in(role).post(f"/console/tasks/{task['id']}/decision", data=form)
    assert answer.status_code == 403
    assert the_task(own_house)["id"] == task["id"]


def test_a_task_is_taken_and_given_back(own_house: House, working: UnderWay) -> None:
    approver, task = own_house.sign_in("approver"), the_task(own_house)
    path = f"/console/tasks/{task['id']}"
    assert approver.post(f"{path}/assignment", data={"wanted": "take"}).status_code == 303
    assert the_task(own_house)["assignee"].startswith("approver (")
    assert "Give back" in approver.get(path).text
    assert own_house.sign_in("auditor").post(f"{path}/assignment", data={"wanted": "take"}).status_code == 403
    assert approver.post(f"{path}/assignment", data={"wanted": "give back"}).status_code == 303
    assert the_task(own_house)["assignee"] is None


def test_incidents_of_another_version_are_left_out(own_house: House, working: UnderWay) -> None:
    operator = own_house.sign_in("operator")
    for version, count in ((1, len(working.stuck)), (2, 0)):
        page = operator.get(f"/console/processes/incidents?process=issuance&version={version}").text
        assert page.count('name="ids"') == count
