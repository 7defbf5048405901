"""What falls due to an account that can take nothing: it is kept for it in suspense, and released once it can."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused, ensure
from counterfoil.core.ids import new_id, new_ids
from counterfoil.core.outbox import announce
from counterfoil.ledger import (
    Account,
    AccountKind,
    accounts_by_number,
    book_legs,
    open_accounts,
    short_legs,
    stage_legs,
)
from counterfoil.servicing import errors
from counterfoil.servicing.agenda import EVENT

SQL = queries(__file__)
SUSPENSE = "CSD-SUSPENSE"
"""The account that holds what blocked and closed accounts are owed."""
KIND = "servicing"
_UNBLOCKED = "the account can take it again"
_NAMES = ("event", "isin", "account", "owner", "sub_balance", "asset", "amount", "since")
_One = tuple[UUID, UUID, int, UUID]
"""Event, account, number of the payment, and the account that gets it."""


def suspense_account(tx: Transaction, now: datetime) -> Account:
    """The depository's account for suspense."""
    return open_accounts(tx, [(SUSPENSE, AccountKind.OWN, "CSD")], now)[SUSPENSE]


def lock_suspense(tx: Transaction) -> None:
    """Releases and corrections come one after the other: either would take what the other takes."""
    tx.execute("LOCK TABLE servicing.release IN SHARE ROW EXCLUSIVE MODE")


def suspend_blocked(tx: Transaction, **columns: object) -> int:
    """Note what runs that are about to be booked owe to accounts that can take nothing; how many lines."""
    return tx.execute(SQL.suspend, **columns)


def suspended(
    tx: Transaction, *, event_id: UUID | None = None, owner: str | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """What stands in suspense, the oldest first: of an event, of an owner (LEI), or all."""
    rows = tx.rows(SQL.standing, event=event_id, owner=owner, limit=limit)
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def release_unblocked(tx: Transaction, *, now: datetime, actor: str, limit: int = 1000) -> int:
    """Give accounts that are not blocked any more what stands in suspense for them; how many payments."""
    if not tx.rows(SQL.releasable, limit=1):
        return 0
    lock_suspense(tx)
    found = tx.rows(SQL.releasable, limit=limit)
    ones = [(event, account, no, account) for event, no, account in found]
    return _release(tx, ones, _UNBLOCKED, now, actor)


def request_release(
    tx: Transaction, event_id: UUID, number: str, into: str, reason: str, *, now: datetime, actor: str
) -> UUID:
    """Ask that what stands in suspense for a closed account goes to another one of its owner; the request, which
    another person has to approve. A blocked account waits for the end of its block. Raises `Refused` (SRV-060, 061).
    """
    event, account, _, other = _elsewhere(tx, event_id, number, into)
    id_ = new_id()
    tx.execute(
        SQL.ask_release, id=id_, event=event, account=account, into=other, reason=reason, actor=actor, now=now
    )
    return id_


def release_elsewhere(tx: Transaction, request: UUID, *, now: datetime, actor: str) -> None:
    """Release what was asked for, once, if it still may be; `actor` has approved it. The database refuses who asked.
    Raises `Refused` (SRV-060, 061).
    """
    lock_suspense(tx)
    row = tx.row(SQL.asked_release, id=request)
    ensure(row is not None, "only what was asked for is released")
    event_id, number, into, reason, is_done = row or ()
    if not is_done:
        _release(tx, [_elsewhere(tx, event_id, number, into)], reason, now, actor, request=request)


def _elsewhere(tx: Transaction, event_id: UUID, number: str, into: str) -> _One:
    known = accounts_by_number(tx, [number, into])
    account, other = known.get(number), known.get(into)
    found = tx.rows(SQL.standing_of, event=event_id, account=account.id) if account is not None else []
    if account is None or not found:
        raise Refused(errors.NOT_SUSPENDED("/account", account=number, event=event_id))
    if not account.closed:
        raise Refused(errors.RELEASE_ODD("/account", reason=f"{number} is blocked, not closed"))
    if (
        other is None
        or other.owner_lei != account.owner_lei
        or other.blocked_credit
        or other.id == account.id
    ):
        reason = f"{into} is no account of {account.owner_lei} that can take it"
        raise Refused(errors.RELEASE_ODD("/into", reason=reason))
    return event_id, account.id, found[0][0], other.id


def _release(
    tx: Transaction,
    ones: Sequence[_One],
    reason: str,
    now: datetime,
    actor: str,
    *,
    request: UUID | None = None,
) -> int:
    """Book releases with their proof, and have their holders told."""
    if not ones:
        return 0
    columns = {
        "events": [one[0] for one in ones],
        "accounts": [one[1] for one in ones],
        "nos": [one[2] for one in ones],
        "into": [one[3] for one in ones],
        "bookings": new_ids(len(ones)),
    }
    tx.execute(SQL.note_releases, now=now, actor=actor, reason=reason, request=request, **columns)
    stage_legs(tx, SQL.legs, suspense=suspense_account(tx, now).id, **columns)
    ensure(not short_legs(tx), "suspense holds what it owes")
    book_legs(tx, kind=KIND, booked_at=now, actor=actor)
    announce(tx, EVENT, dict.fromkeys(one[0] for one in ones))
    return len(ones)
