"""An item as it was handed in, line by line, with the fields marked that were refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads

_RAW = 4000
"""Characters of what is no JSON that are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the item: how deep it stands, its text, and why its field was refused."""

    depth: int
    text: str
    reasons: Sequence[Mapping[str, Any]] = ()
    is_missing: bool = False


def marked(payload: bytes, reasons: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of a JSON payload. A reason stands at the field that its pointer names; where there is none such, at
    the last of its line of fields that there is, as what is missing.
    """
    left: dict[str, list[Mapping[str, Any]]] = {}
    for reason in reasons:
        left.setdefault(str(reason.get("pointer", "")), []).append(reason)
    try:
        value = loads(payload)
    except Refused:
        text = payload.decode(errors="replace")[:_RAW]
        found = [Line(0, text, [r for group in left.values() for r in group])]
    else:
        found = list(_lines(value, "", "", 0, left))
    return found


def _lines(
    value: Any, label: str, pointer: str, depth: int, left: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[Line]:
    here = left.get(pointer, ())
    if not isinstance(value, dict | list) or not value:
        below = [r for path, group in left.items() if path.startswith(f"{pointer}/") for r in group]
        yield Line(depth, f"{label}{dumps(value)}", [*here, *below])
        return
    is_object = isinstance(value, dict)
    yield Line(depth, f"{label}{'{' if is_object else '['}", here)
    members: list[tuple[Any, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value))
    steps = {_step(name) for name, _ in members}
    for name, member in members:
        begins = f"{dumps(name)}: " if is_object else ""
        yield from _lines(member, begins, f"{pointer}/{_step(name)}", depth + 1, left)
    for path, group in left.items():
        rest = path.removeprefix(f"{pointer}/")
        if rest != path and rest.partition("/")[0] not in steps:
            yield Line(depth + 1, f"{rest}: missing", group, is_missing=True)
    yield Line(depth, "}" if is_object else "]")


def _step(name: object) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
