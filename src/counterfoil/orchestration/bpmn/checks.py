"""What must hold of a process as a whole: starts, ends, gateways, boundary events, reachability, loops."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from counterfoil.orchestration.bpmn.drawing import ACTIVITY_TYPES, Drawing, Node
from counterfoil.orchestration.bpmn.model import ElementType, EventKind, SequenceFlow
from counterfoil.orchestration.bpmn.problems import Problems, label
from counterfoil.orchestration.errors import (
    BOUNDARY_WRONG,
    ELEMENT_UNREACHABLE,
    EVENT_GATEWAY_TARGET,
    FLOW_FORBIDDEN,
    GATEWAY_TRIVIAL,
    LOOP_WITHOUT_WAIT,
    MESSAGE_WRONG,
    REFERENCE_UNKNOWN,
    START_AMBIGUOUS,
    START_MISSING,
)

_GATEWAYS = frozenset({ElementType.EXCLUSIVE_GATEWAY, ElementType.PARALLEL_GATEWAY})


def check(problems: Problems, drawing: Drawing, flows: Iterable[SequenceFlow]) -> None:
    """Note everything that is wrong with the process, and attach its boundary events."""
    arrows = list(flows)
    _starts(problems, drawing)
    for node in drawing.nodes.values():
        _ends(problems, node)
        if node.type is ElementType.PARALLEL_GATEWAY or node.type is ElementType.EXCLUSIVE_GATEWAY:
            _gateway(problems, node)
        elif node.type is ElementType.EVENT_BASED_GATEWAY:
            _event_gateway(problems, drawing, node)
    _boundaries(problems, drawing)
    _reachable(problems, drawing, arrows)
    _loops(problems, drawing, arrows)


def _starts(problems: Problems, drawing: Drawing) -> None:
    by_scope: dict[str, list[Node]] = defaultdict(list)
    for node in drawing.nodes.values():
        if node.type is ElementType.START_EVENT:
            by_scope[node.scope].append(node)
    for scope, container in drawing.scopes.items():
        starts = by_scope[scope]
        plain = [node for node in starts if node.fields.get("event") is EventKind.NONE]
        whole = scope == drawing.id
        if not starts:
            problems.add(START_MISSING, container, wanted="" if whole else "none ")
        if len(plain) > 1:
            problems.add(START_AMBIGUOUS, container, count=len(plain), kind="none")
        names = Counter(node.fields["message"].name for node in starts if node.fields.get("message"))
        for name, count in names.items():
            if count > 1:
                problems.add(START_AMBIGUOUS, container, count=count, kind=f"message {name!r}")


def _ends(problems: Problems, node: Node) -> None:
    """Which nodes may have no arrows in, or none out."""
    incoming, outgoing = node.fields["incoming"], node.fields["outgoing"]
    if incoming and node.type in (ElementType.START_EVENT, ElementType.BOUNDARY_EVENT):
        problems.add(FLOW_FORBIDDEN, node.xml, direction="incoming")
    if outgoing and node.type is ElementType.END_EVENT:
        problems.add(FLOW_FORBIDDEN, node.xml, direction="outgoing")
    if not outgoing and node.type is ElementType.BOUNDARY_EVENT:
        problems.add(BOUNDARY_WRONG, node.xml, reason="no sequence flow leaves it")


def _gateway(problems: Problems, node: Node) -> None:
    incoming, outgoing = node.fields["incoming"], node.fields["outgoing"]
    if not outgoing:
        problems.add(GATEWAY_TRIVIAL, node.xml, reason="no sequence flow leaves it")
    elif node.type is ElementType.PARALLEL_GATEWAY and len(incoming) <= 1 and len(outgoing) <= 1:
        problems.add(GATEWAY_TRIVIAL, node.xml, reason="it has one flow in and one flow out")


def _event_gateway(problems: Problems, drawing: Drawing, node: Node) -> None:
    targets = [drawing.nodes[flow.target] for flow in node.fields["outgoing"]]
    if len(targets) < 2:
        problems.add(EVENT_GATEWAY_TARGET, node.xml, reason="it leads to fewer than two events")
    waiting = (ElementType.INTERMEDIATE_CATCH_EVENT, ElementType.RECEIVE_TASK)
    for target in targets:
        if target.type not in waiting or target.fields.get("multi_instance") or _attached(drawing, target):
            reason = f"it leads to {label(target.xml)}, which is no plain catch event or receive task"
            problems.add(EVENT_GATEWAY_TARGET, node.xml, reason=reason)
        elif len(target.fields["incoming"]) > 1:
            reason = f"another flow leads to its event {label(target.xml)}"
            problems.add(EVENT_GATEWAY_TARGET, node.xml, reason=reason)
    for name in _repeated(target.fields.get("message") for target in targets):
        problems.add(
            EVENT_GATEWAY_TARGET, node.xml, reason=f"two of its events wait for the message {name!r}"
        )


def _attached(drawing: Drawing, node: Node) -> bool:
    return any(other.xml.get("attachedToRef") == node.id for other in drawing.nodes.values())


def _repeated(messages: Iterable[object]) -> list[str]:
    names = Counter(str(getattr(message, "name", "")) for message in messages if message is not None)
    return [name for name, count in names.items() if count > 1]


def _boundaries(problems: Problems, drawing: Drawing) -> None:
    by_host: dict[str, list[Node]] = defaultdict(list)
    for node in drawing.nodes.values():
        if node.type is not ElementType.BOUNDARY_EVENT:
            continue
        reference = node.xml.get("attachedToRef") or ""
        host = drawing.nodes.get(reference)
        node.fields["attached_to"] = reference
        node.fields["interrupting"] = node.xml.get("cancelActivity", "true") != "false"
        if node.fields.get("event") is EventKind.ERROR and not node.fields["interrupting"]:
            problems.add(BOUNDARY_WRONG, node.xml, reason="an error always interrupts")
        if not reference:
            problems.add(BOUNDARY_WRONG, node.xml, reason="it is attached to nothing")
        elif host is None:
            if reference not in drawing.refused:
                problems.add(REFERENCE_UNKNOWN, node.xml, reference=reference, wanted="activity")
        elif host.type not in ACTIVITY_TYPES or host.scope != node.scope:
            reason = f"{label(host.xml)} is no activity beside it"
            problems.add(BOUNDARY_WRONG, node.xml, reason=reason)
        else:
            by_host[host.id].append(node)
    for host_id, events in by_host.items():
        drawing.nodes[host_id].fields["boundary"] = tuple(event.id for event in events)
        _ambiguous(problems, drawing.nodes[host_id], events)


def _ambiguous(problems: Problems, host: Node, events: list[Node]) -> None:
    """Two boundary events of one activity for the same error or message: which one fires would be chance."""
    errors = Counter(e.fields.get("error_code") for e in events if e.fields.get("event") is EventKind.ERROR)
    for code, count in errors.items():
        if count > 1:
            what = f"the error {code!r}" if code is not None else "every error"
            problems.add(BOUNDARY_WRONG, host.xml, reason=f"{count} boundary events catch {what}")
    own = [host.fields.get("message")]
    for name in _repeated([*own, *(event.fields.get("message") for event in events)]):
        problems.add(MESSAGE_WRONG, host.xml, reason=f"two events of it wait for the message {name!r}")


def _reachable(problems: Problems, drawing: Drawing, flows: list[SequenceFlow]) -> None:
    """Everything must lie behind a start event, or behind a boundary event of what does."""
    onwards: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        onwards[flow.source].add(flow.target)
    for node in drawing.nodes.values():
        if node.type is ElementType.BOUNDARY_EVENT:
            onwards[node.fields.get("attached_to") or ""].add(node.id)
    reached = {node.id for node in drawing.nodes.values() if node.type is ElementType.START_EVENT}
    # Behind what is refused anyway, nothing more can be said; its successors are not reported as well.
    reached |= {a.target for a in drawing.arrows.values() if a.source in drawing.refused}
    reached |= {
        n.id for n in drawing.nodes.values()
        if n.type is ElementType.BOUNDARY_EVENT and (n.fields.get("attached_to") or "") not in drawing.nodes
    }  # fmt: skip
    frontier = set(reached)
    while frontier:
        frontier = {target for source in frontier for target in onwards[source]} - reached
        reached |= frontier
    for node in drawing.nodes.values():
        if node.id not in reached:
            problems.add(ELEMENT_UNREACHABLE, node.xml)


def _loops(problems: Problems, drawing: Drawing, flows: list[SequenceFlow]) -> None:
    """A cycle of gateways alone would spin: nothing on it can change what its conditions see."""
    onwards: dict[str, set[str]] = defaultdict(set)
    before: Counter[str] = Counter()
    for flow in flows:
        if all(drawing.nodes[end].type in _GATEWAYS for end in (flow.source, flow.target)):
            before[flow.target] += flow.target not in onwards[flow.source]
            onwards[flow.source].add(flow.target)
    free = [node for node in onwards if not before[node]]
    while free:
        node = free.pop()
        for target in onwards.pop(node, set()):
            before[target] -= 1
            if not before[target]:
                free.append(target)
    for node, targets in onwards.items():
        if targets:
            problems.add(LOOP_WITHOUT_WAIT, drawing.nodes[node].xml)
