"""Mending by two persons: what the second was shown is what is set, or nothing is."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.access import Actor
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.faces import decide_task, proposal_of
from counterfoil.orchestration import (
    NewInstance,
    Tasks,
    Worker,
    cancel,
    checks,
    deploy,
    instance,
    interventions,
    set_instance_variables,
    start,
    user_tasks,
)
from counterfoil.processes import MENDING, MODELS, start_events, start_mending
from counterfoil.servicing import Process, ServicingEvent
from tests.orchestration.bpmn_text import flows, node, on_timer, process
from tests.orchestration.test_engine import ENDS, NOW, USER

LEI = "529900T8BM49AURSDO55"
ASKER, EVE, MAX = "Ada (1)", Actor(new_id(), "Eve", None, frozenset({"approver"})), "Max (2)"
WAITING = process(
    ENDS + node("intermediateCatchEvent", "t", on_timer("PT1H")) + flows("s -> t", "t -> e"), mendable="note"
)
ASKING = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"), id_="Q")


class Desk:
    """The model of mending, one that waits and one that asks a person."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as tx:
            for path in MODELS:
                deploy(tx, path.read_bytes(), resource=path.name, now=NOW)
            for model in (WAITING, ASKING):
                deploy(tx, model, resource="test.bpmn", now=NOW)

    def begin(
        self, count: int = 1, process_id: str = "P", asked_by: str | None = ASKER, **said: Any
    ) -> list[UUID]:
        ids = new_ids(count)
        with self.database.transaction() as tx:
            start(tx, process_id, [NewInstance(id_, said, asked_by=asked_by) for id_ in ids], now=NOW)
        self.work()
        return ids

    def work(self) -> None:
        worker = Worker(self.database, Tasks())
        while worker.run_once():
            pass

    def propose(self, ids: list[UUID], **variables: Any) -> dict[str, Any]:
        """The task that a proposal leaves."""
        with self.database.transaction() as tx:
            id_ = start_mending(tx, ids, variables, "typing error", now=NOW, requester=MAX)
        self.work()
        with self.database.transaction() as tx:
            return next(task for task in user_tasks(tx, limit=1000) if task["instance_id"] == id_)

    def decide(self, task: dict[str, Any], actor: Actor = EVE, *, approved: bool = True) -> None:
        with self.database.transaction() as tx:
            decide_task(tx, actor, task["id"], approved=approved, reason="seen", now=NOW)
        self.work()

    def variables(self, id_: UUID) -> dict[str, Any]:
        with self.database.transaction() as tx:
            return dict(instance(tx, id_)["variables"])


@pytest.fixture(scope="module")
def desk(shared_database: Database):
    yield Desk(shared_database)
    with shared_database.transaction() as tx:
        assert [check.name for check in checks(tx) if not check.holds] == []


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def test_nothing_changes_until_a_second_person_has_approved(desk: Desk) -> None:
    ids = desk.begin(3, amount="10", other="stays")
    task = desk.propose(ids, amount="1", added=[1, {"a": None}])
    assert desk.variables(ids[0]) == {"amount": "10", "other": "stays"}
    with desk.database.transaction() as tx:
        shown = proposal_of(tx, task, now=NOW)
    assert shown is not None
    assert shown.hindrances == ()
    assert {(line.name, line.before, line.after) for line in shown.lines} >= {
        (f"{ids[1]}: amount", '"10"', '"1"'), (f"{ids[1]}: added", None, '[1,{"a":null}]'),
    }  # fmt: skip
    desk.decide(task)
    for id_ in ids:
        assert desk.variables(id_) == {"amount": "1", "other": "stays", "added": [1, {"a": None}]}
    with desk.database.transaction() as tx:
        (act,) = interventions(tx, ids[2])
        assert instance(tx, task["instance_id"])["state"] == "completed"
    assert (act["kind"], act["actor"], act["reason"]) == ("mended", MAX, "typing error")
    assert act["details"] == {
        "before": {"amount": "10"}, "after": {"amount": "1", "added": [1, {"a": None}]}, "approved_by": EVE.label,
    }  # fmt: skip


def test_what_is_refused_is_not_set(desk: Desk) -> None:
    (id_,) = desk.begin(amount="10")
    desk.decide(desk.propose([id_], amount="1"), approved=False)
    assert desk.variables(id_) == {"amount": "10"}


def test_whoever_asked_for_it_or_for_what_it_changes_does_not_approve(desk: Desk) -> None:
    (of_eve,) = desk.begin(amount="10", asked_by=EVE.label)
    task = desk.propose([of_eve], amount="1")
    for actor, code in (
        (Actor(new_id(), "Olga", None, frozenset({"operator"})), "ACC-403"),
        (EVE, "ORC-214"),
    ):
        with pytest.raises(Refused) as refused:
            desk.decide(task, actor)
        assert codes(refused) == {code}
    both = Actor(new_id(), "Both", None, frozenset({"approver"}))
    (id_,) = desk.begin(amount="10")
    with desk.database.transaction() as tx:
        asked = start_mending(tx, [id_], {"amount": "1"}, "mine", now=NOW, requester=both.label)
    desk.work()
    with desk.database.transaction() as tx:
        own = next(task for task in user_tasks(tx, limit=1000) if task["instance_id"] == asked)
    with pytest.raises(Refused) as refused:
        desk.decide(own, both)
    assert codes(refused) == {"ACC-405"}
    assert desk.variables(id_) == desk.variables(of_eve) == {"amount": "10"}


