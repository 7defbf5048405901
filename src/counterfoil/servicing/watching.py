"""Which barriers are watched: those that the terms of live securities give and that prices can touch."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.instruments import Terms, TermsVersion, WatchedBarrier, watched_barriers
from counterfoil.servicing.moments import ZONE
from counterfoil.servicing.touching import lock_prices, look

SQL = queries(__file__)
ACTOR = "servicing"
_EPOCH = date(2020, 1, 1)
_COLUMNS = (
    "isin", "name", "underlying", "at_close", "side", "level", "rate_percent", "grows_from", "reach", "first_day",
    "last_day", "ends", "terms_version", "issuer_lei", "currency", "calendar", "payment_lag", "begins", "exchange",
    "touched",
)  # fmt: skip
_TYPES = (
    "text", "text", "text", "bool", "int2", "numeric", "numeric", "date", "numeric", "date", "date", "bool", "int4",
    "text", "text", "text", "int4", "date", "text", "bool",
)  # fmt: skip
_Place = tuple[str, str]


def watch_barriers(tx: Transaction, several: Sequence[tuple[TermsVersion, Terms]], *, now: datetime) -> None:
    """Have prices compared with the barriers of these terms, and those prices that are there already.

    The first terms of a security count from the first day of its barrier. A barrier that an amendment moves is
    watched where it is now from the day of the amendment on; what was hit stays hit.
    """
    found = [(version, terms, barrier) for version, terms in several for barrier in watched_barriers(terms)]
    amended = [version.isin for version, _ in several if version.version > 1]
    if not found and not amended:
        return
    lock_prices(tx)
    before, hit = _replaced(tx, amended) if amended else ({}, set())
    today = now.astimezone(ZONE).date()
    rows = [
        _row(version, terms, barrier, before.get((version.isin, barrier.name)), today)
        for version, terms, barrier in found
        if (version.isin, barrier.name) not in hit
    ]
    tx.copy("servicing.watched", _COLUMNS, _TYPES, rows)
    tx.execute(SQL.note_rates, rates=sorted({barrier.rate_percent for *_, barrier in found}))
    isins = sorted({version.isin for version, *_ in found})
    anew = [
        (underlying, day, source) for underlying, day, source in tx.rows(SQL.touched_already, isins=isins)
    ]
    if anew:
        look(tx, anew, now=now, actor=ACTOR)


def unwatch(tx: Transaction, isins: Sequence[str]) -> None:
    """Prices mean nothing any more to these securities."""
    tx.execute(SQL.unwatch, isins=list(isins))


def _replaced(tx: Transaction, isins: Sequence[str]) -> tuple[dict[_Place, tuple[Any, ...]], set[_Place]]:
    """What was watched of amended securities and makes room, and which barriers were hit, which stay."""
    rows = tx.rows(SQL.replace, isins=list(isins))
    hit = {(isin, name) for isin, name in tx.rows(SQL.hit, isins=list(isins))}
    return {(isin, name): tuple(rest) for isin, name, *rest in rows}, hit


def _row(
    version: TermsVersion,
    terms: Terms,
    barrier: WatchedBarrier,
    before: tuple[Any, ...] | None,
    today: date,
) -> tuple[Any, ...]:
    side = -1 if barrier.up else 1
    growth = (1 + barrier.rate_percent / 36_000) ** (barrier.grows_from - _EPOCH).days
    reach = side * barrier.level / growth if barrier.rate_percent else side * barrier.level
    same = (barrier.level, side, barrier.at_close, barrier.rate_percent, barrier.underlying)
    kept = before is not None and before[:5] == same
    first, touched = barrier.first, False
    if before is not None and kept:
        first, touched = max(first, before[5]), before[6]
    if version.version > 1 and not kept:
        first = max(first, today)
    return (
        version.isin, barrier.name, barrier.underlying, barrier.at_close, side, barrier.level, barrier.rate_percent,
        barrier.grows_from, Decimal(reach), first, barrier.last, barrier.ends, version.version, terms.issuer,
        terms.currency, terms.calendar, getattr(terms, "payment_lag", 2), barrier.first, barrier.exchange, touched,
    )  # fmt: skip
