"""What a person decides with a task: what would change, beside what stands. Read from the rooms, never from variables
alone, so that the API and the console show the same and what the process itself would do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.access import check_fingerprint, check_roles, roles_of_name
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import dumps
from counterfoil.core.money import decimal_text
from counterfoil.instruments import Change
from counterfoil.orchestration import values_to_mend
from counterfoil.processes import (
    ABOUT_EVENTS,
    ADJUSTMENT,
    CORRECTION,
    ISSUANCE,
    MENDING,
    TOKEN_MAKING,
    proposed_request,
)
from counterfoil.servicing import Foreseen, foresee, foresee_adjustment

_TERMS = ("As it stands", "As it would be")
_FIRST_SECURITIES = 20
_FIRST_INSTANCES = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs, with both values as text; None where there is none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a task asks for. `headings` say what the two values of each line are; `hindrances`, why what is approved
    could not be carried out as things stand now.
    """

    subject: str
    isin: str | None
    headings: tuple[str, str]
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    hindrances: tuple[str, ...]


def proposal_of(tx: Transaction, task: dict[str, Any], *, now: datetime) -> Proposal | None:
    """What an open task asks for, or nothing where the model is none of the depository's own."""
    said, process = task["variables"], task["process_id"]
    if process == ISSUANCE:
        return _of_request(tx, UUID(said["batch"]), int(said["position"]))
    if process == MENDING:
        return _of_mending(tx, said)
    if process == TOKEN_MAKING:
        return _of_token(tx, said, now)
    if process == ADJUSTMENT:
        return _of_adjustment(tx, UUID(said["adjustment"]), said)
    return _of_event(tx, task, now) if process in ABOUT_EVENTS else None


def _of_request(tx: Transaction, batch: UUID, position: int) -> Proposal:
    found = proposed_request(tx, batch, position)
    facts = [("Reference", found.reference), ("Quantity", _amount(found.quantity))]
    lines = [line for change in found.changes for line in _changed(change)]
    return Proposal(
        found.kind, found.isin, _TERMS, tuple(lines), _known(facts), (*_reasons(found.refusals), *found.warnings)
    )  # fmt: skip


def _of_mending(tx: Transaction, said: dict[str, Any]) -> Proposal:
    before, after = said["before"], said["after"]
    try:
        now = values_to_mend(tx, [UUID(id_) for id_ in before], list(after))
        hindrances = tuple(
            f"{id_} has other values by now." for id_, was in before.items() if now[UUID(id_)] != was
        )
    except Refused as refused:
        hindrances = _reasons(refused.refusals)
    shown = list(before.items())[:_FIRST_INSTANCES]
    lines = [
        Line(f"{id_}: {name}", _json(was.get(name)), _json(value))
        for id_, was in shown
        for name, value in after.items()
    ]
    count = f"{len(before)}, the first {len(shown)} below" if len(before) > len(shown) else str(len(before))
    facts = [("Instances", count), ("Reason", said.get("because"))]
    return Proposal("MENDING", None, _TERMS, tuple(lines), _known(facts), hindrances)


def _of_token(tx: Transaction, said: dict[str, Any], now: datetime) -> Proposal:
    """Beside what valid tokens of the same name may do already."""
    try:
        check_roles(frozenset(said["roles"]))
        check_fingerprint(tx, said["fingerprint"])
        hindrances: tuple[str, ...] = ()
    except Refused as refused:
        hindrances = _reasons(refused.refusals)
    held = ", ".join(roles_of_name(tx, said["name"], now=now)) or None
    facts = [
        ("Holder", said["name"]), ("Party", said["lei"]), ("Expires", said["expires_at"]),
        ("Fingerprint, to be compared with the holder's own", said["fingerprint"]),
    ]  # fmt: skip
    headings = ("Held under this name", "With the new token")
    lines = (Line("roles", held, ", ".join(said["roles"])),)
    return Proposal("TOKEN", None, headings, lines, _known(facts), hindrances)


def _json(value: object) -> str | None:
    return None if value is None else dumps(value)


