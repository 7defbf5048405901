"""The embedded engine against SpiffWorkflow on one model of seven steps, both durable in the same PostgreSQL.

SpiffWorkflow moves one instance at a time; its state is serialised, stored and committed after every step. The
embedded engine, one worker, moves up to a thousand together and commits once a stretch: what it has not committed it
does again after a crash. That is the difference that is measured; the rows of its history are included.
"""

import gc
import tempfile
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import psycopg
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.measure import Measure, Report
from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.orchestration import Done, NewInstance, Tasks, Worker, deploy, start

_MODEL = Path(__file__).with_name("seven_steps.bpmn")
_INSTANCES = 20_000
_SPIFF_INSTANCES = 200
_WARM_UP = 1000


def run(items: int | None = None) -> Report:
    """Instances a second of both."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        postgres = EmbeddedPostgres(Path(name))
        url = postgres.start()
        try:
            spiff = _spiff_per_s(url, _SPIFF_INSTANCES)
            ours = _embedded_per_s(url, items or _INSTANCES)
        finally:
            postgres.stop()
    return Report(
        [Measure("embedded engine against SpiffWorkflow, seven steps", ours / spiff, "×", 50, 200, True)],
        {"Rates": f"embedded engine {ours:,.0f} instances/s, SpiffWorkflow {spiff:,.1f} instances/s"},
    )


def _variables(number: int) -> dict[str, int]:
    return {"quantity": number % 100}


def _embedded_per_s(url: str, count: int) -> float:
    database = Database(url, connections=2)
    tasks = Tasks()
    tasks.add("step", lambda tx, jobs, context: [Done({"seen": job.variables["quantity"]}) for job in jobs])  # noqa: ARG005
    worker = Worker(database, tasks)
    gc.freeze()  # as a worker process does
    gc.set_threshold(50_000, 20, 20)
    try:
        migrate(database)
        with database.transaction() as tx:
            deploy(tx, _MODEL.read_bytes(), resource=_MODEL.name, now=datetime.now(UTC))
        _moved_s(database, worker, _WARM_UP)
        spent = _moved_s(database, worker, count)
        with database.transaction() as tx:
            ended = tx.value("SELECT count(*) FROM orchestration.process_instance WHERE state = 'completed'")
    finally:
        database.close()
    if ended != count + _WARM_UP:
        raise RuntimeError(f"{ended} instances ended, not {count + _WARM_UP}")
    return count / spent


def _moved_s(database: Database, worker: Worker, count: int) -> float:
    """Seconds to start so many instances and move them to their ends."""
    begun = time.perf_counter()
    for at in range(0, count, 5000):
        news = [NewInstance(new_id(), _variables(n)) for n in range(at, min(at + 5000, count))]
        with database.transaction() as tx:
            start(tx, "seven_steps", news, now=datetime.now(UTC))
    while worker.run_once():
        pass
    return time.perf_counter() - begun


class _Step(ServiceTask):
    def _run_hook(self, my_task):
        my_task.data["seen"] = my_task.data["quantity"]
        return True


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, _Step)}  # noqa: RUF012 - Spiff's form


def _spiff_per_s(url: str, count: int) -> float:
    """SpiffWorkflow reads conditions in Python, without FEEL's leading equals sign; else the file is the same."""
    parser = _Parser()
    parser.add_bpmn_io(BytesIO(_MODEL.read_bytes().replace(b">=quantity", b">quantity")))
    spec = parser.get_spec("seven_steps")
    serializer = BpmnWorkflowSerializer(
        BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, _Step: BpmnTaskSpecConverter})
    )
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE spiff_state (id uuid PRIMARY KEY, state text NOT NULL)")
        connection.commit()
        _spiff_one(connection, spec, serializer, 0)
        begun = time.perf_counter()
        for number in range(count):
            _spiff_one(connection, spec, serializer, number)
        return count / (time.perf_counter() - begun)


def _spiff_one(connection, spec, serializer, number: int) -> None:
    id_ = new_id()
    workflow = BpmnWorkflow(spec)
    workflow.task_tree.data.update(_variables(number))
    while (task := workflow.get_next_task(state=TaskState.READY)) is not None:
        task.run()
        if task.task_spec.bpmn_id is None:
            continue  # a step of SpiffWorkflow's own, not of the model
        connection.execute(
            "INSERT INTO spiff_state VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state",
            (id_, serializer.serialize_json(workflow)),
        )
        connection.commit()
    if not workflow.completed:
        raise RuntimeError("SpiffWorkflow did not come to an end")
