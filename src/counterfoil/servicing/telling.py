"""What is told of events: that something has happened to one is announced with it, and how it stands is read then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.outbox import announce
from counterfoil.servicing.agenda import EVENT, endings, events_by_id
from counterfoil.servicing.determination import Determination, determination_versions, determinations
from counterfoil.servicing.model import Ending, ServicingEvent
from counterfoil.servicing.recording import Record, records
from counterfoil.servicing.windows import Window, windows

SQL = queries(__file__)
AHEAD = timedelta(days=14)
"""How long before its first day holders learn of an event."""


@dataclass(frozen=True, slots=True)
class PaymentRun:
    """A payment (+1) or its reversal (-1) of what a record says, as it was booked; `reason` of a reversal."""

    no: int
    sign: int
    record_no: int
    decided: Determination
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class EventStanding:
    """How an event stands: decided, recorded, paid, ended. `class_` is the security's; `on_credit` says that a credit
    event has a part in what was decided; `window`, when holders may exercise before it.
    """

    event: ServicingEvent
    class_: str
    determination: Determination | None
    record: Record | None
    runs: tuple[PaymentRun, ...]
    ending: Ending | None
    on_credit: bool
    window: Window | None = None


def announce_upcoming(tx: Transaction, business_date: date, *, limit: int = 1000) -> int:
    """Have holders told of events that begin within `AHEAD`, each once; how many events."""
    rows = tx.rows(SQL.take_upcoming, until=business_date + AHEAD, limit=limit)
    announce(tx, EVENT, [id_ for (id_,) in rows])
    return len(rows)


def event_standings(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, EventStanding]:
    """How each of the events stands, in order; an unknown one is missing."""
    events = events_by_id(tx, ids)
    decided, recorded, ended = determinations(tx, ids), records(tx, ids), endings(tx, ids)
    versions = determination_versions(tx, ids) if decided else {}
    runs: dict[UUID, list[PaymentRun]] = {}
    for id_, no, sign, record_no, version, at, reason in tx.rows(SQL.runs, ids=list(events)):
        run = PaymentRun(no, sign, record_no, versions[id_, version], at, reason)
        runs.setdefault(id_, []).append(run)
    classes: dict[str, str] = dict(tx.rows(SQL.classes, isins=sorted({e.isin for e in events.values()})))
    on_credit = {id_ for (id_,) in tx.rows(SQL.on_credit, ids=list(decided))}
    open_for = windows(tx, ids)
    return {
        id_: EventStanding(
            events[id_], classes.get(events[id_].isin, ""), decided.get(id_), recorded.get(id_),
            tuple(runs.get(id_, ())), ended.get(id_), id_ in on_credit, open_for.get(id_),
        )
        for id_ in ids
        if id_ in events
    }  # fmt: skip
