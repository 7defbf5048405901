"""What operators see and do: lists page by page, versions compared, and every act written down with its reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.orchestration import (
    Change,
    Done,
    Job,
    NewInstance,
    Tasks,
    Worker,
    cancel,
    checks,
    compare,
    heat_map,
    incidents,
    instance,
    instances,
    interventions,
    migrate,
    model_elements,
    passed,
    retry,
    set_instance_variables,
    start,
    user_tasks,
    visits,
)
from counterfoil.orchestration.engine import heat
from tests.orchestration.bpmn_text import extensions, flows, node, process, service
from tests.orchestration.test_engine import ENDS, NOW, USER, House

PERSON = process(ENDS + node("userTask", "u", USER) + flows("s -> u", "u -> e"))
TASK = process(ENDS + service("a") + flows("s -> a", "a -> e"), id_="Q", mendable="x, y")


@pytest.fixture
def house(database) -> House:
    """An engine."""
    return House(database)


def begin(house: House, process_id: str, count: int) -> list:
    ids = new_ids(count)
    with house.database.transaction() as tx:
        start(tx, process_id, [NewInstance(id_, {}) for id_ in ids], now=NOW)
    house.run()
    return ids


def test_lists_go_on_where_the_page_before_ended(house: House) -> None:
    house.deploy(PERSON)
    house.deploy(TASK)
    mixed = [*begin(house, "P", 3), *begin(house, "Q", 4), *begin(house, "P", 2)]
    with house.database.transaction() as tx:
        for descending in (False, True):
            found, after = [], {}
            while len(part := instances(tx, descending=descending, limit=2, **after)) == 2:
                found += [one["id"] for one in part]
                after = {"after": found[-1]}
            found += [one["id"] for one in part]
            assert found == (mixed[::-1] if descending else mixed)
        at = [one["id"] for one in instances(tx, element_id="u", limit=3)]
        assert at == [mixed[0], mixed[1], mixed[2]]
        assert [one["id"] for one in instances(tx, element_id="u", after=at[-1])] == mixed[-2:]
        assert {one["process_id"] for one in instances(tx, state="completed")} == {"Q"}
        assert instances(tx, process_id="P", version=2) == []
        assert instances(tx, element_id="u", state="completed") == []
        assert [t["id"] for t in user_tasks(tx, process_id="Q")] == []
        assert {t["version"] for t in user_tasks(tx, process_id="P")} == {1}


def test_incidents_are_listed_by_process_and_element(house: House) -> None:
    house.broken = {"a"}
    house.deploy(TASK)
    ids = begin(house, "Q", 3)
    house.later(hours=1)
    house.later(hours=1)
    with house.database.transaction() as tx:
        assert [i["instance_id"] for i in incidents(tx, process_id="Q", element_id="a")] == ids
        assert incidents(tx, process_id="P") == incidents(tx, element_id="e") == []
        first, *others = incidents(tx)
        assert incidents(tx, after=first["id"]) == others


def test_what_an_operator_does_is_written_down_with_its_reason(house: House) -> None:
    house.broken = {"a"}
    house.deploy(TASK)
    (id_,) = begin(house, "Q", 1)
    house.later(hours=1)
    house.later(hours=1)
    house.deploy(TASK.replace(b'name=""', b"").replace(b"<bpmn:process ", b'<bpmn:process name="Q2" '))
    by = {"actor": "Ada", "now": NOW}
    with house.database.transaction() as tx:
        set_instance_variables(tx, [id_], {"x": 1, "y": {"z": "1.50"}}, **by, reason="first")
        set_instance_variables(tx, [id_], {"x": 2}, **by, reason="second")
        migrate(tx, [id_], "Q", 2, **by, reason="third")
        retry(tx, [i["id"] for i in incidents(tx)], **by, reason="fourth")
        cancel(tx, [id_], **by, reason="fifth")
    with house.database.transaction() as tx:
        told = [
            (i["kind"], i["details"], i["reason"], i["actor"], i["made_at"]) for i in interventions(tx, id_)
        ]
    assert told == [
        ("mended", {"before": {}, "after": {"x": 1, "y": {"z": "1.50"}}}, "first", "Ada", NOW),
        ("mended", {"before": {"x": 1}, "after": {"x": 2}}, "second", "Ada", NOW),
        ("migrated", {"version": 2, "mapping": {}}, "third", "Ada", NOW),
        ("retried", {"element": "a"}, "fourth", "Ada", NOW),
        ("cancelled", {}, "fifth", "Ada", NOW),
    ]


def test_an_instance_goes_on_to_later_versions_of_its_own_process_only(house: House) -> None:
    ask = node("userTask", "u", USER) + flows("s -> u")
    first = process(ENDS + ask + service("x", "a") + service("y", "b") + flows("u -> x", "x -> y", "y -> e"))
    house.deploy(first)
    house.deploy(
        process(ENDS + service("u2", "a") + service("y2", "b") + flows("s -> u2", "u2 -> y2", "y2 -> e"))
    )
    house.deploy(TASK)
    house.broken = {"a"}
    asked, stopped = begin(house, "P", 1)[0], begin(house, "Q", 1)[0]
    house.deploy(first)

    def refused(id_, process_id: str, version: int, **mapping: str) -> str:
        with house.database.transaction() as tx, pytest.raises(Refused) as found:
            migrate(tx, [id_], process_id, version, mapping, actor="Ada", now=NOW)
        return found.value.refusals[0].code

    assert refused(asked, "P", 1) == "ORC-210"
    assert refused(stopped, "P", 3) == "ORC-209"
    assert refused(asked, "P", 3, u2="y") == "ORC-206", "another name for other work"
    assert refused(asked, "P", 2, u2="y2") == "ORC-211", "a jump, not a name"
    with house.database.transaction() as tx:
        migrate(tx, [asked], "P", 3, {"u2": "x"}, actor="Ada", now=NOW)
        assert [e["element_id"] for e in instance(tx, asked)["elements"]] == ["x"]


def test_who_asked_is_known_to_every_process_that_is_called(house: House) -> None:
    house.deploy(PERSON)
    called = node("callActivity", "p", extensions('<zeebe:calledElement processId="P"/>'))
    house.deploy(process(ENDS + called + flows("s -> p", "p -> e"), id_="R"))
    with house.database.transaction() as tx:
        start(tx, "R", [NewInstance(new_id(), {}, asked_by="Ada")], now=NOW)
    house.run()
    with house.database.transaction() as tx:
        (task,) = user_tasks(tx)
        assert (task["process_id"], task["asked_by"]) == ("P", "Ada")


def test_nothing_is_written_down_of_an_act_that_is_refused(house: House) -> None:
    house.deploy(TASK)
    (id_,) = begin(house, "Q", 1)
    with house.database.transaction() as tx:
        with pytest.raises(Refused, match="ORC-205"):
            cancel(tx, [id_], actor="Ada", now=NOW)
        assert interventions(tx, id_) == []


def test_an_intervention_cannot_be_taken_away(house: House) -> None:
    with house.database.transaction() as tx, pytest.raises(Exception, match=r"append-only|refuse"):
        tx.execute("DELETE FROM orchestration.intervention")


def test_the_heat_map_counts_a_shared_path_for_everyone_who_took_it(house: House) -> None:
    house.deploy(TASK)
    begin(house, "Q", 5)
    begin(house, "Q", 2)
    with house.database.transaction() as tx:
        assert {v["element_id"]: v["visits"] for v in heat_map(tx, "Q", 1)["visited"]} == {
            "s": 7,
            "a": 7,
            "e": 7,
        }
        assert all(check.holds for check in checks(tx))


def test_a_long_way_is_told_page_by_page(house: House) -> None:
    steps = service("a") + node("userTask", "u", USER) + service("b")
    house.deploy(process(ENDS + steps + flows("s -> a", "a -> u", "u -> b", "b -> e")))
    id_ = house.begin()
    house.complete()
    with house.database.transaction() as tx:
        whole = visits(tx, id_)
        assert [v["element_id"] for v in whole] == ["s", "a", "u", "b", "e"]
        for size in (1, 2, 3, 100):
            found: list[dict] = []
            while page := visits(tx, id_, after=found[-1]["place"] if found else None, limit=size):
                found += page
            assert found == whole
        assert passed(tx, id_) == ["a", "b", "e", "s", "u"]
        with pytest.raises(Refused):
            visits(tx, id_, after="nowhere")


def test_each_element_has_its_own_time_within_a_stretch(house: House) -> None:
    def lasting(seconds: int) -> Callable[[object, list[Job], object], list[Done]]:
        def work(_tx: object, jobs: list[Job], _context: object) -> list[Done]:
            house.clock.advance(timedelta(seconds=seconds))
            return [Done() for _ in jobs]

        return work

    tasks = Tasks()
    tasks.add("quick", lasting(1))
    tasks.add("slow", lasting(10))
    house.worker = Worker(house.database, tasks, clock=house.clock)
    steps = service("a", "quick") + service("b", "slow") + service("c", "quick")
    house.deploy(process(ENDS + steps + flows("s -> a", "a -> b", "b -> c", "c -> e")))
    begin(house, "P", 3)
    with house.database.transaction() as tx:
        found = heat_map(tx, "P", 1)["visited"]
    assert {v["element_id"]: v["average_s"] for v in found} == {"s": 0, "a": 1, "b": 10, "c": 1, "e": 0}


def test_the_heat_map_reads_the_latest_paths_and_counts_to_a_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat, "_PATHS", 1)
    monkeypatch.setattr(heat, "STANDING_COUNTED", 2)
    house.deploy(PERSON)
    begin(house, "P", 5)
    begin(house, "P", 1)
    with house.database.transaction() as tx:
        found = heat_map(tx, "P", 1)
    assert {v["element_id"]: v["visits"] for v in found["visited"]} == {"s": 1}
    assert found["standing"] == [{"element_id": "u", "state": "waiting", "count": 2}]


def test_a_path_that_counts_wrongly_is_found(house: House) -> None:
    house.deploy(TASK)
    begin(house, "Q", 1)
    with house.database.transaction() as tx:
        tx.execute("ALTER TABLE orchestration.path DISABLE TRIGGER path_append_only")
        tx.execute("UPDATE orchestration.path SET instances = 2")
        assert [c.name for c in checks(tx) if not c.holds] == ["orchestration.paths"]


def test_versions_are_compared_element_by_element(house: House) -> None:
    house.deploy(PERSON)
    house.deploy(
        process(
            ENDS + node("userTask", "u", USER, name="Ask") + service("a") + node("exclusiveGateway", "g")
            + node("endEvent", "e2") + flows("s -> u", "u -> g", "g -> a : n > 1", "a -> e", "g -> e2 : n < 2"),
        )
    )  # fmt: skip
    with house.database.transaction() as tx:
        found = {d.id: d for d in compare(tx, "P", 1, 2)}
        assert compare(tx, "P", 1, 1) == compare(tx, "P", 2, 2) == []
        back = {d.id: d.change for d in compare(tx, "P", 2, 1)}
        with pytest.raises(Refused, match="ORC-204"):
            compare(tx, "P", 1, 3)
        assert [(e["id"], e["name"]) for e in model_elements(tx, "P", 2)][:3] == [
            ("s", "s"), ("e", "e"), ("u", "Ask"),
        ]  # fmt: skip
    assert found["u"].properties == (("name", "", "Ask"),)
    assert {id_: d.change for id_, d in found.items()} == {
        "u": Change.CHANGED, "a": Change.ADDED, "g": Change.ADDED, "e2": Change.ADDED, "u_e": Change.REMOVED,
        "u_g": Change.ADDED, "g_a": Change.ADDED, "a_e": Change.ADDED, "g_e2": Change.ADDED,
    }  # fmt: skip
    opposite = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED, Change.CHANGED: Change.CHANGED}
    assert back == {id_: opposite[d.change] for id_, d in found.items()}
