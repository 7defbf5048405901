"""An issue request as it arrives: the envelope around the terms, read strictly, all broken rules at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from counterfoil.core import json
from counterfoil.core.errors import Refusal, Refused
from counterfoil.instruments import Series
from counterfoil.processes import errors
from counterfoil.processes.issuance import readers
from counterfoil.processes.issuance.distribution import Allotment, read_distribution


class Kind(StrEnum):
    """What a request wants done to an issue."""

    NEW = "NEW"
    TOP_UP = "TOP_UP"
    DECREASE = "DECREASE"
    AMEND = "AMEND"
    CANCEL = "CANCEL"


_ALWAYS = {"kind", "reference", "group"}
_REQUIRED = {
    Kind.NEW: frozenset({"instrument"}),
    Kind.TOP_UP: frozenset({"isin", "quantity"}),
    Kind.DECREASE: frozenset({"isin", "quantity"}),
    Kind.AMEND: frozenset({"isin", "changes"}),
    Kind.CANCEL: frozenset({"isin"}),
}
_OPTIONAL: Mapping[Kind, set[str]] = {
    Kind.NEW: {"numbering", "quantity", "distribution", "proceeds_account"},
    Kind.AMEND: {"issuer_consent"},
}


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One request. `instrument` holds the unchecked terms of a NEW one, `changes` the merge patch of an AMEND.

    `quantity` counts units, or currency of nominal, as the issue's terms say; on a NEW up-to issue it is what is
    issued at once (nothing if absent). `distribution` says to whom a NEW issue is sold, `proceeds_account` where the
    money goes: the issuer's account unless it is said.
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
    distribution: tuple[Allotment, ...] = ()
    proceeds_account: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an item says of itself, as far as it can be read: a refused item is reported under its reference, and
    holds back its group.
    """

    kind: str = ""
    reference: str | None = None
    group: str = ""


def parse_request(payload: bytes) -> tuple[Envelope, IssueRequest | None, tuple[Refusal, ...]]:
    """Read one item: its envelope, the request as far as it can be judged further, and all that is wrong with its
    form, with pointers into the item.
    """
    try:
        raw = json.loads(payload)
    except Refused as refused:
        return Envelope(), None, refused.refusals
    if not isinstance(raw, dict):
        return Envelope(), None, (errors.NOT_AN_OBJECT(what=type(raw).__name__),)
    reference, group = (
        raw.get(name) if not readers.text(raw.get(name))[1] else None for name in ("reference", "group")
    )
    try:
        kind = Kind(raw.get("kind", "NEW"))
    except ValueError:
        return Envelope("", reference, group or ""), None, (errors.UNKNOWN_KIND("/kind", kind=raw["kind"]),)
    return Envelope(kind.value, reference, group or ""), *_read(kind, raw)


def _read(kind: Kind, raw: Mapping[str, Any]) -> tuple[IssueRequest | None, tuple[Refusal, ...]]:
    known = _KNOWN[kind]
    sold = "distribution" in raw and "distribution" in known
    plain = {name: value for name, value in raw.items() if name != "distribution"} if sold else raw
    fields, refusals = readers.read_fields(plain, known, _REQUIRED[kind], kind)
    if refusals:
        broken = read_distribution(raw["distribution"])[1] if sold else []
        return None, (*refusals, *broken)
    fields["kind"] = kind
    if sold:
        fields["distribution"], refusals = read_distribution(raw["distribution"])
    elif "proceeds_account" in fields:
        refusals = [errors.NOTHING_SOLD("/proceeds_account")]
    return IssueRequest(**fields), tuple(refusals)


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


_READERS: Mapping[str, readers.Reader] = {
    "kind": readers.text,
    "reference": readers.text,
    "group": readers.text,
    "isin": readers.isin,
    "quantity": readers.quantity,
    "numbering": readers.numbering,
    "issuer_consent": readers.flag,
    "instrument": readers.structure,
    "changes": readers.structure,
    "distribution": readers.structure,
    "proceeds_account": readers.account,
}
_KNOWN = {
    kind: {name: _READERS[name] for name in _ALWAYS | _REQUIRED[kind] | _OPTIONAL.get(kind, set())}
    for kind in Kind
}
