"""Settlement days kept by the clock: each opens when the one before has ended, and its events are done when due.

A worker calls `keep_day` again and again, each time in a transaction of its own. What an outage has left is caught up
in order, day by day; an event is done in the transaction that claims it, so a killed worker leaves it to the next.
"""

from datetime import date, datetime
from typing import Any

from counterfoil.core.calendar import Convention, add_business_days, adjust
from counterfoil.core.db import Transaction, queries
from counterfoil.settlement.daily import do_event
from counterfoil.settlement.day import current_day, last_day, open_day, planned_day
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.timetable import ZONE, EventKind

SQL = queries(__file__)


def keep_day(tx: Transaction, *, now: datetime, actor: str) -> dict[str, Any] | None:
    """Do the next event that is due, or open the day whose turn has come: what came of it. None where nothing is due,
    or another worker is at it.
    """
    if not tx.value(SQL.take_watch):
        return None
    open_ = current_day(tx)
    if open_ is None:
        return _open(tx, now)
    due = next((e for e in open_.events if e.done_at is None), None)
    if due is None or due.at > now:
        return None
    told = {"business_date": open_.business_date} | do_event(tx, due, now=now, actor=actor)
    if due.kind is EventKind.END:
        # In the same transaction: no moment between two days in which the house would settle around the clock.
        opened = _open(tx, now)
        told |= {"opened": opened and opened["opened"]}
    return told


def day_to_open(tx: Transaction, *, now: datetime) -> date | None:
    """The day whose turn has come: the one after the last, once that one's end has passed. The first of all is the
    one that `now` belongs to. None while the last day, run ahead of the clock, lies in the future.
    """
    last = last_day(tx)
    if last is not None:
        over = last.events[-1].at <= now
        return add_business_days(last.business_date, 1, CALENDAR) if over else None
    today = adjust(now.astimezone(ZONE).date(), Convention.FOLLOWING, CALENDAR)
    over = planned_day(tx, today).events[-1].at <= now
    return add_business_days(today, 1, CALENDAR) if over else today


def _open(tx: Transaction, now: datetime) -> dict[str, Any] | None:
    following = day_to_open(tx, now=now)
    if following is None:
        return None
    open_day(tx, following, now=now)
    return {"opened": following}
