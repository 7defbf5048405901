"""A day of which a quarter is sold: the same products with and without buyers, delivered against payment at once."""

from benchmarks.measure import Measure, Report
from benchmarks.running import Run, Server, day, issue, server
from counterfoil.cli.commands.sample import prepare_buyers

_ITEMS = 40_000
_PLACED_SHARE = 0.25
_RICH = 100
"""So many times the usual money for the buyer that is short, so that everything can settle."""


def run(items: int | None = None) -> Report:
    """Issue a plain day, then one of the same products that is placed, each on an empty server."""
    count = items or _ITEMS
    with server() as target:
        plain = issue(target, day(count, seed=2026))
    with server() as target:
        prepare_buyers(target.client, count * _RICH, 1.0)
        issue(target, day(200, seed=1, placed_share=1.0))
        before = target.steps()
        sold = issue(target, day(count, seed=2026, placed_share=_PLACED_SHARE))
        spent = target.steps().get("issuance.place", 0.0) - before.get("issuance.place", 0.0)
        settled, deliveries = _delivered(target, sold)
    return Report(
        [
            Measure(f"{count:,} products, a quarter placed: to the last delivery", sold.seconds, "s", 40, 20),
            Measure("the same, as a multiple of the plain day", sold.seconds / plain.seconds, "×", 3, 1.5),
            Measure(
                "placing: deliveries against payment a second of the task", settled / spent, "/s", 500, 2000,
                more_is_better=True,
            ),
        ],
        {
            "A placed day": f"{settled:,} of {deliveries:,} deliveries settled; {spent:.2f} s of placing, "
            f"{sold.booked:,} products booked, {sold.rejected:,} rejected, {sold.waiting:,} waiting for a person; "
            f"the plain day took {plain.seconds:.2f} s",
        },
    )  # fmt: skip


def _delivered(target: Server, sold: Run) -> tuple[int, int]:
    totals = target.client.get(f"/batches/{sold.batch}/placements").json()
    return sum(row["settled"] for row in totals), sum(row["deliveries"] for row in totals)
