"""Mends what was paid: the payment is reversed and paid anew by another determination, as one booking run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.ledger import Lack
from counterfoil.servicing import errors
from counterfoil.servicing.agenda import events_by_id
from counterfoil.servicing.determination import Determination, Lacking, determinations, determine
from counterfoil.servicing.holdings import AsRecordedBefore
from counterfoil.servicing.paying import Paid, PaymentOutcome, Run, Uncovered, payments, settle
from counterfoil.servicing.recording import record_holders, record_of

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What was decided stands: there is nothing to mend."""

    event_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Holders have too little left of what they were paid too much; nothing was booked."""

    event_id: UUID
    lacks: tuple[Lack, ...]


class _Undone(Exception):
    """Nothing could be paid, so nothing is reversed either."""

    def __init__(self, outcome: PaymentOutcome) -> None:
        self.outcome = outcome
        super().__init__(str(outcome))


CorrectionOutcome = PaymentOutcome | Unchanged | Spent | Lacking


def correct(tx: Transaction, event_id: UUID, reason: str, *, now: datetime, actor: str) -> CorrectionOutcome:
    """Decide a paid event anew and pay the difference: each holder of the record gets it, or gives it back.

    Reversal and new payment are booked together, so that a holder needs to have only the difference. Units are not
    moved again. Raises `Refused` (SRV-001, SRV-030).
    """
    events = events_by_id(tx, [event_id])
    if event_id not in events:
        raise Refused(errors.UNKNOWN_EVENT(event=event_id))
    standing = payments(tx, [event_id]).get(event_id)
    if standing is None:
        raise Refused(errors.NOT_PAID(event=event_id))
    try:
        with tx.savepoint():
            return _correct(tx, event_id, standing, reason, now, actor)
    except Uncovered as uncovered:
        return Spent(event_id, uncovered.lacks)
    except _Undone as undone:
        return undone.outcome


def _correct(
    tx: Transaction, event_id: UUID, standing: tuple[int, int], reason: str, now: datetime, actor: str
) -> CorrectionOutcome:
    no, record_no = standing
    event, before = events_by_id(tx, [event_id])[event_id], determinations(tx, [event_id])[event_id]
    (decided,) = determine(tx, [event_id], now=now, actor=actor, reason=reason)
    if not isinstance(decided, Determination):
        return decided
    if decided.version == before.version:
        return Unchanged(event_id, before.version)
    paid = record_of(tx, event_id, record_no)
    (anew,) = record_holders(tx, [event_id], now=now, held_at=paid.held_at, forms=(AsRecordedBefore(),))
    tx.execute(SQL.reverse, event=event_id, no=no, reason=reason, now=now, actor=actor)
    runs = [
        Run(event, before, paid, no, -1, takes_units=False),
        Run(event, decided, anew, no + 1, 1, takes_units=False),
    ]
    outcome = settle(tx, runs, now=now, actor=actor)[event_id]
    if not isinstance(outcome, Paid):
        raise _Undone(outcome)
    return outcome
