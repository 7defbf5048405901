"""Types and pure decisions of the register: what an instruction does to an issue."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.money import fits_quantity
from counterfoil.register import errors

ZERO = Decimal(0)


class EntryKind(StrEnum):
    """What an entry does."""

    NEW = "NEW"
    TOP_UP = "TOP_UP"
    DECREASE = "DECREASE"
    AMEND = "AMEND"
    CANCEL = "CANCEL"
    SUSPEND = "SUSPEND"
    RESUME = "RESUME"
    MATURE = "MATURE"
    REDEEM = "REDEEM"
    DELETE = "DELETE"


_STATES = {
    EntryKind.SUSPEND: (("active",), "suspended"),
    EntryKind.RESUME: (("suspended",), "active"),
    EntryKind.MATURE: (("active", "suspended"), "matured"),
    EntryKind.REDEEM: (("active", "suspended", "matured"), "redeemed"),
    EntryKind.DELETE: (("redeemed", "cancelled"), "deleted"),
}
"""From which states to which one an entry leads that changes the state of an issue."""
_TAKES_BACK = ((EntryKind.DECREASE, "suspended"), (EntryKind.DECREASE, "matured"))
"""What has come home is taken back whatever has happened since: units exercised before the end are paid for first."""

STATES = ("active", "suspended", "matured", "redeemed", "deleted", "cancelled")
"""The states of an issue."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is to be entered. `quantity` is in the issue's unit: what a NEW issue starts with, a TOP_UP adds, a
    DECREASE takes back. `content` (NEW, AMEND) holds the items of eWpG section 13 that come from the terms.
    """

    request_id: UUID
    kind: EntryKind
    isin: str
    arrived_at: datetime
    quantity: Decimal = ZERO
    issuer_lei: str = ""
    mode: str = "fixed"
    authorised: Decimal | None = None
    content: dict[str, Any] | None = None
    terms_version: int = 1
    issuer_consent: bool = False
    instructed_by: str = ""

    NOTHING: ClassVar[Decimal] = ZERO


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands after its last entry."""

    isin: str
    issuer_lei: str
    mode: str
    authorised: Decimal
    issued: Decimal
    state: str
    terms_version: int
    content: dict[str, Any]
    entry_no: int
    entry_hash: bytes
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """The entry that an instruction led to."""

    isin: str
    entry_no: int
    issued: Decimal
    hash: bytes
    kind: EntryKind


def judge(instruction: Instruction, issue: Issue | None, free: Decimal) -> Issue | Refusal:
    """The issue after the instruction, or why it may not be entered; `free` units stand on the issuer's account.

    The checks stand in order of precedence: existence, issuer, state, consent, quantity, terms, volume.
    """
    if instruction.kind is EntryKind.NEW:
        return _judge_new(instruction, issue)
    if issue is None:
        return errors.UNKNOWN_ISSUE("/isin", isin=instruction.isin)
    if instruction.issuer_lei not in ("", issue.issuer_lei):
        return errors.OTHER_ISSUER(
            "/isin", isin=issue.isin, issuer=issue.issuer_lei, other=instruction.issuer_lei
        )
    if instruction.kind in _STATES:
        return _judge_state(instruction, issue, free)
    if issue.state != "active" and (instruction.kind, issue.state) not in _TAKES_BACK:
        return errors.NOT_ACTIVE("/isin", isin=issue.isin, state=issue.state)
    if instruction.kind in (EntryKind.TOP_UP, EntryKind.DECREASE):
        if not _is_volume(instruction.quantity):
            return errors.NO_QUANTITY("/quantity", isin=issue.isin, quantity=instruction.quantity)
        if instruction.kind is EntryKind.TOP_UP:
            return _judge_top_up(instruction, issue)
        return _judge_decrease(instruction, issue, free)
    if not instruction.issuer_consent:
        return errors.NO_CONSENT("/issuer_consent", isin=issue.isin)
    if instruction.kind is EntryKind.AMEND:
        return _judge_amend(instruction, issue)
    if free < issue.issued:
        return errors.UNITS_SOLD("/isin", isin=issue.isin, issued=f"{issue.issued:f}", free=f"{free:f}")
    return replace(issue, issued=ZERO, state="cancelled")


