"""A contended set: 5,000 trades among 200 parties of which half lack the money or the paper for all they promise."""

import random
import time
from decimal import Decimal

from benchmarks.measure import Measure, Report
from counterfoil.settlement.optimum import Candidate, Problem, optimise

_ITEMS, _PARTIES, _ISSUES = 5_000, 200, 100
_LIMIT_S = 8.0


def problem(items: int, seed: int) -> Problem:
    """Chains and circles of trades; half of the parties start with a tenth of what they need, half with half."""
    chance = random.Random(seed)
    money: dict[int, int] = {}
    paper: dict[tuple[int, int], int] = {}
    trades = []
    party = chance.randrange(_PARTIES)
    for _ in range(items):
        isin = min(int(chance.paretovariate(0.8)), _ISSUES) - 1
        buyer = chance.choice(
            [p for p in (chance.randrange(_PARTIES), chance.randrange(_PARTIES)) if p != party] or [0]
        )
        units = chance.randint(1, 500)
        cents = units * chance.randint(5_000, 15_000)
        trades.append((party, buyer, isin, units, cents))
        money[buyer] = money.get(buyer, 0) + cents
        paper[party, isin] = paper.get((party, isin), 0) + units
        # The buyer often sells on what it has bought.
        party = buyer if chance.random() < 0.7 else chance.randrange(_PARTIES)
    number: dict[object, int] = {}
    balances: list[Decimal] = []

    def position(key: object, need: int, owner: int) -> int:
        if key not in number:
            number[key] = len(balances)
            balances.append(Decimal(need // (10 if owner % 2 else 2)))
        return number[key]

    candidates = []
    for seller, buyer, isin, units, cents in trades:
        moves = (
            (position(("paper", seller, isin), paper.get((seller, isin), 0), seller), Decimal(-units)),
            (position(("paper", buyer, isin), paper.get((buyer, isin), 0), buyer), Decimal(units)),
            (position(("money", buyer), money.get(buyer, 0), buyer), Decimal(-cents)),
            (position(("money", seller), money.get(seller, 0), seller), Decimal(cents)),
        )
        candidates.append(Candidate(Decimal(cents), moves))
    return Problem(candidates, balances)


def run(items: int | None = None) -> Report:
    """Value settled against what is proven to be possible, and the time it took."""
    wanted = problem(items or _ITEMS, seed=7)
    started = time.perf_counter()
    solution = optimise(wanted, time_limit_s=_LIMIT_S)
    seconds = time.perf_counter() - started
    total = sum(c.value for c in wanted.candidates)
    settled = f"{solution.count:,} of {len(solution.chosen):,} settle, {solution.value / total:.0%} of value"
    share = 100 * float(solution.value / solution.bound)
    return Report(
        [
            Measure("a contended set of 5,000: value settled of the proven bound", share, "%", 99.5, 100, True),
            Measure("the same: time", seconds, "s", 10, 2),
        ],
        {"Contended": settled},
    )  # fmt: skip
