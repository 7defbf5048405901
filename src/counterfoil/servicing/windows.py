"""When holders may exercise, and when they are told that they may: at the opening, and once more before the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Transaction, queries
from counterfoil.core.outbox import announce
from counterfoil.instruments import EventKind, Terms, planned_events
from counterfoil.servicing.agenda import EVENT
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.moments import exercise_deadline

SQL = queries(__file__)
REMINDED = 5
"""Business days before the last day on which holders are reminded."""


@dataclass(frozen=True, slots=True)
class Window:
    """Holders may exercise from the first to the last day. `is_automatic`: what they leave alone is exercised by
    itself; otherwise it lapses. `is_reminded`: the end is near.
    """

    first: date
    last: date
    is_automatic: bool
    is_reminded: bool = False

    @property
    def deadline(self) -> datetime:
        """Until when to exercise."""
        return exercise_deadline(self.last)


def window_of(terms: Terms) -> Window | None:
    """The window that terms give: between two days, from the first to the last listed one, or the day of expiry alone
    where nothing is exercised by itself. None without a right, or where it has no end.
    """
    days = {e.kind: e.day for e in planned_events(terms)}
    is_automatic = getattr(terms, "automatic_exercise", True)
    listed = sorted(getattr(terms, "exercise_dates", ()))
    first, last = days.get(EventKind.EXERCISE_START), days.get(EventKind.EXERCISE_END)
    if first is None and listed:
        first, last = listed[0], listed[-1]
    elif first is None and not is_automatic:
        first = last = days.get(EventKind.FINAL_FIXING)
    return None if first is None or last is None else Window(first, last, is_automatic)


def note_windows(tx: Transaction, added: Sequence[ServicingEvent], terms: Mapping[str, Terms]) -> None:
    """Keep the windows that precede redemptions, for those among the events."""
    found = [
        (event.id, window, terms[event.isin].calendar)
        for event in added
        if event.kind == EventKind.REDEMPTION and (window := window_of(terms[event.isin])) is not None
    ]
    if found:
        tx.execute(
            SQL.add,
            events=[id_ for id_, _, _ in found],
            opens=[window.first for _, window, _ in found],
            closes=[window.last for _, window, _ in found],
            automatic=[window.is_automatic for _, window, _ in found],
            reminders=[add_business_days(window.last, -REMINDED, calendar) for _, window, calendar in found],
        )


def announce_windows(tx: Transaction, business_date: date, *, limit: int = 1000) -> int:
    """Have holders told of windows that have opened, and reminded of those that are about to close, each once."""
    opened = tx.rows(SQL.open, business_date=business_date, limit=limit)
    reminded = tx.rows(SQL.remind, business_date=business_date, limit=limit)
    announce(tx, EVENT, dict.fromkeys(id_ for (id_,) in [*opened, *reminded]))
    return len(opened) + len(reminded)


def windows(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Window]:
    """The windows before those of the events that have one."""
    return {id_: Window(*rest) for id_, *rest in tx.rows(SQL.by_event, ids=list(ids))}
