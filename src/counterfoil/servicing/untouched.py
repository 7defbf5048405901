"""Says of barriers whose time is over that they were not hit, for a source that has followed them to the end: it has
told the closing price of every day on which the exchange was open, and no price that touched them.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from counterfoil.core.calendar import is_business_day
from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_ids
from counterfoil.servicing.observations import ObservationKind

SQL = queries(__file__)
_DAY = timedelta(days=1)
_Window = tuple[str, str, date, date]
"""Underlying, exchange, first and last day: few have many barriers."""


def state_untouched(tx: Transaction, closed: Collection[str], *, now: datetime, actor: str) -> int:
    """State it where closing prices of these underlyings have come; how many statements. Each counts as any other
    observation does: once a second source or a person says the same.
    """
    found = tx.rows(SQL.over, underlyings=sorted(closed), today=now.date()) if closed else []
    if not found:
        return 0
    by_window: dict[_Window, list[str]] = {}
    for isin, name, *window in found:
        underlying, exchange, first, last = window
        by_window.setdefault((underlying, exchange, first, last), []).append(f"{isin}/{name}")
    windows = list(by_window)
    days = [(n, window[0], day) for n, window in enumerate(windows) for day in _open_days(window)]
    rows = tx.rows(
        SQL.followed, numbers=[n for n, *_ in days], underlyings=[name for _, name, _ in days],
        days=[day for *_, day in days],
    )  # fmt: skip
    said = [(subject, windows[n][3], source) for n, source in rows for subject in by_window[windows[n]]]
    return tx.execute(
        SQL.state, ids=new_ids(len(said)), kind=ObservationKind.BARRIER.value, subjects=[s for s, *_ in said],
        days=[day for _, day, _ in said], sources=[source for *_, source in said], now=now, actor=actor,
    )  # fmt: skip


def _open_days(window: _Window) -> list[date]:
    _, exchange, first, last = window
    every = (first + n * _DAY for n in range((last - first).days + 1))
    return [day for day in every if is_business_day(day, exchange)]
