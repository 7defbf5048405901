"""Reports on accounts: camt.054 and semt.017 for a period, semt.002 at a moment; on demand, and when a day ends.

Opening and movements make the closing balance on every page. What is large comes in pages, each a message of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_id
from counterfoil.core.money import minor_units
from counterfoil.ledger import (
    Account,
    AssetStatement,
    Movement,
    SubBalance,
    account_holdings,
    account_statements,
    accounts_of,
)
from counterfoil.messages.addresses import as_they_name_themselves
from counterfoil.messages.instructing import form_of
from counterfoil.messages.mail import Letter
from counterfoil.messages.model import (
    Amount,
    CashEntry,
    CashNotification,
    Holding,
    Holdings,
    PartyId,
    PostedSecurity,
    Posting,
    Postings,
    Quantity,
    QuantityForm,
)
from counterfoil.messages.model import SubBalance as ReportedPart
from counterfoil.parties import correspondents
from counterfoil.register import issues
from counterfoil.settlement import CashDirection, Payment, Standing, sides, standings
from counterfoil.settlement import Movement as Direction

SQL = queries(__file__)
_T = TypeVar("_T")
PAGE = 1000
"""Bookings or securities on one page."""
_SETTLEMENT = "settlement"
_CODES = {SubBalance.BLOCKED: "BLOK", SubBalance.PLEDGED: "PLED", SubBalance.EARMARKED: "OTHR"}


class Causes:
    """The instructions behind settlement's bookings, looked up at once."""

    def __init__(self, tx: Transaction, statements: Sequence[AssetStatement]) -> None:
        wanted = {m.reference for s in statements for m in s.movements if m.kind == _SETTLEMENT}
        found = standings(tx, sides(tx, wanted)) if wanted else {}
        self._found: dict[tuple[UUID | None, str], Standing] = {}
        for standing in found.values():
            i = standing.instruction
            for account in (i.account, i.cash_account):
                if account is not None:
                    self._found.setdefault((standing.transaction, account), standing)
        self.names = as_they_name_themselves(tx, {s.instruction.counterparty_lei for s in found.values()})

    def of(self, movement: Movement, account: str) -> Standing | None:
        """The instruction for which the account was moved, if it was for one."""
        return self._found.get((movement.reference, account)) if movement.kind == _SETTLEMENT else None


def cash_notifications(
    tx: Transaction,
    accounts: Sequence[Account],
    start: datetime,
    until: datetime,
    *,
    now: datetime,
    depository: PartyId,
) -> list[CashNotification]:
    """camt.054: debits and credits of the accounts, by currency."""
    statements = [s for s in account_statements(tx, _numbers(accounts), start, until) if _is_cash(s.asset)]
    causes, owners = Causes(tx, statements), _owners(tx, accounts)
    return [
        CashNotification(
            new_id().hex, now, s.account, s.asset, tuple(_entry(s, m, causes) for m in page), owners[s.account],
            depository,
        )
        for s in statements for page in _cut(s.movements)
    ]  # fmt: skip


def posting_reports(
    tx: Transaction, accounts: Sequence[Account], start: datetime, until: datetime, *, depository: PartyId
) -> list[Postings]:
    """semt.017: bookings on the accounts, by security; an account on which nothing moved has one empty page."""
    statements = [
        s for s in account_statements(tx, _numbers(accounts), start, until) if not _is_cash(s.asset)
    ]
    causes, owners = Causes(tx, statements), _owners(tx, accounts)
    forms = _forms(tx, {s.asset for s in statements})
    reports: list[Postings] = []
    for account in accounts:
        id_ = new_id().hex
        own = [s for s in statements if s.account == account.number]
        pages = list(_pages(own, causes, forms, depository)) or [()]
        reports += [
            Postings(
                id_, account.number, start, until, page, owners[account.number], page=number,
                is_last_page=number == len(pages),
            )
            for number, page in enumerate(pages, 1)
        ]  # fmt: skip
    return reports


def holding_reports(
    tx: Transaction, accounts: Sequence[Account], at: datetime, *, depository: PartyId
) -> list[Holdings]:
    """semt.002: what the accounts held just before a moment, by sub-balance."""
    held = account_holdings(tx, _numbers(accounts), at)
    forms = _forms(tx, {asset for rows in held.values() for asset, _, _ in rows if not _is_cash(asset)})
    owners = _owners(tx, accounts)
    reports: list[Holdings] = []
    for account in accounts:
        id_ = new_id().hex
        by_asset: dict[str, dict[str, Decimal]] = {}
        for asset, sub_balance, quantity in held[account.number]:
            if not _is_cash(asset):
                by_asset.setdefault(asset, {})[sub_balance] = quantity
        holdings = [_holding(asset, parts, forms) for asset, parts in by_asset.items()]
        pages = _cut(holdings) or [[]]
        reports += [
            Holdings(
                id_, account.number, at, tuple(page), owners[account.number], depository, page=number,
                is_last_page=number == len(pages),
            )
            for number, page in enumerate(pages, 1)
        ]  # fmt: skip
    return reports


