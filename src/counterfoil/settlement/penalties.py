"""Charges what failed settlements cost: SEFP for the day of a fail, LMFP for the days before a late match."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.calendar import is_business_day
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.model import Hold
from counterfoil.settlement.penalty_rules import (
    Fail,
    Penalty,
    PenaltyKind,
    Rates,
    Reference,
    asset_class,
    at_fault,
    charges,
    daily_rate,
    unit_price,
)

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Charged:
    """How many penalties were added, and for what a price or rate is missing, so that none could be."""

    penalties: int
    unpriced: tuple[str, ...]


def charge(tx: Transaction, business_date: date, *, since: datetime, now: datetime) -> Charged:
    """Add the penalties of a settlement day that ends `now`, the last one having ended at `since`.

    A day is charged once: repeating it changes nothing. None are due while the issue is suspended or over one of the
    parties insolvency has been opened. LMFP covers the settlement days from the intended one to the last before the
    match, or to that of the match where it came after the cut-off, and is the later side's.
    """
    failing = [_fail(row) for row in tx.rows(SQL.failing, business_date=business_date, since=since)]
    late = [
        _fail(row) for row in tx.rows(SQL.late_matched, business_date=business_date, since=since, now=now)
    ]
    wanted = [(f, side, _kind(f), business_date) for f in failing for side in at_fault(f)]
    wanted += [
        (f, side, PenaltyKind.LATE_MATCHING, day)
        for f in late
        for side in at_fault(f)
        for day in _settlement_days(f.intended_date, business_date)
    ]
    references = _references(tx, {(f.isin, day) for f, _, _, day in wanted})
    rates = _rates(tx)
    found = [
        p
        for f, side, kind, day in wanted
        for p in charges(f, side, kind, day, references.get((f.isin, day)), rates)
    ]
    added = _add(tx, [p for p in found if isinstance(p, Penalty)], business_date)
    return Charged(added, tuple(sorted({p for p in found if isinstance(p, str)})))


Cursor = tuple[date, UUID, date, str, str, str]
"""The key of a penalty: day of the charge, transaction, day of the fail, kind, debtor, basis."""


def penalties_charged(
    tx: Transaction,
    first: date,
    last: date,
    *,
    party: str | None = None,
    after: Cursor | None = None,
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """Penalties charged on the settlement days from `first` to `last`, of one party (LEI) or all."""
    names = (
        "charged_on", "transaction", "business_date", "kind", "debtor", "basis", "creditor", "amount", "currency",
        "rate", "price", "quantity",
    )  # fmt: skip
    key = after or (None,) * 6
    place = dict(zip(_PLACE, key, strict=True))
    rows = tx.rows(SQL.penalties, first=first, last=last, party=party, limit=limit, **place)
    return [dict(zip(names, row, strict=True)) for row in rows]


_PLACE = ("after_charged_on", "after_transaction", "after_day", "after_kind", "after_debtor", "after_basis")


def net_penalties(
    tx: Transaction, first: date, last: date, *, party: str | None = None
) -> list[dict[str, Any]]:
    """What each party gets (negative: owes) over a period in each currency; over all parties it adds up to zero."""
    names = ("party", "currency", "net", "debit", "credit")
    rows = tx.rows(SQL.net, first=first, last=last, party=party)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _kind(fail: Fail) -> PenaltyKind:
    """What fails for no other cause than that it was matched after the cut-off was matched late."""
    return PenaltyKind.LATE_MATCHING if fail.reason == "LATE" else PenaltyKind.FAIL


def _settlement_days(first: date, until: date) -> list[date]:
    """The settlement days from `first` to the day before `until`."""
    days = (first + timedelta(days=n) for n in range((until - first).days))
    return [day for day in days if is_business_day(day, CALENDAR)]


def _fail(row: Row) -> Fail:
    *facts, deliver_holds, receive_holds, reason, who, was_later, intended_date = row
    holds = (Hold(deliver_holds), Hold(receive_holds))
    values: tuple[Any, ...] = (*facts, *holds, reason, tuple(who), was_later, intended_date)
    return Fail(*values)


def _references(tx: Transaction, wanted: Iterable[tuple[str, date]]) -> dict[tuple[str, date], Reference]:
    keys = sorted(wanted)
    rows = tx.rows(SQL.prices, isins=[isin for isin, _ in keys], days=[day for _, day in keys])
    return {
        (isin, day): Reference(
            unit_price(price, quotation), currency, stated or asset_class(cfi, liquid=liquid).value
        )
        for isin, day, price, quotation, currency, liquid, stated, cfi in rows
        if price is not None
    }


def _rates(tx: Transaction) -> Rates:
    classes: dict[str, list[tuple[date, Decimal]]] = {}
    for name, since, rate in tx.rows(SQL.class_rates):
        classes.setdefault(name, []).append((since, rate))
    cash: dict[str, list[tuple[date, Decimal]]] = {}
    for currency, since, rate_percent, day_basis in tx.rows(SQL.overnight_rates):
        cash.setdefault(currency, []).append((since, daily_rate(rate_percent, day_basis)))
    return Rates(classes, cash)


def _add(tx: Transaction, found: Sequence[Penalty], charged_on: date) -> int:
    return tx.execute(
        SQL.add,
        transactions=[p.transaction_id for p in found],
        days=[p.business_date for p in found],
        kinds=[p.kind.value for p in found],
        debtors=[p.debtor for p in found],
        bases=[p.basis.value for p in found],
        creditors=[p.creditor for p in found],
        amounts=[p.amount for p in found],
        currencies=[p.currency for p in found],
        rates=[p.rate for p in found],
        prices=[p.price for p in found],
        quantities=[p.quantity for p in found],
        charged_on=charged_on,
    )
