"""A set cycle over a million DvP transactions, one central counterparty in every one of them."""

import time
from decimal import Decimal

import psycopg

from benchmarks.market import NOW, TODAY, Market, market, sides
from benchmarks.measure import Measure, Report
from counterfoil.settlement import run_cycle

_ITEMS = 1_000_000
_PARTIES, _ISSUES = 5_000, 20_000


def run(items: int | None = None) -> Report:
    """Settle them all in one cycle; then copy the postings that it wrote into a bare table."""
    count = items or _ITEMS
    with market(_PARTIES, _ISSUES) as found:
        trades = found.trades(count)
        found.endow(trades, money=Decimal(10**13))
        _instruct(found, trades)
        with found.database.transaction() as tx:
            tx.execute("ANALYZE")
        started = time.perf_counter()
        with found.database.transaction() as tx:
            done = run_cycle(tx, now=NOW, business_date=TODAY, actor="benchmark")
        seconds = time.perf_counter() - started
        if done.settled != count:
            raise RuntimeError(f"{done.settled:,} of {count:,} settled")
        copied, rows = _bare_copy(found.database.url)
    return Report(
        [
            Measure(f"{count:,} matched DvP transactions settled in one cycle", seconds, "s", 90, 25),
            Measure(
                "the same: DvP/s as a share of a bare COPY of their postings", copied / seconds, "", 1 / 8, 1 / 3,
                more_is_better=True,
            ),
        ],
        {
            "Cycle": f"{count / seconds:,.0f} DvP/s ({2 * count / seconds:,.0f} instructions/s), "
            f"bare COPY of {rows:,} postings {copied:.2f} s",
        },
    )  # fmt: skip


def _instruct(found: Market, trades: list) -> None:
    size = 25_000
    for start in range(0, len(trades), size):
        part = trades[start : start + size]
        found.submit([side for n, trade in enumerate(part, start) for side in sides(trade, n)])
        print(f"  {start + len(part):,} of {len(trades):,} transactions matched", flush=True)


def _bare_copy(url: str) -> tuple[float, int]:
    """Seconds to copy the last batch's postings, each a row, into a table without index, constraint or trigger."""
    with psycopg.connect(url, autocommit=True) as connection:
        (batch,) = connection.execute(
            "SELECT batch_id FROM ledger.posted ORDER BY no DESC LIMIT 1"
        ).fetchone()
        query = (
            f"COPY (SELECT * FROM ledger.every_posting WHERE batch_id = '{batch}') TO STDOUT (FORMAT BINARY)"
        )
        with connection.cursor().copy(query) as copy:
            data = b"".join(bytes(part) for part in copy)
        connection.execute("CREATE TABLE public.bare (LIKE ledger.posting)")
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        with connection.cursor().copy("COPY public.bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(data)
        seconds = time.perf_counter() - started
        (rows,) = connection.execute("SELECT count(*) FROM public.bare").fetchone()
    return seconds, rows
