"""The daily report of article 37 CSDR and article 59 of Delegated Regulation (EU) 2017/392: every issue and account.

For each issue, what the register says was issued is minus its control account and the sum of all others. For each
account that changed, what it held at the last report, plus all bookings since, is what it holds now.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import ensure

SQL = queries(__file__)
_SHOWN = 1000
"""Mismatches that a report spells out; all are counted."""


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """How many issues and changed balances (an asset on an account) were compared, what did not agree, whose
    issues these were, and of which the control account parts from the register.
    """

    business_date: date
    made_at: datetime
    issues: int
    accounts: int
    mismatch_count: int
    mismatches: tuple[dict[str, Any], ...]
    isins: tuple[str, ...]
    parted: tuple[str, ...]


def report_integrity(tx: Transaction, business_date: date, *, now: datetime) -> IntegrityReport:
    """Compare and store; the report of the day, once it is made, is returned as it was."""
    known = integrity_report(tx, business_date)
    if known is not None:
        return known
    row = tx.row(SQL.report, business_date=business_date, now=now, shown=_SHOWN)
    ensure(row is not None, "a report is stored")
    return _report(row or ())


def integrity_report(tx: Transaction, business_date: date) -> IntegrityReport | None:
    """The stored report of a day, or None."""
    row = tx.row(SQL.stored, business_date=business_date)
    return None if row is None else _report(row)


def daily_statements(
    tx: Transaction,
    business_date: date,
    *,
    owner: str | None = None,
    account: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """Of each account and asset that has moved on a day: opening, movements, closing. `after` is (account, asset)."""
    names = ("account", "owner", "asset", "opening", "movements", "closing")
    rows = tx.rows(
        SQL.moved, business_date=business_date, owner=owner, account=account, after_account=after[0],
        after_asset=after[1], limit=limit,
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def _report(row: Row) -> IntegrityReport:
    business_date, made_at, issues, accounts, count, mismatches, isins, parted = row
    return IntegrityReport(
        business_date, made_at, issues, accounts, count, tuple(mismatches), tuple(isins), tuple(parted)
    )
