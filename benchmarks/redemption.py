"""A redemption day: thousands of instruments of mixed classes mature together, each with some holders."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from benchmarks.holders import ISSUER, Depository, depository
from benchmarks.measure import Measure, Report
from counterfoil.orchestration import Worker, incidents
from counterfoil.processes import all_tasks, start_due
from counterfoil.servicing import consent_to_deletion

_ITEMS = 10_000
_HOLDERS, _ACCOUNTS = 20, 5_000
_SAP = {"kind": "equity", "name": "SAP SE", "isin": "DE0007164600", "initial_fixing": "150"}
_STRUCTURED: dict[str, Any] = {
    "currency": "EUR", "denomination": "1", "volume": {"unit": "units", "mode": "fixed", "authorised": "100000"},
    "issue_price": "98.50", "issue_date": "2026-12-01", "underlyings": [_SAP], "initial_valuation_date": "2026-11-24",
    "final_valuation_date": "2027-12-17", "maturity_date": "2027-12-23",
    "fixing": {"mic": "XETR", "price_type": "close"},
}  # fmt: skip
_BARRIER = {"level": "105", "monitoring": "continuous"}
_CLASSES: tuple[dict[str, Any], ...] = (
    {"class": "1200", "cap": "160"},
    {"class": "1210", "cap": "160", "barrier": _BARRIER},
    {"class": "1240", "strike": "150", "participation_percent": "200", "cap": "200"},
    {"class": "1250", "bonus_level": "170", "barrier": _BARRIER, "cap": "180"},
    {"class": "1310", "strike": "150", "participation_percent": "150"},
    {"class": "1320", "bonus_level": "170", "barrier": _BARRIER},
    {"class": "1340", "strike": "150", "barrier": _BARRIER},
    {"class": "2100", "ratio": "0.1", "strike": "140", "option_type": "call", "style": "european"},
    {"class": "2110", "ratio": "0.1", "lower_strike": "140", "upper_strike": "160", "option_type": "call"},
    {"class": "2200", "ratio": "0.1", "strike": "120", "direction": "long", "barrier": {"level": "120"}},
)


def run(items: int | None = None) -> Report:
    """From the final fixing to the deletion from the register, by one worker and the simulated clock."""
    count = items or _ITEMS
    with depository() as found:
        several = [
            {"name": f"Product {n}", **_STRUCTURED, **_CLASSES[n % len(_CLASSES)]} for n in range(count)
        ]
        isins: list[str] = found.issue(several)
        found.open_holders(_ACCOUNTS)
        found.distribute(isins, _HOLDERS, Decimal(100), spread=7)
        found.give_money(Decimal(10) ** 10)
        with found.database.transaction() as tx:
            consent_to_deletion(tx, ISSUER, now=found.clock.now(), actor="benchmark")
        found.at(datetime(2027, 12, 17, 18, tzinfo=UTC))
        watched = [isin for n, isin in enumerate(isins) if "barrier" in several[n]]
        found.observe(
            [{"kind": "price", "subject": _SAP["isin"], "day": "2027-12-17", "value": "152.36"}]
            + [{"kind": "barrier", "subject": f"{isin}/barrier", "day": "2027-12-17"} for isin in watched]
        )
        with found.database.transaction() as tx:
            tx.execute("ANALYZE")
        print(f"  {count:,} instruments with {_HOLDERS} holders each", flush=True)
        seconds: dict[str, float] = {}
        worker = Worker(found.database, all_tasks(), clock=found.clock, observe=_noting(seconds))
        spent = {
            name: _until(found, worker, moment)
            for name, moment in (
                ("fixing", datetime(2027, 12, 17, 18, tzinfo=UTC)),
                ("record", datetime(2027, 12, 22, 18, tzinfo=UTC)),
                ("payment", datetime(2027, 12, 23, 12, tzinfo=UTC)),
            )
        }
        _check(found, count)
    total = sum(spent.values())
    steps = sorted(((s, name.removeprefix("servicing.")) for name, s in seconds.items()), reverse=True)[:8]
    return Report(
        [
            Measure(
                f"{count:,} instruments of mixed classes redeemed, {_HOLDERS} holders each",
                total,
                "s",
                120,
                30,
            )
        ],
        {
            "Redemption": ", ".join(f"{name} {s:.2f} s" for name, s in spent.items())
            + f"; {count / total:,.0f} instruments/s, {count * _HOLDERS / total:,.0f} holders/s",
            "Redemption, seconds by step": ", ".join(f"{name} {s:.2f}" for s, name in steps),
        },
    )


def _noting(seconds: dict[str, float]) -> Any:
    def note(step: str, count: int, spent: float) -> None:  # noqa: ARG001 - the form of an observer
        seconds[step] = seconds.get(step, 0.0) + spent

    return note


def _until(found: Depository, worker: Worker, moment: datetime) -> float:
    """Seconds of all that is done at a moment."""
    found.at(moment)
    started = time.perf_counter()
    while True:
        with found.database.transaction() as tx:
            begun = start_due(tx, now=found.clock.now())
        if not worker.run_once() and not begun:
            return time.perf_counter() - started


def _check(found: Depository, count: int) -> None:
    with found.database.transaction() as tx:
        states = dict(tx.rows("SELECT state, count(*) FROM register.issue GROUP BY state"))
        trouble = incidents(tx)
    if states != {"deleted": count} or trouble:
        raise RuntimeError(f"not all redeemed: {states}, {trouble[:1]}")
