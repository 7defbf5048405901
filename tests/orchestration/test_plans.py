"""Lists of many instances are read by their indexes, whichever filter is set."""

import re
from pathlib import Path

import pytest

from counterfoil.core.db import Database, queries
from counterfoil.core.ids import new_id
from counterfoil.orchestration import deploy
from counterfoil.orchestration.engine import reading
from tests.orchestration.test_engine import NOW
from tests.orchestration.test_operations import PERSON, TASK

SQL = queries(reading.__file__)
COUNT = 20_000
FILL = """
INSERT INTO orchestration.process_instance (id, definition_id, business_key, variables, state, started_at, ended_at)
SELECT gen_random_uuid(), d.id, 'K' || mod(n, 500), '{}',
    CASE WHEN mod(n, 50) = 0 THEN 'active' ELSE 'completed' END, now(),
    CASE WHEN mod(n, 50) = 0 THEN NULL ELSE now() END
FROM orchestration.process_definition AS d, generate_series(1, %(count)s::integer) AS n;
INSERT INTO orchestration.element_instance (id, instance_id, definition_id, element_id, state, entered_at)
SELECT gen_random_uuid(), id, definition_id, 'u', 'waiting', now() FROM orchestration.process_instance
WHERE state = 'active';
INSERT INTO orchestration.user_task (
    id, instance_id, definition_id, element_id, name, candidate_groups, created_at, ended_at
)
SELECT gen_random_uuid(), id, definition_id, 'u', 'x',
    CASE WHEN left(id::text, 3) = '000' THEN '{rare}' ELSE '{approver}' END::text[], now(), ended_at
FROM orchestration.process_instance;
INSERT INTO orchestration.incident (
    id, element_instance_id, instance_id, definition_id, element_id, kind, message, raised_at, resolved_at
)
SELECT gen_random_uuid(), id, id, definition_id, 'u', 'x', 'x', now(), ended_at FROM orchestration.process_instance;
"""


@pytest.fixture(scope="module")
def filled(shared_database: Database) -> Database:
    """Two models with many instances, few of them alive."""
    with shared_database.transaction() as tx:
        for model in (PERSON, TASK):
            deploy(tx, model, resource="x", now=NOW)
        for statement in filter(str.strip, FILL.split(";")):
            tx.execute(statement, count=COUNT) if "%(" in statement else tx.execute(statement)
        for table in ("process_instance", "element_instance", "user_task", "incident", "process_definition"):
            tx.execute(f"ANALYZE orchestration.{table}")
    return shared_database


GIVEN = {
    "process": "P", "version": 1, "states": ["active"], "after": new_id(), "limit": 50, "business_key": "K7",
    "element": "u", "standing": ["waiting"], "instance": new_id(), "id": new_id(), "groups": ["rare"],
    "open": True, "path": new_id(), "ordinal": 1, "ids": [new_id()],
}  # fmt: skip
INDEXES = [
    ("instances", "process_instance_page"),
    ("instances_back", "process_instance_page"),
    ("instances_by_key", "process_instance_key"),
    ("instances_by_key_back", "process_instance_key"),
    ("instances_at", "element_instance_at"),
    ("instance", "process_instance_pkey"),
    ("named", "process_instance_pkey"),
    ("elements", "element_instance_of"),
    ("incidents", "incident_of_definition"),
    ("open_incidents", "incident_page"),
    ("open_incidents_at", "incident_(at|page)"),
    ("visits", "instance_path_pkey"),
    ("passed", "instance_path_pkey"),
    ("incidents_of", "incident_of"),
    ("interventions", "intervention_of"),
    ("user_task", "user_task_pkey"),
    ("user_tasks", "user_task_page"),
    ("user_tasks_for", "user_task_for"),
]


@pytest.mark.parametrize(("name", "index"), INDEXES)
def test_every_filter_is_answered_by_an_index(filled: Database, name: str, index: str) -> None:
    statement = getattr(SQL, name)
    named = {key: value for key, value in GIVEN.items() if f"%({key})s" in statement}
    with filled.transaction() as tx:
        plan = "\n".join(row[0] for row in tx.rows(f"EXPLAIN {statement}", **named))
    assert re.search(rf"Scan.*(using|on) {index}\b", plan), plan
    tables = "process_instance|element_instance|user_task|incident"
    assert not re.search(rf"Seq Scan on ({tables})\b", plan), plan


def test_every_list_is_looked_at() -> None:
    text = Path(reading.__file__).with_suffix(".sql").read_text()
    assert set(re.findall(r"-- name: (\w+)", text)) == {name for name, _ in INDEXES} | {"visits"}


@pytest.mark.parametrize("name", ["instances", "instances_back", "instances_at"])
def test_what_is_in_no_such_state_is_not_looked_for_among_all(database: Database, name: str) -> None:
    """Where all are in one state, a planner takes any state for that of all, and would search from the first on."""
    with database.transaction() as tx:
        deploy(tx, TASK, resource="x", now=NOW)
        for statement in filter(str.strip, FILL.replace("mod(n, 50) = 0", "true").split(";")):
            tx.execute(statement, count=COUNT) if "%(" in statement else tx.execute(statement)
        tx.execute("ANALYZE orchestration.process_instance, orchestration.element_instance")
        statement = getattr(SQL, name)
        given = {**GIVEN, "process": None, "version": None, "states": ["cancelled"], "standing": ["incident"]}
        named = {key: value for key, value in given.items() if f"%({key})s" in statement}
        plan = "\n".join(row[0] for row in tx.rows(f"EXPLAIN {statement}", **named))
    assert dict(INDEXES)[name] in plan, plan
    assert "Index Cond: ((definition_id" in plan, plan
    assert "Seq Scan on orchestration" not in plan, plan
