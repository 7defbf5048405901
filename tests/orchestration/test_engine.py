"""What each kind of element does, one model a behaviour."""

from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.orchestration import (
    BpmnError,
    Done,
    Message,
    NewInstance,
    Snooze,
    Tasks,
    Worker,
    cancel,
    checks,
    complete_user_tasks,
    deploy,
    heat_map,
    incidents,
    instance,
    instances,
    migrate,
    publish,
    retry,
    set_instance_variables,
    start,
    user_tasks,
    visits,
)
from tests.orchestration.bpmn_text import (
    definitions,
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


class House:
    """An engine on a simulated clock, with tasks that note who called."""

    def __init__(self, database) -> None:
        self.database = database
        self.clock = SimulatedClock(NOW)
        self.called: list[tuple[str, dict]] = []
        self.broken: set[str] = set()
        tasks = Tasks()
        for name in ("a", "b", "c", "late"):
            tasks.add(name, self._task(name))
        tasks.add("fails", lambda _tx, jobs, _context: [BpmnError("NO") for _ in jobs])
        tasks.add("snoozes", self._snooze)
        self.worker = Worker(database, tasks, clock=self.clock)

    def _task(self, name):
        def work(_tx, jobs, _context):
            if name in self.broken:
                raise RuntimeError(f"{name} is broken")
            self.called += [(name, dict(job.variables)) for job in jobs]
            return [Done({"by": name, "n": job.variables.get("item", 0)}) for job in jobs]

        return work

    def _snooze(self, _tx, jobs, _context):
        self.called += [("snoozes", {}) for _ in jobs]
        return [Done() if len(self.called) > 1 else Snooze(timedelta(minutes=5)) for _ in jobs]

    def run(self) -> None:
        while self.worker.run_once():
            pass

    def later(self, **by) -> None:
        self.clock.advance(timedelta(**by))
        self.run()

    def deploy(self, xml: bytes):
        with self.database.transaction() as tx:
            return deploy(tx, xml, resource="test.bpmn", now=self.clock.now())

    def start(self, xml: bytes, **variables):
        """Deploy, start one instance and run it as far as it goes."""
        self.deploy(xml)
        return self.begin(**variables)

    def begin(self, process_id: str = "P", **variables):
        id_ = new_id()
        with self.database.transaction() as tx:
            start(tx, process_id, [NewInstance(id_, variables)], now=self.clock.now())
        self.run()
        return id_

    def publish(self, name: str, key: str, **variables) -> None:
        with self.database.transaction() as tx:
            publish(tx, [Message(name, key, variables)], now=self.clock.now())
        self.run()

    def tasks(self):
        with self.database.transaction() as tx:
            return user_tasks(tx)

    def complete(self, **variables) -> None:
        with self.database.transaction() as tx:
            (task,) = user_tasks(tx)
            complete_user_tasks(tx, [task["id"]], variables, actor="Ada", now=self.clock.now())
        self.run()

    def state(self, id_) -> str:
        with self.database.transaction() as tx:
            return instance(tx, id_)["state"]

    def variables(self, id_) -> dict:
        with self.database.transaction() as tx:
            return instance(tx, id_)["variables"]

    def way(self, id_) -> list[str]:
        with self.database.transaction() as tx:
            return [v["element_id"] for v in visits(tx, id_)]

    def incidents(self):
        with self.database.transaction() as tx:
            return incidents(tx)

    def left(self) -> dict[str, int]:
        """Rows of what is alive."""
        with self.database.transaction() as tx:
            return {
                table: tx.value(f"SELECT count(*) FROM orchestration.{table}")
                for table in ("element_instance", "subscription", "message")
            }


@pytest.fixture
def house(database):
    found = House(database)
    yield found
    with database.transaction() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


NOTHING = {"element_instance": 0, "subscription": 0, "message": 0}
ENDS = node("startEvent", "s") + node("endEvent", "e")
CATCH_TIMER = process(
    ENDS + node("intermediateCatchEvent", "t", on_timer("PT1H")) + flows("s -> t", "t -> e")
)
CATCH_MESSAGE = process(
    ENDS + node("intermediateCatchEvent", "m", on_message()) + flows("s -> m", "m -> e"),
    roots=message("M", "paid"),
)


def test_a_timer_waits_until_it_is_due(house):
    id_ = house.start(CATCH_TIMER)
    house.later(minutes=59)
    assert house.state(id_) == "active"
    house.later(minutes=2)
    assert (house.state(id_), house.way(id_)) == ("completed", ["s", "t", "e"])
    assert house.left() == NOTHING


def test_a_message_reaches_the_instance_with_its_key_and_brings_variables(house):
    one = house.start(CATCH_MESSAGE, key="1")
    other = house.begin(key="2")
    house.publish("paid", "1", amount=5)
    assert (house.state(one), house.state(other)) == ("completed", "active")
    assert house.variables(one)["amount"] == 5


def test_a_message_that_comes_first_is_kept_until_its_time_is_up(house):
    house.publish("paid", "1")
    assert house.state(house.start(CATCH_MESSAGE, key="1")) == "completed"
    assert house.left() == NOTHING


def test_one_message_moves_one_instance(house):
    ids = [house.start(CATCH_MESSAGE, key="1"), house.begin(key="1")]
    house.publish("paid", "1")
    assert sorted(house.state(id_) for id_ in ids) == ["active", "completed"]


def test_a_message_starts_an_instance(house):
    house.deploy(
        process(
            node("startEvent", "s", on_message())
            + service("a")
            + node("endEvent", "e")
            + flows("s -> a", "a -> e"),
            roots=message("M", "order", None),
        )
    )
    house.publish("order", "x", item=7)
    assert [v["item"] for _, v in house.called] == [7]


def test_a_timer_starts_instances_again_and_again(house):
    house.deploy(
        process(
            node("startEvent", "s", on_timer("R3/PT1H", "timeCycle"))
            + service("a") + node("endEvent", "e") + flows("s -> a", "a -> e")
        )
    )  # fmt: skip
    for _ in range(6):
        house.later(hours=1)
    assert len(house.called) == 3


RACE = process(
    ENDS + node("eventBasedGateway", "g") + node("intermediateCatchEvent", "m", on_message())
    + node("intermediateCatchEvent", "t", on_timer("PT1H")) + node("endEvent", "e2")
    + flows("s -> g", "g -> m", "g -> t", "m -> e", "t -> e2"),
    roots=message("M", "paid"),
)  # fmt: skip


@pytest.mark.parametrize("first", ["message", "timer"])
def test_an_event_gateway_takes_what_comes_first_and_forgets_the_other(house, first):
    id_ = house.start(RACE, key="1")
    if first == "message":
        house.publish("paid", "1")
    else:
        house.later(hours=2)
    assert house.way(id_) == (["s", "g", "m", "e"] if first == "message" else ["s", "g", "t", "e2"])
    assert house.left() == NOTHING


def boundary(event: str, *, interrupting: bool) -> bytes:
    return process(
        ENDS + node("userTask", "u", USER)
        + node("boundaryEvent", "x", event, attachedToRef="u", cancelActivity="true" if interrupting else "false")
        + service("late") + node("endEvent", "e2") + flows("s -> u", "u -> e", "x -> late", "late -> e2"),
        roots=message("M", "paid"),
    )  # fmt: skip


def test_an_interrupting_timer_takes_the_task_away(house):
    id_ = house.start(boundary(on_timer("PT1H"), interrupting=True))
    house.later(hours=2)
    assert (house.state(id_), house.tasks(), [n for n, _ in house.called]) == ("completed", [], ["late"])


def test_a_timer_that_does_not_interrupt_lets_the_task_stand(house):
    id_ = house.start(boundary(on_timer("R2/PT1H", "timeCycle"), interrupting=False))
    for _ in range(4):
        house.later(hours=1)
    assert [n for n, _ in house.called] == ["late", "late"]
    house.complete(done=True)
    assert (house.state(id_), house.left()) == ("completed", NOTHING)


def test_a_message_interrupts_or_not_as_drawn(house):
    id_ = house.start(boundary(on_message(), interrupting=False), key="1")
    house.publish("paid", "1")
    assert [n for n, _ in house.called] == ["late"]
    house.complete()
    assert house.state(id_) == "completed"


def test_an_error_nobody_catches_stops_the_instance(house):
    id_ = house.start(process(ENDS + service("fails") + flows("s -> fails", "fails -> e")))
    assert [i["kind"] for i in house.incidents()] == ["uncaught error"]
    assert house.state(id_) == "active"


def test_a_terminate_end_takes_every_token_of_its_scope(house):
    id_ = house.start(
        process(
            ENDS + node("parallelGateway", "f") + node("userTask", "u", USER)
            + node("endEvent", "x", "<bpmn:terminateEventDefinition/>")
            + flows("s -> f", "f -> u", "f -> x", "u -> e")
        )
    )  # fmt: skip
    assert (house.state(id_), house.tasks(), house.left()) == ("completed", [], NOTHING)


def test_a_join_waits_for_every_branch_however_long_it_takes(house):
    id_ = house.start(
        process(
            ENDS + node("parallelGateway", "f") + node("parallelGateway", "j") + service("a")
            + node("userTask", "u", USER) + flows("s -> f", "f -> a", "f -> u", "a -> j", "u -> j", "j -> e")
        )
    )  # fmt: skip
    assert house.state(id_) == "active"
    house.complete()
    assert house.state(id_) == "completed"
    assert house.way(id_).count("j") == 1


CALL = (
    '<bpmn:process id="P" isExecutable="true">' + ENDS
    + node("callActivity", "call", extensions('<zeebe:calledElement processId="Q"/>'))
    + flows("s -> call", "call -> e") + "</bpmn:process>"
    + '<bpmn:process id="Q" isExecutable="true">' + node("startEvent", "s2") + node("endEvent", "e3")
)  # fmt: skip
CALL_USER = definitions(CALL + node("userTask", "u", USER) + flows("s2 -> u", "u -> e3") + "</bpmn:process>")


def test_a_call_hands_over_variables_and_takes_back_the_result(house):
    xml = definitions(CALL + service("a") + flows("s2 -> a", "a -> e3") + "</bpmn:process>")
    id_ = house.start(xml, item=4)
    assert house.called[0][1]["item"] == 4
    assert (house.state(id_), house.variables(id_)["by"]) == ("completed", "a")


def test_cancelling_the_caller_cancels_what_it_called(house):
    id_ = house.start(CALL_USER)
    with house.database.transaction() as tx:
        assert {i["process_id"] for i in instances(tx, state="active")} == {"P", "Q"}
        cancel(tx, [id_], actor="Ada", now=house.clock.now())
        assert instances(tx, state="active") == []
    assert (house.tasks(), house.left()) == ([], NOTHING)
    with house.database.transaction() as tx, pytest.raises(Refused, match="ORC-205"):
        cancel(tx, [id_], actor="Ada", now=house.clock.now())


def loop(inner: str, *, sequential: bool, more: str = "") -> bytes:
    characteristics = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        + extensions(
            '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" '
            'outputCollection="results" outputElement="=n"/>'
        )
        + more + "</bpmn:multiInstanceLoopCharacteristics>"
    )  # fmt: skip
    return process(ENDS + inner.replace("LOOP", characteristics) + flows("s -> x", "x -> e"))


