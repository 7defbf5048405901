"""Whatever happens in whatever order: no instance is lost or done twice, and what has ended leaves nothing open."""

from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database, Unavailable
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_ids
from counterfoil.orchestration import (
    BpmnError,
    Done,
    Message,
    NewInstance,
    Tasks,
    Worker,
    cancel,
    checks,
    complete_user_tasks,
    deploy,
    incidents,
    publish,
    retry,
    start,
    user_tasks,
)
from tests.orchestration.bpmn_text import (
    extensions,
    flows,
    message,
    node,
    on_message,
    on_timer,
    process,
    service,
)

NOW = datetime(2026, 3, 31, tzinfo=UTC)
USER = extensions('<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="desk"/>')
ERROR = '<bpmn:errorEventDefinition errorRef="E"/>'
# Side by side: a task and a person, who is given an hour; a message and a task that may be refused.
MODEL = process(
    node("startEvent", "s") + node("endEvent", "z")
    + node("parallelGateway", "fork") + node("parallelGateway", "join")
    + service("a") + node("userTask", "person", USER)
    + node("boundaryEvent", "hour", on_timer("PT1H"), attachedToRef="person") + service("late")
    + node("exclusiveGateway", "either")
    + node("intermediateCatchEvent", "answer", on_message()) + service("b")
    + node("boundaryEvent", "refused", ERROR, attachedToRef="b") + service("c") + node("exclusiveGateway", "or")
    + flows(
        "s -> fork", "fork -> a", "a -> person", "person -> either", "hour -> late", "late -> either",
        "either -> join", "fork -> answer", "answer -> b", "b -> or", "refused -> c", "c -> or", "or -> join",
        "join -> z",
    ),
    roots=message("M", "answered") + '<bpmn:error id="E" name="No" errorCode="NO"/>',
)  # fmt: skip
WRITE = """INSERT INTO public.effect (instance_id, task)
SELECT i, %(task)s::text FROM unnest(%(ids)s::uuid[]) AS t (i)"""


