"""Accounts of parties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import Any
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.ids import new_ids

SQL = queries(__file__)


class AccountKind(StrEnum):
    """What an account is for. Only the issue control and central-bank accounts may be negative."""

    ISSUE_CONTROL = "issue_control"
    ISSUER = "issuer"
    OWN = "own"
    CLIENT_OMNIBUS = "client_omnibus"
    CLIENT_SEGREGATED = "client_segregated"
    DEALER = "dealer"
    PAYING_AGENT = "paying_agent"
    CENTRAL_BANK = "central_bank"


MIRRORS = frozenset({AccountKind.ISSUE_CONTROL, AccountKind.CENTRAL_BANK})
"""Accounts that no party has: what stands in them mirrors the register, or the depository's money elsewhere."""


class AccountState(StrEnum):
    """OPEN to BLOCKED and back; from OPEN to CLOSED, for good."""

    OPEN = "open"
    BLOCKED = "blocked"
    CLOSED = "closed"


class Block(IntFlag):
    """What is blocked, and on whose word. Each is lifted by whoever has set it."""

    NONE = 0
    PARTY_DEBIT = 1
    PARTY_CREDIT = 2
    CSD_DEBIT = 4
    CSD_CREDIT = 8


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its id and its number, which people use. A closed one is blocked on both sides.

    `blocked_by_csd` says that some block is the depository's, and for it to lift.
    """

    id: UUID
    number: str
    kind: AccountKind
    owner_lei: str
    blocked_debit: bool = False
    blocked_credit: bool = False
    closed: bool = False
    blocked_by_csd: bool = False

    @property
    def may_be_negative(self) -> bool:
        """Whether an overdraft is part of its purpose."""
        return self.kind in MIRRORS

    @property
    def state(self) -> AccountState:
        """Closed, blocked on one side at least, or open."""
        if self.closed:
            return AccountState.CLOSED
        return AccountState.BLOCKED if self.blocked_debit or self.blocked_credit else AccountState.OPEN

    def bars(self, amount: Decimal) -> bool:
        """Whether it may not give (a negative amount) or take (a positive one)."""
        return self.blocked_debit if amount < 0 else self.blocked_credit


def open_accounts(
    tx: Transaction, wanted: Sequence[tuple[str, AccountKind, str]], opened_at: datetime, actor: str = "CSD"
) -> Mapping[str, Account]:
    """Open accounts (number, kind, owner's LEI) that are not open yet; all of them by number.

    Raises `Bug` where a number stands for an account of another kind or owner.
    """
    found = insert_missing(tx, wanted, opened_at, actor)
    for number, kind, owner in wanted:
        account = found[number]
        ensure((account.kind, account.owner_lei) == (kind, owner), f"account {number} is another's")
    return found


def insert_missing(
    tx: Transaction, wanted: Sequence[tuple[str, AccountKind, str]], opened_at: datetime, actor: str
) -> Mapping[str, Account]:
    """Open each account (number, kind, owner's LEI) whose number is free; who has the numbers now."""
    numbers = [number for number, _, _ in wanted]
    found = accounts_by_number(tx, numbers)
    missing = [w for w in dict.fromkeys(wanted) if w[0] not in found]
    if not missing:
        return found
    tx.execute(
        SQL.open,
        ids=new_ids(len(missing)),
        numbers=[number for number, _, _ in missing],
        kinds=[kind.value for _, kind, _ in missing],
        owners=[owner for _, _, owner in missing],
        opened_at=opened_at,
        actor=actor,
    )
    return accounts_by_number(tx, numbers)


def accounts_by_number(tx: Transaction, numbers: Sequence[str]) -> Mapping[str, Account]:
    """Accounts by number; an unknown number is missing."""
    found = (_account(row) for row in tx.rows(SQL.by_number, numbers=list(set(numbers))))
    return {account.number: account for account in found}


def accounts_by_id(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, Account]:
    """Accounts by id; an unknown id is missing."""
    found = (_account(row) for row in tx.rows(SQL.by_id, ids=list(set(ids))))
    return {account.id: account for account in found}


def accounts_of(tx: Transaction, owners: Sequence[str]) -> list[Account]:
    """The open accounts of the owners (LEI), in order of their numbers."""
    return [_account(row) for row in tx.rows(SQL.by_owner, owners=list(set(owners)))]


def _account(row: Row) -> Account:
    id_, number, kind, *rest = row
    return Account(id_, number, AccountKind(kind), *rest)


def page_of_accounts(
    tx: Transaction,
    *,
    owner: str | None = None,
    kind: AccountKind | None = None,
    state: AccountState | None = None,
    number: str | None = None,
    prefix: str = "",
    after: str = "",
    descending: bool = False,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Accounts in order of their numbers, or the other way round: of one owner (LEI), kind or state, with one number
    or those that begin alike, or all. `blocks` names what is blocked, and on whose word.
    """
    names = ("id", "number", "kind", "owner", "state", "blocks", "opened_at", "opened_by", "closed_at")
    rows = tx.rows(
        SQL.page_back if descending else SQL.page,
        owner=owner, kind=kind and kind.value, state=state and state.value, number=number, prefix=prefix,
        after=after, limit=limit,
    )  # fmt: skip
    return [
        {**(found := dict(zip(names, row, strict=True))), "blocks": names_of(found["blocks"])} for row in rows
    ]


def names_of(blocks: int) -> list[str]:
    """The names of the blocks that are set."""
    return [block.name for block in Block(blocks) if block.name]
