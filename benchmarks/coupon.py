"""A coupon on one bond that a million accounts hold: entitlement, withheld tax, payment."""

import time
from datetime import UTC, date, datetime
from decimal import Decimal

from benchmarks.holders import depository
from benchmarks.market import lei
from benchmarks.measure import Measure, Report
from counterfoil.servicing import Paid, determine, events_between, pay, record_holders, set_withholding

_ITEMS = 1_000_000
_BOND = {
    "class": "bond", "name": "Widely held bond", "currency": "EUR", "denomination": "1000", "quotation": "percent",
    "issue_price": "100", "issue_date": "2026-12-01", "maturity_date": "2031-12-01",
    "volume": {"unit": "nominal", "mode": "fixed", "authorised": "100000000000"},
    "interest": {"kind": "fixed", "rate_percent": "2.875", "frequency": 1, "day_count": "ACT/ACT ICMA"},
}  # fmt: skip
_TAXED = 2_500
"""Owners, of 5,000, from whose interest tax is withheld."""


def run(items: int | None = None) -> Report:
    """Two coupons: the first opens a position of money for each account, the second moves it."""
    count = items or _ITEMS
    with depository() as found:
        (isin,) = found.issue([_BOND])
        found.open_holders(count)
        found.distribute([isin], count, Decimal(3000), spread=0)
        found.give_money(Decimal(10) ** 10)
        with found.database.transaction() as tx:
            for n in range(_TAXED):
                set_withholding(tx, lei(2 + n), date(2027, 1, 1), Decimal("26.375"))
            tx.execute("ANALYZE")
            events = [
                e["id"]
                for e in events_between(tx, date(2027, 1, 1), date(2032, 1, 1), isin=isin, kind="coupon")
            ]
        print(f"  {count:,} accounts hold the bond", flush=True)
        found.at(datetime(2027, 12, 1, 12, tzinfo=UTC))
        first = _coupon(found, events[0], count)
        found.at(datetime(2028, 12, 1, 12, tzinfo=UTC))
        second = _coupon(found, events[1], count)
    total, again = sum(first.values()), sum(second.values())
    return Report(
        [
            Measure(
                f"a coupon on one instrument with {count:,} holders: entitlement, tax, payment",
                total,
                "s",
                60,
                15,
            )
        ],
        {
            "Coupon": f"{count / total:,.0f} holders/s; "
            + ", ".join(f"{k} {v:.2f} s" for k, v in first.items()),
            "The next coupon": f"{again:.2f} s; " + ", ".join(f"{k} {v:.2f} s" for k, v in second.items()),
        },
    )


def _coupon(found, event, count: int) -> dict[str, float]:
    """Seconds of each step; each commits, as the process has it."""
    seconds = {}
    started = time.perf_counter()
    with found.database.transaction() as tx:
        determine(tx, [event], now=found.clock.now(), actor="benchmark")
    seconds["decided"] = time.perf_counter() - started
    started = time.perf_counter()
    with found.database.transaction() as tx:
        record_holders(tx, [event], now=found.clock.now())
    seconds["recorded"] = time.perf_counter() - started
    started = time.perf_counter()
    with found.database.transaction() as tx:
        (paid,) = pay(tx, [event], now=found.clock.now(), actor="benchmark")
    seconds["paid"] = time.perf_counter() - started
    if not isinstance(paid, Paid) or paid.record.holders != count:
        raise TypeError(f"not everybody was paid: {paid}")
    return seconds