def _of_adjustment(tx: Transaction, id_: UUID, said: dict[str, Any]) -> Proposal:
    count, securities = foresee_adjustment(tx, id_, _FIRST_SECURITIES)
    shown = f"{count} in all, the first {len(securities)} below" if count > len(securities) else str(count)
    facts = [
        ("Underlying", said.get("underlying")), ("Factor", said.get("factor")), ("From", said.get("effective_at")),
        ("Reason", said.get("because")), ("Securities to be moved", shown),
    ]  # fmt: skip
    lines = [line for isin, changes in securities for change in changes for line in _changed(change, isin)]
    return Proposal("ADJUSTMENT", None, _TERMS, tuple(lines), _known(facts), ())


def _of_event(tx: Transaction, task: dict[str, Any], now: datetime) -> Proposal | None:
    (found,) = foresee(tx, [UUID(task["variables"]["event"])], now=now)
    event, record = found.event, found.record
    facts = [
        ("Event", event.kind.replace("_", " ")), ("Day", event.day), ("Record date", event.record_date),
        ("Payment", event.payment), ("Share", event.particulars.get("share")),
        ("Units", event.particulars.get("units")), ("Reason", task["variables"].get("because")),
        ("Issued", _amount(found.issued)), ("Holders recorded", record and record.holders),
        ("Units recorded", record and _amount(record.units)),
    ]  # fmt: skip
    corrects = task["process_id"] == CORRECTION
    headings = ("Paid before", "To be paid now") if corrects else ("Declared", "Worked out, to be paid")
    lines = _correction(found) if corrects else _difference(found)
    subject = "CORRECTION" if corrects else "CALL" if task["element_id"] == "approve" else "AMOUNT"
    return Proposal(subject, event.isin, headings, tuple(lines), _known(facts), _reasons(found.lacks))


def _difference(found: Foreseen) -> Iterable[Line]:
    """What the paying agent says beside what is worked out; where the terms have no formula, its word is paid."""
    decided = found.decided
    amount = decided.total if decided else found.amount.total if found.amount else None
    basis = decided.basis if decided else found.amount.basis if found.amount else None
    currency = found.event.currency
    yield Line(_per(basis, currency), _amount(found.declared), _amount(amount))
    if basis is None or amount is None:
        return
    if found.record is not None:
        yield Line(f"In all, {currency}", None, _amount(found.record.total))
    else:
        declared = None if found.declared is None or found.expected is None or not amount else (
            found.expected / amount * found.declared
        )  # fmt: skip
        yield Line(f"In all at most, {currency}", _amount(declared), _amount(found.expected))


def _correction(found: Foreseen) -> Iterable[Line]:
    decided, now = found.decided, found.amount
    currency = found.event.currency
    for name in ("interest", "principal", "total"):
        before = getattr(decided, name) if decided else None
        after = getattr(now, name) if now else None
        basis = now.basis if now else decided.basis if decided else None
        yield Line(f"{name.capitalize()} {_per(basis, currency)}", _amount(before), _amount(after))
    paid = found.record.total if found.record else None
    yield Line(f"In all, {currency}", _amount(paid), _amount(found.expected))
    if paid is not None and found.expected is not None:
        yield Line(f"Difference to be booked, {currency}", None, _amount(found.expected - paid))


def _per(basis: Decimal | None, currency: str) -> str:
    return f"per {decimal_text(basis)}, {currency}" if basis is not None else f"per unit, {currency}"


def _changed(change: Change, isin: str | None = None) -> Iterator[Line]:
    """The leaves of terms that a change concerns, each with its way there."""
    way = " › ".join(part.replace("_", " ") for part in change.pointer.strip("/").split("/"))
    return _leaves(f"{isin}: {way}" if isin else way, change.before, change.after)


def _leaves(way: str, before: object, after: object) -> Iterator[Line]:
    old, new = _members(before), _members(after)
    if old is None or new is None:
        yield Line(way, _told(before), _told(after))
        return
    for name in dict.fromkeys((*old, *new)):
        yield from _leaves(f"{way} › {name.replace('_', ' ')}", old.get(name), new.get(name))


def _members(value: object) -> dict[str, object] | None:
    """What a value consists of, by name or number, nothing where it is absent; None for a leaf."""
    if isinstance(value, list):
        return {str(number): member for number, member in enumerate(value, 1)}
    return {} if value is None else value if isinstance(value, dict) else None


def _told(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return decimal_text(value) if isinstance(value, Decimal) else dumps(value)


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _known(facts: Sequence[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in facts if value is not None)


def _reasons(refusals: Sequence[Refusal]) -> tuple[str, ...]:
    return tuple(f"{refusal.code}: {refusal.detail}" for refusal in refusals)
