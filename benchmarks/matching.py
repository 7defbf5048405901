"""Matching a million instructions of which two in a hundred differ from their counterpart in one field."""

import random
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from benchmarks.market import NOW, TODAY, market, sides
from benchmarks.measure import Measure, Report
from counterfoil.settlement import Instruction, accept, match

_ITEMS = 1_000_000
_PARTIES, _ISSUES = 5_000, 20_000
_BATCH = 50_000
_DIFFERENT = 0.02


def run(items: int | None = None) -> Report:
    """Store them all unmatched; then match."""
    count = items or _ITEMS
    chance = random.Random(3)
    with market(_PARTIES, _ISSUES) as found:
        keys, part = [], []
        for number, trade in enumerate(found.trades(count // 2)):
            deliver, receive = sides(trade, number)
            # Of a hundred instructions two differ: two of fifty pairs.
            part += [deliver, _differing(receive, number) if chance.random() < 2 * _DIFFERENT else receive]
            if len(part) >= _BATCH or number == count // 2 - 1:
                with found.database.transaction() as tx:
                    accept(tx, part, now=NOW, business_date=TODAY, actor="benchmark")
                keys += [i.match_key for i in part]
                part = []
                print(f"  {len(keys):,} of {count:,} instructions stored", flush=True)
        with found.database.transaction() as tx:
            tx.execute("ANALYZE")
        started = time.perf_counter()
        with found.database.transaction() as tx:
            made = len(match(tx, keys, now=NOW, business_date=TODAY))
        seconds = time.perf_counter() - started
    return Report(
        [
            Measure(
                f"matching: {count:,} instructions, 2 % of them differing in one field", seconds, "s", 180, 60
            )
        ],
        {"Matching": f"{made:,} pairs, {2 * made / count:.1%} of the instructions, {count / seconds:,.0f}/s"},
    )


def _differing(side: Instruction, number: int) -> Instruction:
    field = number % 4
    if field == 0:
        return replace(side, quantity=side.quantity + 1)
    if field == 1:
        return replace(side, amount=(side.amount or Decimal(0)) + 1000)
    if field == 2:
        return replace(side, trade_date=side.trade_date - timedelta(days=1))
    return replace(side, common_reference="OTHER") if number % 8 else replace(side, opt_out=True)