def _judge_state(instruction: Instruction, issue: Issue, free: Decimal) -> Issue | Refusal:
    """What an end, or an interruption, does to an issue: units are taken back only where all have come home."""
    before, after = _STATES[instruction.kind]
    if issue.state not in before:
        return errors.NOT_ACTIVE("/isin", isin=issue.isin, state=issue.state)
    if instruction.kind is EntryKind.DELETE and not instruction.issuer_consent:
        return errors.NO_CONSENT("/issuer_consent", isin=issue.isin)
    if instruction.kind is not EntryKind.REDEEM:
        return replace(issue, state=after)
    if free < issue.issued:
        return errors.UNITS_OUT("/isin", isin=issue.isin, issued=f"{issue.issued:f}", free=f"{free:f}")
    return replace(issue, issued=ZERO, state=after)


def _is_volume(value: Decimal) -> bool:
    return fits_quantity(value) and value > 0


def _judge_new(instruction: Instruction, issue: Issue | None) -> Issue | Refusal:
    if issue is not None:
        return errors.ALREADY_REGISTERED("/instrument/isin", isin=issue.isin)
    ensure(
        instruction.authorised is not None and instruction.content is not None, "a new issue has its content"
    )
    authorised = instruction.authorised or ZERO
    issued = authorised if instruction.mode == "fixed" else instruction.quantity
    if not _is_volume(authorised):
        return errors.NO_QUANTITY("/instrument/volume/authorised", isin=instruction.isin, quantity=authorised)
    if issued != authorised and issued and not _is_volume(issued):
        return errors.NO_QUANTITY("/quantity", isin=instruction.isin, quantity=issued)
    if issued > authorised:
        return errors.ABOVE_AUTHORISED(
            "/quantity",
            isin=instruction.isin,
            issued="0",
            quantity=f"{issued:f}",
            authorised=f"{authorised:f}",
        )
    return Issue(
        instruction.isin, instruction.issuer_lei, instruction.mode, authorised, issued, "active",
        instruction.terms_version, instruction.content or {}, 0, b"",
        instruction.arrived_at,
    )  # fmt: skip


def _judge_top_up(instruction: Instruction, issue: Issue) -> Issue | Refusal:
    if issue.issued + instruction.quantity > issue.authorised:
        return errors.ABOVE_AUTHORISED(
            "/quantity", isin=issue.isin, issued=f"{issue.issued:f}", quantity=f"{instruction.quantity:f}",
            authorised=f"{issue.authorised:f}",
        )  # fmt: skip
    return replace(issue, issued=issue.issued + instruction.quantity)


def _judge_decrease(instruction: Instruction, issue: Issue, free: Decimal) -> Issue | Refusal:
    if instruction.quantity > free:
        return errors.UNITS_NOT_FREE(
            "/quantity", isin=issue.isin, quantity=f"{instruction.quantity:f}", free=f"{free:f}"
        )
    return replace(issue, issued=issue.issued - instruction.quantity)


def _judge_amend(instruction: Instruction, issue: Issue) -> Issue | Refusal:
    if instruction.terms_version <= issue.terms_version:
        return errors.STALE_TERMS("/isin", isin=issue.isin, version=issue.terms_version)
    authorised = instruction.authorised if instruction.authorised is not None else issue.authorised
    if not _is_volume(authorised):
        return errors.NO_QUANTITY("/changes/volume/authorised", isin=issue.isin, quantity=authorised)
    if authorised < issue.issued:
        return errors.BELOW_ISSUED(
            "/changes/volume/authorised",
            isin=issue.isin,
            authorised=f"{authorised:f}",
            issued=f"{issue.issued:f}",
        )
    return replace(
        issue,
        authorised=authorised,
        content=instruction.content if instruction.content is not None else issue.content,
        terms_version=instruction.terms_version,
    )
