"""Instances and their tokens while a stretch moves them. (In tables and screens a token is an element instance.)"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.orchestration.bpmn.model import Element, Process


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed version of a process; `rank` is an order of elements in which flows mostly go forward."""

    id: UUID
    version: int
    process: Process
    rank: Mapping[str, int]


@dataclass(slots=True, eq=False)
class Token:
    """A place where an instance stands. `stored`: a row of it exists; `subscribed`: it has subscriptions."""

    id: UUID
    instance: "Instance"
    element_id: str
    scope: "Token | None"
    entered_at: datetime
    state: str = "ready"
    flow_id: str | None = None
    variables: dict[str, Any] | None = None
    loop: dict[str, Any] | None = None
    signal: dict[str, Any] | None = None
    attempts: int = 0
    ready_at: datetime | None = None
    stored: bool = False
    changed: bool = True
    subscribed: bool = False
    children: int = 0

    @property
    def element(self) -> Element:
        """The flow node that it stands at."""
        return self.instance.definition.process.elements[self.element_id]

    @property
    def is_loop_child(self) -> bool:
        """Whether it is one of the instances of a multi-instance activity."""
        return (
            self.scope is not None
            and self.scope.loop is not None
            and self.scope.element_id == self.element_id
        )

    def scopes(self) -> "Iterator[Token]":
        """The enclosing scopes, inside out, itself first."""
        token: Token | None = self
        while token is not None:
            yield token
            token = token.scope


@dataclass(slots=True, eq=False)
class Instance:
    """A process instance with all its live tokens."""

    id: UUID
    definition: Definition
    business_key: str | None
    variables: dict[str, Any]
    parent_element_id: UUID | None = None
    started_at: datetime | None = None
    asked_by: str | None = None
    state: str = "active"
    variables_changed: bool = False
    tokens: dict[UUID, Token] = field(default_factory=dict)
    visits: "list[Visit]" = field(default_factory=list)
    children: int = 0
    """Live tokens directly below the process itself."""


@dataclass(slots=True, eq=False)
class Visit:
    """One stay at an element, shared by all instances that made it together."""

    element_id: str
    outcome: str
    entered_at: datetime
    left_at: datetime


def variables_of(token: Token) -> Mapping[str, Any]:
    """What an expression sees at a token: its own variables over those of its scopes over the instance's."""
    local = [scope.variables for scope in token.scopes() if scope.variables]
    if not local:
        return token.instance.variables
    seen = dict(token.instance.variables)
    for variables in reversed(local):
        seen.update(variables)
    return seen


def set_variables(token: Token | None, instance: Instance, variables: Mapping[str, Any]) -> None:
    """Set each variable where it is already known, looking outwards from `token`; else at the instance."""
    for name, value in variables.items():
        scope = token
        while scope is not None and (scope.variables is None or name not in scope.variables):
            scope = scope.scope
        if scope is not None and scope.variables is not None:
            scope.variables[name] = value
            scope.changed = True
        elif name not in instance.variables or instance.variables[name] != value:
            instance.variables[name] = value
            instance.variables_changed = True