@pytest.mark.parametrize("sequential", [False, True])
def test_a_loop_works_on_every_entry_and_keeps_their_order(house, sequential):
    id_ = house.start(loop(service("x", "a", after="LOOP"), sequential=sequential), items=[3, 1, 2])
    assert (house.state(id_), house.variables(id_)["results"]) == ("completed", [3, 1, 2])
    assert [v["item"] for _, v in house.called] == [3, 1, 2]


def test_a_loop_over_nothing_goes_on(house):
    id_ = house.start(loop(service("x", "a", after="LOOP"), sequential=False), items=[])
    assert (house.state(id_), house.called) == ("completed", [])


def test_a_loop_over_what_is_no_list_stops_the_instance(house):
    house.start(loop(service("x", "a", after="LOOP"), sequential=False), items=7)
    assert [i["kind"] for i in house.incidents()] == ["multi-instance"]


def test_a_task_that_raises_is_tried_again_and_then_waits_for_a_person(house):
    house.broken.add("a")
    xml = process(ENDS + service("a") + flows("s -> a", "a -> e"))
    id_ = house.start(xml)
    assert house.incidents() == []
    for _ in range(5):
        house.later(minutes=1)
    (found,) = house.incidents()
    assert (found["kind"], found["message"], found["element_id"]) == ("RuntimeError", "a is broken", "a")
    house.broken.clear()
    with house.database.transaction() as tx:
        retry(tx, [found["id"]], actor="Ada", now=house.clock.now())
    house.run()
    assert (house.state(id_), house.incidents()) == ("completed", [])


