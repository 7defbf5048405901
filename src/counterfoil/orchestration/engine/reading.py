"""What can be seen of instances, incidents and tasks: page by page, each filter by an index of its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.places import place, read_place
from counterfoil.orchestration.engine import errors
from counterfoil.orchestration.engine.definitions import load
from counterfoil.orchestration.engine.heat import STANDING

SQL = queries(__file__)
_FIRST = UUID(int=0)
MANY = 1000
"""Parts of one instance that are read at once."""
STATES = ("active", "completed", "cancelled")
"""What can be said of an instance as a whole."""
_INSTANCE = ("id", "process_id", "version", "business_key", "state", "started_at", "ended_at")
_TASK = (
    "id", "instance_id", "process_id", "element_id", "name", "candidate_groups", "assignee", "created_at",
    "business_key", "variables", "version", "asked_by",
)  # fmt: skip


def instances(
    tx: Transaction,
    *,
    process_id: str | None = None,
    version: int | None = None,
    state: str | None = None,
    element_id: str | None = None,
    business_key: str | None = None,
    after: UUID = _FIRST,
    descending: bool = False,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Instances in order of id, from behind `after`, the latest first if `descending`; `element_id` keeps those that
    stand at it now, always the oldest first.
    """
    given = {"process": process_id, "version": version, "after": after, "limit": limit}
    states = list(STATES) if state is None else [state]
    if element_id is not None and "active" not in states:
        return []  # what has ended stands nowhere
    if business_key is not None:
        statement = SQL.instances_by_key_back if descending and element_id is None else SQL.instances_by_key
        rows = tx.rows(statement, states=states, element=element_id, business_key=business_key, **given)
    elif element_id is not None:
        rows = tx.rows(SQL.instances_at, element=element_id, standing=list(STANDING), **given)
    else:
        rows = tx.rows(SQL.instances_back if descending else SQL.instances, states=states, **given)
    return [dict(zip(_INSTANCE, row, strict=True)) for row in rows]


def instance(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """One instance with its variables, those that may be mended, and where it stands, at the first `MANY` elements.

    Raises `Refused` (ORC-201).
    """
    row = tx.row(SQL.instance, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_INSTANCE(instance=id_))
    names = ("id", "element_id", "state", "variables", "attempts", "entered_at", "ready_at")
    elements = [
        dict(zip(names, element, strict=True)) for element in tx.rows(SQL.elements, id=id_, limit=MANY)
    ]
    *told, definition_id = row
    found = dict(zip((*_INSTANCE, "variables", "parent_element_id", "asked_by"), told, strict=True))
    mendable = sorted(load(tx, [definition_id])[definition_id].process.mendable)
    return {**found, "mendable": mendable, "elements": elements}


def instances_by_id(tx: Transaction, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What some instances are of, who asked for them, and their variables; an unknown one is missing."""
    names = ("id", "process_id", "asked_by", "variables")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.named, ids=list(ids))]


def visits(
    tx: Transaction, id_: UUID, *, after: str | None = None, limit: int = MANY
) -> list[dict[str, Any]]:
    """The way of an instance through its model, in the order in which it left the elements, each with its `place`;
    from behind the place `after`. Raises `Refused` (COR-004) for what is no place.
    """
    path, ordinal = (_FIRST, 0) if after is None else read_place(after, UUID, int)
    rows = tx.rows(SQL.visits, id=id_, path=path, ordinal=ordinal, limit=limit)
    names = ("element_id", "outcome", "entered_at", "left_at")
    return [dict(zip(names, row[:4], strict=True)) | {"place": place(*row[4:])} for row in rows]


def passed(tx: Transaction, id_: UUID) -> list[str]:
    """The elements that an instance has left, each once."""
    return [element for (element,) in tx.rows(SQL.passed, id=id_)]


def incidents(
    tx: Transaction,
    *,
    process_id: str | None = None,
    version: int | None = None,
    element_id: str | None = None,
    resolved: bool = False,
    after: UUID = _FIRST,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Open incidents in order of id, of a process, a version or an element; with `resolved`, those that are resolved
    too, and then of every element.
    """
    given = {"process": process_id, "version": version, "after": after, "limit": limit}
    if resolved:
        rows = tx.rows(SQL.incidents, **given)
    elif element_id is not None:
        rows = tx.rows(SQL.open_incidents_at, element=element_id, **given)
    else:
        rows = tx.rows(SQL.open_incidents, **given)
    return _incidents(rows)


def incidents_of(
    tx: Transaction, instance_id: UUID, *, resolved: bool = True, limit: int = MANY
) -> list[dict[str, Any]]:
    """What has stopped in an instance, oldest first; what is resolved too, or not."""
    return _incidents(tx.rows(SQL.incidents_of, instance=instance_id, open=not resolved, limit=limit))


def _incidents(rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = (
        "id", "instance_id", "process_id", "version", "element_id", "kind", "message", "raised_at", "resolved_at",
        "resolved_by",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def interventions(tx: Transaction, id_: UUID, *, limit: int = MANY) -> list[dict[str, Any]]:
    """What persons have done to an instance, oldest first."""
    names = ("kind", "details", "reason", "actor", "made_at")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.interventions, id=id_, limit=limit)]


def user_tasks(
    tx: Transaction,
    *,
    groups: Sequence[str] | None = None,
    process_id: str | None = None,
    after: UUID = _FIRST,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Tasks that wait for a person of one of `groups` (any group if None), with their instance's variables."""
    given = {"process": process_id, "after": after, "limit": limit}
    if groups is None:
        rows = tx.rows(SQL.user_tasks, **given)
    else:
        rows = tx.rows(SQL.user_tasks_for, groups=list(groups), **given) if groups else []
    return [dict(zip(_TASK, row, strict=True)) for row in rows]


def user_task(tx: Transaction, id_: UUID) -> dict[str, Any] | None:
    """One task, where it waits for a person still."""
    row = tx.row(SQL.user_task, id=id_)
    return None if row is None else dict(zip(_TASK, row, strict=True))