class LosesItsCommit:
    """A database that is lost just before the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def transaction(self):
        with self._database.transaction() as tx:
            yield tx
            raise Unavailable("lost before the commit")

    def __getattr__(self, name: str):
        return getattr(self._database, name)


class Engine(RuleBasedStateMachine):
    """Hands at an engine; what each task did stands in a table that the tasks write in the same transaction."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.clock = SimulatedClock(NOW)
        self.broken: set[str] = set()
        self.ids: list[UUID] = []
        self.ended: dict[UUID, str] = {}
        self.answered: set[UUID] = set()
        self.tasks = Tasks()
        for name in ("a", "b", "c", "late"):
            self.tasks.add(name, self._task(name))

    def _task(self, name: str):
        def work(tx, jobs, _context):
            if name in self.broken:
                raise RuntimeError(f"{name} is broken")
            refused = [name == "b" and job.variables["n"] % 2 == 1 for job in jobs]
            done = [job.instance_id for job, no in zip(jobs, refused, strict=True) if not no]
            tx.execute(WRITE, ids=done, task=name)
            return [BpmnError("NO") if no else Done() for no in refused]

        return work

    def _run(self, database: object) -> None:
        worker = Worker(database, self.tasks, clock=self.clock)
        while worker.run_once():
            pass

    def _in(self, statement: str) -> list:
        with self.database.transaction() as tx:
            return tx.rows(statement, ids=self.ids)

    @rule(count=st.integers(1, 4))
    def begin(self, count):
        new = new_ids(count)
        with self.database.transaction() as tx:
            start(
                tx,
                "P",
                [NewInstance(i, {"n": n, "key": str(i)}) for n, i in enumerate(new)],
                now=self.clock.now(),
            )
        self.ids += new

    @rule()
    def work(self):
        self._run(self.database)

    @rule()
    def work_is_lost_before_the_commit(self):
        with suppress(Unavailable):
            Worker(LosesItsCommit(self.database), self.tasks, clock=self.clock).run_once()

    @rule(name=st.sampled_from(("a", "b", "c", "late")))
    def a_task_breaks_or_is_mended(self, name):
        self.broken ^= {name}

    @rule(which=st.integers(0, 20))
    def an_answer_comes(self, which):
        key = str(self.ids[which % len(self.ids)]) if self.ids and which < 20 else "nobody"
        with self.database.transaction() as tx:
            publish(tx, [Message("answered", key, {})], now=self.clock.now())

    @rule(minutes=st.sampled_from((1, 30, 90)))
    def time_passes(self, minutes):
        self.clock.advance(timedelta(minutes=minutes))

    @rule(which=st.integers(0, 9), twice=st.booleans())
    def a_person_is_done(self, which, twice):
        with self.database.transaction() as tx:
            open_ = [t for t in user_tasks(tx) if t["instance_id"] in self.ids]
        if open_:
            for _ in range(1 + twice):
                with suppress(Refused), self.database.transaction() as tx:
                    id_ = open_[which % len(open_)]["id"]
                    complete_user_tasks(tx, [id_], {}, actor="Ada", now=self.clock.now())

    @rule()
    def incidents_are_retried(self):
        with self.database.transaction() as tx:
            found = [i["id"] for i in incidents(tx) if i["instance_id"] in self.ids]
            if found:
                retry(tx, found, actor="Ada", now=self.clock.now())

    @rule(which=st.integers(0, 9))
    def one_is_cancelled(self, which):
        active = [i for i in self.ids if i not in self.ended]
        if active:
            with suppress(Refused), self.database.transaction() as tx:
                cancel(tx, [active[which % len(active)]], actor="Ada", now=self.clock.now())

    @invariant()
    def nobody_is_lost_and_what_ended_stays_ended(self):
        rows = self._in(
            "SELECT id, state FROM orchestration.process_instance WHERE id = ANY(%(ids)s::uuid[])"
        )
        states = dict(rows)
        assert states.keys() == set(self.ids)
        assert {i: states[i] for i in self.ended} == self.ended
        self.ended = {i: s for i, s in states.items() if s != "active"}
        held = {i for (i,) in self._in(
            "SELECT DISTINCT instance_id FROM orchestration.element_instance WHERE instance_id = ANY(%(ids)s::uuid[])"
        )}  # fmt: skip
        assert held == set(self.ids) - self.ended.keys()

    @invariant()
    def each_task_is_done_once_at_most_and_all_of_them_by_the_end(self):
        done = self._in(
            "SELECT instance_id, task FROM public.effect WHERE instance_id = ANY(%(ids)s::uuid[])"
        )
        assert len(done) == len(set(done))
        for id_, state in self.ended.items():
            tasks = {task for i, task in done if i == id_}
            if state == "completed":
                assert "a" in tasks
                assert len(tasks & {"b", "c"}) == 1

    @invariant()
    def everything_recorded_agrees(self):
        with self.database.snapshot() as tx:
            assert [c.name for c in checks(tx) if not c.holds] == []
            open_ = {t["instance_id"] for t in user_tasks(tx)} | {i["instance_id"] for i in incidents(tx)}
        assert not open_ & self.ended.keys()

    def teardown(self):
        """Whatever was broken is mended, everything is answered, and all that was not cancelled completes."""
        self.broken = set()
        for _ in range(2):
            self.incidents_are_retried()
            self._run(self.database)
            with self.database.transaction() as tx:
                publish(tx, [Message("answered", str(i), {}) for i in self.ids], now=self.clock.now())
            self._run(self.database)
            self.clock.advance(timedelta(hours=2))
            self._run(self.database)
        self.nobody_is_lost_and_what_ended_stays_ended()
        self.each_task_is_done_once_at_most_and_all_of_them_by_the_end()
        assert self.ended.keys() == set(self.ids)


@pytest.mark.slow
def test_no_order_of_events_loses_or_doubles_an_instance(database: Database):
    with database.transaction() as tx:
        tx.execute("CREATE TABLE public.effect (instance_id uuid NOT NULL, task text NOT NULL)")
        deploy(tx, MODEL, resource="test.bpmn", now=NOW)

    class OnThisDatabase(Engine):
        pass

    OnThisDatabase.database = database
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(max_examples=60, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )
