"""Gateways: which arrows a token takes."""

from collections import defaultdict
from typing import TYPE_CHECKING

from counterfoil.orchestration.bpmn.model import Element
from counterfoil.orchestration.engine.state import Instance, Token, variables_of

if TYPE_CHECKING:
    from counterfoil.orchestration.engine.stretch import Stretch


def exclusive(stretch: "Stretch", element: Element, tokens: list[Token]) -> None:
    """Take the first arrow whose condition is true, else the default one; without either, an incident."""
    decided = [(token, _choose(element, token)) for token in tokens]
    taken = [token for token, flow in decided if flow is not None]
    stretch.visit(taken)
    for token, flow in decided:
        if flow is None:
            stretch.incident(
                token, "no flow", "no condition of the gateway is true and it has no default flow"
            )
        else:
            stretch.follow(token, (flow,))


def _choose(element: Element, token: Token) -> str | None:
    if len(element.outgoing) == 1 and element.outgoing[0].condition is None:
        return element.outgoing[0].id
    variables = variables_of(token)
    for flow in element.outgoing:
        if flow.id == element.default_flow:
            continue
        if flow.condition is None or flow.condition.evaluate(variables) is True:
            return flow.id
    return element.default_flow


def parallel(stretch: "Stretch", element: Element, tokens: list[Token]) -> None:
    """Wait until a token has come by every arrow, then leave by every arrow."""
    if len(element.incoming) <= 1:
        stretch.leave(tokens)
        return
    for token in tokens:
        stretch.rest(token, "arrived")
    for instance in {id(t.instance): t.instance for t in tokens}.values():
        _join(stretch, element, instance)


def _join(stretch: "Stretch", element: Element, instance: Instance) -> None:
    by_scope: dict[int, list[Token]] = defaultdict(list)
    for token in instance.tokens.values():
        if token.element_id == element.id and token.state == "arrived":
            by_scope[id(token.scope)].append(token)
    for arrived in by_scope.values():
        while True:
            first: dict[str, Token] = {}
            for token in arrived:
                first.setdefault(token.flow_id or "", token)
            if any(flow.id not in first for flow in element.incoming):
                break
            joined = [first[flow.id] for flow in element.incoming]
            for token in joined:
                arrived.remove(token)
            survivor = joined[-1]
            for token in joined[:-1]:
                stretch.drop(token)
            survivor.state = "ready"
            stretch.leave([survivor])
