"""What paying accounts need on coming days, and what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.register import issues
from counterfoil.servicing.amounts import EventAmount
from counterfoil.servicing.determination import Worked, work_out
from counterfoil.servicing.recording import paying_accounts, records

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Forecast:
    """An event that is to be paid: how much from which account. `expected` is exact once holders are recorded; before
    that it is the amount on all that is issued. None: something is still to be observed.
    """

    event_id: UUID
    isin: str
    payment: date
    account: str
    currency: str
    expected: Decimal | None
    recorded: bool
    lacks: tuple[str, ...] = ()


def forecast(tx: Transaction, until: date, *, now: datetime, limit: int = 1000) -> list[Forecast]:
    """What is to be paid up to a day, the earliest first."""
    ids = [id_ for (id_,) in tx.rows(SQL.coming, until=until, limit=limit)]
    worked = work_out(tx, ids, now=now)
    recorded = records(tx, ids)
    issued = {isin: issue.issued for isin, issue in issues(tx, [w.event.isin for w in worked]).items()}
    payers = paying_accounts(tx, [w.event for w in worked], now)
    return [
        Forecast(
            w.event.id, w.event.isin, w.event.payment or w.event.day, payers[w.event.isin].number, w.event.currency,
            recorded[w.event.id].total if w.event.id in recorded else _expected(w, issued.get(w.event.isin)),
            w.event.id in recorded,
            tuple(r.detail for r in w.result) if isinstance(w.result, list) else (),
        )
        for w in worked
    ]  # fmt: skip


def needs(tx: Transaction, coming: Sequence[Forecast]) -> list[dict[str, Any]]:
    """By account, currency and payment date: what is expected in all until then, what is held, what is missing."""
    sums: dict[tuple[str, str, date], Decimal] = {}
    for one in coming:
        key = one.account, one.currency, one.payment
        sums[key] = sums.get(key, Decimal(0)) + (one.expected or Decimal(0))
    held = {(number, asset): quantity for number, asset, quantity in tx.rows(
        SQL.held, numbers=[number for number, _, _ in sums], assets=[asset for _, asset, _ in sums]
    )}  # fmt: skip
    running: dict[tuple[str, str], Decimal] = {}
    rows = []
    for (number, currency, day), amount in sorted(sums.items(), key=lambda item: (item[0][2], item[0])):
        total = running[number, currency] = running.get((number, currency), Decimal(0)) + amount
        has = held.get((number, currency), Decimal(0))
        rows.append(
            {
                "account": number, "currency": currency, "payment": day, "expected": amount, "held": has,
                "missing": max(Decimal(0), total - has),
            }
        )  # fmt: skip
    return rows


def _expected(work: Worked, issued: Decimal | None) -> Decimal | None:
    if not isinstance(work.result, EventAmount):
        return None
    return (issued or Decimal(0)) / work.result.basis * work.result.total
