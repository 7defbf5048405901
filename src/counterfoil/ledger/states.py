"""What becomes of accounts: blocked, unblocked, closed. Each change is an event, with who, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import MIRRORS, AccountKind, Block, names_of

SQL = queries(__file__)
_OF_PARTY = Block.PARTY_DEBIT | Block.PARTY_CREDIT
_OF_DEPOSITORY = Block.CSD_DEBIT | Block.CSD_CREDIT
_LONGEST_REASON = 500


class Step(StrEnum):
    """What is to be done with an account."""

    BLOCK = "BLOCKED"
    UNBLOCK = "UNBLOCKED"
    CLOSE = "CLOSED"


@dataclass(frozen=True, slots=True)
class StateChange:
    """A step for one account (number). `debit` and `credit` say which side is blocked or unblocked."""

    number: str
    step: Step
    reason: str
    debit: bool = True
    credit: bool = True


@dataclass(frozen=True, slots=True)
class Changed:
    """The account stands changed; `blocks` are those that stand now."""

    number: str
    account_id: UUID
    blocks: Block


@dataclass(frozen=True, slots=True)
class _Standing:
    """An account as it is found, locked."""

    id: UUID
    kind: AccountKind
    blocks: Block
    closed: bool
    event_no: int
    holds: int


def change_states(
    tx: Transaction, changes: Sequence[StateChange], *, by_party: bool, at: datetime, actor: str
) -> list[Changed | Refusal]:
    """Block, unblock or close accounts: one outcome for each, in order; an account may occur once.

    A party lifts what it has blocked, the depository what it has. What is so already stays so, without an event. It
    waits for every booking under way and keeps others waiting until the transaction ends: end it soon, and book
    nothing in it.
    """
    numbers = [change.number for change in changes]
    ensure(len(set(numbers)) == len(numbers), "an account changes once in a batch")
    if not changes:
        return []
    tx.execute("LOCK TABLE ledger.posting IN SHARE MODE")
    found = {
        number: _Standing(id_, AccountKind(kind), Block(blocks), *rest)
        for number, id_, kind, blocks, *rest in tx.rows(SQL.lock, numbers=numbers)
    }
    outcomes: list[Changed | Refusal] = []
    events: list[tuple[StateChange, _Standing, Block]] = []
    for change in changes:
        account = found.get(change.number)
        judged = _judge(change, account, by_party=by_party)
        if account is None or isinstance(judged, Refusal):
            outcomes.append(
                judged if isinstance(judged, Refusal) else errors.UNKNOWN_ACCOUNT(account=change.number)
            )
            continue
        outcomes.append(Changed(change.number, account.id, judged))
        if change.step is Step.CLOSE or judged != account.blocks:
            events.append((change, account, judged))
    if events:
        tx.execute(
            SQL.change,
            ids=[account.id for _, account, _ in events],
            nos=[account.event_no + 1 for _, account, _ in events],
            kinds=[change.step.value for change, _, _ in events],
            blocks=[int(blocks) for _, _, blocks in events],
            reasons=[change.reason for change, _, _ in events],
            at=at,
            actor=actor,
        )
    return outcomes


def _judge(change: StateChange, account: _Standing | None, *, by_party: bool) -> Block | Refusal:
    """The blocks that stand afterwards, or why the step may not be taken."""
    if account is None:
        return errors.UNKNOWN_ACCOUNT(account=change.number)
    if not 0 < len(change.reason) <= _LONGEST_REASON or not change.reason.isprintable():
        return errors.REASON("/reason", longest=_LONGEST_REASON)
    if account.closed:
        return errors.CLOSED("/number", account=change.number)
    if by_party and (account.kind in MIRRORS or account.kind is AccountKind.ISSUER):
        return errors.DEPOSITORY_ONLY("/number", account=change.number, kind=account.kind.value)
    if change.step is Step.CLOSE:
        return _judge_closing(change.number, account)
    sides = _sides(change) & (_OF_PARTY if by_party else _OF_DEPOSITORY)
    if change.step is Step.BLOCK:
        return account.blocks | sides
    left = account.blocks & ~sides
    if left == account.blocks:
        standing = ", ".join(names_of(account.blocks)) or "nothing"
        return errors.NOT_BLOCKED("/side", account=change.number, standing=standing)
    return left


def _sides(change: StateChange) -> Block:
    debit = Block.PARTY_DEBIT | Block.CSD_DEBIT if change.debit else Block.NONE
    credit = Block.PARTY_CREDIT | Block.CSD_CREDIT if change.credit else Block.NONE
    return debit | credit


def _judge_closing(number: str, account: _Standing) -> Block | Refusal:
    if account.kind in MIRRORS:
        return errors.STAYS_OPEN("/number", account=number, kind=account.kind.value)
    if account.blocks:
        return errors.BLOCKED("/number", account=number)
    if account.holds:
        return errors.NOT_EMPTY("/number", account=number, count=account.holds)
    return Block.NONE


def account_events(tx: Transaction, number: str) -> list[dict[str, Any]]:
    """What has become of an account since it was opened, in order."""
    names = ("no", "kind", "blocks", "reason", "actor", "at")
    rows = tx.rows(SQL.events, number=number)
    return [{**dict(zip(names, row, strict=True)), "blocks": names_of(row[2])} for row in rows]
