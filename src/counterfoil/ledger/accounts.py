"""Accounts of parties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
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


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its id and its number, which people use."""

    id: UUID
    number: str
    kind: AccountKind
    owner_lei: str

    @property
    def may_be_negative(self) -> bool:
        """Whether an overdraft is part of its purpose."""
        return self.kind in (AccountKind.ISSUE_CONTROL, AccountKind.CENTRAL_BANK)


def open_accounts(
    tx: Transaction, wanted: Sequence[tuple[str, AccountKind, str]], opened_at: datetime
) -> Mapping[str, Account]:
    """Open accounts (number, kind, owner's LEI) that are not open yet; all of them by number.

    Raises `Bug` where a number stands for an account of another kind or owner.
    """
    numbers = [number for number, _, _ in wanted]
    found = accounts_by_number(tx, numbers)
    missing = [w for w in dict.fromkeys(wanted) if w[0] not in found]
    if missing:
        tx.execute(
            SQL.open,
            ids=new_ids(len(missing)),
            numbers=[number for number, _, _ in missing],
            kinds=[kind.value for _, kind, _ in missing],
            owners=[owner for _, _, owner in missing],
            opened_at=opened_at,
        )
        found = accounts_by_number(tx, numbers)
    for number, kind, owner in wanted:
        account = found[number]
        ensure((account.kind, account.owner_lei) == (kind, owner), f"account {number} is another's")
    return found


def accounts_by_number(tx: Transaction, numbers: Sequence[str]) -> Mapping[str, Account]:
    """Accounts by number; an unknown number is missing."""
    return {
        number: Account(id_, number, AccountKind(kind), owner)
        for id_, number, kind, owner in tx.rows(SQL.by_number, numbers=list(set(numbers)))
    }


def accounts_by_id(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, Account]:
    """Accounts by id; an unknown id is missing."""
    return {
        id_: Account(id_, number, AccountKind(kind), owner)
        for id_, number, kind, owner in tx.rows(SQL.by_id, ids=list(set(ids)))
    }


def page_of_accounts(
    tx: Transaction, *, owner: str | None = None, after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Accounts in order of their numbers, of one owner (LEI) or all."""
    names = ("id", "number", "kind", "owner", "opened_at")
    return [
        dict(zip(names, row, strict=True)) for row in tx.rows(SQL.page, owner=owner, after=after, limit=limit)
    ]
