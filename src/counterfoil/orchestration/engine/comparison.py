"""What differs between two versions of a process, element by element."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.orchestration.bpmn.model import Element, Process, SequenceFlow
from counterfoil.orchestration.engine.definitions import load, version_id


class Change(StrEnum):
    """What has become of an element."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """An element or arrow that is not the same; for a changed one, each property before and after."""

    id: str
    name: str
    type: str
    change: Change
    properties: tuple[tuple[str, str, str], ...] = ()


def compare(tx: Transaction, process_id: str, before: int, after: int) -> list[Difference]:
    """The differences from one version to another, in the order of the models. Raises `Refused` (ORC-204)."""
    ids = [version_id(tx, process_id, version) for version in (before, after)]
    loaded = load(tx, ids)
    old, new = (_parts(loaded[id_].process) for id_ in ids)
    return list(_differences(old, new))


def _differences(old: Mapping[str, "_Part"], new: Mapping[str, "_Part"]) -> Iterator[Difference]:
    for id_, (name, type_, properties) in new.items():
        if id_ not in old:
            yield Difference(id_, name, type_, Change.ADDED)
            continue
        had = old[id_][2]
        names = [n for n in {**had, **properties} if had.get(n, "") != properties.get(n, "")]
        if names:
            changed = tuple((n, had.get(n, ""), properties.get(n, "")) for n in names)
            yield Difference(id_, name, type_, Change.CHANGED, changed)
    for id_, (name, type_, _) in old.items():
        if id_ not in new:
            yield Difference(id_, name, type_, Change.REMOVED)


_Part = tuple[str, str, dict[str, str]]
_ELSEWHERE = frozenset({"id", "incoming", "outgoing", "boundary"})
"""What arrows and attached events say themselves."""


def _parts(process: Process) -> dict[str, _Part]:
    """Elements and arrows by id, with their properties as text."""
    found: dict[str, _Part] = {}
    for element in process.elements.values():
        found[element.id] = (element.name, element.type.value, _properties(element))
    for element in process.elements.values():
        for flow in element.outgoing:
            found[flow.id] = ("", "sequenceFlow", _properties(flow))
    return found


def _properties(part: Element | SequenceFlow) -> dict[str, str]:
    return {f.name: _text(getattr(part, f.name)) for f in fields(part) if f.name not in _ELSEWHERE}


def _text(value: Any) -> str:
    """A property as a modeller wrote it; nothing where it is not set."""
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, tuple):
        return ", ".join(_text(one) for one in value)
    source = getattr(value, "source", None)
    if isinstance(source, str):
        return source
    said = {f.name: _text(getattr(value, f.name)) for f in fields(value)}
    return "; ".join(f"{name}: {text}" for name, text in said.items() if text)
