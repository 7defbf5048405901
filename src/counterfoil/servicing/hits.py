"""Knocks out: a barrier's hit that counts suspends the issue at once and lays out the event that ends it."""

from collections.abc import Sequence
from datetime import date, datetime

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.ids import new_ids
from counterfoil.register import issues
from counterfoil.servicing.ending import suspend
from counterfoil.servicing.model import CalledFor, ServicingEvent
from counterfoil.servicing.moments import record_date
from counterfoil.servicing.scheduling import store_events
from counterfoil.servicing.touching import lock_prices
from counterfoil.servicing.watching import ACTOR

SQL = queries(__file__)
_LIVE = ("active", "suspended")


def knock_out_hits(tx: Transaction, *, now: datetime) -> list[ServicingEvent]:
    """Knock out every security that a barrier's hit, which counts by now, ends; the events. Any number may call it at
    once: each security is knocked out by one of them. Nothing is written while nothing counts.
    """
    hits: dict[str, date] = dict(tx.rows(SQL.counting, now=now))
    if not hits:
        return []
    lock_prices(tx)
    struck = {row[0]: row for row in tx.rows(SQL.knock_out, isins=list(hits), days=list(hits.values()))}
    standing = issues(tx, list(struck))
    going = knocking_out(tx, list(struck))
    live = [i for i in sorted(struck) if i in standing and standing[i].state in _LIVE and i not in going]
    suspend(tx, live, now=now, actor=ACTOR)
    events = _events([struck[isin] for isin in live])
    store_events(tx, events, now=now)
    return events


def knocking_out(tx: Transaction, isins: Sequence[str]) -> set[str]:
    """Those of the securities whose knock-out is under way."""
    return {isin for (isin,) in tx.rows(SQL.pending, isins=list(isins))}


def note_knocked_out(tx: Transaction, isins: Sequence[str], day: date) -> None:
    """A person has knocked these out: their barriers are watched no more."""
    tx.execute(SQL.knock_out, isins=list(isins), days=[day] * len(isins))


def _events(rows: Sequence[Row]) -> list[ServicingEvent]:
    """Few days, calendars and lags have many securities."""
    dates: dict[tuple[date, str, int], tuple[date, date]] = {}
    events = []
    for id_, (isin, day, version, issuer, currency, calendar, lag) in zip(
        new_ids(len(rows)), rows, strict=True
    ):
        key = day, calendar, lag
        if key not in dates:
            payment = add_business_days(day, lag, calendar)
            dates[key] = payment, record_date(payment, calendar)
        events.append(
            ServicingEvent(
                id_, isin, version, CalledFor.KNOCK_OUT.value, day, *dates[key], f"/requests/{id_}", issuer, currency
            )
        )  # fmt: skip
    return events
