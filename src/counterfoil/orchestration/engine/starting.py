"""Starts instances, and hands messages to those that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.orchestration.bpmn.model import EventKind
from counterfoil.orchestration.engine import errors
from counterfoil.orchestration.engine.definitions import latest, load
from counterfoil.orchestration.engine.state import Definition, Instance

SQL = queries(__file__)
CHANNEL = "orchestration"
"""Workers listen here for new work."""


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance to be started. The caller makes the id, so that starting it again changes nothing.

    `asked_by` is the label of whoever asked for it; that person decides none of its tasks, and nothing changes it.
    """

    id: UUID
    variables: Mapping[str, Any]
    business_key: str | None = None
    parent_element_id: UUID | None = None
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message for the instance that waits for this name and key; kept for `time_to_live` until one does."""

    name: str
    correlation_key: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=new_id)
    time_to_live: timedelta = timedelta(days=7)


def start(tx: Transaction, process_id: str, instances: Sequence[NewInstance], *, now: datetime) -> int:
    """Start instances of the latest version; how many are new. Raises `Refused` (ORC-200)."""
    id_ = latest(tx, [process_id])[process_id]
    definition = load(tx, [id_])[id_]
    known = {row[0] for row in tx.rows(SQL.known, ids=[i.id for i in instances])}
    fresh = [i for i in instances if i.id not in known]
    if fresh:
        copy_instances(tx, definition, fresh, now)
        tx.notify(CHANNEL)
    return len(fresh)


def copy_instances(
    tx: Transaction, definition: Definition, instances: Sequence[NewInstance], now: datetime
) -> None:
    """Store new instances, each standing ready at the process's none start event."""
    process = definition.process
    begins = [s for s in process.starts[process.id] if process.elements[s].event is EventKind.NONE]
    if not begins:
        raise Refused(errors.NO_NONE_START(process=process.id))
    tx.copy(
        "orchestration.process_instance",
        ("id", "definition_id", "business_key", "asked_by", "parent_element_id", "variables", "state", "started_at"),
        ("uuid", "uuid", "text", "text", "uuid", "jsonb", "text", "timestamptz"),
        (
            (i.id, definition.id, i.business_key, i.asked_by, i.parent_element_id, i.variables, "active", now)
            for i in instances
        ),
    )  # fmt: skip
    tx.copy(
        "orchestration.element_instance",
        ("id", "instance_id", "definition_id", "element_id", "state", "entered_at", "ready_at"),
        ("uuid", "uuid", "uuid", "text", "text", "timestamptz", "timestamptz"),
        (
            (id_, i.id, definition.id, begins[0], "ready", now, now)
            for id_, i in zip(new_ids(len(instances)), instances, strict=True)
        ),
    )


def copy_born(tx: Transaction, instances: Sequence[Instance]) -> None:
    """Store instances that a message or timer has started in this stretch."""
    tx.copy(
        "orchestration.process_instance",
        ("id", "definition_id", "variables", "state", "started_at"),
        ("uuid", "uuid", "jsonb", "text", "timestamptz"),
        ((i.id, i.definition.id, i.variables, "active", i.started_at) for i in instances),
    )


def publish(tx: Transaction, messages: Sequence[Message], *, now: datetime) -> None:
    """Publish messages; the next stretch correlates them. A repeated id changes nothing."""
    tx.execute(
        SQL.publish,
        now=now,
        ids=[m.id for m in messages],
        names=[m.name for m in messages],
        keys=[m.correlation_key for m in messages],
        variables=[json.dumps(m.variables) for m in messages],
        expires=[now + m.time_to_live for m in messages],
    )
    tx.notify(CHANNEL)
