"""Enters instructions in order of arrival and books them, so that issued amount and booking cannot part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.db import Conflict, Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.ids import new_id, new_ids
from counterfoil.ledger import (
    EXACT,
    Account,
    AccountKind,
    Booked,
    Booking,
    Posting,
    accounts_by_number,
    book,
    open_accounts,
    quantities,
)
from counterfoil.register import errors
from counterfoil.register.hashing import block_hash, block_root, entry_content, entry_hash
from counterfoil.register.model import ZERO, EntryKind, Instruction, Issue, Recorded, judge

SQL = queries(__file__)
CONTROL = "CSD-CONTROL"
"""The account that mirrors the register: minus what is issued, for every issue."""
_CSD = "CSD"


def issuer_account(lei: str) -> str:
    """Number of the account that holds an issuer's unsold units."""
    return f"{lei}-ISSUER"


@dataclass(slots=True)
class _Entry:
    instruction: Instruction
    issue: Issue
    delta: Decimal
    entry_no: int
    content: str
    hash: bytes


@dataclass(slots=True)
class _State:
    """What a batch is judged by. `issues`, `known` and `free` follow each instruction that is entered."""

    issues: dict[str, Issue]
    there: frozenset[str]
    known: dict[UUID, Recorded]
    free: dict[str, Decimal]
    accounts: Mapping[str, Account]


def record(
    tx: Transaction, instructions: Sequence[Instruction], *, changed_at: datetime, actor: str
) -> list[Recorded | Refusal]:
    """Enter a batch: one outcome for each instruction, in order.

    They are judged in order of arrival (those that arrived together, in the order given), and several on one issue
    see each other's effect. A request that was recorded before changes nothing and returns its first result. The
    lock on the chain's head is taken last. Raises `Conflict` when another transaction moved the issuer's units or
    registered the same ISIN meanwhile (repeat the batch).
    """
    if not instructions:
        return []
    with localcontext(EXACT):
        state = _read(tx, instructions)
        # A change is dated no earlier than the one before it, though another worker's clock may be ahead.
        changed_at = max([changed_at, *(issue.changed_at for issue in state.issues.values())])
        entries, outcomes = _judge_all(state, instructions, changed_at, actor)
        if entries:
            _write(tx, entries, state, changed_at, actor)
    ensure(len(outcomes) == len(instructions), "every instruction has one outcome")
    return outcomes


def preview(tx: Transaction, instructions: Sequence[Instruction]) -> list[Refusal | None]:
    """What `record` would refuse of the same batch: each judged after those before it. The issues stay locked, so the
    answer holds until the transaction ends, as long as the issuer's units do not move.
    """
    if not instructions:
        return []
    with localcontext(EXACT):
        state = _read(tx, instructions)
        at = max(i.arrived_at for i in instructions)
        _, outcomes = _judge_all(state, instructions, at, "preview")
    return [outcome if isinstance(outcome, Refusal) else None for outcome in outcomes]


def _read(tx: Transaction, instructions: Sequence[Instruction]) -> _State:
    """Lock the issues, then look for repeats: whoever repeats a request waits here for its first recording."""
    issues = _lock_issues(tx, instructions)
    known = _recorded_before(tx, instructions)
    leis = {issue.issuer_lei for issue in issues.values()} | {i.issuer_lei for i in instructions}
    accounts = accounts_by_number(tx, [CONTROL, *(issuer_account(lei) for lei in leis)])
    return _State(issues, frozenset(issues), known, _free_units(tx, issues, accounts), accounts)


