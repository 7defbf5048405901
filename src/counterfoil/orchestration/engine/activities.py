"""Activities and events: starting, waiting, completing, looping, ending."""

from typing import TYPE_CHECKING, Any

from counterfoil.orchestration.bpmn.model import Element, ElementType, EventKind
from counterfoil.orchestration.engine.state import Token, set_variables, variables_of
from counterfoil.orchestration.feel import FeelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterfoil.orchestration.engine.stretch import Stretch


def map_inputs(stretch: "Stretch", element: Element, token: Token) -> bool:
    """Make the activity's own variables from its input mappings; False if that ended in an incident."""
    if not element.inputs or (token.variables is not None and not token.is_loop_child):
        return True
    try:
        made = {m.target: m.source.evaluate(variables_of(token)) for m in element.inputs}
    except FeelError as error:
        stretch.incident(token, "input mapping", str(error))
        return False
    token.variables = {**(token.variables or {}), **made}
    return True


def map_outputs(stretch: "Stretch", element: Element, token: Token, result: "Mapping[str, Any]") -> bool:
    """Hand an activity's result to its scope; False if that ended in an incident.

    With output mappings only these leave the activity; without, every variable does.
    """
    if not element.outputs:
        if token.is_loop_child and token.variables is not None:
            token.variables.update(result)
        else:
            set_variables(token.scope, token.instance, result)
        return True
    try:
        seen = {**variables_of(token), **result}
        made = {m.target: m.source.evaluate(seen) for m in element.outputs}
    except FeelError as error:
        stretch.incident(token, "output mapping", str(error))
        return False
    if token.is_loop_child and token.variables is not None:
        token.variables.update(made)
    else:
        set_variables(token.scope, token.instance, made)
    return True


def activate(stretch: "Stretch", element: Element, tokens: list[Token]) -> None:
    """Start what waits: user and receive tasks, catch events, event-based gateways, sub-processes, calls."""
    for token in tokens:
        if not map_inputs(stretch, element, token):
            continue
        if element.type is ElementType.SUB_PROCESS:
            _open_sub_process(stretch, element, token)
            continue
        if element.type is ElementType.CALL_ACTIVITY:
            stretch.calls.append((token, element.called_process or "", _arguments(element, token)))
        elif element.type is ElementType.USER_TASK:
            stretch.user_tasks.append(token)
        stretch.rest(token, "waiting")
        subscribe(token)


def subscribe(token: Token) -> None:
    """Remember that a resting token listens to its own event and to its boundary events."""
    element = token.element
    process = token.instance.definition.process
    listens = (
        element.message is not None
        or element.timer is not None
        or element.type is ElementType.EVENT_BASED_GATEWAY
        or any(process.elements[b].event is not EventKind.ERROR for b in element.boundary)
    )
    if listens and not token.is_loop_child:
        token.subscribed = token.changed = True


def _open_sub_process(stretch: "Stretch", element: Element, token: Token) -> None:
    token.variables = token.variables or {}
    stretch.rest(token, "active")
    subscribe(token)
    for start in token.instance.definition.process.starts[element.id]:
        stretch.enter(token.instance, start, token)


def _arguments(element: Element, token: Token) -> dict[str, Any]:
    if element.inputs and not element.propagate_all_variables:
        return dict(token.variables or {})
    return dict(variables_of(token))


def complete(stretch: "Stretch", token: Token, result: "Mapping[str, Any]") -> None:
    """An activity or event has got what it waited for."""
    element = token.element
    if not map_outputs(stretch, element, token, result):
        return
    token.state = "ready"
    if token.is_loop_child:
        stretch.visit([token])
        loop_child_done(stretch, token)
    else:
        stretch.leave([token])


