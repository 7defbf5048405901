"""What persons do with instances, incidents and tasks. Everything takes batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.ids import new_ids
from counterfoil.orchestration.bpmn.model import Element
from counterfoil.orchestration.engine import errors
from counterfoil.orchestration.engine.definitions import load, version_id
from counterfoil.orchestration.engine.starting import CHANNEL
from counterfoil.orchestration.engine.state import Definition

SQL = queries(__file__)


def retry(
    tx: Transaction, incident_ids: Sequence[UUID], *, actor: str, now: datetime, reason: str = ""
) -> int:
    """Resolve incidents and have their elements tried again. Raises `Refused` (ORC-202) for an id not open."""
    found = {row[0]: row[1:] for row in tx.rows(SQL.lock_open_incidents, ids=list(incident_ids))}
    missing = [id_ for id_ in incident_ids if id_ not in found]
    if missing:
        raise Refused(*(errors.UNKNOWN_INCIDENT(incident=id_) for id_ in missing))
    tx.execute(SQL.retry, ids=list(incident_ids), actor=actor, now=now)
    done = [(instance_id, {"element": element_id}) for instance_id, element_id in found.values()]
    _note(tx, "retried", done, _Act(actor, reason, now))
    tx.notify(CHANNEL)
    return len(found)


def set_instance_variables(
    tx: Transaction,
    ids: Sequence[UUID],
    variables: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Mend variables of active instances. Raises `Refused` (ORC-201, 205), and (ORC-208) for what a model does not
    declare as mendable.
    """
    before = _active(tx, ids)
    _require_mendable(tx, before.values(), variables)
    tx.execute(SQL.set_variables, ids=list(ids), variables=json.dumps(variables))
    done = [
        (
            id_,
            {
                "before": {name: was.variables[name] for name in variables if name in was.variables},
                "after": variables,
            },
        )
        for id_, was in before.items()
    ]
    _note(tx, "mended", done, _Act(actor, reason, now))


def values_to_mend(tx: Transaction, ids: Sequence[UUID], names: Sequence[str]) -> dict[UUID, dict[str, Any]]:
    """What the variables of active instances are now, those that there are. Raises `Refused` (ORC-201, 205), and
    (ORC-212) where one waits for a person: whoever decides must not be shown one thing and decide another.
    """
    stood = _active(tx, ids)
    waiting = tx.rows(SQL.waiting_for_a_person, ids=list(ids))
    if waiting:
        raise Refused(*(errors.WAITS_FOR_A_PERSON(instance=id_, element=element) for id_, element in waiting))
    return {
        id_: {name: was.variables[name] for name in names if name in was.variables}
        for id_, was in stood.items()
    }


def mend(
    tx: Transaction,
    before: Mapping[UUID, Mapping[str, Any]],
    variables: Mapping[str, Any],
    *,
    asked_by: str,
    approver: str,
    reason: str,
    now: datetime,
) -> None:
    """Set any variables of active instances, as one person has asked and another approved, who were shown `before`.

    Raises `Refused` as `values_to_mend` does, and (ORC-213) where a variable is another by now.
    """
    found = values_to_mend(tx, list(before), list(variables))
    moved = [id_ for id_, was in before.items() if not _same(found[id_], was)]
    if moved:
        raise Refused(*(errors.CHANGED_MEANWHILE(instance=id_) for id_ in moved))
    tx.execute(SQL.set_variables, ids=list(before), variables=json.dumps(variables))
    done = [
        (id_, {"before": was, "after": variables, "approved_by": approver}) for id_, was in before.items()
    ]
    _note(tx, "mended", done, _Act(asked_by, reason, now))


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """As JSON, where true is not 1 and 1 is not 1.0."""
    return one.keys() == other.keys() and all(json.dumps(one[k]) == json.dumps(other[k]) for k in one)


def cancel(tx: Transaction, ids: Sequence[UUID], *, actor: str, now: datetime, reason: str = "") -> int:
    """End active instances and those they have called. Raises `Refused` (ORC-201, ORC-205)."""
    _active(tx, ids)
    tx.execute(SQL.cancel, ids=list(ids), actor=actor, now=now)
    _note(tx, "cancelled", [(id_, {}) for id_ in ids], _Act(actor, reason, now))
    return len(ids)


