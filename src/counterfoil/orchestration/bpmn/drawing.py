"""What is drawn in one process: its flow nodes and arrows, each still beside its XML."""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from counterfoil.orchestration.bpmn.events import Events
from counterfoil.orchestration.bpmn.extensions import settings
from counterfoil.orchestration.bpmn.model import ElementType
from counterfoil.orchestration.bpmn.problems import Problems
from counterfoil.orchestration.bpmn.reading import BPMN, local_name
from counterfoil.orchestration.errors import ATTRIBUTE_UNSUPPORTED, ELEMENT_UNSUPPORTED, MODEL_TOO_LARGE

NESTING_MAX = 10
EVENT_TYPES = frozenset(
    {
        ElementType.START_EVENT, ElementType.END_EVENT, ElementType.INTERMEDIATE_CATCH_EVENT,
        ElementType.BOUNDARY_EVENT,
    }
)  # fmt: skip
ACTIVITY_TYPES = frozenset(
    {
        ElementType.SERVICE_TASK, ElementType.SEND_TASK, ElementType.USER_TASK, ElementType.RECEIVE_TASK,
        ElementType.CALL_ACTIVITY, ElementType.SUB_PROCESS,
    }
)  # fmt: skip

_TYPES = {kind.value: kind for kind in ElementType}
_WITHOUT_EFFECT = frozenset(
    "documentation extensionElements incoming outgoing laneSet textAnnotation association group dataObject "
    "dataObjectReference dataStoreReference dataInputAssociation dataOutputAssociation property".split()
)
"""Children that explain or show, and do nothing."""
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_USUAL = {
    "isForCompensation": "false", "startQuantity": "1", "completionQuantity": "1", "instantiate": "false",
    "parallelMultiple": "false", "eventGatewayType": "Exclusive",
}  # fmt: skip
"""Attributes that change what an element does, with the value that the engine runs."""
_HINTS = {
    "scriptTask": "; use a service task or a mapping",
    "businessRuleTask": "; use a service task",
    "task": "; say of which kind it is",
    "manualTask": "; use a user task",
    "inclusiveGateway": "; use exclusive and parallel gateways",
    "complexGateway": "; use exclusive and parallel gateways",
    "intermediateThrowEvent": "; use a send task",
    "transaction": "; use a sub-process with error boundary events",
    "adHocSubProcess": "; use a sub-process",
}


@dataclass(slots=True)
class Node:
    """A flow node: its XML, the scope it lies in, and the fields of `Element` read so far."""

    xml: etree._Element
    id: str
    type: ElementType
    scope: str
    fields: dict[str, Any]


@dataclass(slots=True)
class Arrow:
    """A sequence flow as written; its ends are checked later."""

    xml: etree._Element
    id: str
    source: str
    target: str


@dataclass(slots=True)
class Drawing:
    """Everything drawn in one process. `refused` are the ids of what is reported as unsupported already."""

    process: etree._Element
    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: dict[str, Arrow] = field(default_factory=dict)
    scopes: dict[str, etree._Element] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def draw(problems: Problems, events: Events, process: etree._Element) -> Drawing:
    """Read a process and everything in it, noting what is not supported."""
    drawing = Drawing(process, process.get("id") or "")
    _Reader(problems, events, drawing).scope(process, drawing.id, level=1)
    return drawing


class _Reader:
    def __init__(self, problems: Problems, events: Events, drawing: Drawing) -> None:
        self._problems = problems
        self._events = events
        self._drawing = drawing

    def scope(self, container: etree._Element, scope: str, *, level: int) -> None:
        """Read what lies directly in a process or sub-process, and the sub-processes in it."""
        self._drawing.scopes[scope] = container
        for child in container:
            if not child.tag.startswith(BPMN):
                continue
            tag, id_ = local_name(child), child.get("id") or ""
            if tag in _TYPES:
                self._node(child, id_, _TYPES[tag], scope, level)
            elif tag == "sequenceFlow":
                source, target = child.get("sourceRef") or "", child.get("targetRef") or ""
                self._drawing.arrows.setdefault(id_, Arrow(child, id_, source, target))
            elif tag not in _WITHOUT_EFFECT and tag not in _LOOPS:
                self._refuse(child, _HINTS.get(tag, ""))

    def _refuse(self, node: etree._Element, hint: str) -> None:
        self._problems.add(ELEMENT_UNSUPPORTED, node, hint=hint)
        self._drawing.refused.update(str(inner.get("id")) for inner in node.iter() if inner.get("id"))

    def _node(self, xml: etree._Element, id_: str, kind: ElementType, scope: str, level: int) -> None:
        if kind is ElementType.SUB_PROCESS:
            if xml.get("triggeredByEvent", "false") == "true":
                self._refuse(xml, " as an event sub-process; use boundary events")
                return
            if level >= NESTING_MAX:
                what = "levels of sub-processes"
                self._problems.add(MODEL_TOO_LARGE, xml, count=level + 1, what=what, limit=NESTING_MAX)
                return
        for attribute, usual in _USUAL.items():
            value = xml.get(attribute, usual)
            if value != usual:
                self._problems.add(ATTRIBUTE_UNSUPPORTED, xml, attribute=attribute, value=value)
        fields = settings(self._problems, xml, kind)
        if kind in EVENT_TYPES:
            fields |= self._events.settings(xml, kind, top_level=level == 1)
        elif kind is ElementType.RECEIVE_TASK:
            fields["message"] = self._events.message(xml, xml.get("messageRef"), keyed=True)
        if kind is not ElementType.SUB_PROCESS:
            self._children(xml, kind)
        self._drawing.nodes.setdefault(id_, Node(xml, id_, kind, scope, fields))
        if kind is ElementType.SUB_PROCESS:
            self.scope(xml, id_, level=level + 1)

    def _children(self, xml: etree._Element, kind: ElementType) -> None:
        """Note children that would change what the node does, such as a script or an assignment of BPMN's own."""
        for child in xml:
            tag = local_name(child)
            known = tag in _WITHOUT_EFFECT or (tag in _LOOPS and kind in ACTIVITY_TYPES)
            event = kind in EVENT_TYPES and tag.endswith(("EventDefinition", "eventDefinitionRef"))
            if child.tag.startswith(BPMN) and not known and not event:
                self._problems.add(ELEMENT_UNSUPPORTED, xml, hint=f" with the child {tag}")
