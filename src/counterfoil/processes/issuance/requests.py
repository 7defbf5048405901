"""An issue request as it arrives: the envelope around the terms, read strictly, all broken rules at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from counterfoil.core import json
from counterfoil.core.errors import Refusal, Refused
from counterfoil.instruments import Series, is_isin
from counterfoil.processes import errors

_MAXIMUM = Decimal(10) ** 18
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,5})?", re.ASCII)
"""`Decimal` would also read blanks, underscores, exponents and the digits of other scripts."""


class Kind(StrEnum):
    """What a request wants done to an issue."""

    NEW = "NEW"
    TOP_UP = "TOP_UP"
    DECREASE = "DECREASE"
    AMEND = "AMEND"
    CANCEL = "CANCEL"


_ALWAYS = {"kind", "reference", "group"}
_REQUIRED = {
    Kind.NEW: {"instrument"},
    Kind.TOP_UP: {"isin", "quantity"},
    Kind.DECREASE: {"isin", "quantity"},
    Kind.AMEND: {"isin", "changes"},
    Kind.CANCEL: {"isin"},
}
_OPTIONAL: Mapping[Kind, set[str]] = {Kind.NEW: {"numbering", "quantity"}, Kind.AMEND: {"issuer_consent"}}


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One request. `instrument` holds the unchecked terms of a NEW one, `changes` the merge patch of an AMEND.

    `quantity` counts units, or currency of nominal, as the issue's terms say; on a NEW up-to issue it is what is
    issued at once (nothing if absent).
    """

    kind: Kind
    reference: str | None = None
    group: str = ""
    isin: str | None = None
    quantity: Decimal | None = None
    numbering: Series = Series.DE
    issuer_consent: bool = False
    instrument: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an item says of itself, as far as it can be read: a refused item is reported under its reference, and
    holds back its group.
    """

    kind: str = ""
    reference: str | None = None
    group: str = ""


def parse_request(payload: bytes) -> tuple[Envelope, IssueRequest | tuple[Refusal, ...]]:
    """Read one item: its envelope, and the request or all that is wrong with it, with pointers into the item."""
    try:
        raw = json.loads(payload)
    except Refused as refused:
        return Envelope(), refused.refusals
    if not isinstance(raw, dict):
        return Envelope(), (errors.NOT_AN_OBJECT(what=type(raw).__name__),)
    reference, group = (
        raw.get(name) if not _text(raw.get(name))[1] else None for name in ("reference", "group")
    )
    try:
        kind = Kind(raw.get("kind", "NEW"))
    except ValueError:
        return Envelope("", reference, group or ""), (errors.UNKNOWN_KIND("/kind", kind=raw["kind"]),)
    return Envelope(kind.value, reference, group or ""), _read_fields(kind, raw)


def _read_fields(kind: Kind, raw: Mapping[str, Any]) -> IssueRequest | tuple[Refusal, ...]:
    refusals = [
        errors.MISSING_FIELD(f"/{name}", kind=kind, name=name)
        for name in sorted(_REQUIRED[kind] - raw.keys())
    ]
    allowed = _ALWAYS | _REQUIRED[kind] | _OPTIONAL.get(kind, set())
    refusals += [
        errors.UNKNOWN_FIELD(f"/{_escape(name)}", kind=kind, name=name)
        for name in sorted(raw.keys() - allowed)
    ]
    fields: dict[str, Any] = {}
    for name in sorted(raw.keys() & allowed - {"kind"}):
        value, wanted = _READERS[name](raw[name])
        if wanted:
            refusals.append(errors.WRONG_FIELD(f"/{name}", wanted=wanted))
        fields[name] = value
    return tuple(refusals) if refusals else IssueRequest(kind=kind, **fields)


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396); `target` is not changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _text(value: object) -> tuple[object, str]:
    good = isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable()
    return value, "" if good else "a text of 1 to 64 printable characters"


def _isin(value: object) -> tuple[object, str]:
    good = isinstance(value, str) and is_isin(value)
    return value, "" if good else "an ISIN (ISO 6166) with a right check digit"


def _quantity(value: object) -> tuple[object, str]:
    wanted = "a positive number of at most 18 digits before and 5 after the point"
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return value, wanted
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return value, wanted
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    good = isinstance(exponent, int) and exponent >= -5 and 0 < number < _MAXIMUM
    return number, "" if good else wanted


def _numbering(value: object) -> tuple[object, str]:
    if value in ("DE", "XS"):
        return Series(str(value)), ""
    return value, "DE or XS"


def _flag(value: object) -> tuple[object, str]:
    # 1 equals True in Python, not in JSON.
    good = isinstance(value, bool) or (isinstance(value, str) and value in ("true", "false"))
    return value is True or value == "true", "" if good else "true or false"


def _map(value: object) -> tuple[object, str]:
    return value, "" if isinstance(value, dict) else "an object"


_READERS = {
    "reference": _text,
    "group": _text,
    "isin": _isin,
    "quantity": _quantity,
    "numbering": _numbering,
    "issuer_consent": _flag,
    "instrument": _map,
    "changes": _map,
}


def _escape(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")
