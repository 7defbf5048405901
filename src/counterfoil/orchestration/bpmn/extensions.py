"""Zeebe's extension elements: what a task is called, what it reads and writes, whom it waits for."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from counterfoil.orchestration.bpmn.model import ElementType, Mapped, MultiInstance
from counterfoil.orchestration.bpmn.problems import Problems
from counterfoil.orchestration.bpmn.reading import BPMN, CAMUNDA_7, ZEEBE, local_name, text_of
from counterfoil.orchestration.errors import (
    CALLED_PROCESS_MISSING,
    ELEMENT_UNSUPPORTED,
    EXTENSION_UNSUPPORTED,
    MAPPING_WRONG,
    MULTI_INSTANCE_WRONG,
    TASK_SETTING_WRONG,
    TASK_TYPE_MISSING,
)
from counterfoil.orchestration.feel import FeelError, FeelExpression, Storable
from counterfoil.orchestration.feel.lexer import KEYWORDS

RETRIES_MAX = 100
_TEXT_MAX = 255

_JOB = frozenset({"taskDefinition", "taskHeaders", "ioMapping"})
_ALLOWED: Mapping[ElementType, frozenset[str]] = {
    ElementType.SERVICE_TASK: _JOB,
    ElementType.SEND_TASK: _JOB,
    ElementType.USER_TASK: frozenset(
        {"userTask", "formDefinition", "assignmentDefinition", "taskHeaders", "ioMapping"}
    ),
    ElementType.RECEIVE_TASK: frozenset({"ioMapping"}),
    ElementType.CALL_ACTIVITY: frozenset({"calledElement", "ioMapping"}),
    ElementType.SUB_PROCESS: frozenset({"ioMapping"}),
    ElementType.INTERMEDIATE_CATCH_EVENT: frozenset({"ioMapping"}),
}
_WITHOUT_EFFECT = frozenset({"properties", "versionTag", "modelerTemplate"})
"""Extensions that document and do nothing, but for the property `MENDABLE` of a process."""
MENDABLE = "mendable"


def extension(node: etree._Element, name: str) -> etree._Element | None:
    """The Zeebe extension element `name` of a node."""
    return node.find(f"{BPMN}extensionElements/{ZEEBE}{name}")


def check(problems: Problems, node: etree._Element, allowed: frozenset[str]) -> None:
    """Note every extension that would change what the element does and is not run here."""
    seen: set[str] = set()
    for child in node.findall(f"{BPMN}extensionElements/*"):
        name = local_name(child)
        foreign = not child.tag.startswith(ZEEBE)
        if child.tag.startswith(CAMUNDA_7) or (not foreign and name not in allowed | _WITHOUT_EFFECT):
            problems.add(EXTENSION_UNSUPPORTED, node, extension=name)
        elif not foreign and name in seen:
            problems.add(EXTENSION_UNSUPPORTED, node, extension=f"{name} more than once")
        seen.update(() if foreign else (name,))
    for attribute in node.attrib:
        if str(attribute).startswith(CAMUNDA_7):
            problems.add(EXTENSION_UNSUPPORTED, node, extension=etree.QName(attribute).localname)


def mendable(process: etree._Element) -> frozenset[str]:
    """The variables, separated by commas, that the property `mendable` of a process gives into persons' hands."""
    found = process.findall(f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property")
    listed = ",".join(p.get("value") or "" for p in found if p.get("name") == MENDABLE)
    return frozenset(name.strip() for name in listed.split(",") if name.strip())


def settings(problems: Problems, node: etree._Element, kind: ElementType) -> dict[str, Any]:
    """The fields of `Element` that the extensions of a node decide."""
    check(problems, node, _ALLOWED.get(kind, frozenset()))
    found: dict[str, Any] = {}
    if "ioMapping" in _ALLOWED.get(kind, ()):
        found["inputs"] = _mappings(problems, node, "input")
        found["outputs"] = _mappings(problems, node, "output")
        if kind is ElementType.INTERMEDIATE_CATCH_EVENT and found["inputs"]:
            problems.add(MAPPING_WRONG, node, reason="an input, and a catch event has only outputs")
    if kind in (ElementType.SERVICE_TASK, ElementType.SEND_TASK):
        found |= _job(problems, node)
    if kind in (ElementType.SERVICE_TASK, ElementType.SEND_TASK, ElementType.USER_TASK):
        found["headers"] = _headers(problems, node)
    if kind is ElementType.USER_TASK:
        found |= _assignment(problems, node)
    if kind is ElementType.CALL_ACTIVITY:
        found |= _called(problems, node, has_inputs=bool(found["inputs"]), has_outputs=bool(found["outputs"]))
    found["multi_instance"] = _multi_instance(problems, node)
    return found


def _mappings(problems: Problems, node: etree._Element, direction: str) -> tuple[Mapped, ...]:
    found: list[Mapped] = []
    for child in node.findall(f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}{direction}"):
        target = child.get("target") or ""
        if not is_name(target):
            problems.add(MAPPING_WRONG, node, reason=f"the {direction} target {target!r}, which is no name")
        elif any(target == known.target for known in found):
            problems.add(MAPPING_WRONG, node, reason=f"the {direction} target {target!r} twice")
        text = child.get("source")
        if text is None:
            problems.add(MAPPING_WRONG, node, reason=f"no source for the {direction} target {target!r}")
            continue
        source = problems.value(node, f"the {direction} mapping of {target!r}", text)
        if source is not None:
            found.append(Mapped(Storable(source), target))
    return tuple(found)


def is_name(text: str) -> bool:
    """Whether FEEL can read a variable of this name."""
    return text.isidentifier() and text not in KEYWORDS and len(text) <= _TEXT_MAX


def _static(problems: Problems, node: etree._Element, setting: str, text: str) -> str | None:
    """`text`, unless it is an expression or too long: what the engine looks up must be known at deployment."""
    if text.startswith("=") or len(text) > _TEXT_MAX:
        wanted = f"a fixed text of at most {_TEXT_MAX} characters is wanted"
        problems.add(TASK_SETTING_WRONG, node, setting=setting, value=text, wanted=wanted)
        return None
    return text or None


def _job(problems: Problems, node: etree._Element) -> dict[str, Any]:
    definition = extension(node, "taskDefinition")
    text = "" if definition is None else (definition.get("type") or "").strip()
    if definition is None or not text:
        problems.add(TASK_TYPE_MISSING, node)
        return {}
    retries = (definition.get("retries") or "3").strip()
    if not (
        retries.isascii() and retries.isdigit() and len(retries) < 5 and 1 <= int(retries) <= RETRIES_MAX
    ):
        wanted = f"a whole number from 1 to {RETRIES_MAX} is wanted"
        problems.add(TASK_SETTING_WRONG, node, setting="retries", value=retries, wanted=wanted)
        retries = "3"
    return {"task_type": _static(problems, node, "the task type", text), "retries": int(retries)}


def _headers(problems: Problems, node: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in node.findall(f"{BPMN}extensionElements/{ZEEBE}taskHeaders/{ZEEBE}header"):
        key = child.get("key") or ""
        if not key or key in found:
            wanted = "a key that no other header has is wanted"
            problems.add(TASK_SETTING_WRONG, node, setting="a header's key", value=repr(key), wanted=wanted)
        found[key] = child.get("value") or ""
    return found


def _assignment(problems: Problems, node: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    form = extension(node, "formDefinition")
    if form is not None:
        for name in ("formId", "formKey", "externalReference"):
            if form.get(name):
                found["form"] = _static(problems, node, f"the form's {name}", str(form.get(name)))
    assignment = extension(node, "assignmentDefinition")
    if assignment is None:
        return found
    for name in map(str, assignment.attrib):
        if name not in ("assignee", "candidateGroups"):
            problems.add(EXTENSION_UNSUPPORTED, node, extension=f"assignmentDefinition {name}")
    if assignment.get("assignee"):
        found["assignee"] = problems.value(node, "the assignee", str(assignment.get("assignee")))
    found["candidate_groups"] = _groups(problems, node, assignment.get("candidateGroups") or "")
    return found


def _groups(problems: Problems, node: etree._Element, text: str) -> tuple[str, ...]:
    """Groups separated by commas, or Zeebe's list expression of fixed texts, as in `=["approver"]`."""
    groups: object = [part.strip() for part in text.split(",") if part.strip()]
    if text.strip().startswith("="):
        expression = problems.expression(node, "the candidate groups", text)
        if expression is None:
            return ()
        groups = _without_variables(expression)
    if not isinstance(groups, list) or not all(isinstance(g, str) and g for g in groups):
        wanted = "names separated by commas, or a list of fixed texts, are wanted"
        problems.add(TASK_SETTING_WRONG, node, setting="candidateGroups", value=text, wanted=wanted)
        return ()
    return tuple(groups)


def _without_variables(expression: FeelExpression) -> object:
    """The value of an expression that reads no variable; None for any other."""
    if expression.names:
        return None
    try:
        return expression.evaluate({})
    except FeelError:
        return None


def _called(
    problems: Problems, node: etree._Element, *, has_inputs: bool, has_outputs: bool
) -> dict[str, Any]:
    called = extension(node, "calledElement")
    process = "" if called is None else (called.get("processId") or "").strip()
    if called is None or not process:
        problems.add(CALLED_PROCESS_MISSING, node)
        return {}
    if called.get("bindingType", "latest") != "latest":
        value = called.get("bindingType")
        problems.add(
            TASK_SETTING_WRONG, node, setting="bindingType", value=value, wanted="only latest is offered"
        )
    if called.get("propagateAllChildVariables", "true") == "false" and not has_outputs:
        wanted = "it needs output mappings, otherwise the call has no result"
        problems.add(
            TASK_SETTING_WRONG, node, setting="propagateAllChildVariables", value="false", wanted=wanted
        )
    if called.get("propagateAllParentVariables", "true") == "false" and not has_inputs:
        wanted = "it needs input mappings, otherwise the call has no variables"
        problems.add(
            TASK_SETTING_WRONG, node, setting="propagateAllParentVariables", value="false", wanted=wanted
        )
    return {
        "called_process": _static(problems, node, "the called process", process),
        "propagate_all_variables": called.get("propagateAllParentVariables", "true") != "false",
    }


def _multi_instance(problems: Problems, node: etree._Element) -> MultiInstance | None:
    if node.find(f"{BPMN}standardLoopCharacteristics") is not None:
        problems.add(ELEMENT_UNSUPPORTED, node, hint=": a standard loop; draw the loop with a gateway")
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    if loop.find(f"{BPMN}loopCardinality") is not None:
        problems.add(
            MULTI_INSTANCE_WRONG, node, reason="a cardinality is not offered, an input collection is"
        )
    zeebe = extension(loop, "loopCharacteristics")
    if zeebe is None:
        problems.add(MULTI_INSTANCE_WRONG, node, reason="zeebe:loopCharacteristics is missing")
        return None
    collection = problems.expression(node, "the input collection", zeebe.get("inputCollection"))
    output, element = zeebe.get("outputCollection"), zeebe.get("outputElement")
    if bool(output) != bool(element):
        problems.add(MULTI_INSTANCE_WRONG, node, reason="output collection and output element go together")
    for name in filter(None, (zeebe.get("inputElement"), output)):
        if not is_name(name):
            problems.add(MULTI_INSTANCE_WRONG, node, reason=f"{name!r} is no name of a variable")
    condition = loop.find(f"{BPMN}completionCondition")
    completion = None
    if condition is not None:
        completion = problems.expression(node, "the completion condition", text_of(condition))
    output_element = problems.expression(node, "the output element", element) if element else None
    if collection is None:
        return None
    return MultiInstance(
        sequential=loop.get("isSequential", "false") == "true",
        input_collection=collection,
        input_element=zeebe.get("inputElement") or None,
        output_collection=output or None,
        output_element=None if output_element is None else Storable(output_element),
        completion_condition=completion,
    )
