"""Lays out the events of what the register has entered, from the terms, and anew when terms are amended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_ids
from counterfoil.core.outbox import announce
from counterfoil.instruments import Terms, TermsVersion, current_terms, from_canonical, planned_events
from counterfoil.servicing.agenda import EVENT
from counterfoil.servicing.model import PROCESS_OF, ServicingEvent
from counterfoil.servicing.moments import record_date
from counterfoil.servicing.underlyings import forget_underlyings, note_underlyings
from counterfoil.servicing.watching import unwatch, watch_barriers
from counterfoil.servicing.windows import note_windows

SQL = queries(__file__)
_COLUMNS = (
    "id", "isin", "terms_version", "kind", "day", "payment", "record_date", "pointer", "issuer_lei", "currency",
    "particulars", "scheduled_at",
)  # fmt: skip
_TYPES = (
    "uuid", "text", "int4", "text", "date", "date", "date", "text", "text", "text", "jsonb", "timestamptz",
)  # fmt: skip
_QUIET = timedelta(seconds=1)
_PATIENCE = timedelta(seconds=60)
Place = tuple[str, str]
"""What an event is in its terms, whatever their version: kind and pointer."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """An event that was laid out before. `begun`: its process has started, or it has ended (not by replacement)."""

    id: UUID
    payment: Any
    day: Any
    begun: bool


def lay_out_new(tx: Transaction, *, now: datetime, blocks: int = 10) -> int:
    """Read on in the register's chain and lay out what it says; how many entries were read.

    One at a time: while somebody else reads, this is 0. Blocks become visible in their order, so none is passed over.
    """
    row = tx.row(SQL.lock_progress)
    if row is None:
        return 0
    entries = tx.rows(SQL.entries, after=row[0], blocks=blocks)
    if not entries:
        return 0
    cancelled = {isin for _, isin, kind in entries if kind == "CANCEL"}
    changed = {isin for _, isin, kind in entries if kind in ("NEW", "AMEND")} - cancelled
    if changed:
        lay_out(tx, sorted(changed), now=now)
    if cancelled:
        lapse(tx, sorted(cancelled), reason="the issue was cancelled", now=now)
    tx.execute(SQL.advance, sequence=entries[-1][0])
    return len(entries)


def is_time_to_lay_out(tx: Transaction, *, now: datetime) -> bool:
    """Whether something is to be read and the register is quiet: a mass issue goes first, for a minute at most."""
    row = tx.row(SQL.backlog)
    if row is None or row[0] is None:
        return False
    oldest_unread, newest = row
    return bool(newest <= now - _QUIET or oldest_unread <= now - _PATIENCE)


def lay_out(tx: Transaction, isins: Sequence[str], *, now: datetime) -> None:
    """Store the events that the current terms give. What other terms had laid out and has not begun is superseded
    where it differs; what has begun or ended stays and is not laid out again.
    """
    versions = current_terms(tx, isins)
    several = [(v, from_canonical(v.canonical)) for v in map(versions.get, isins) if v is not None]
    standing = _standing(tx, isins)
    new: list[ServicingEvent] = []
    superseded: list[UUID] = []
    for version, terms in several:
        added, replaced = _compare(version, terms, standing.get(version.isin, {}))
        new += added
        superseded += replaced
    if superseded:
        known = tx.rows(SQL.supersede, ids=superseded, now=now)
        announce(tx, EVENT, [id_ for (id_,) in known])
    store_events(tx, new, now=now)
    note_windows(tx, new, {version.isin: terms for version, terms in several})
    tx.execute(
        SQL.note_laid_out,
        isins=list(versions),
        versions=[v.version for v in versions.values()],
        now=now,
    )
    note_underlyings(tx, several)
    watch_barriers(tx, several, now=now)


def lapse(
    tx: Transaction,
    isins: Sequence[str],
    *,
    reason: str,
    now: datetime,
    after: Sequence[date] | None = None,
) -> int:
    """End what is pending of securities that have ended; how many events. `after`: for each only what is paid later
    than that day. A process that runs already finds its event ended. Their barriers are watched no more.
    """
    days = list(after) if after is not None else [date.min] * len(isins)
    ended = tx.rows(SQL.lapse, isins=list(isins), days=days, reason=reason, now=now)
    announce(tx, EVENT, [id_ for id_, announced in ended if announced])
    unwatch(tx, isins)
    forget_underlyings(tx, isins)
    return len(ended)


def store_events(tx: Transaction, events: Sequence[ServicingEvent], *, now: datetime) -> None:
    """Add events, and to what is pending those that something must be done about."""
    tx.copy(
        "servicing.event",
        _COLUMNS,
        _TYPES,
        (
            (
                e.id, e.isin, e.terms_version, e.kind, e.day, e.payment, e.record_date, e.pointer, e.issuer_lei,
                e.currency, e.particulars or None, now,
            )
            for e in events
        ),
    )  # fmt: skip
    tx.copy(
        "servicing.pending",
        ("event_id", "isin", "process", "starts_on"),
        ("uuid", "text", "text", "date"),
        ((e.id, e.isin, PROCESS_OF[e.kind].value, e.starts_on) for e in events if e.kind in PROCESS_OF),
    )


def events_of_terms(terms: Terms, isin: str, version: int) -> list[ServicingEvent]:
    """The events of terms with the days on which they are recorded."""
    planned = planned_events(terms)
    return [
        ServicingEvent(
            id_, isin, version, event.kind.value, event.day, event.payment,
            None if event.payment is None else record_date(event.payment, terms.calendar),
            event.pointer, terms.issuer, terms.currency,
        )
        for id_, event in zip(new_ids(len(planned)), planned, strict=True)
    ]  # fmt: skip


def _compare(
    version: TermsVersion, terms: Terms, standing: Mapping[Place, _Standing]
) -> tuple[Iterable[ServicingEvent], list[UUID]]:
    """What is to be added, and which of the standing events it replaces or leaves without a place in the terms."""
    added, kept = [], set()
    for event in events_of_terms(terms, version.isin, version.version):
        before = standing.get((event.kind, event.pointer))
        if before is None:
            added.append(event)
        elif before.begun or (before.day, before.payment) == (event.day, event.payment):
            kept.add(before.id)
        else:
            added.append(event)
    return added, [s.id for s in standing.values() if not s.begun and s.id not in kept]


def _standing(tx: Transaction, isins: Sequence[str]) -> dict[str, dict[Place, _Standing]]:
    found: dict[str, dict[Place, _Standing]] = {}
    for isin, kind, pointer, id_, day, payment, begun in tx.rows(SQL.standing, isins=list(isins)):
        found.setdefault(isin, {})[kind, pointer] = _Standing(id_, payment, day, begun)
    return found