def test_a_snoozed_task_is_asked_again_and_counts_no_attempt(house):
    id_ = house.start(process(ENDS + service("snoozes") + flows("s -> snoozes", "snoozes -> e")))
    assert house.state(id_) == "active"
    house.later(minutes=6)
    assert (house.state(id_), house.incidents()) == ("completed", [])


def test_a_gateway_without_a_way_stops_until_its_variables_are_mended(house):
    xml = process(
        ENDS + node("exclusiveGateway", "g") + node("endEvent", "e2")
        + flows("s -> g", "g -> e : n > 1", "g -> e2 : n &lt; 0".replace("&lt;", "<")),
        mendable="n",
    )  # fmt: skip
    id_ = house.start(xml, n=0)
    (found,) = house.incidents()
    with house.database.transaction() as tx:
        set_instance_variables(tx, [id_], {"n": 2}, actor="Ada", now=house.clock.now())
        retry(tx, [found["id"]], actor="Ada", now=house.clock.now())
    house.run()
    assert house.way(id_)[-1] == "e"


def test_the_same_model_again_is_no_new_version_and_running_instances_keep_theirs(house):
    old = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"))
    new = process(ENDS + node("userTask", "u", USER) + service("a") + flows("s -> u", "u -> a", "a -> e"))
    id_ = house.start(old)
    assert [d.created for d in house.deploy(old)] == [False]
    assert [d.version for d in house.deploy(new)] == [2]
    house.complete()
    assert (house.state(id_), house.called) == ("completed", [])


