"""Turns what pydantic finds wrong with the structure into refusals, and rescues the parts that are right."""

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Optional

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from counterfoil.core.errors import Refusal
from counterfoil.instruments import errors
from counterfoil.instruments.terms import MODELS, Envelope


def refusals(error: ValidationError, raw: Mapping[str, Any], pointer: str) -> list[Refusal]:
    """One refusal for each thing that pydantic found, and one for all above a hundred."""
    details = error.errors(include_url=False, include_context=True)
    inside = {detail["loc"][:1] for detail in details if len(detail["loc"]) > 1}
    # a list whose members are broken counts as too short as well: the members have been said
    details = [d for d in details if not (d["type"] == "too_short" and d["loc"] in inside)]
    found = [_refusal(detail, raw, pointer) for detail in details[:_MOST]]
    if len(details) > _MOST:
        found.append(errors.MANY(pointer, count=len(details) - _MOST))
    return found


def rest(error: ValidationError, raw: Mapping[str, Any], model: type[Envelope]) -> Envelope | None:
    """The terms without their broken fields, for the rules that need only the others."""
    broken = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    kept = {name: value for name, value in raw.items() if name not in broken}
    try:
        return _lenient(model).model_validate(kept)
    except ValidationError:
        return None


@cache
def _lenient(model: type[Envelope]) -> type[Envelope]:
    """The same model with every field optional and unknown names ignored."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        optional: Any = Optional[info.annotation]  # noqa: UP045
        default = None if info.is_required() else info.default
        fields[name] = (
            Annotated[(optional, *info.metadata)] if info.metadata else optional,
            Field(default, alias=info.alias),
        )
    return create_model(f"Lenient{model.__name__}", __base__=_Ignoring, **fields)


class _Ignoring(Envelope):
    model_config = ConfigDict(extra="ignore")


_MOST = 100
_FORMS = {"date_form", "text_form", "string_pattern_mismatch", "string_unicode"}
_TYPES = {
    "string": "a text", "free": "a text, a number or true or false",
    "int": "a whole number", "decimal": "a number", "bool": "true or false", "dict": "an object",
    "model": "an object", "tuple": "a list", "list": "a list", "number": "a number", "mapping": "an object",
}  # fmt: skip


def _refusal(detail: ErrorDetails, raw: Mapping[str, Any], pointer: str) -> Refusal:
    kind, context = detail["type"], detail.get("ctx", {})
    path = _path(detail["loc"], raw)
    where = pointer + "".join(f"/{_escape(step)}" for step in path)
    last = str(path[-1]) if path else ""
    if kind == "missing":
        return errors.MISSING(where, field=last)
    if kind == "extra_forbidden":
        return errors.UNKNOWN(where, field=last, hint=_hint(last, raw, path))
    if kind in _FORMS:
        return errors.FORM(where, reason=_reason(detail))
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        return errors.CHOICE(where, choices=str(context.get("expected") or context.get("expected_tags")))
    if kind.endswith(("_type", "_parsing", "_form", "_from_float")) or kind == "union_tag_not_found":
        wanted = _TYPES.get(kind.split("_", 1)[0], "of the right type")
        return errors.TYPE(
            where, wanted="an object with a known kind" if kind == "union_tag_not_found" else wanted
        )
    return errors.RANGE(where, reason=_reason(detail))


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return f"it must match {detail['ctx']['pattern']}"
    message = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _path(loc: Sequence[int | str], raw: object) -> list[int | str]:
    """The location without the steps that pydantic adds: members of a union, the mark of a key."""
    path: list[int | str] = []
    node = raw
    last = len(loc) - 1
    for i, step in enumerate(loc):
        if step == "[key]" and i == last:
            break
        if isinstance(node, Mapping):
            if i < last and node.get("kind") == step:
                continue
            node = node.get(step)
        elif isinstance(node, list | tuple):
            node = node[step] if isinstance(step, int) and step < len(node) else None
        path.append(step)
    return path


def _hint(name: str, raw: Mapping[str, Any], path: Sequence[int | str]) -> str:
    model = MODELS.get(str(raw.get("class")))
    if model is None or len(path) != 1:
        return ""
    near = difflib.get_close_matches(name[:60], _names(model), n=1)
    return f', but a field "{near[0]}"' if near else ""


@cache
def _names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _escape(step: int | str) -> str:
    """A step of a JSON pointer. What cannot be printed (or stored: NUL, half a surrogate pair) becomes U+FFFD."""
    text = str(step)[:100].replace("~", "~0").replace("/", "~1")
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
