"""Deployment and versions. A model is parsed once in each operating-system process."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.orchestration.bpmn import parse
from counterfoil.orchestration.bpmn.model import EventKind, Process
from counterfoil.orchestration.engine import errors
from counterfoil.orchestration.engine.state import Definition
from counterfoil.orchestration.engine.timers import due

SQL = queries(__file__)
SERVER = "server"
"""Who deploys the models that a server brings."""
_cache: dict[UUID, Definition] = {}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version of a process. `created` is False when the very same model was deployed already."""

    id: UUID
    process_id: str
    version: int
    created: bool


def deploy(
    tx: Transaction, xml: bytes, *, resource: str, now: datetime, actor: str = SERVER
) -> list[Deployment]:
    """Deploy every process of a BPMN file. Raises `Refused` with all that is wrong with the model.

    The latest version, sent again byte for byte, is left as it is.
    """
    processes = parse(xml)
    names = [process.id for process in processes]
    digest = sha256(xml).digest()
    tx.execute(SQL.latest_for_update, processes=names)
    latest = {row[0]: row[1:] for row in tx.rows(SQL.latest, processes=names)}
    deployments = []
    for process in processes:
        id_, version, known = latest.get(process.id, (None, 0, None))
        if known == digest:
            deployments.append(Deployment(id_, process.id, version, created=False))
        else:
            deployments.append(Deployment(new_id(), process.id, version + 1, created=True))
    created = {d.process_id: d for d in deployments if d.created}
    fresh = [process for process in processes if process.id in created]
    tx.copy(
        "orchestration.process_definition",
        ("id", "process_id", "version", "name", "resource", "xml", "sha256", "deployed_at", "deployed_by"),
        ("uuid", "text", "int4", "text", "text", "bytea", "bytea", "timestamptz", "text"),
        (
            (created[p.id].id, p.id, created[p.id].version, p.name, resource, xml, digest, now, actor)
            for p in fresh
        ),
    )
    _plan_starts(tx, fresh, {name: d.id for name, d in created.items()}, now)
    return deployments


def load(tx: Transaction, ids: Iterable[UUID]) -> Mapping[UUID, Definition]:
    """Definitions by id, from the cache where they are known."""
    wanted = set(ids)
    missing = [id_ for id_ in wanted if id_ not in _cache]
    if missing:
        for id_, process_id, version, xml in tx.rows(SQL.load, ids=missing):
            process = next(p for p in parse(xml) if p.id == process_id)
            _cache[id_] = Definition(id_, version, process, _rank(process))
    return {id_: _cache[id_] for id_ in wanted}


def latest(tx: Transaction, process_ids: Sequence[str]) -> Mapping[str, UUID]:
    """Id of the latest version of each process. Raises `Refused` (ORC-200) for one that is not deployed."""
    found = {row[0]: row[1] for row in tx.rows(SQL.latest, processes=list(process_ids))}
    missing = [name for name in process_ids if name not in found]
    if missing:
        raise Refused(*(errors.UNKNOWN_PROCESS(process=name) for name in missing))
    return found


def definitions(tx: Transaction) -> list[dict[str, Any]]:
    """Every deployed version."""
    names = ("id", "process_id", "version", "name", "resource", "sha256", "deployed_at", "deployed_by")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.all)]


def model_elements(tx: Transaction, process_id: str, version: int) -> list[dict[str, str]]:
    """The flow nodes of a version, in the order of the model. Raises `Refused` (ORC-204)."""
    id_ = version_id(tx, process_id, version)
    elements = load(tx, [id_])[id_].process.elements.values()
    return [{"id": e.id, "name": e.name or e.id, "type": e.type.value} for e in elements]


def definition_xml(tx: Transaction, process_id: str, version: int | None = None) -> bytes | None:
    """The model as it was deployed, byte for byte; the latest version without a number."""
    value = tx.value(SQL.xml, process=process_id, version=version)
    return None if value is None else bytes(value)


def version_id(tx: Transaction, process_id: str, version: int) -> UUID:
    """Id of a version. Raises `Refused` (ORC-204)."""
    id_ = tx.value(SQL.version_id, process=process_id, version=version)
    if id_ is None:
        raise Refused(errors.UNKNOWN_VERSION(process=process_id, version=version))
    return UUID(str(id_))


def _plan_starts(
    tx: Transaction, processes: Sequence[Process], ids: Mapping[str, UUID], now: datetime
) -> None:
    """Message and timer start events belong to the latest version only."""
    tx.execute(SQL.forget_starts, processes=[p.id for p in processes])
    rows: list[tuple[object, ...]] = []
    for process in processes:
        for element_id in process.starts[process.id]:
            element = process.elements[element_id]
            if element.event is EventKind.MESSAGE and element.message is not None:
                rows.append((process.id, element_id, ids[process.id], element.message.name, None, None, None))
            elif element.event is EventKind.TIMER and element.timer is not None:
                first = due(element.timer, {}, now)
                rows.append(
                    (process.id, element_id, ids[process.id], None, first.at, first.repeats, first.every)
                )
    tx.copy(
        "orchestration.start_event",
        ("process_id", "element_id", "definition_id", "message_name", "due_at", "repeats", "every"),
        ("text", "text", "uuid", "text", "timestamptz", "int4", "interval"),
        rows,
    )


def _rank(process: Process) -> dict[str, int]:
    """Longest-path order from the start events, cycles cut: what converges is reached last, so it is moved once."""
    order: list[str] = []
    visited: set[str] = set()
    for root in process.elements:
        stack = [(root, iter(process.elements[root].outgoing))]
        if root in visited:
            continue
        visited.add(root)
        while stack:
            node, flows = stack[-1]
            target = next((f.target for f in flows if f.target not in visited), None)
            if target is None:
                order.append(node)
                stack.pop()
            else:
                visited.add(target)
                stack.append((target, iter(process.elements[target].outgoing)))
    return {element_id: position for position, element_id in enumerate(reversed(order))}