def migrate(
    tx: Transaction,
    ids: Sequence[UUID],
    process_id: str,
    version: int,
    mapping: Mapping[str, str] | None = None,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> int:
    """Move active instances to a later version of their process; `mapping` names what became of renamed elements.

    Refused with every reason (ORC-206) where an instance stands at an element without a counterpart of the same
    type in the same scope, and (ORC-209 to 211) where it would be a way around the model.
    """
    stood = _active(tx, ids)
    target_id = version_id(tx, process_id, version)
    standing = tx.rows(SQL.standing, ids=list(ids))
    sources = {one.definition_id for one in stood.values()}
    definitions = load(tx, sources | {target_id})
    names = dict(mapping or {})
    barred = [r for id_ in sources for r in _ways_around(definitions[id_], definitions[target_id], names)]
    if barred:
        raise Refused(*barred)
    target = definitions[target_id].process.elements
    problems: dict[str, Refusal] = {}
    old: set[str] = set()
    for definition_id, element_id in cast("list[tuple[UUID, str]]", standing):
        source = definitions[definition_id].process.elements
        pairs = [element_id, *source[element_id].boundary, *(f.target for f in source[element_id].outgoing)]
        old.update(p for p in pairs if names.get(p, p) in target)
        there = target.get(names.get(element_id, element_id))
        here = source[element_id]
        if there is None or not _corresponds(here, there, names):
            problems[element_id] = errors.NO_COUNTERPART(element=element_id, version=version)
    if problems:
        raise Refused(*problems.values())
    renamed = sorted(old)
    tx.execute(
        SQL.migrate,
        ids=list(ids),
        target=target_id,
        old=renamed,
        new=[names.get(name, name) for name in renamed],
    )
    done = {"version": version, "mapping": names}
    _note(tx, "migrated", [(id_, done) for id_ in ids], _Act(actor, reason, now))
    return len(ids)


def _ways_around(source: Definition, target: Definition, names: Mapping[str, str]) -> Iterator[Refusal]:
    """What would let an instance leave out what its model wants decided: the rules of another process, those of an
    older version, and a jump to another element that is called a renaming.
    """
    if source.process.id != target.process.id:
        yield errors.OTHER_PROCESS("/process_id", process=source.process.id, target=target.process.id)
        return
    if target.version < source.version:
        yield errors.OLDER_VERSION("/version", version=source.version, target=target.version)
    before, after = source.process.elements, target.process.elements
    for old, new in names.items():
        if old in before and (old in after or new in before):
            yield errors.NOT_RENAMED(
                f"/mapping/{old}", process=target.process.id, version=target.version, old=old, new=new
            )


def _corresponds(here: Element, there: Element, names: Mapping[str, str]) -> bool:
    """Whether an element is the counterpart of another; one that was renamed does the same work."""
    same_work = here.id == there.id or here.task_type == there.task_type
    return same_work and here.type is there.type and names.get(here.scope, here.scope) == there.scope


def assign_user_tasks(tx: Transaction, ids: Sequence[UUID], *, actor: str) -> int:
    """Take tasks for oneself; how many were free."""
    return tx.execute(SQL.assign_tasks, ids=list(ids), actor=actor)


def release_user_tasks(tx: Transaction, ids: Sequence[UUID], *, actor: str) -> int:
    """Give tasks back that one has taken; how many."""
    return tx.execute(SQL.release_tasks, ids=list(ids), actor=actor)


def complete_user_tasks(
    tx: Transaction, ids: Sequence[UUID], variables: Mapping[str, Any], *, actor: str, now: datetime
) -> int:
    """Complete open tasks with the same variables. Raises `Refused` (ORC-203) for one that is not open."""
    found = {row[0] for row in tx.rows(SQL.lock_open_tasks, ids=list(ids))}
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        raise Refused(*(errors.UNKNOWN_TASK(task=id_) for id_ in missing))
    tx.execute(SQL.complete_tasks, ids=list(ids), variables=json.dumps(variables), actor=actor, now=now)
    tx.notify(CHANNEL)
    return len(found)


def checks(tx: Transaction) -> list[Check]:
    """The engine's invariants, from the stored data alone."""
    count = tx.value(SQL.instance_count)

    def check(name: str, invariant: str, statement: str) -> Check:
        return Check(name, invariant, count, tuple(str(row[0]) for row in tx.rows(statement)))

    return [
        check("orchestration.ended", "an instance that has ended stands nowhere", SQL.ended_but_alive),
        check("orchestration.active", "an active instance stands somewhere", SQL.active_but_nowhere),
        check("orchestration.incidents", "what is stopped has an open incident", SQL.incident_without_place),
        check("orchestration.history", "a completed instance has its path", SQL.completed_without_path),
        check(
            "orchestration.four_eyes",
            "whoever asked for something has not decided it",
            SQL.decided_by_who_asked,
        ),
        check("orchestration.paths", "a path counts for those who took it", SQL.miscounted_paths),
    ]


@dataclass(frozen=True, slots=True)
class _Act:
    """Who does something to instances, why, and when."""

    actor: str
    reason: str
    now: datetime


def _note(tx: Transaction, kind: str, done: Sequence[tuple[UUID, Mapping[str, Any]]], act: _Act) -> None:
    """Write down what was done to instances."""
    tx.copy(
        "orchestration.intervention",
        ("id", "instance_id", "kind", "details", "reason", "actor", "made_at"),
        ("uuid", "uuid", "text", "jsonb", "text", "text", "timestamptz"),
        (
            (id_, instance_id, kind, details, act.reason, act.actor, act.now)
            for id_, (instance_id, details) in zip(new_ids(len(done)), done, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Stood:
    """An instance before something is done to it."""

    variables: dict[str, Any]
    definition_id: UUID


def _require_mendable(tx: Transaction, stood: Iterable[_Stood], names: Iterable[str]) -> None:
    """A model says which of its variables persons may mend. The others tell what is asked for and what was decided:
    whoever mended those could have something done that nobody has approved.
    """
    problems = [
        errors.NOT_MENDABLE(
            f"/variables/{name}", process=found.process.id, version=found.version, variable=name,
            mendable=", ".join(sorted(found.process.mendable)) or "none",
        )
        for found in load(tx, {one.definition_id for one in stood}).values()
        for name in sorted(set(names) - found.process.mendable)
    ]  # fmt: skip
    if problems:
        raise Refused(*problems)


def _active(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, _Stood]:
    """Lock active instances; how they stand."""
    rows = {row[0]: row[1:] for row in tx.rows(SQL.lock_instances, ids=list(ids))}
    problems = [errors.UNKNOWN_INSTANCE(instance=id_) for id_ in ids if id_ not in rows]
    problems += [
        errors.NOT_ACTIVE(instance=id_, state=rows[id_][0])
        for id_ in ids
        if id_ in rows and rows[id_][0] != "active"
    ]
    if problems:
        raise Refused(*problems)
    return {id_: _Stood(*stood) for id_, (_, *stood) in rows.items()}