def trigger(stretch: "Stretch", token: Token, event_id: str, variables: "Mapping[str, Any]") -> bool:
    """A message or a timer has come for `event_id`, on which `token` waits; True if the token is done waiting."""
    process = token.instance.definition.process
    event = process.elements[event_id]
    if event.type is ElementType.BOUNDARY_EVENT:
        set_variables(token.scope, token.instance, variables)
        if event.interrupting:
            stretch.visit([token], "interrupted")
        stretch.enter(token.instance, event_id, token.scope)
        if event.interrupting:
            stretch.drop(token)
        return event.interrupting
    if token.element.type is ElementType.EVENT_BASED_GATEWAY:
        stretch.visit([token])
        caught = stretch.enter(token.instance, event_id, token.scope)
        stretch.drop(token)
        caught.signal = {"variables": dict(variables)}
        return True
    complete(stretch, token, variables)
    return True


def end(stretch: "Stretch", element: Element, tokens: list[Token]) -> None:
    """None, error and terminate end events."""
    stretch.visit(tokens)
    for token in tokens:
        if token.state == "gone":
            continue
        instance, scope = token.instance, token.scope
        if element.event is EventKind.ERROR:
            if scope is not None or instance.parent_element_id is not None:
                stretch.throw(token, element.error_code or "", "")
            else:
                stretch.incident(token, "uncaught error", element.error_code or "")
            continue
        if element.event is EventKind.TERMINATE:
            stretch.clear_scope(instance, scope)
        else:
            stretch.drop(token)
        stretch.close_scope(instance, scope)


def start_loop(stretch: "Stretch", element: Element, tokens: list[Token]) -> None:
    """Open a multi-instance activity: one child for each entry, together or one after the other."""
    loop = element.multi_instance
    if loop is None:
        return
    for token in tokens:
        items = loop.input_collection.evaluate(variables_of(token))
        if not isinstance(items, list):
            stretch.incident(token, "multi-instance", "the input collection is not a list")
            continue
        token.loop = {"items": items, "next": 0, "outputs": [None] * len(items), "done": 0}
        token.variables = token.variables or {}
        stretch.rest(token, "active")
        subscribe(token)
        if not items:
            _close_loop(stretch, token)
        else:
            for _ in range(1 if loop.sequential else len(items)):
                _next_child(stretch, token)


def _next_child(stretch: "Stretch", body: Token) -> None:
    loop, state = body.element.multi_instance, body.loop
    if loop is None or state is None:
        return
    index = state["next"]
    state["next"] = index + 1
    variables: dict[str, Any] = {"loopCounter": index + 1}
    if loop.input_element:
        variables[loop.input_element] = state["items"][index]
    stretch.enter(body.instance, body.element_id, body, variables=variables)


def loop_child_done(stretch: "Stretch", child: Token) -> None:
    """One child of a multi-instance activity is done: note its output, start the next or close."""
    body = child.scope
    loop, state = (body.element.multi_instance, body.loop) if body is not None else (None, None)
    if body is None or loop is None or state is None:
        return
    index = (child.variables or {}).get("loopCounter", 1) - 1
    if loop.output_element is not None:
        state["outputs"][index] = loop.output_element.evaluate(variables_of(child))
    state["done"] += 1
    body.changed = True
    stretch.drop(child)
    finished = state["done"] == len(state["items"])
    if loop.completion_condition is not None and not finished:
        seen = {
            **variables_of(body),
            "numberOfInstances": len(state["items"]),
            "numberOfCompletedInstances": state["done"],
            "numberOfActiveInstances": body.children,
        }
        finished = loop.completion_condition.evaluate(seen) is True
    if finished:
        _close_loop(stretch, body)
    elif loop.sequential:
        _next_child(stretch, body)


def _close_loop(stretch: "Stretch", body: Token) -> None:
    loop, state = body.element.multi_instance, body.loop
    stretch.clear_scope(body.instance, body)
    if loop is not None and state is not None and loop.output_collection:
        set_variables(body.scope, body.instance, {loop.output_collection: state["outputs"]})
    body.loop = None
    body.state = "ready"
    stretch.leave([body])