def _judge_all(
    state: _State, instructions: Sequence[Instruction], changed_at: datetime, actor: str
) -> tuple[list[_Entry], list[Recorded | Refusal]]:
    outcomes: dict[int, Recorded | Refusal] = {}
    entries: list[_Entry] = []
    issues, free, known = state.issues, state.free, state.known
    for n in sorted(range(len(instructions)), key=lambda n: instructions[n].arrived_at):
        instruction = instructions[n]
        isin, request = instruction.isin, instruction.request_id
        if (first := known.get(request)) is not None:
            same = (first.isin, first.kind) == (isin, instruction.kind)
            outcomes[n] = first if same else _reused(request, first)
            continue
        judged = judge(instruction, issues.get(isin), free.get(isin, ZERO))
        before = issues.get(isin)
        if not isinstance(judged, Refusal):
            judged = _barred(judged, before, state.accounts) or judged
        if isinstance(judged, Refusal):
            outcomes[n] = judged
            continue
        entry = _enter(instruction, before, judged, changed_at, actor)
        entries.append(entry)
        issues[isin] = entry.issue
        free[isin] = free.get(isin, ZERO) + entry.delta
        outcomes[n] = known[request] = Recorded(
            isin, entry.entry_no, entry.issue.issued, entry.hash, instruction.kind
        )
    return entries, [outcomes[n] for n in range(len(instructions))]


def _barred(after: Issue, before: Issue | None, accounts: Mapping[str, Account]) -> Refusal | None:
    """Whether an account that is blocked or closed keeps the issued amount from changing."""
    delta = after.issued - (before.issued if before else ZERO)
    for number, amount in ((CONTROL, -delta), (issuer_account(after.issuer_lei), delta)):
        account = accounts.get(number)
        if delta and account is not None and account.bars(amount):
            return errors.ACCOUNT_BARRED("/isin", isin=after.isin, account=number, state=account.state.value)
    return None


def _reused(request: UUID, first: Recorded) -> Refusal:
    return errors.REQUEST_REUSED(request=request, entry_no=first.entry_no, kind=first.kind, isin=first.isin)


def _recorded_before(tx: Transaction, instructions: Sequence[Instruction]) -> dict[UUID, Recorded]:
    rows = tx.rows(SQL.recorded, requests=[i.request_id for i in instructions])
    return {
        request: Recorded(isin, entry_no, issued, digest, EntryKind(kind))
        for request, isin, entry_no, issued, digest, kind in rows
    }


def _lock_issues(tx: Transaction, instructions: Sequence[Instruction]) -> dict[str, Issue]:
    rows = tx.rows(SQL.lock_issues, isins=[i.isin for i in instructions])
    return {row[0]: Issue(*row) for row in rows}


def _free_units(
    tx: Transaction, issues: Mapping[str, Issue], held: Mapping[str, Account]
) -> dict[str, Decimal]:
    keys = [(i.isin, held[issuer_account(i.issuer_lei)]) for i in issues.values()]
    found = quantities(tx, keys)
    return dict(zip((isin for isin, _ in keys), found, strict=True))


def _enter(
    instruction: Instruction, before: Issue | None, after: Issue, changed_at: datetime, actor: str
) -> _Entry:
    entry_no = before.entry_no + 1 if before else 1
    previous = before.entry_hash if before else b""
    content = entry_content(instruction, after, entry_no, changed_at, actor, previous)
    digest = entry_hash(content)
    delta = after.issued - (before.issued if before else ZERO)
    issue = replace(after, entry_no=entry_no, entry_hash=digest, changed_at=changed_at)
    return _Entry(instruction, issue, delta, entry_no, content, digest)


