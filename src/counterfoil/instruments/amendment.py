"""What an amendment changes, and how deep it goes.

Effect classes: *technical* (documents, agents: nobody's rights change), *economic* (what is paid, when, how much may
be issued), *identity* (what the paper is called by others). The class of an amendment is its deepest change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterfoil.core.errors import Refusal
from counterfoil.core.json import loads
from counterfoil.instruments import errors


class Effect(StrEnum):
    """How deep a change goes, from shallow to deep."""

    TECHNICAL = "technical"
    ECONOMIC = "economic"
    IDENTITY = "identity"


_TECHNICAL = {"documents", "agents", "target_market", "fixing"}
_IDENTITY = {"name", "wkn", "cfi", "fisn", "governing_law"}
_NEVER = {"isin", "class", "issuer", "currency", "denomination", "register_form", "entry_form", "issue_date"}
_DEPTH = list(Effect)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its pointer, the value before and after (None: absent)."""

    pointer: str
    before: Any
    after: Any
    effect: Effect


def diff(before: str, after: str) -> tuple[Change, ...]:
    """The differences between two canonical texts, top field by top field, each leaf on its own."""
    return tuple(
        Change(pointer, old, new, _effect(pointer))
        for pointer, old, new in _differences("", loads(before), loads(after))
    )


def effect(changes: tuple[Change, ...]) -> Effect:
    """The deepest effect of some changes; technical where there are none."""
    return max((change.effect for change in changes), key=_DEPTH.index, default=Effect.TECHNICAL)


def forbidden(changes: tuple[Change, ...]) -> tuple[Refusal, ...]:
    """A refusal for each field that may never change once it is registered."""
    touched = {(change.pointer.split("/")[1]) for change in changes}
    touched |= (
        {"volume.unit"} if any(c.pointer in ("/volume/unit", "/volume/mode") for c in changes) else set()
    )
    return tuple(
        errors.FIXED(f"/{name.replace('.', '/')}", field=name)
        for name in sorted(touched & (_NEVER | {"volume.unit"}))
    )


def _effect(pointer: str) -> Effect:
    top = pointer.split("/")[1]
    if top in _IDENTITY:
        return Effect.IDENTITY
    return Effect.TECHNICAL if top in _TECHNICAL else Effect.ECONOMIC


def _differences(pointer: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted(old.keys() | new.keys()):
            yield from _differences(f"{pointer}/{name}", old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{pointer}/{i}", before, after)
    elif old != new:
        yield pointer, old, new
