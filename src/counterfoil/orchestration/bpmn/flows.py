"""Connects flow nodes by their arrows, and checks each arrow by itself."""

from collections import defaultdict

from counterfoil.orchestration.bpmn.drawing import Arrow, Drawing, Node
from counterfoil.orchestration.bpmn.model import ElementType, SequenceFlow
from counterfoil.orchestration.bpmn.problems import Problems, label
from counterfoil.orchestration.bpmn.reading import BPMN, text_of
from counterfoil.orchestration.errors import (
    ATTRIBUTE_UNSUPPORTED,
    CONDITION_FORBIDDEN,
    CONDITION_MISSING,
    DEFAULT_WRONG,
    FLOW_CROSSES_SCOPES,
    FLOW_DANGLING,
)
from counterfoil.orchestration.feel import FeelExpression


def connect(problems: Problems, drawing: Drawing) -> list[SequenceFlow]:
    """The sound arrows of a drawing in the order in which the model lists them; the nodes learn of theirs."""
    outgoing: dict[str, list[SequenceFlow]] = defaultdict(list)
    incoming: dict[str, list[SequenceFlow]] = defaultdict(list)
    flows: list[SequenceFlow] = []
    for arrow in drawing.arrows.values():
        source = _end(problems, drawing, arrow, "source", arrow.source)
        target = _end(problems, drawing, arrow, "target", arrow.target)
        if source is None or target is None:
            continue
        if source.scope != target.scope:
            ends = {"source": label(source.xml), "target": label(target.xml)}
            problems.add(FLOW_CROSSES_SCOPES, arrow.xml, **ends)
            continue
        flow = SequenceFlow(arrow.id, source.id, target.id, _condition(problems, arrow))
        flows.append(flow)
        outgoing[source.id].append(flow)
        incoming[target.id].append(flow)
    for node in drawing.nodes.values():
        node.fields["incoming"] = tuple(incoming[node.id])
        node.fields["outgoing"] = tuple(outgoing[node.id])
        _check_choice(problems, drawing, node)
    return flows


def _end(problems: Problems, drawing: Drawing, arrow: Arrow, end: str, reference: str) -> Node | None:
    node = drawing.nodes.get(reference)
    if node is None and reference not in drawing.refused:
        reason = f"the model has no {reference!r} in this process" if reference else "it names none"
        problems.add(FLOW_DANGLING, arrow.xml, end=end, reason=reason)
    return node


def _condition(problems: Problems, arrow: Arrow) -> FeelExpression | None:
    condition = arrow.xml.find(f"{BPMN}conditionExpression")
    if condition is None or (not text_of(condition) and not condition.attrib):
        return None
    language = condition.get("language", "")
    if language and "feel" not in language.lower():
        problems.add(ATTRIBUTE_UNSUPPORTED, arrow.xml, attribute="language", value=language)
        return None
    return problems.expression(arrow.xml, "the condition", text_of(condition))


def _has_condition(drawing: Drawing, flow: SequenceFlow) -> bool:
    """Whether one is drawn, be it sound or not."""
    condition = drawing.arrows[flow.id].xml.find(f"{BPMN}conditionExpression")
    return condition is not None and bool(text_of(condition) or condition.attrib)


def _check_choice(problems: Problems, drawing: Drawing, node: Node) -> None:
    """Conditions and default flows: an exclusive gateway chooses by them, and nothing else does."""
    outgoing: tuple[SequenceFlow, ...] = node.fields["outgoing"]
    default = node.xml.get("default")
    chooses = node.type is ElementType.EXCLUSIVE_GATEWAY
    if default:
        if not chooses:
            reason = "only an exclusive gateway has one"
            problems.add(DEFAULT_WRONG, node.xml, flow=default, reason=reason)
        elif default not in {flow.id for flow in outgoing}:
            problems.add(DEFAULT_WRONG, node.xml, flow=default, reason="it does not leave this gateway")
        else:
            node.fields["default_flow"] = default
    for flow in outgoing:
        conditional = _has_condition(drawing, flow)
        if conditional and not chooses:
            reason = "only the flows of an exclusive gateway have one"
            problems.add(CONDITION_FORBIDDEN, node.xml, flow=flow.id, reason=reason)
        elif conditional and flow.id == default:
            reason = "the default flow is taken when no other is"
            problems.add(CONDITION_FORBIDDEN, node.xml, flow=flow.id, reason=reason)
        elif chooses and len(outgoing) > 1 and not conditional and flow.id != default:
            problems.add(CONDITION_MISSING, node.xml, flow=flow.id)
