"""Records who held what at the record moment and what is due to each, inside the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.money import minor_units
from counterfoil.core.outbox import announce
from counterfoil.instruments import current_terms, from_canonical
from counterfoil.ledger import Account, AccountKind, accounts_by_number, open_accounts, proposed_number
from counterfoil.register import issuer_account
from counterfoil.servicing.agenda import EVENT, events_by_id
from counterfoil.servicing.determination import Determination, determinations
from counterfoil.servicing.holdings import ALL_FORMS, Holdings, Withholding, WithholdingByOwner
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.moments import record_moment

SQL = queries(__file__)
_ONE = Decimal(1)
MEMORY = "SET LOCAL work_mem = '192MB'"
"""What sorting and grouping a million holders takes; fewer take less."""
_INTO_HOLDING = "INSERT INTO servicing.holding (event_id, account_id, sub_balance, units) "
_INTO_WITHHELD = "INSERT INTO servicing.withheld (event_id, account_id, rate_percent) "


@dataclass(frozen=True, slots=True)
class Record:
    """Totals of a record. What is paid is the sum of what each holder gets, rounded for each."""

    event_id: UUID
    no: int
    version: int
    held_at: datetime
    holders: int
    lines: int
    units: Decimal
    own_units: Decimal
    interest: Decimal
    principal: Decimal
    tax: Decimal
    payer: UUID

    @property
    def total(self) -> Decimal:
        """What the payer has to have: net payments and withheld tax together."""
        return self.interest + self.principal


def record_holders(
    tx: Transaction,
    ids: Sequence[UUID],
    *,
    now: datetime,
    held_at: datetime | None = None,
    anew: bool = False,
    forms: Sequence[Holdings] = ALL_FORMS,
    withholding: Withholding | None = None,
) -> list[Record]:
    """Record a batch of decided events, one for each, in order. What was recorded for a determination stays, unless
    asked to record `anew`. Holdings are those at `held_at`, or at the close of the record date.

    The amount of each holder is rounded half up to the currency's smallest unit; tax is rounded down. The issuer's
    own units are paid nothing. Raises `Bug` for an event that is not decided.
    """
    events = events_by_id(tx, ids)
    decided = determinations(tx, ids)
    ensure(events.keys() == decided.keys() == set(ids), "what is recorded has been decided")
    before = records(tx, ids)
    left = [
        i for i in dict.fromkeys(ids)
        if anew or i not in before or before[i].version != decided[i].version
    ]  # fmt: skip
    if left:
        payers = paying_accounts(tx, [events[i] for i in left], now)
        wanted = [
            _wanted(
                events[i],
                decided[i],
                before.get(i),
                payers[events[i].isin].id,
                held_at or _close(events[i], now),
            )
            for i in left
        ]
        columns = {name: [row[name] for row in wanted] for name in wanted[0]}
        _collect(tx, forms, withholding or WithholdingByOwner(), columns)
        tx.execute(SQL.entitle, **columns)
        tx.execute(SQL.sum_up, now=now, **columns)
        announce(tx, EVENT, left)
        tx.execute("TRUNCATE servicing.holding, servicing.withheld")
        before = records(tx, ids)
    return [before[i] for i in ids]


def records(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Record]:
    """The last record for each event that has one."""
    return {row[0]: Record(*row) for row in tx.rows(SQL.last, ids=list(ids))}


def record_of(tx: Transaction, event_id: UUID, no: int) -> Record:
    """One record by its number, which must be there."""
    row = tx.row(SQL.by_number, event=event_id, no=no)
    ensure(row is not None, "a record that is named is stored")
    return Record(*(row or ()))


def entitlements(
    tx: Transaction, event_id: UUID, *, owner: str | None = None, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """What each holder of the last record gets, by line: of all, or of one owner (LEI)."""
    names = ("line", "account", "owner_lei", "sub_balance", "units", "interest", "principal", "tax")
    rows = tx.rows(SQL.lines, event=event_id, owner=owner, after=after, limit=limit)
    return [dict(zip(names, row, strict=True)) for row in rows]


def set_withholding(tx: Transaction, owner_lei: str, valid_from: date, rate_percent: Decimal) -> None:
    """From a payment date on, this much is withheld from the interest of an owner's accounts."""
    tx.execute(SQL.set_withholding, owner=owner_lei, valid_from=valid_from, rate=rate_percent)


def _collect(
    tx: Transaction, forms: Sequence[Holdings], withholding: Withholding, columns: Mapping[str, object]
) -> None:
    """Bring together what is held in every form, and the rates of tax. Others wait until this transaction ends."""
    tx.execute("LOCK TABLE servicing.holding IN SHARE ROW EXCLUSIVE MODE")
    tx.execute(MEMORY)
    for form in forms:
        tx.execute(_INTO_HOLDING + form.selection, **columns)
    tx.execute(_INTO_WITHHELD + withholding.selection, **columns)


def _close(event: ServicingEvent, now: datetime) -> datetime:
    """The close of the record date; of an event without one, now."""
    return now if event.record_date is None else record_moment(event.record_date)


def _wanted(
    event: ServicingEvent, decided: Determination, before: Record | None, payer: UUID, held_at: datetime
) -> dict[str, Any]:
    said = event.particulars
    return {
        "events": event.id,
        "isins": event.isin,
        "issuers": event.issuer_lei,
        "nos": before.no + 1 if before else 1,
        "versions": decided.version,
        "moments": held_at,
        "days": event.payment or held_at.date(),
        "redeeming": decided.redeems,
        "interests": decided.interest,
        "principals": decided.principal,
        "bases": decided.basis,
        "steps": _ONE.scaleb(-(minor_units(decided.currency) or 0)),
        "shares": Decimal(said["share"]) if "share" in said else _ONE,
        "accounts": UUID(said["account_id"]) if "account_id" in said else None,
        "caps": Decimal(said["units"]) if "units" in said else None,
        "payers": payer,
    }


def paying_accounts(
    tx: Transaction, events: Sequence[ServicingEvent], now: datetime
) -> Mapping[str, Account]:
    """The account that pays for each ISIN: the paying agent's that the terms name, the issuer's for payments, or the
    issuer's only account.
    """
    versions = current_terms(tx, sorted({e.isin for e in events}))
    candidates: dict[str, list[str]] = {}
    for isin, version in versions.items():
        terms = from_canonical(version.canonical)
        agents = [a.lei for a in terms.agents if a.role == "paying_agent" and a.lei]
        numbers = [proposed_number(lei, AccountKind.PAYING_AGENT) for lei in (*agents, terms.issuer)]
        candidates[isin] = [*numbers, issuer_account(terms.issuer)]
    known = accounts_by_number(tx, sorted({n for numbers in candidates.values() for n in numbers}))
    missing = {e.issuer_lei for e in events if not any(n in known for n in candidates[e.isin])}
    if missing:
        wanted = [(issuer_account(lei), AccountKind.ISSUER, lei) for lei in sorted(missing)]
        known = {**known, **open_accounts(tx, wanted, now)}
    return {isin: next(known[n] for n in numbers if n in known) for isin, numbers in candidates.items()}
