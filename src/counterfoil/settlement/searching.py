"""Finds instructions by what they are and how they stand: a page of ids, newest first, by the index that fits."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.settlement.model import Payment, State

SQL = queries(__file__)
_AS_THE_OTHER_SEES_IT = {"CLAC": "LACK", "CMON": "MONY", "PRCY": "PREA", "CLAT": "LATE"}
_MATCHED = frozenset({State.PENDING, State.FAILING, State.PARTIAL})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None asks for everything. `due` is the last intended date of what is still open; `reason` an
    ISO 20022 code that a matched one waits for, as either side sees it.
    """

    party: str | None = None
    reference: str | None = None
    isin: str | None = None
    state: State | None = None
    reason: str | None = None
    due: date | None = None


def page_of_ids(
    tx: Transaction,
    wanted: Wanted,
    *,
    before: UUID | None,
    limit: int,
    business_date: date,
    ended: tuple[Payment, ...],
) -> list[UUID]:
    """The newest that fit, older than `before`; of what waits matched, those that were matched last.

    `ended` are the payments that settle on the business date no more: what is intended for it fails.
    """
    given: dict[str, Any] = {
        "party": wanted.party, "reference": wanted.reference, "isin": wanted.isin, "before": before, "limit": limit,
    }  # fmt: skip
    last = None if before is None else tx.value(SQL.transaction_of, id=before)
    if wanted.state in _MATCHED or wanted.reason is not None:
        state = None if wanted.state is None else wanted.state.value
        given |= {
            "state": state,
            "business_date": business_date,
            "ended": [payment.value for payment in ended],
        }
        given |= {"due": wanted.due, "reason": _AS_THE_OTHER_SEES_IT.get(wanted.reason or "", wanted.reason)}
        if (state is not None and wanted.state not in _MATCHED) or (before is not None and last is None):
            return []
        return _ids(tx, SQL.matched, {**given, "last": last})
    if wanted.state is State.UNMATCHED:
        return _ids(tx, SQL.unmatched, {**given, "due": wanted.due})
    if wanted.due is not None and wanted.state is None:
        return _ids(tx, SQL.open, {**given, "due": wanted.due, "last": last or before})
    if wanted.due is not None:
        return []
    if wanted.state is State.CANCELLED:
        return _ids(tx, SQL.cancelled, given)
    given["settled"] = wanted.state is State.SETTLED
    if wanted.party is not None and wanted.reference is None:
        return _ids(tx, SQL.of_party, {name: value for name, value in given.items() if name != "reference"})
    if wanted.isin is not None and wanted.reference is None:
        names = ("isin", "before", "limit", "settled")
        return _ids(tx, SQL.of_isin, {name: given[name] for name in names})
    return _ids(tx, SQL.newest, given)


def _ids(tx: Transaction, statement: str, parameters: dict[str, Any]) -> list[UUID]:
    return [id_ for (id_,) in tx.rows(statement, **parameters)]
