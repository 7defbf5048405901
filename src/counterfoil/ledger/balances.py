"""Positions now and at any past moment, and statements of account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused, ensure
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import Account
from counterfoil.ledger.booking import SubBalance

SQL = queries(__file__)
_NAMES = ("asset", "account", "kind", "owner_lei", "sub_balance", "quantity")
_MOVEMENT = (
    "booked_at", "kind", "reference", "own_reference", "reason", "sub_balance", "amount", "booking", "leg",
    "batch",
)  # fmt: skip
_BOOKING = ("booking", "batch", "kind", "reference", "own_reference", "reason", "booked_at", "actor")


def positions(
    tx: Transaction, *, asset: str | None = None, account: str | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """Positions of an asset, an account, or both."""
    rows = tx.rows(SQL.positions, asset=asset, account=account, limit=limit)
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


def quantities(tx: Transaction, keys: Sequence[tuple[str, Account]]) -> list[Decimal]:
    """The available quantity of each (asset, account), zero where there is no position, in order."""
    rows = tx.rows(
        SQL.quantities,
        numbers=list(range(len(keys))),
        assets=[asset for asset, _ in keys],
        accounts=[account.id for _, account in keys],
    )
    found: dict[int, Decimal] = dict(rows)
    return [found.get(n, Decimal(0)) for n in range(len(keys))]


def restricted_quantities(
    tx: Transaction, keys: Sequence[tuple[str, Account]]
) -> dict[tuple[str, UUID], dict[str, Decimal]]:
    """What there is of each (asset, account) that is not available, by sub-balance: earmarked, blocked, pledged."""
    rows = tx.rows(
        SQL.restricted,
        assets=[asset for asset, _ in keys],
        accounts=[account.id for _, account in keys],
    )
    found: dict[tuple[str, UUID], dict[str, Decimal]] = {}
    for asset, account, sub_balance, quantity in rows:
        found.setdefault((asset, account), {})[sub_balance] = quantity
    return found


def positions_as_of(tx: Transaction, asset: str, at: datetime) -> list[dict[str, Any]]:
    """Positions of an asset as they stood at `at`, from the postings alone."""
    return [dict(zip(_NAMES, row, strict=True)) for row in tx.rows(SQL.as_of, asset=asset, at=at)]


def holdings(
    tx: Transaction,
    account: str,
    *,
    at: datetime | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """What an account holds, by asset and sub-balance: now, or as of a moment from the postings up to it.

    What is zero is left out. `after` is the last (asset, sub-balance) of the page before.
    """
    statement_ = SQL.holdings if at is None else SQL.holdings_as_of
    moment = {} if at is None else {"at": at}
    rows = tx.rows(statement_, account=account, asset=after[0], sub_balance=after[1], limit=limit, **moment)
    return [dict(zip(("asset", "sub_balance", "quantity"), row, strict=True)) for row in rows]


def holders(
    tx: Transaction,
    asset: str,
    *,
    at: datetime | None = None,
    owner: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """Who holds an asset, by account and sub-balance: now, or as of a moment from the postings up to it.

    What is zero is left out, and so is the control account, which holds minus what is issued. `after` is the last
    (account, sub-balance) of the page before; with `owner`, only that party's accounts.
    """
    statement_ = SQL.holders if at is None else SQL.holders_as_of
    moment = {} if at is None else {"at": at}
    rows = tx.rows(
        statement_, asset=asset, owner=owner, account=after[0], sub_balance=after[1], limit=limit, **moment
    )
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """A movement's place in a statement: where the next page goes on."""

    booked_at: datetime
    booking: UUID
    leg: int


def days_of_statement(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of `first` up to before the day after `last`, in UTC. Raises `Refused` (LED-021)."""
    if first > last or last == date.max:
        raise Refused(errors.PERIOD(start=first, end=last))
    return datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)


def statement(
    tx: Transaction,
    account: str,
    asset: str,
    start: datetime,
    until: datetime,
    *,
    sub_balance: SubBalance | None = None,
    after: Place | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Opening balance, movements from `start` up to before `until`, closing balance: of one sub-balance, or over all.

    Opening and all movements make the closing balance, whatever page of the movements is asked for; `next` is the
    place to go on after, or None at the end. A movement's `reference` is the id of what caused it; `own_reference`
    and `reason` are what a person gave with it. It goes by `booked_at`: what a transaction still open has booked
    before `until` is not in it yet. Raises `Refused` (LED-021) where it ends before it begins.
    """
    if start > until:
        raise Refused(errors.PERIOD(start=start, end=until))
    rows = tx.rows(
        SQL.statement,
        account=account, asset=asset, start=start, until=until, sub_balance=sub_balance and sub_balance.value,
        after_at=after and after.booked_at, after_booking=after and after.booking, after_leg=after and after.leg,
        limit=None if limit is None else limit + 1,
    )  # fmt: skip
    ensure(bool(rows), "a statement begins with its balances")
    opening, closing = rows[0][6], rows[0][10]
    movements = [dict(zip(_MOVEMENT, row[:10], strict=True)) for row in rows[1:]]
    more = limit is not None and len(movements) > limit
    if more:
        movements = movements[:limit]
    last = movements[-1] if more else None
    return {
        "account": account,
        "asset": asset,
        "opening": opening,
        "movements": movements,
        "closing": closing,
        "next": last and Place(last["booked_at"], last["booking"], last["leg"]),
    }


def booking_of(
    tx: Transaction,
    id_: UUID,
    *,
    batch: UUID | None = None,
    moved: tuple[str, str] | None = None,
    owner: str | None = None,
    after: int = -1,
    limit: int = 100,
) -> dict[str, Any] | None:
    """A booking with its `legs` from behind leg `after`: all, or those of the accounts of one `owner` (LEI).

    None where there is none such, or none of its legs is the owner's.

    `batch` is the set that it was booked in, which statements name: a delivery is found by it, for it is filed there,
    or by an asset and the number of an account that it `moved`; any other booking is found without. `reference` is
    the id of what caused it.
    """
    asset, account = moved or (None, None)
    batch = batch or tx.value(SQL.batch_of, booking=id_, asset=asset, account=account)
    row = tx.row(SQL.booking, batch=batch, booking=id_) if batch is not None else None
    if row is None:
        return None
    filed = {"batch": batch, "booking": id_, "owner": owner}
    legs = tx.rows(SQL.legs, **filed, after=after, limit=limit)
    if not legs and not tx.rows(SQL.legs, **filed, after=-1, limit=1):
        return None
    names = ("leg", "account", "owner", "asset", "sub_balance", "amount")
    return dict(zip(_BOOKING, row, strict=True)) | {
        "legs": [dict(zip(names, leg, strict=True)) for leg in legs]
    }
