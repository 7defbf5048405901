"""A corporate action on one underlying: thousands of live securities found, told, amended, entered, told again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from benchmarks.holders import Depository, depository
from benchmarks.market import lei
from benchmarks.measure import Measure, Report
from counterfoil.instruments import isin_from_wkn
from counterfoil.messages import advise
from counterfoil.parties import enter_correspondents
from counterfoil.servicing import Action, adjust, decide_adjustment, lay_out_new, request_adjustment

_ITEMS, _OTHERS = 5_000, 20_000
"""Live securities on the underlying, and those on others among which they are found."""
_HOLDERS, _ACCOUNTS = 5, 500
_EX_DAY = date(2027, 3, 1)


def run(items: int | None = None) -> Report:
    """From the approval to the last message, by one worker; every holder is told by messages."""
    count = items or _ITEMS
    seconds: dict[str, float] = {}
    with depository() as found:
        isins: list[str] = []
        for first in range(0, count + _OTHERS, 5_000):
            numbers = range(first, min(first + 5_000, count + _OTHERS))
            isins += found.issue([_product(n, on=n < count) for n in numbers], first=first)
        _hold(found, isins[:count])
        print(f"  {count:,} live securities on the underlying, {_OTHERS:,} on others", flush=True)
        with found.database.transaction() as tx:
            action = Action(_share(0), Decimal("0.5"), _EX_DAY)
            id_ = request_adjustment(tx, action, "split", now=found.clock.now(), actor="one")
            tx.execute("ANALYZE")
        with _timed(seconds, "found and announced"), found.database.transaction() as tx:
            decide_adjustment(tx, id_, approved=True, now=found.clock.now(), actor="two")
        with _timed(seconds, "told"):
            _tell(found)
        found.at(datetime(2027, 3, 1, tzinfo=UTC))
        with _timed(seconds, "found, worked out, entered"), found.database.transaction() as tx:
            adjust(tx, id_, now=found.clock.now(), actor="benchmark")
        with _timed(seconds, "told again"):
            _tell(found)
        with _timed(seconds, "events and barriers laid out anew"), found.database.transaction() as tx:
            while lay_out_new(tx, now=found.clock.now(), blocks=1000):
                pass
        _check(found, count)
    total = sum(seconds.values())
    what = f"{count:,} securities adjusted for one corporate action, {_HOLDERS} holders each told twice"
    return Report(
        [Measure(what, total, "s", 60, 15)],
        {
            "Adjustment": ", ".join(f"{name} {spent:.2f} s" for name, spent in seconds.items())
            + f"; {1000 * total / count:.2f} s per 1,000 securities"
        },
    )


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def _share(number: int) -> str:
    return isin_from_wkn(f"SH{number:04d}")


def _product(n: int, *, on: bool) -> dict[str, Any]:
    share = {
        "kind": "equity",
        "name": "Share",
        "isin": _share(0 if on else 1 + n % 100),
        "initial_fixing": "150",
    }
    return {
        "class": "1250", "name": f"Product {n}", "currency": "EUR", "denomination": "1", "issue_price": "98.50",
        "volume": {"unit": "units", "mode": "fixed", "authorised": "100000"}, "issue_date": "2026-12-01",
        "underlyings": [share], "initial_valuation_date": "2026-11-24", "final_valuation_date": "2027-12-17",
        "maturity_date": "2027-12-23", "fixing": {"mic": "XETR", "price_type": "close"}, "bonus_level": "170",
        "barrier": {"level": f"{80 + n % 40}"}, "cap": "180",
    }  # fmt: skip


def _hold(found: Depository, isins: list[str]) -> None:
    """Few owners of the accounts use messages in truth; here all that hold something do."""
    found.open_holders(_ACCOUNTS)
    found.distribute(isins, _HOLDERS, Decimal(100), spread=7)
    with found.database.transaction() as tx:
        owners: dict[str, str | None] = dict.fromkeys(lei(3 + n) for n in range(_ACCOUNTS))
        enter_correspondents(tx, owners, now=found.clock.now(), actor="benchmark")


def _tell(found: Depository) -> None:
    while True:
        with found.database.transaction() as tx:
            if not advise(tx, now=found.clock.now()):
                return


def _check(found: Depository, count: int) -> None:
    with found.database.transaction() as tx:
        moved = tx.value("SELECT count(*) FROM servicing.adjusted")
        ended = tx.value("SELECT count(*) FROM servicing.ended WHERE outcome = 'applied'")
        amended = tx.value("SELECT count(*) FROM register.issue WHERE terms_version = 2")
        messages = tx.value("SELECT count(*) FROM messages.outgoing")
    if not moved == ended == amended == count or messages != 2 * _HOLDERS * count:
        raise RuntimeError(
            f"{moved} moved, {ended} ended, {amended} amended, {messages} messages; {count} wanted"
        )
