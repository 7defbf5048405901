"""One refused model for each rule of deployment, and hostile files."""

import time

import pytest

from counterfoil.core.errors import CATALOGUE, Refused
from counterfoil.orchestration.bpmn import parse
from tests.orchestration.bpmn_text import (
    HEAD,
    TAIL,
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

START, END = node("startEvent", "s"), node("endEvent", "e")
M = message("M", "paid")
MULTI = '<zeebe:loopCharacteristics inputCollection="=list" inputElement="item"/>'


def _around(inside: str, *more: str, roots: str = "") -> bytes:
    """A model from start over the element `x` to the end."""
    return process(START + inside + END + flows("s -> x", "x -> e", *more), roots=roots)


def _io(*parts: str) -> str:
    return f"<zeebe:ioMapping>{''.join(parts)}</zeebe:ioMapping>"


def _loop(zeebe: str, after: str = "") -> str:
    inside = (extensions(zeebe) if zeebe else "") + after
    return f"<bpmn:multiInstanceLoopCharacteristics>{inside}</bpmn:multiInstanceLoopCharacteristics>"


def _boundary(id_: str, definition: str, host: str = "x", **attributes: str) -> str:
    return node("boundaryEvent", id_, definition, attachedToRef=host, **attributes) + flows(f"{id_} -> e")


def _choice(*targets: str, **attributes: str) -> bytes:
    inside = node("exclusiveGateway", "x", **attributes) + service("a") + service("b")
    return process(START + inside + END + flows("s -> x", "a -> e", "b -> e", *targets))


def _catch(definition: str) -> str:
    return node("intermediateCatchEvent", "x", definition)


def _race(*targets: str, inside: str, more: tuple[str, ...] = ()) -> bytes:
    arrows = [f"x -> {t}" for t in targets] + [f"{t} -> e" for t in targets]
    body = START + node("eventBasedGateway", "x") + inside + END + flows("s -> x", *arrows, *more)
    return process(body, roots=M + message("N", "late"))


def _user(assignment: str) -> bytes:
    return _around(node("userTask", "x", extensions(f"<zeebe:assignmentDefinition {assignment}/>")))


ERROR = node("error", "E", errorCode="short")
ON_ERROR = '<bpmn:errorEventDefinition errorRef="E"/>'
ON_ANY_ERROR = "<bpmn:errorEventDefinition/>"

# (code, id of the element, part of the detail, model)
REFUSED = {
    "not xml": ("ORC-100", "", "", b"not xml"),
    "empty": ("ORC-100", "", "", b""),
    "another root": ("ORC-101", "", "html", b"<html/>"),
    "another namespace": ("ORC-101", "", "", b'<definitions xmlns="http://example.org/BPMN"/>'),
    "no process": ("ORC-102", "", "", definitions("")),
    "not executable": ("ORC-102", "", "mark it", process(START, executable=False)),
    "id missing": ("ORC-110", "", "missing", process(START + "<bpmn:endEvent/>")),
    "id with a blank": ("ORC-110", "a b", "letters", process(START + node("endEvent", "a b"))),
    "duplicate id": ("ORC-111", "x", "", _around(service("x") + service("x"))),
    "script task": ("ORC-112", "x", "use a service task", _around(node("scriptTask", "x"))),
    "task of no kind": ("ORC-112", "x", "which kind", _around(node("task", "x"))),
    "inclusive gateway": ("ORC-112", "x", "exclusive", _around(node("inclusiveGateway", "x"))),
    "throw event": ("ORC-112", "x", "send task", _around(node("intermediateThrowEvent", "x"))),
    "transaction": ("ORC-112", "x", "sub-process", _around(node("transaction", "x"))),
    "event sub-process": (
        "ORC-112", "x", "boundary", _around(node("subProcess", "x", START, triggeredByEvent="true")),
    ),
    "own elements of others": ("ORC-112", "x", "", _around(node("shortcut", "x"))),
    "standard loop": (
        "ORC-112", "x", "standard loop", _around(service("x", after="<bpmn:standardLoopCharacteristics/>")),
    ),
    "io specification": ("ORC-112", "x", "ioSpec", _around(service("x", after="<bpmn:ioSpecification/>"))),
    "import": (
        "ORC-112", "i", "", definitions(node("import", "i") + node("process", "P", START, isExecutable="true")),
    ),
    "signal": ("ORC-113", "x", "signal", _around(_catch("<bpmn:signalEventDefinition/>"))),
    "catch of nothing": ("ORC-113", "x", "none", _around(_catch(""))),
    "two definitions": ("ORC-113", "x", "more", _around(_catch(on_timer("PT1S") * 2))),
    "error start": ("ORC-113", "s", "error", process(node("startEvent", "s", ON_ANY_ERROR))),
    "message start inside": (
        "ORC-113", "i", "message",
        _around(node("subProcess", "x", node("startEvent", "i", on_message())), roots=M),
    ),
    "execution listener": ("ORC-114", "x", "executionL", _around(service("x", more="<zeebe:executionListeners/>"))),
    "task definition on a user task": (
        "ORC-114", "x", "", _around(node("userTask", "x", extensions('<zeebe:taskDefinition type="x"/>'))),
    ),
    "attribute of Camunda 7": (
        "ORC-114", "x", "asyncBefore", _around(service("x", **{"camunda:asyncBefore": "true"})),
    ),
    "due date": ("ORC-114", "x", "dueDate", _user('dueDate="=d"')),
    "extension twice": ("ORC-114", "x", "twice|more than once", _around(service("x", more=_io() + _io()))),
    "unknown message": ("ORC-115", "x", "message", _around(_catch(on_message("nope")))),
    "unknown error": (
        "ORC-115", "b", "error",
        _around(service("x") + _boundary("b", '<bpmn:errorEventDefinition errorRef="nope"/>')),
    ),
    "unknown host": (
        "ORC-115", "b", "activity", _around(service("x") + _boundary("b", on_timer("PT1S"), host="nope")),
    ),
    "compensation": ("ORC-116", "x", "isForCompensation", _around(service("x", isForCompensation="true"))),
    "parallel event gateway": (
        "ORC-116", "x", "Parallel", _around(node("eventBasedGateway", "x", eventGatewayType="Parallel")),
    ),
    "condition in Java": (
        "ORC-116", "x_e", "java",
        process(
            START + node("exclusiveGateway", "x") + END + flows("s -> x")
            + node("sequenceFlow", "x_e", '<bpmn:conditionExpression language="java">=a</bpmn:conditionExpression>',
                   sourceRef="x", targetRef="e")
        ),
    ),
    "no start": ("ORC-120", "P", "", process(END)),
    "no start inside": ("ORC-120", "x", "none", _around(node("subProcess", "x", node("endEvent", "i")))),
    "two none starts": (
        "ORC-121", "P", "2 none", process(START + node("startEvent", "t") + END + flows("s -> e", "t -> e")),
    ),
    "one message starts twice": (
        "ORC-121", "P", "paid",
        process(
            node("startEvent", "s", on_message()) + node("startEvent", "t", on_message()) + END
            + flows("s -> e", "t -> e"), roots=M,
        ),
    ),
    "dangling flow": ("ORC-122", "x_nope", "nope", _around(service("x"), "x -> nope")),
    "flow without target": (
        "ORC-122", "f", "names none", _around(service("x") + node("sequenceFlow", "f", sourceRef="x")),
    ),
    "flow into a sub-process": (
        "ORC-123", "s_i", "",
        _around(node("subProcess", "x", node("startEvent", "j") + node("endEvent", "i") + flows("j -> i")), "s -> i"),
    ),
    "unreachable": ("ORC-124", "y", "", _around(service("x") + service("y"))),
    "unreachable cycle": ("ORC-124", "y", "", _around(service("x") + service("y") + flows("y -> y"))),
    "flow into a start": ("ORC-125", "s", "incoming", _around(service("x"), "x -> s")),
    "flow out of an end": ("ORC-125", "e", "outgoing", _around(service("x"), "e -> x")),
    "no condition": ("ORC-126", "x", "x_a", _choice("x -> a", "x -> b : n > 1")),
    "condition on a task's flow": (
        "ORC-127", "x", "exclusive", process(START + service("x") + END + flows("s -> x", "x -> e : a")),
    ),
    "default with condition": (
        "ORC-127", "x", "no other", _choice("x -> a : n > 1", "x -> b : n > 2", default="x_b"),
    ),
    "default of another": ("ORC-128", "x", "leave", _choice("x -> a : n > 1", "x -> b : n > 2", default="a_e")),
    "default on a task": ("ORC-128", "x", "only", _around(service("x", default="x_e"))),
    "parallel gateway of one": ("ORC-129", "x", "one flow in", _around(node("parallelGateway", "x"))),
    "gateway to nowhere": (
        "ORC-129", "x", "leaves", process(START + node("exclusiveGateway", "x") + flows("s -> x")),
    ),
    "event gateway to a task": (
        "ORC-130", "x", "no plain",
        _race("a", "b", inside=node("intermediateCatchEvent", "a", on_message()) + service("b")),
    ),
    "event gateway to one": (
        "ORC-130", "x", "fewer", _race("a", inside=node("intermediateCatchEvent", "a", on_message())),
    ),
    "event gateway, one message twice": (
        "ORC-130", "x", "paid",
        _race("a", "b", inside="".join(node("intermediateCatchEvent", i, on_message()) for i in "ab")),
    ),
    "event entered from elsewhere": (
        "ORC-130", "x", "another flow",
        _race(
            "a", "b", inside=node("intermediateCatchEvent", "a", on_message())
            + node("intermediateCatchEvent", "b", on_message("N")), more=("a -> b",),
        ),
    ),
    "loop of gateways": (
        "ORC-131", "x", "",
        process(
            START + node("exclusiveGateway", "x") + node("exclusiveGateway", "y", default="y_e") + END
            + flows("s -> x", "x -> y", "y -> x : a", "y -> e")
        ),
    ),
    "no task type": ("ORC-140", "x", "", _around(node("serviceTask", "x"))),
    "task type computed": ("ORC-141", "x", "task type", _around(service("x", "=kind"))),
    "retries": (
        "ORC-141", "x", "retries",
        _around(node("sendTask", "x", extensions('<zeebe:taskDefinition type="x" retries="-1"/>'))),
    ),
    "header without key": (
        "ORC-141", "x", "header",
        _around(service("x", more='<zeebe:taskHeaders><zeebe:header value="v"/></zeebe:taskHeaders>')),
    ),
    "groups computed": ("ORC-141", "x", "candidateGroups", _user('candidateGroups="=groups"')),
    "binding": (
        "ORC-141", "x", "bindingType",
        _around(
            node("callActivity", "x", extensions('<zeebe:calledElement processId="Q" bindingType="deployment"/>'))
        ),
    ),
    "condition malformed": ("ORC-142", "x_a", "position", _choice("x -> a : n >", "x -> b", default="x_b")),
    "mapping malformed": (
        "ORC-142", "x", "'t'", _around(service("x", more=_io('<zeebe:input source="=1 +" target="t"/>'))),
    ),
    "condition without equals sign": (
        "ORC-143", "x_e", "condition",
        process(
            START + node("exclusiveGateway", "x") + END + flows("s -> x")
            + node("sequenceFlow", "x_e", "<bpmn:conditionExpression>a</bpmn:conditionExpression>",
                   sourceRef="x", targetRef="e")
        ),
    ),
    "mapping without source": (
        "ORC-144", "x", "source", _around(service("x", more=_io('<zeebe:input target="t"/>'))),
    ),
    "mapping to a path": (
        "ORC-144", "x", "a.b", _around(service("x", more=_io('<zeebe:output source="=1" target="a.b"/>'))),
    ),
    "mapping twice": (
        "ORC-144", "x", "twice", _around(service("x", more=_io('<zeebe:input source="=1" target="t"/>' * 2))),
    ),
    "call without variables": (
        "ORC-141", "x", "needs input mappings",
        _around(
            node(
                "callActivity", "x",
                extensions('<zeebe:calledElement processId="Q" propagateAllParentVariables="false"/>'),
            )
        ),
    ),
    "the clock in a model": (
        "ORC-142", "x_a", "as a variable", _choice("x -> a : today() > d", "x -> b", default="x_b"),
    ),
    "message without name": ("ORC-145", "x", "no name", _around(_catch(on_message()), roots=message("M", ""))),
    "message without key": (
        "ORC-145", "x", "correlation key", _around(_catch(on_message()), roots=message("M", "m", None)),
    ),
    "receive of nothing": ("ORC-145", "x", "no message", _around(node("receiveTask", "x"))),
    "one message, two boundaries": (
        "ORC-145", "x", "paid",
        _around(service("x") + _boundary("b", on_message()) + _boundary("c", on_message()), roots=M),
    ),
    "timer without definition": ("ORC-146", "x", "exactly one", _around(_catch("<bpmn:timerEventDefinition/>"))),
    "timer malformed": ("ORC-146", "x", "soon", _around(_catch(on_timer("soon")))),
    "timer cycle that interrupts": (
        "ORC-146", "b", "once", _around(service("x") + _boundary("b", on_timer("R3/PT1S", "timeCycle"))),
    ),
    "timer cycle waited for": ("ORC-146", "x", "once", _around(_catch(on_timer("R3/PT1S", "timeCycle")))),
    "timer start after a while": (
        "ORC-146", "s", "cycle", process(node("startEvent", "s", on_timer("PT1S")) + END + flows("s -> e")),
    ),
    "timer start by variables": (
        "ORC-146", "s", "no variables",
        process(node("startEvent", "s", on_timer("=when", "timeDate")) + END + flows("s -> e")),
    ),
    "error without code": (
        "ORC-147", "b", "no code",
        _around(service("x") + _boundary("b", ON_ERROR), roots=node("error", "E")),
    ),
    "error end of nothing": (
        "ORC-147", "z", "no error",
        _around(service("x") + node("endEvent", "z", ON_ANY_ERROR), "x -> z"),
    ),
    "boundary on nothing": (
        "ORC-148", "b", "attached to nothing", _around(service("x") + _boundary("b", on_timer("PT1S"), host="")),
    ),
    "boundary on an event": (
        "ORC-148", "b", "no activity", _around(_catch(on_timer("PT1S")) + _boundary("b", on_timer("PT1S"))),
    ),
    "boundary to nowhere": (
        "ORC-148", "b", "leaves",
        _around(service("x") + node("boundaryEvent", "b", on_timer("PT1S"), attachedToRef="x")),
    ),
    "two boundaries for one error": (
        "ORC-148", "x", "'short'",
        _around(service("x") + _boundary("b", ON_ERROR) + _boundary("c", ON_ERROR), roots=ERROR),
    ),
    "two boundaries for every error": (
        "ORC-148", "x", "every error",
        _around(service("x") + _boundary("b", ON_ANY_ERROR) + _boundary("c", ON_ANY_ERROR)),
    ),
    "error that does not interrupt": (
        "ORC-148", "b", "always",
        _around(service("x") + _boundary("b", ON_ERROR, cancelActivity="false"), roots=ERROR),
    ),
    "call of nothing": ("ORC-149", "x", "", _around(node("callActivity", "x"))),
    "loop without collection": ("ORC-150", "x", "missing", _around(service("x", after=_loop("")))),
    "loop with cardinality": (
        "ORC-150", "x", "cardinality",
        _around(service("x", after=_loop(MULTI, "<bpmn:loopCardinality>3</bpmn:loopCardinality>"))),
    ),
    "loop with half an output": (
        "ORC-150", "x", "together",
        _around(service("x", after=_loop('<zeebe:loopCharacteristics inputCollection="=l" outputCollection="o"/>'))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_model_is_refused_by_its_rule(case):
    code, element, detail, xml = REFUSED[case]
    with pytest.raises(Refused) as caught:
        parse(xml)
    found = [r for r in caught.value.refusals if r.code == code]
    assert found, caught.value.refusals
    if element:
        assert f"/{element}" in [r.pointer for r in found]
    assert any(part in r.detail for r in found for part in detail.split("|"))


def test_every_rule_of_deployment_has_a_refused_model():
    deployment = {code for code in CATALOGUE if code.startswith("ORC-1")}
    tested = {code for code, *_ in REFUSED.values()} | {"ORC-103", "ORC-104"}
    assert deployment == tested


def test_all_problems_are_reported_at_once():
    xml = process(
        START + node("serviceTask", "x", name="Book it") + node("scriptTask", "y") + END
        + flows("s -> x", "x -> y", "y -> e", "x -> nope")
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        parse(xml)
    assert [(r.code, r.pointer) for r in caught.value.refusals] == [
        ("ORC-140", "/x"),
        ("ORC-112", "/y"),
        ("ORC-122", "/x_nope"),
    ]
    assert 'x "Book it"' in caught.value.refusals[0].detail


def test_what_lies_behind_a_refused_element_is_not_reported_as_unreachable():
    with pytest.raises(Refused) as caught:
        parse(
            process(
                START + node("scriptTask", "x") + service("y") + END + flows("s -> x", "x -> y", "y -> e")
            )
        )
    assert [r.code for r in caught.value.refusals] == ["ORC-112"]


# --- hostile files ---

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + "]><d>&m;</d>"
)
VALID = process(START + END + flows("s -> e"))
HOSTILE = {
    "entity bomb": BOMB.encode(),
    "external entity": b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    "external document type": b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><d/>',
    "document type in UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d><d/>'.encode("utf-16"),
    "UTF-16 under the name of UTF-8": VALID.decode().encode("utf-16"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?><d/>',
    "ten megabytes": VALID + b" " * 10_000_000,
    "deep nesting": b"<a>" * 100_000,
    "deep nesting, closed": HEAD.encode() + b"<a>" * 5_000 + b"</a>" * 5_000 + TAIL.encode(),
    "invalid UTF-8": VALID.replace(b'id="s"', b'id="\xff"'),
    "no character of XML": VALID.replace(b'id="s"', b'id="\x00"'),
    "character reference to none": VALID.replace(b'id="s"', b'id="&#0;"'),
    "undeclared entity": VALID.replace(b'id="s"', b'id="&nope;"'),
    "undeclared prefix": VALID.replace(b"<bpmn:startEvent", b"<other:startEvent"),
    "cut off": VALID[:-30],
    "two roots": VALID + b"<d/>",
    "attribute twice": VALID.replace(b'id="s"', b'id="s" id="s"'),
    "very many elements": process(START + "".join(service(f"t{i}") for i in range(6_000))),
    "sub-processes in sub-processes": process(
        START + "".join(f'<bpmn:subProcess id="p{i}">' for i in range(60)) + "</bpmn:subProcess>" * 60
    ),
    "very many attributes": VALID.replace(
        b'id="s"', b'id="s"' + b"".join(b' x%d=""' % i for i in range(200_000)) + b" ="
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_quickly(case):
    started = time.perf_counter()
    with pytest.raises(Refused):
        parse(HOSTILE[case])
    assert time.perf_counter() - started < 3


def test_hostile_names_end_up_short_in_the_refusal():
    with pytest.raises(Refused) as caught:
        parse(process(START + node("scriptTask", "x", name="A" * 100_000)))
    assert all(len(r.detail) < 600 for r in caught.value.refusals)