def day_reports(
    tx: Transaction, business_date: date, ended_at: datetime, *, now: datetime, depository: PartyId
) -> list[Letter]:
    """All three for every account of every party that is told by messages, from the end of the day before."""
    start = tx.value(SQL.reported_until) or datetime.combine(business_date, time(), UTC)
    tx.execute(SQL.note_report, business_date=business_date, until=ended_at)
    accounts = accounts_of(tx, list(correspondents(tx)))
    if not accounts or start >= ended_at:
        return []
    owner = {account.number: account.owner_lei for account in accounts}
    reports: list[CashNotification | Postings | Holdings] = [
        *cash_notifications(tx, accounts, start, ended_at, now=now, depository=depository),
        *posting_reports(tx, accounts, start, ended_at, depository=depository),
        *holding_reports(tx, accounts, ended_at, depository=depository),
    ]
    return [Letter(owner[report.account], report) for report in reports]


def _entry(statement: AssetStatement, m: Movement, causes: Causes) -> CashEntry:
    standing = causes.of(m, statement.account)
    i = None if standing is None else standing.instruction
    direction = CashDirection.CREDIT if m.amount > 0 else CashDirection.DEBIT
    return CashEntry(
        reference=f"{m.booking.hex}{m.leg:03}", amount=Amount(abs(m.amount), statement.asset, direction),
        booked_at=m.booked_at, value_date=m.booked_at.date(),
        owner_reference=m.own_reference if i is None else i.reference,
        depository_reference=m.booking.hex if i is None else i.id.hex, isin=None if i is None else i.isin,
        counterparty=None if i is None else causes.names[i.counterparty_lei], text=None if i else m.kind,
    )  # fmt: skip


def _pages(
    statements: Sequence[AssetStatement],
    causes: Causes,
    forms: Mapping[str, QuantityForm],
    depository: PartyId,
) -> Iterable[tuple[PostedSecurity, ...]]:
    """Securities with their bookings, at most so many on a page; one that is cut goes on with its balance so far."""
    page: list[PostedSecurity] = []
    room = PAGE
    for s in statements:
        form, balance, left = forms[s.asset], s.opening, list(s.movements)
        while left:
            taken, left = left[:room], left[room:]
            closing = balance + sum((m.amount for m in taken), Decimal(0))
            postings = tuple(_posting(s, m, causes, form, depository) for m in taken)
            page.append(PostedSecurity(s.asset, Quantity(balance, form), Quantity(closing, form), postings))
            balance, room = closing, room - len(taken)
            if not room:
                yield tuple(page)
                page, room = [], PAGE
    if page:
        yield tuple(page)


def _posting(
    statement: AssetStatement, m: Movement, causes: Causes, form: QuantityForm, depository: PartyId
) -> Posting:
    standing = causes.of(m, statement.account)
    direction = Direction.RECEIVE if m.amount > 0 else Direction.DELIVER
    quantity = Quantity(abs(m.amount), form)
    if standing is None:
        return Posting(
            m.own_reference or "NONREF", direction, Payment.FREE, quantity, m.booked_at, m.booking.hex
        )
    i = standing.instruction
    return Posting(
        i.reference, direction, i.payment, quantity, m.booked_at, i.id.hex, trade_date=i.trade_date,
        intended_date=i.intended_date, transaction_type=i.transaction_type, common_reference=i.common_reference,
        counterparty=causes.names[i.counterparty_lei], depository=depository,
    )  # fmt: skip


def _holding(asset: str, parts: Mapping[str, Decimal], forms: Mapping[str, QuantityForm]) -> Holding:
    form = forms[asset]
    others = tuple(
        ReportedPart(_CODES[SubBalance(name)], Quantity(quantity, form), text=name)
        for name, quantity in parts.items()
        if name != SubBalance.AVAILABLE
    )
    available = Quantity(parts.get(SubBalance.AVAILABLE, Decimal(0)), form)
    return Holding(asset, Quantity(sum(parts.values(), Decimal(0)), form), available, others)


def _cut(items: Sequence[_T]) -> list[Sequence[_T]]:
    return [items[at : at + PAGE] for at in range(0, len(items), PAGE)]


def _numbers(accounts: Sequence[Account]) -> list[str]:
    return [account.number for account in accounts]


def _is_cash(asset: str) -> bool:
    return minor_units(asset) is not None


def _owners(tx: Transaction, accounts: Sequence[Account]) -> dict[str, PartyId]:
    names = as_they_name_themselves(tx, {account.owner_lei for account in accounts})
    return {account.number: names[account.owner_lei] for account in accounts}


def _forms(tx: Transaction, isins: Iterable[str]) -> dict[str, QuantityForm]:
    return {isin: form_of(issue) for isin, issue in issues(tx, sorted(isins)).items()}
