"""What is alive and what waits for a person, counted."""

from datetime import UTC, datetime, timedelta

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database
from counterfoil.core.ids import new_ids
from counterfoil.orchestration import (
    NewInstance,
    Tasks,
    Worker,
    complete_user_tasks,
    deploy,
    in_flight,
    oldest_open,
    open_incidents,
    open_user_tasks,
    start,
    user_tasks,
)
from tests.orchestration.bpmn_text import extensions, flows, node, process, service

NOW = datetime(2026, 3, 31, tzinfo=UTC)
USER = extensions('<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="desk"/>')
MODEL = process(
    node("startEvent", "s") + node("endEvent", "z") + node("userTask", "person", USER) + service("a")
    + flows("s -> person", "person -> a", "a -> z"),
)  # fmt: skip


def fails(*_: object) -> list:
    raise ValueError("broken")


def test_the_overview_follows_instances_from_their_start_to_their_end(database: Database):
    clock = SimulatedClock(NOW)
    tasks = Tasks()
    tasks.add("a", fails)
    with database.transaction() as tx:
        (deployed,) = deploy(tx, MODEL, resource="test.bpmn", now=NOW)
        assert in_flight(tx).processes == []
        assert (open_incidents(tx).count, open_user_tasks(tx).oldest) == (0, None)
        start(tx, deployed.process_id, [NewInstance(id_, {}) for id_ in new_ids(3)], now=NOW)
    worker = Worker(database, tasks, clock=clock)
    while worker.run_once():
        pass
    with database.transaction() as tx:
        (found,) = in_flight(tx).processes
        assert (found.process_id, found.moving, found.waiting, found.stuck) == (deployed.process_id, 0, 3, 0)
        assert (open_user_tasks(tx).count, open_user_tasks(tx).oldest) == (3, NOW)
        assert [one.detail for one in oldest_open(tx, 2)] == ["desk", "desk"]
        first = user_tasks(tx)[0]["id"]
        complete_user_tasks(tx, [first], {}, actor="Ada", now=NOW)
        (found,) = in_flight(tx).processes
        assert (found.moving, found.waiting) == (1, 2)
    for _ in range(20):
        worker.run_once()
        clock.advance(timedelta(hours=1))
    with database.transaction() as tx:
        (found,) = in_flight(tx).processes
        assert (found.moving, found.waiting, found.stuck) == (0, 2, 1)
        assert open_incidents(tx).count == 1
        assert "broken" in oldest_open(tx, 2)[0].detail