@pytest.mark.parametrize("happened", ["set", "ended"])
def test_what_has_gone_on_meanwhile_is_not_mended_and_the_approval_does_not_count(
    desk: Desk, happened: str
) -> None:
    one, two = desk.begin(2, note="a", amount="10")
    task = desk.propose([one, two], amount="1", note="b")
    with desk.database.transaction() as tx:
        if happened == "set":
            set_instance_variables(tx, [two], {"note": "c"}, actor="x", now=NOW)
        else:
            cancel(tx, [two], actor="x", now=NOW)
    with desk.database.transaction() as tx:
        shown = proposal_of(tx, task, now=NOW)
    assert shown is not None
    assert any(str(two) in reason for reason in shown.hindrances)
    with pytest.raises(Refused) as refused:
        desk.decide(task)
    assert codes(refused) == {"ORC-213" if happened == "set" else "ORC-205"}
    assert desk.variables(one) == {"note": "a", "amount": "10"}
    with desk.database.transaction() as tx:
        assert instance(tx, task["instance_id"])["state"] == "active"
    desk.decide(task, approved=False)


@pytest.mark.parametrize(
    ("before", "meanwhile"), [(True, 1), (1, 1.0), ("1", 1), ([0], [False]), (None, False)]
)
def test_what_is_another_value_is_not_the_same(desk: Desk, before: object, meanwhile: object) -> None:
    (id_,) = desk.begin(note=before)
    task = desk.propose([id_], note="mended")
    with desk.database.transaction() as tx:
        set_instance_variables(tx, [id_], {"note": meanwhile}, actor="x", now=NOW)
    with pytest.raises(Refused) as refused:
        desk.decide(task)
    assert codes(refused) == {"ORC-213"}
    desk.decide(task, approved=False)


def test_whoever_called_for_an_event_approves_no_mending_of_its_process(desk: Desk) -> None:
    event = ServicingEvent(
        new_id(), "DE000CF00002", 1, "early_redemption", date(2027, 1, 4), None, None, "", LEI, "EUR",
        {"called_by": EVE.label},
    )  # fmt: skip
    with desk.database.transaction() as tx:
        start_events(tx, [(event, Process.EARLY_REDEMPTION)], now=NOW)
        tx.execute(
            "UPDATE orchestration.element_instance SET element_id = 'determine' WHERE instance_id = %(id)s::uuid",
            id=event.id,
        )
    desk.work()  # nobody does the work here: it stops
    with pytest.raises(Refused) as refused:
        desk.propose([event.id], event=str(new_id()))
    assert codes(refused) == {"PRC-060"}
    task = desk.propose([event.id], because="x")
    with pytest.raises(Refused) as refused:
        desk.decide(task, EVE)
    assert codes(refused) == {"ORC-214"}
    desk.decide(task, Actor(new_id(), "Mia", None, frozenset({"approver"})))
    assert desk.variables(event.id)["because"] == "x"


def test_what_waits_for_a_person_is_not_mended_under_its_eyes(desk: Desk) -> None:
    (asking,) = desk.begin(process_id="Q", amount="10")
    with pytest.raises(Refused) as refused:
        desk.propose([asking], amount="1")
    assert codes(refused) == {"ORC-212"}
    (id_,) = desk.begin(amount="10")
    task = desk.propose([id_], amount="1")
    with pytest.raises(Refused) as refused:
        desk.propose([task["instance_id"]], after={"amount": "9"})
    assert codes(refused) == {"ORC-212"}, "a proposal cannot be changed by another"
    desk.decide(task, approved=False)


_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


@given(
    before=st.dictionaries(st.sampled_from("abc"), _VALUES),
    after=st.dictionaries(st.sampled_from("abcd"), _VALUES, min_size=1),
)  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_values_are_set_as_they_were_shown(
    desk: Desk, before: dict[str, Any], after: dict[str, Any]
) -> None:
    (id_,) = desk.begin(**before)
    desk.decide(desk.propose([id_], **after))
    assert desk.variables(id_) == {**before, **after}


def test_the_model_is_deployed_with_the_others() -> None:
    assert any(path.stem == MENDING for path in MODELS)


@pytest.mark.parametrize("value", ["\0", {"\0": 1}, "\ud800", ["\udfff"]], ids=repr)
def test_a_value_that_cannot_be_stored_is_refused(desk: Desk, value: object) -> None:
    (id_,) = desk.begin(note="a")
    with pytest.raises(Refused) as refused:
        desk.propose([id_], note=value)
    assert codes(refused) == {"COR-003"}
    assert desk.variables(id_) == {"note": "a"}
