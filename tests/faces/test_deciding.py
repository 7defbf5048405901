"""Four eyes: whoever asked decides nothing of it, whatever an operator has done to the process meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.access import Actor
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.faces import decide_task, proposal_of
from counterfoil.orchestration import (
    NewInstance,
    Tasks,
    Worker,
    checks,
    deploy,
    instance,
    migrate,
    parse,
    set_instance_variables,
    start,
    user_tasks,
)
from counterfoil.processes import MODELS, requesters, start_adjustment, start_correction, start_events
from counterfoil.servicing import Action, Process, ServicingEvent
from tests.orchestration.bpmn_text import flows, node, process
from tests.orchestration.test_engine import ENDS, NOW, USER

ASKER = Actor(new_id(), "Ada", None, frozenset({"paying_agent", "approver"}))
OTHER = Actor(new_id(), "Eve", None, frozenset({"approver"}))
PLACES = [
    (path, model.id, element.id)
    for path in MODELS
    for model in parse(path.read_bytes())
    for element in model.elements.values()
    if element.type == "userTask"
]
CONTROL = (
    "requester", "asked_by", "approver", "approved", "reason", "because", "needs_approval", "batch", "position",
    "request", "policy", "isin", "kind", "go", "what", "amount", "declared", "redeems", "event", "adjustment",
    "factor", "underlying", "effective_at", "record_at", "payment_at", "outcome", "left", "sold", "placement",
    "release",
)  # fmt: skip
"""Everything that the models read, and what they have read."""


SAID = {
    "isin": "x", "event": str(new_id()), "before": {}, "after": {}, "because": "x", "name": "x",
    "roles": ["approver"], "fingerprint": "0" * 64, "lei": None, "expires_at": None,
}  # fmt: skip


@dataclass
class Engine:
    """All models deployed, and a worker that does none of their work."""

    database: Database

    def begin(self, process_id: str, element_id: str, asked_by: str | None = ASKER.label) -> UUID:
        """An instance that somebody has asked for, standing at one of its elements."""
        id_ = new_id()
        with self.database.transaction() as tx:
            start(tx, process_id, [NewInstance(id_, SAID, asked_by=asked_by)], now=NOW)
            tx.execute(
                "UPDATE orchestration.element_instance SET element_id = %(element)s::text "
                "WHERE instance_id = %(id)s::uuid",
                element=element_id, id=id_,
            )  # fmt: skip
        self.work()
        return id_

    def work(self) -> None:
        worker = Worker(self.database, Tasks())
        while worker.run_once():
            pass

    def task(self, instance_id: UUID) -> dict[str, Any]:
        with self.database.transaction() as tx:
            return next(t for t in user_tasks(tx, limit=1000) if t["instance_id"] == instance_id)

    def decide(self, actor: Actor, task: dict[str, Any]) -> None:
        with self.database.transaction() as tx:
            decide_task(tx, actor, task["id"], approved=True, reason="", now=NOW)

    def mend(self, instance_id: UUID, **variables: object) -> None:
        with self.database.transaction() as tx:
            set_instance_variables(tx, [instance_id], variables, actor="Max", now=NOW)


@pytest.fixture(scope="module")
def engine(shared_database: Database) -> Iterator[Engine]:
    with shared_database.transaction() as tx:
        for path in MODELS:
            deploy(tx, path.read_bytes(), resource=path.name, now=NOW)
    yield Engine(shared_database)
    with shared_database.transaction() as tx:
        assert [check.name for check in checks(tx) if not check.holds] == []


def test_every_model_that_asks_a_person_is_looked_at() -> None:
    assert {process_id for _, process_id, _ in PLACES} >= {
        "issuance",
        "correction",
        "adjustment",
        "release",
        "early-redemption",
    }
    assert len(PLACES) >= 12


@pytest.mark.parametrize(("path", "process_id", "element_id"), PLACES)
def test_whoever_asked_is_refused_at_every_task_and_another_is_not(
    engine: Engine, path, process_id: str, element_id: str
) -> None:
    id_ = engine.begin(process_id, element_id)
    (model,) = (p for p in parse(path.read_bytes()) if p.id == process_id)
    for name in sorted(model.mendable):
        engine.mend(id_, **{name: OTHER.label})
    for name in CONTROL:
        with pytest.raises(Refused, match="ORC-208"):
            engine.mend(id_, **{name: OTHER.label})
    task = engine.task(id_)
    assert (task["asked_by"], task["element_id"]) == (ASKER.label, element_id)
    with pytest.raises(Refused, match="ACC-405"):
        engine.decide(ASKER, task)
    engine.decide(OTHER, task)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.lists(st.sampled_from(CONTROL) | st.text(min_size=1), min_size=1), value=st.booleans())
def test_nothing_is_mended_where_one_of_the_variables_is_not_given_away(
    engine: Engine, names: list[str], value: bool
) -> None:
    id_ = engine.begin("correction", "approve")
    with pytest.raises(Refused, match="ORC-208") as refused:
        engine.mend(id_, **dict.fromkeys(names, value))
    assert len(refused.value.refusals) == len(set(names)), "every one is named"
    with engine.database.transaction() as tx:
        assert instance(tx, id_)["variables"] == SAID


@pytest.mark.parametrize("table", ["process_instance", "user_task"])
def test_the_database_lets_nobody_change_who_asked(engine: Engine, table: str) -> None:
    with engine.database.transaction() as tx, pytest.raises(Exception, match="append-only"):
        tx.execute(f"UPDATE orchestration.{table} SET asked_by = 'Eve'")


def test_the_database_lets_nobody_complete_what_they_asked_for(engine: Engine) -> None:
    task = engine.task(engine.begin("correction", "approve"))
    with engine.database.transaction() as tx, pytest.raises(Exception, match="four_eyes"):
        tx.execute(
            "UPDATE orchestration.user_task SET ended_at = now(), completed_by = asked_by WHERE id = %(id)s::uuid",
            id=task["id"],
        )  # fmt: skip


def test_the_processes_of_servicing_say_who_asked(engine: Engine) -> None:
    by = {"now": NOW, "requester": ASKER.label}
    event = ServicingEvent(
        new_id(), "DE000CF00002", 1, "early_redemption", date(2027, 1, 4), None, None, "", "", "EUR",
        {"called_by": ASKER.label},
    )  # fmt: skip
    nobodys = replace(event, id=new_id(), particulars={})
    with engine.database.transaction() as tx:
        correction = start_correction(tx, new_id(), event.isin, "wrong fixing", **by)
        split = Action("DE0007164600", Decimal("0.5"), date(2027, 1, 4))
        adjustment = start_adjustment(tx, split, "split 1:2", **by)
        start_events(tx, [(e, Process.EARLY_REDEMPTION) for e in (event, nobodys)], now=NOW)
        told = [instance(tx, id_) for id_ in (correction, adjustment, event.id, nobodys.id)]
    assert [one["asked_by"] for one in told] == [ASKER.label, ASKER.label, ASKER.label, None]
    assert all("requester" not in one["variables"] for one in told)
    engine.work()
    for one in told[:3]:
        with pytest.raises(Refused, match="ACC-405"):
            engine.decide(ASKER, engine.task(one["id"]))
    with engine.database.transaction() as tx:
        assert requesters(tx, [engine.task(nobodys.id)]) == [frozenset()]


def test_a_model_of_a_customers_own_may_call_its_variables_as_it_likes(engine: Engine) -> None:
    named = {"event": "a party", "batch": 1, "position": "x", "adjustment": None}
    model = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"), id_="own")
    id_ = new_id()
    with engine.database.transaction() as tx:
        deploy(tx, model, resource="own.bpmn", now=NOW)
        start(tx, "own", [NewInstance(id_, named, asked_by=ASKER.label)], now=NOW)
    engine.work()
    task = engine.task(id_)
    with engine.database.transaction() as tx:
        assert proposal_of(tx, task, now=NOW) is None
    with pytest.raises(Refused, match="ACC-405"):
        engine.decide(ASKER, task)
    engine.decide(OTHER, task)


BARRED = [
    ("correction", "approve", {"approve": "recover"}, "correction", "ORC-211"),
    ("issuance", "validate", {"validate": "register"}, "issuance", "ORC-211"),
    ("adjustment", "approve", {"approve": "see_to"}, "adjustment", "ORC-211"),
    ("early-redemption", "approve", {"approve": "clear"}, "coupon", "ORC-209"),
    ("correction", "approve", {}, "adjustment", "ORC-209"),
]


@pytest.mark.parametrize(("process_id", "element_id", "mapping", "target", "code"), BARRED)
def test_no_migration_leads_around_a_person(
    engine: Engine, process_id: str, element_id: str, mapping: dict[str, str], target: str, code: str
) -> None:
    id_ = engine.begin(process_id, element_id)
    with engine.database.transaction() as tx, pytest.raises(Refused, match=code):
        migrate(tx, [id_], target, 1, mapping, actor="Max", now=NOW)
