"""How servicing changes the state of issues in the register: suspended, matured, deleted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_ids
from counterfoil.instruments import EventKind
from counterfoil.register import EntryKind, Instruction, issues, record
from counterfoil.servicing.agenda import events_by_id
from counterfoil.servicing.determination import determinations
from counterfoil.servicing.model import CalledFor
from counterfoil.servicing.moments import record_moment
from counterfoil.servicing.paying import NotRedeemed, is_part

SQL = queries(__file__)
_ENDS = (EventKind.REDEMPTION, CalledFor.EARLY_REDEMPTION)
"""What takes all units back, whatever it pays."""


def suspend(tx: Transaction, isins: Sequence[str], *, now: datetime, actor: str) -> int:
    """Stop active issues from settling at once; how many were active."""
    return _enter(tx, EntryKind.SUSPEND, isins, ("active",), now, actor)


def mature(tx: Transaction, ids: Sequence[UUID], *, now: datetime, actor: str) -> int:
    """From the record of a whole redemption on nothing settles any more: of these events' issues, how many ended."""
    events, decided = events_by_id(tx, ids), determinations(tx, ids)
    whole = [e.isin for e in events.values() if decided[e.id].redeems and not is_part(e)]
    return _enter(tx, EntryKind.MATURE, whole, ("active", "suspended"), now, actor)


def mature_undecided(tx: Transaction, ids: Sequence[UUID], *, now: datetime, actor: str) -> int:
    """The same for ends whose amount is not known yet, once their record moment has come: how many issues ended.

    Whether a price comes late does not decide who holds the last units.
    """
    over = [
        e.isin
        for e in events_by_id(tx, ids).values()
        if e.kind in _ENDS and e.record_date is not None and record_moment(e.record_date) <= now
    ]
    return _enter(tx, EntryKind.MATURE, over, ("active", "suspended"), now, actor) if over else 0


def delete(tx: Transaction, isins: Sequence[str], *, now: datetime, actor: str) -> set[str]:
    """Delete redeemed issues whose issuers have consented; which ones."""
    consenting = {lei for (lei,) in tx.rows(SQL.consenting)}
    agreed = [
        i.isin for i in issues(tx, isins).values() if i.issuer_lei in consenting and i.state == "redeemed"
    ]
    _enter(tx, EntryKind.DELETE, agreed, ("redeemed",), now, actor)
    return set(agreed)


def consent_to_deletion(tx: Transaction, issuer_lei: str, *, now: datetime, actor: str) -> None:
    """An issuer agrees beforehand that its issues are deleted once they are redeemed."""
    tx.execute(SQL.consent, issuer=issuer_lei, now=now, actor=actor)


def _enter(
    tx: Transaction, kind: EntryKind, isins: Sequence[str], states: Sequence[str], now: datetime, actor: str
) -> int:
    """Enter a change of state for those issues that are in one of the states."""
    standing = issues(tx, sorted(set(isins)))
    changing = [isin for isin, issue in standing.items() if issue.state in states]
    instructions = [
        Instruction(id_, kind, isin, now, issuer_consent=True, instructed_by=actor)
        for id_, isin in zip(new_ids(len(changing)), changing, strict=True)
    ]
    for outcome in record(tx, instructions, changed_at=now, actor=actor):
        if isinstance(outcome, Refusal):
            raise NotRedeemed(f"{outcome.code} {outcome.detail}")
    return len(changing)
