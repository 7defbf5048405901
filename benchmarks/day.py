"""A day of 40,000 products over HTTP, where its time goes, and how it compares with a bare COPY of its rows."""

from benchmarks.bare_copy import bare_copy_s
from benchmarks.measure import Measure, Report
from benchmarks.running import day, issue, server

_ITEMS = 40_000
_STEPS = {
    "parse": "parse", "validate": "validate", "lookups": "look up parties and duplicates",
    "issuance.number": "number", "issuance.deposit": "deposit terms", "issuance.register": "register and book",
    "claim": "claim", "history": "history", "constraints": "invariants",
    "commit": "commit",
}  # fmt: skip


def run(items: int | None = None) -> Report:
    """Measure on an empty server, after a warm-up of 200 items."""
    count = items or _ITEMS
    body = day(count, seed=2026, invalid_share=0.01)
    with server() as target:
        before = target.steps()
        done = issue(target, body)
        spent = {step: s - before.get(step, 0.0) for step, s in target.steps().items()}
        bare_s, rows, size = bare_copy_s(target.database_url)
    # `issuance.validate` is the whole task; parsing and judging are parts of it and shown alone.
    spent["lookups"] = spent.pop("issuance.validate", 0.0) - spent["parse"] - spent["validate"]
    shown = sorted(((spent.get(step, 0.0), name) for step, name in _STEPS.items()), reverse=True)
    rate = count / done.seconds
    return Report(
        [
            Measure(
                f"{count:,} products, first byte of the request to last booked", done.seconds, "s", 20, 8
            ),
            Measure("the same, as a multiple of a bare COPY of its rows", done.seconds / bare_s, "×", 20, 8),
        ],
        {
            "Outcome": f"{done.booked:,} booked, {done.rejected:,} rejected, {done.waiting:,} waiting for a person; "
            f"{rate:,.0f} items/s",
            "Receiving": f"{len(body) / 1e6:.1f} MB stored and answered after {done.upload_s:.2f} s",
            "Seconds by step, both workers together": ", ".join(f"{name} {s:.2f}" for s, name in shown),
            "Bare COPY": f"{bare_s:.2f} s for {rows:,} rows, {size / 1e6:.0f} MB",
        },
    )
