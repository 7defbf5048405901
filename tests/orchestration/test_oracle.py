"""SpiffWorkflow and our engine take the same path through generated models and decisions."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.ids import new_id
from counterfoil.orchestration import (
    BpmnError,
    Done,
    NewInstance,
    Tasks,
    Worker,
    deploy,
    instance,
    start,
    visits,
)
from tests.orchestration.models import (
    PROCESS,
    Choice,
    Compared,
    Embedded,
    Failing,
    Flag,
    Loop,
    Oracle,
    Parallel,
    Path,
    Sequence,
    Task,
    blocks,
    decisions,
    error_of,
    loops_within_loops,
    rendered,
    result_of,
)

KINDS = ("task", "init", "count", "fail")
NOW = datetime(2026, 3, 31, tzinfo=UTC)


class Engine:
    """Our engine over one database, with the tasks of generated models, which note the order of their calls."""

    def __init__(self, database) -> None:
        self._database = database
        self._clock = SimulatedClock(NOW)
        self._called = defaultdict(list)
        tasks = Tasks()
        for kind in KINDS:
            tasks.add(kind, self._work)
        self._worker = Worker(database, tasks, clock=self._clock)

    def _work(self, tx, jobs, context):
        outcomes = []
        for job in jobs:
            task = job.headers["id"]
            self._called[job.instance_id].append(task)
            result = result_of(task, job.variables)
            outcomes.append(BpmnError(error_of(task)) if result is None else Done(result))
        return outcomes

    def run(self, xml: bytes, variables: list[dict]) -> list[Path]:
        """Run an instance for each set of variables, all of them together."""
        news = [NewInstance(new_id(), values) for values in variables]
        with self._database.transaction() as tx:
            deploy(tx, xml, resource="generated.bpmn", now=self._clock.now())
            start(tx, PROCESS, news, now=self._clock.now())
        while self._worker.run_once():
            self._clock.advance(timedelta(seconds=1))
        with self._database.transaction() as tx:
            return [self._path(tx, new.id) for new in news]

    def _path(self, tx, id_) -> Path:
        found = instance(tx, id_)
        assert found["state"] == "completed", found["elements"]
        completed = Counter(v["element_id"] for v in visits(tx, id_) if v["outcome"] == "completed")
        return Path(completed, self._called.pop(id_))


def _comparable(path: Path) -> Counter:
    """How often each element was completed.

    Without sub-processes: SpiffWorkflow counts one as completed although its error end event has interrupted it.
    What lies inside and behind it is compared.
    """
    return Counter({id_: n for id_, n in path.completed.items() if not id_.startswith("sub_")})


def agree(engine: Engine, block, variables: list[dict]) -> None:
    """Fail unless both take the same path for each set of variables."""
    ours, theirs = rendered(block, feel=True), rendered(block, feel=False)
    oracle = Oracle(theirs.xml)
    for values, path in zip(variables, engine.run(ours.xml, variables), strict=True):
        wanted = oracle.run(values)
        assert _comparable(path) == _comparable(wanted), values
        assert path.strands(ours.strands) == wanted.strands(theirs.strands), values


@pytest.fixture
def engine(database):
    return Engine(database)


DECIDED = {"i0": 1, "i1": 2, "i2": 3, "b0": True, "b1": False, "b2": True}
CONTRARY = {"i0": 0, "i1": 0, "i2": 0, "b0": False, "b1": True, "b2": False}
T = Task()
BY_HAND = {
    "a task": T,
    "a sequence": Sequence((T, T)),
    "a choice": Choice(((Compared("i0", "==", 1), T), (Flag("b1"), Sequence((T, T)))), T),
    "a fork": Parallel((T, Sequence((T, T)), T)),
    "a loop": Loop(3, T),
    "an error": Failing("b0", T),
    "a sub-process": Embedded(T, None, T),
    "an error out of a sub-process": Embedded(Parallel((T, T)), "b0", T),
    "a fork in a loop": Loop(2, Parallel((Loop(2, T), Failing("b0", T)))),
    "a choice by the loop's counter": Loop(3, Choice(((Compared(None, "==", 1), T),), Sequence((T, T)))),
    "sub-processes in sub-processes": Embedded(Embedded(Parallel((T, Failing("b1", T))), "b0", T), "b2", T),
    "forks in forks": Parallel((Parallel((T, T)), Parallel((T, Embedded(Parallel((T, T)), None, T))))),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_both_engines_take_the_same_path_through_each_construct(engine, case):
    agree(engine, BY_HAND[case], [DECIDED, CONTRARY])


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(block=blocks, variables=st.lists(decisions, min_size=1, max_size=4))
def test_both_engines_take_the_same_path_through_generated_models(engine, block, variables):
    assume(loops_within_loops(block) <= 2)
    agree(engine, block, variables)


def test_a_difference_between_the_engines_would_be_seen(engine):
    ours = rendered(Choice(((Flag("b0"), T),), T), feel=True)
    theirs = rendered(Choice(((Flag("b1"), T),), T), feel=False)
    (path,) = engine.run(ours.xml, [DECIDED])
    wanted = Oracle(theirs.xml).run(DECIDED)
    assert _comparable(path) != _comparable(wanted)
    assert path.strands(ours.strands) != wanted.strands(theirs.strands)
