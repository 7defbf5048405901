"""A model with one of everything is understood completely."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.core.errors import Refused
from counterfoil.orchestration.bpmn import parse
from counterfoil.orchestration.bpmn.model import ElementType, EventKind, TimerKind
from counterfoil.orchestration.engine.timers import due
from counterfoil.orchestration.feel.builtins import BUILTINS
from tests.orchestration.bpmn_text import flows, message, node, on_message, on_timer, process, service

EXAMPLE = (Path(__file__).parent / "example.bpmn").read_bytes()


@pytest.fixture(scope="module")
def order():
    (found,) = parse(EXAMPLE)
    return found


def test_only_executable_processes_are_taken(order):
    assert (order.id, order.name) == ("order", "Order")
    assert "Whatever" not in order.elements


def test_starts_are_known_by_scope(order):
    assert order.starts == {"order": ("Start",), "Pack": ("PackStart",)}


def test_flows_are_resolved_in_the_order_of_the_model(order):
    assert [f.target for f in order.element("Wait").outgoing] == ["Payment", "TooLate"]
    assert [f.source for f in order.element("Pack").incoming] == ["Large", "Approve"]
    assert [f.id for f in order.element("Joined").incoming] == ["g4", "g5"]


def test_a_service_task_has_type_retries_headers_and_mappings(order):
    task = order.element("Reserve")
    assert (task.task_type, task.retries, dict(task.headers)) == ("stock.reserve", 5, {"warehouse": "north"})
    assert [(m.source.source, m.target) for m in task.inputs] == [("items", "wanted")]
    assert task.outputs[0].source.evaluate({"reservation": {"id": 7}}) == 7
    assert task.boundary == ("NoStock",)
    assert order.element("Reminder").retries == 3


def test_a_gateway_has_conditions_and_a_default(order):
    gateway = order.element("Large")
    large, rest = gateway.outgoing
    assert gateway.default_flow == rest.id == "f9"
    assert rest.condition is None
    assert large.condition.evaluate({"total": "1000.01"}) is True
    assert large.condition.evaluate({"total": 1000}) is False


def test_events_are_resolved_from_the_root_elements(order):
    payment, late, lost = (order.element(i) for i in ("Payment", "TooLate", "Lost"))
    assert payment.message.name == "order paid"
    assert payment.message.correlation_key.evaluate({"orderId": "o1"}) == "o1"
    assert (late.event, late.timer.kind, late.timer.expression.evaluate({})) == (
        EventKind.TIMER, TimerKind.DURATION, "P3D",
    )  # fmt: skip
    assert (lost.event, lost.error_code) == (EventKind.ERROR, "SOLD_OUT")
    assert order.element("Refused").event is EventKind.TERMINATE


def test_boundary_events_know_their_host_and_whether_they_interrupt(order):
    error, timer = order.element("NoStock"), order.element("Remind")
    assert (error.attached_to, error.interrupting, error.error_code) == ("Reserve", True, "SOLD_OUT")
    assert (timer.attached_to, timer.interrupting, timer.timer.kind) == ("Approve", False, TimerKind.CYCLE)


def test_a_user_task_has_groups_assignee_and_form(order):
    task = order.element("Approve")
    assert task.candidate_groups == ("approver", "senior")
    assert task.assignee.evaluate({"clerk": "ada"}) == "ada"
    assert task.form == "approval"


def test_a_multi_instance_sub_process_has_collections_and_a_condition(order):
    pack = order.element("Pack")
    loop = pack.multi_instance
    assert pack.type is ElementType.SUB_PROCESS
    assert loop.sequential
    assert (loop.input_element, loop.output_collection) == ("item", "parcels")
    assert loop.input_collection.evaluate({"items": [1]}) == [1]
    assert loop.output_element.evaluate({"parcel": 2}) == 2
    assert loop.completion_condition.evaluate({"stop": True}) is True
    assert {e.id for e in order.elements.values() if e.scope == "Pack"} == {
        "PackStart", "Both", "Ship", "Arrived", "Joined", "PackEnd",
    }  # fmt: skip


def test_a_call_activity_names_its_process(order):
    call = order.element("Ship")
    assert (call.called_process, call.propagate_all_variables) == ("shipping", False)


def test_a_process_is_immutable(order):
    with pytest.raises(FrozenInstanceError):
        order.name = "other"


def test_parsing_leaves_the_bytes_alone():
    copy = bytes(bytearray(EXAMPLE))
    parse(copy)
    assert copy == EXAMPLE


def test_a_file_may_hold_several_processes():
    one = process(node("startEvent", "a"), id_="one").decode()
    two = '<bpmn:process id="two" isExecutable="true"><bpmn:startEvent id="b"/></bpmn:process></bpmn:definitions>'
    assert [p.id for p in parse(one.replace("</bpmn:definitions>", two).encode())] == ["one", "two"]


def test_a_byte_order_mark_is_accepted():
    assert parse(b"\xef\xbb\xbf" + process(node("startEvent", "a")))


def test_message_and_timer_may_start_a_process_beside_none():
    starts = (
        node("startEvent", "a")
        + node("startEvent", "b", on_message())
        + node("startEvent", "c", on_timer("R/PT1H", "timeCycle"))
        + node("startEvent", "d", on_timer("=@&quot;2026-03-31T17:00:00Z&quot;", "timeDate"))
    )
    body = starts + service("x") + flows("a -> x", "b -> x", "c -> x", "d -> x")
    (found,) = parse(process(body, roots=message("M", "go", None)))
    assert found.starts["P"] == ("a", "b", "c", "d")
    assert found.element("b").message.correlation_key is None
    assert found.element("d").timer.expression.evaluate({}).hour == 17


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", "PT0S"),
        ("timeDuration", "P1W2DT3H4M5.6S"),
        ("timeDate", "2026-03-31T17:00:00Z"),
        ("timeDate", "2026-03-31T17:00:00+02:00"),
        ("timeCycle", "R/PT1S"),
        ("timeCycle", "R3/P1D"),
    ],
)
def test_the_engine_can_wait_by_every_time_that_deployment_accepts(kind, text):
    host = node("userTask", "x")
    event = node("boundaryEvent", "b", on_timer(text, kind), attachedToRef="x", cancelActivity="false")
    after = service("y") + flows("s -> x", "b -> y")
    (found,) = parse(process(node("startEvent", "s") + host + event + after))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert due(found.element("b").timer, {}, now).at >= now


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", "P1M"),
        ("timeDuration", "-PT1S"),
        ("timeDate", "2026-03-31T17:00:00"),
        ("timeDate", "2026-03-31"),
        ("timeCycle", "R/PT0.5S"),
        ("timeCycle", "R/P1M"),
        ("timeCycle", "R/2026-03-31T17:00:00Z/P1D"),
        ("timeCycle", "PT1S"),
    ],
)
def test_deployment_refuses_a_time_that_the_engine_cannot_wait_by(kind, text):
    event = node("boundaryEvent", "b", on_timer(text, kind), attachedToRef="x", cancelActivity="false")
    body = node("startEvent", "s") + node("userTask", "x") + event + service("y") + flows("s -> x", "b -> y")
    with pytest.raises(Refused, match="ORC-146"):
        parse(process(body))


def test_a_timer_may_be_computed():
    body = node("startEvent", "s") + node("intermediateCatchEvent", "x", on_timer("=wait")) + flows("s -> x")
    (found,) = parse(process(body))
    assert found.element("x").timer.expression.evaluate({"wait": timedelta(1)}) == timedelta(1)


def test_groups_may_be_a_list_of_texts():
    assignment = '<zeebe:assignmentDefinition candidateGroups="=[&quot;a&quot;, &quot;b&quot;]"/>'
    extended = f"<bpmn:extensionElements>{assignment}</bpmn:extensionElements>"
    (found,) = parse(process(node("startEvent", "s") + node("userTask", "x", extended) + flows("s -> x")))
    assert found.element("x").candidate_groups == ("a", "b")


def test_the_model_in_the_manual_is_accepted():
    manual = (Path(__file__).parents[2] / "docs" / "bpmn.md").read_text()
    model = manual.split("```xml\n")[1].split("```")[0]
    (found,) = parse(model.encode())
    assert found.element("Large").outgoing[0].condition.evaluate({"amount": "1000000.01"}) is True


def test_the_manual_names_every_function():
    manual = " ".join((Path(__file__).parents[2] / "docs" / "bpmn.md").read_text().split())
    listed = manual.split("Functions: `")[1].split("`")[0]
    assert listed == " ".join(sorted([*BUILTINS, "is defined"]))