def _write(
    tx: Transaction,
    entries: Sequence[_Entry],
    state: _State,
    changed_at: datetime,
    actor: str,
) -> None:
    _book(tx, entries, changed_at, actor)
    block = new_id()
    touched = {e.issue.isin: state.issues[e.issue.isin] for e in entries}
    _write_issues(tx, [i for isin, i in touched.items() if isin not in state.there], block)
    _update_issues(tx, [i for isin, i in touched.items() if isin in state.there], block)
    tx.copy(
        "register.entry",
        (
            "block_id", "position", "isin", "entry_no", "request_id", "kind", "delta", "issued_after",
            "authorised_after", "arrived_at", "changed_at", "content", "hash",
        ),
        (
            "uuid", "int4", "text", "int4", "uuid", "text", "numeric", "numeric", "numeric", "timestamptz",
            "timestamptz", "text", "bytea",
        ),
        (
            (
                block, position, e.issue.isin, e.entry_no, e.instruction.request_id, e.instruction.kind.value,
                e.delta, e.issue.issued, e.issue.authorised, e.instruction.arrived_at, changed_at, e.content, e.hash,
            )
            for position, e in enumerate(entries, 1)
        ),
    )  # fmt: skip
    _link(tx, block, entries, changed_at)


def _book(
    tx: Transaction,
    entries: Sequence[_Entry],
    booked_at: datetime,
    actor: str,
) -> None:
    leis = sorted({e.issue.issuer_lei for e in entries})
    opened = open_accounts(
        tx,
        [(CONTROL, AccountKind.ISSUE_CONTROL, _CSD)]
        + [(issuer_account(lei), AccountKind.ISSUER, lei) for lei in leis],
        booked_at,
    )
    control = opened[CONTROL]
    moving = [e for e in entries if e.delta]
    bookings = [
        Booking(
            id_,
            "mark_up" if e.delta > 0 else "mark_down",
            e.instruction.request_id,
            (
                Posting(control, e.issue.isin, -e.delta),
                Posting(opened[issuer_account(e.issue.issuer_lei)], e.issue.isin, e.delta),
            ),
        )
        for id_, e in zip(new_ids(len(moving)), moving, strict=True)
    ]
    for outcome in book(tx, bookings, booked_at=booked_at, actor=actor):
        if not isinstance(outcome, Booked):
            raise Conflict("issuer_units", f"the issuer's units moved, or were blocked, meanwhile: {outcome}")


def _write_issues(tx: Transaction, added: Sequence[Issue], block: UUID) -> None:
    tx.copy(
        "register.issue",
        (
            "isin", "issuer_lei", "mode", "authorised", "issued", "state", "terms_version", "content", "entry_no",
            "entry_hash", "block_id", "changed_at",
        ),
        (
            "text", "text", "text", "numeric", "numeric", "text", "int4", "jsonb", "int4", "bytea", "uuid",
            "timestamptz",
        ),
        (
            (
                i.isin, i.issuer_lei, i.mode, i.authorised, i.issued, i.state, i.terms_version,
                i.content, i.entry_no, i.entry_hash, block, i.changed_at,
            )
            for i in added
        ),
    )  # fmt: skip


def _update_issues(tx: Transaction, changed: Sequence[Issue], block: UUID) -> None:
    if not changed:
        return
    tx.execute(
        SQL.update_issues,
        block=block,
        isins=[i.isin for i in changed],
        authorised=[i.authorised for i in changed],
        issued=[i.issued for i in changed],
        states=[i.state for i in changed],
        versions=[i.terms_version for i in changed],
        contents=[json.dumps(i.content) for i in changed],
        entry_nos=[i.entry_no for i in changed],
        hashes=[i.entry_hash for i in changed],
        changed_at=changed[0].changed_at,
    )


def _link(tx: Transaction, block: UUID, entries: Sequence[_Entry], recorded_at: datetime) -> None:
    head = tx.row(SQL.lock_head)
    ensure(head is not None, "the register has a head")
    sequence, previous = head  # type: ignore[misc]  # ensured above
    root = block_root(e.hash for e in entries)
    tx.execute(
        SQL.add_block,
        id=block,
        sequence=sequence + 1,
        entry_count=len(entries),
        root=root,
        previous_hash=previous,
        hash=block_hash(previous, sequence + 1, root),
        recorded_at=recorded_at,
    )


__all__ = ["CONTROL", "EntryKind", "Instruction", "Recorded", "issuer_account", "preview", "record"]
