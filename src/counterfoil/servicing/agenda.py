"""What happens when: events of a day, an instrument, an issuer; and what is due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.outbox import announce
from counterfoil.servicing import errors
from counterfoil.servicing.model import Ending, Process, ServicingEvent

SQL = queries(__file__)
EVENT = "servicing.event"
"""Outbox topic: something has happened to these events."""
FIRST = UUID(int=0)
_NAMES = (
    "id", "isin", "kind", "day", "payment", "record_date", "pointer", "issuer", "currency", "terms_version", "state",
    "ended_at", "reason",
)  # fmt: skip


def events_between(
    tx: Transaction,
    first: date,
    last: date,
    *,
    isin: str | None = None,
    issuer: str | None = None,
    kind: str | None = None,
    after: tuple[date, UUID] = (date.min, FIRST),
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Events that are determined or paid from `first` to `last`, by day, from behind `after` (day, id).

    Each stands once: on its day where that lies in the range, else on its payment's. `state` is `scheduled`, `begun`,
    or how it ended; a date or right of which nothing becomes is `date`. What other terms replaced is left out.
    """
    rows = tx.rows(
        SQL.between, first=first, last=last, isin=isin, issuer=issuer, kind=kind, after_day=after[0],
        after_id=after[1], limit=limit,
    )  # fmt: skip
    return [dict(zip(("on", *_NAMES), row, strict=True)) for row in rows]


def event_details(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """One event as it stands. Raises `Refused` (SRV-001)."""
    row = tx.row(SQL.one, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_EVENT(event=id_))
    return dict(zip(_NAMES, row, strict=True))


def events_by_id(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, ServicingEvent]:
    """Events by id; an unknown id is missing."""
    return {row[0]: ServicingEvent(*row) for row in tx.rows(SQL.by_id, ids=list(ids))}


def take_due(tx: Transaction, business_date: date, limit: int = 1000) -> list[tuple[ServicingEvent, Process]]:
    """Events whose process is to start by `business_date`, marked as started: each is handed out once."""
    rows = tx.rows(SQL.take_due, business_date=business_date, limit=limit)
    found = events_by_id(tx, [id_ for id_, _ in rows])
    return [(found[id_], Process(process)) for id_, process in rows]


def endings(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, Ending]:
    """How those of the events ended that have."""
    return {id_: Ending(outcome) for id_, outcome in tx.rows(SQL.endings, ids=list(ids))}


def end_events(
    tx: Transaction, ends: Sequence[tuple[UUID, Ending]], *, now: datetime, reason: str = ""
) -> int:
    """End events; how many had not ended before. What has ended stays as it ended."""
    if not ends:
        return 0
    announce(tx, EVENT, [id_ for id_, outcome in ends if outcome is not Ending.PAID])
    return tx.execute(
        SQL.end, ids=[id_ for id_, _ in ends], outcomes=[o.value for _, o in ends], reason=reason, now=now
    )
