"""Up-to issues: units come into being when they are sold, and go when they are left over (DOMAIN section 7, P4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_id
from counterfoil.ledger import EXACT, accounts_by_number, quantities
from counterfoil.register import (
    CONTROL,
    EntryKind,
    Instruction,
    Issue,
    Recorded,
    issuer_account,
    issues,
    record,
)

SQL = queries(__file__)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sale:
    """A delivery from an issuer's account."""

    isin: str
    account: str
    quantity: Decimal


def issuable(tx: Transaction, isins: Sequence[str]) -> dict[str, Issue]:
    """Of the given issues those whose units are made on demand, as they stand: no account bars it."""
    found = {
        isin: issue
        for isin, issue in issues(tx, isins).items()
        if issue.mode == "up_to" and issue.state == "active"
    }
    known = accounts_by_number(tx, [CONTROL, *(issuer_account(i.issuer_lei) for i in found.values())])
    if CONTROL in known and known[CONTROL].blocked_debit:
        return {}
    barred = {number for number, account in known.items() if account.blocked_credit}
    return {isin: issue for isin, issue in found.items() if issuer_account(issue.issuer_lei) not in barred}


def mark_up(tx: Transaction, sales: Sequence[Sale], *, now: datetime, actor: str) -> list[bool]:
    """Make the units that the sales lack, as far as each issue's authorised volume goes.

    Which of them now have theirs, in order; a sale that is not from the issuer's account of such an issue has not.
    """
    standing = issuable(tx, sorted({s.isin for s in sales}))
    free = _free(tx, standing)
    missing = dict.fromkeys(standing, _ZERO)
    served = []
    with localcontext(EXACT):
        for sale in sales:
            issue = standing.get(sale.isin)
            if issue is None or sale.account != issuer_account(issue.issuer_lei):
                served.append(False)
                continue
            left = free[sale.isin] - sale.quantity
            lack = max(_ZERO, -left)
            room = issue.authorised - issue.issued - missing[sale.isin]
            served.append(lack <= room)
            if lack <= room:
                free[sale.isin] = max(_ZERO, left)
                missing[sale.isin] += lack
    wanted = {isin: quantity for isin, quantity in missing.items() if quantity}
    entered = _record(tx, standing, EntryKind.TOP_UP, wanted, now, actor)
    return [ok and entered.get(sale.isin, True) for ok, sale in zip(served, sales, strict=True)]


def mark_down(tx: Transaction, *, now: datetime, actor: str) -> dict[str, Decimal]:
    """Take back what stands unsold on the issuers' accounts of up-to issues; how much, by ISIN (end of day)."""
    rows = tx.rows(SQL.unsold)
    unsold = {isin: quantity for isin, quantity in rows if quantity > 0}
    standing = issuable(tx, sorted(unsold))
    entered = _record(tx, standing, EntryKind.DECREASE, {i: unsold[i] for i in sorted(standing)}, now, actor)
    return {isin: unsold[isin] for isin, done in entered.items() if done}


def _free(tx: Transaction, standing: Mapping[str, Issue]) -> dict[str, Decimal]:
    numbers = {isin: issuer_account(issue.issuer_lei) for isin, issue in standing.items()}
    known = accounts_by_number(tx, list(numbers.values()))
    keys = [(isin, known[number]) for isin, number in numbers.items() if number in known]
    found = quantities(tx, keys)
    return {**dict.fromkeys(standing, _ZERO), **{isin: q for (isin, _), q in zip(keys, found, strict=True)}}


def _record(
    tx: Transaction,
    standing: Mapping[str, Issue],
    kind: EntryKind,
    wanted: Mapping[str, Decimal],
    now: datetime,
    actor: str,
) -> dict[str, bool]:
    """Which issues the register has changed. The request is made here and ends with this transaction."""
    if not wanted:
        return {}
    instructions = [
        Instruction(
            request_id=new_id(),
            kind=kind,
            isin=isin,
            arrived_at=now,
            quantity=quantity,
            issuer_lei=standing[isin].issuer_lei,
            instructed_by=actor,
        )
        for isin, quantity in wanted.items()
    ]
    outcomes = record(tx, instructions, changed_at=now, actor=actor)
    return {i.isin: isinstance(o, Recorded) for i, o in zip(instructions, outcomes, strict=True)}