def test_a_migrated_instance_goes_on_in_the_new_model(house):
    old = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"))
    new = process(ENDS + node("userTask", "v", USER) + service("a") + flows("s -> v", "v -> a", "a -> e"))
    id_ = house.start(old)
    house.deploy(new)
    with house.database.transaction() as tx, pytest.raises(Refused, match="ORC-206"):
        migrate(tx, [id_], "P", 2, actor="Ada", now=NOW)
    with house.database.transaction() as tx:
        migrate(tx, [id_], "P", 2, {"u": "v"}, actor="Ada", now=NOW)
    house.complete()
    assert (house.state(id_), [n for n, _ in house.called]) == ("completed", ["a"])


def test_the_heat_map_counts_visits_and_what_stands(house):
    xml = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"))
    house.start(xml)
    house.complete()
    house.begin()
    with house.database.transaction() as tx:
        found = heat_map(tx, "P", 1)
    assert {v["element_id"]: v["visits"] for v in found["visited"]} == {"s": 2, "u": 1, "e": 1}
    assert [(s["element_id"], s["count"]) for s in found["standing"]] == [("u", 1)]


def test_an_instance_started_twice_runs_once(house):
    house.deploy(process(ENDS + service("a") + flows("s -> a", "a -> e")))
    id_ = new_id()
    for _ in range(2):
        with house.database.transaction() as tx:
            start(tx, "P", [NewInstance(id_, {})], now=house.clock.now())
        house.run()
    assert len(house.called) == 1
