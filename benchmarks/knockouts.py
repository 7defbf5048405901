"""A hundred thousand live knock-outs against a thousand price ticks: taken in, found, suspended, their ends begun."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.holders import Depository, depository
from benchmarks.measure import Measure, Report
from counterfoil.instruments import isin_from_wkn
from counterfoil.processes import start_due
from counterfoil.servicing import NewTick, add_source, enter_ticks

_ITEMS = 100_000
_TICKS = 1_000
_UNDERLYINGS = 100
_HIT_SHARE = Decimal("0.1")
"""The part of all knock-outs that the day reaches."""
_DAY = datetime(2027, 3, 1, 8, tzinfo=UTC)


def run(items: int | None = None) -> Report:
    """Two sources tell of every move. A first pass touches nothing; the second reaches a tenth of the barriers."""
    count = items or _ITEMS
    with depository() as found:
        for first in range(0, count, 10_000):
            found.issue([_product(n) for n in range(first, min(first + 10_000, count))], first=first)
        found.at(_DAY + timedelta(hours=10))
        with found.database.transaction() as tx:
            add_source(tx, "Y", timedelta(0), now=found.clock.now(), actor="benchmark")
            tx.execute("ANALYZE")
        print(f"  {count:,} live knock-outs on {_UNDERLYINGS} underlyings", flush=True)
        reach = _HIT_SHARE * count / _UNDERLYINGS / 100
        calm, _, nothing = _feed(found, _ticks(Decimal(0), hours=0))
        seconds, touched, struck = _feed(found, _ticks(reach, hours=1))
        begun = _begin(found)
        _check(found, struck, round(count * _HIT_SHARE), nothing)
    return Report(
        [
            Measure(
                f"{count:,} live knock-outs against {_TICKS:,} price ticks, {struck:,} knocked out",
                seconds + begun,
                "s",
                30,
                3,
            )
        ],
        {
            "Knock-outs": f"ticks taken in, {touched:,} touches noted, {struck:,} issues suspended, their events "
            f"laid out {seconds:.2f} s; their processes begun {begun:.2f} s; "
            f"{_TICKS:,} ticks that touch nothing {calm:.3f} s",
        },
    )


def _product(n: int) -> dict[str, Any]:
    """Barriers of an underlying at 100 lie at 99.99, 99.98, ... and, of short ones, at 100.01, 100.02, ..."""
    underlying, place = n % _UNDERLYINGS, n // _UNDERLYINGS
    long, offset = place % 2 == 0, Decimal(place // 2 + 1).scaleb(-2)
    level = 100 - offset if long else 100 + offset
    share = {
        "kind": "equity",
        "name": f"Share {underlying}",
        "isin": _share(underlying),
        "initial_fixing": "100",
    }
    return {
        "class": "2200", "name": f"Knock-out {n}", "currency": "EUR", "denomination": "1", "ratio": "0.1",
        "volume": {"unit": "units", "mode": "fixed", "authorised": "100000"}, "issue_price": "1.50",
        "issue_date": "2026-12-01", "underlyings": [share], "initial_valuation_date": "2026-11-24",
        "final_valuation_date": "2027-12-17", "maturity_date": "2027-12-23", "strike": f"{level:f}",
        "fixing": {"mic": "XETR", "price_type": "close"}, "direction": "long" if long else "short",
        "barrier": {"level": f"{level:f}"},
    }  # fmt: skip


def _share(number: int) -> str:
    return isin_from_wkn(f"SH{number:04d}")


def _ticks(reach: Decimal, *, hours: int) -> list[NewTick]:
    """Every second underlying falls, the others rise, by even steps, `reach` in all; two sources tell each move."""
    each = _TICKS // (2 * _UNDERLYINGS)
    ticks = []
    for step in range(1, each + 1):
        for underlying in range(_UNDERLYINGS):
            moved = reach * step / each
            price = 100 - moved if underlying % 2 == 0 else 100 + moved
            at = _DAY + timedelta(hours=hours, seconds=step, milliseconds=underlying)
            ticks += [NewTick(_share(underlying), source, at, price) for source in ("X", "Y")]
    return ticks


def _feed(found: Depository, ticks: list[NewTick]) -> tuple[float, int, int]:
    started = time.perf_counter()
    with found.database.transaction() as tx:
        taken = enter_ticks(tx, ticks, now=found.clock.now(), actor="benchmark")
    return time.perf_counter() - started, taken.touched, len(taken.knocked_out)


def _begin(found: Depository) -> float:
    started = time.perf_counter()
    while True:
        with found.database.transaction() as tx:
            if not start_due(tx, now=found.clock.now()):
                return time.perf_counter() - started


def _check(found: Depository, struck: int, expected: int, nothing: int) -> None:
    with found.database.transaction() as tx:
        suspended = tx.value("SELECT count(*) FROM register.issue WHERE state = 'suspended'")
        begun = tx.value("SELECT count(*) FROM servicing.pending WHERE process = 'knock-out' AND started")
    if nothing or not struck == suspended == begun == expected:
        raise RuntimeError(f"{struck} knocked out, {suspended} suspended, {begun} begun, {expected} expected")
