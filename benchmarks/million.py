"""A million products, batch after batch: whether the rate lasts, and how much memory the processes take."""

from benchmarks.measure import Measure, Report
from benchmarks.running import day, issue, server

_ITEMS = 1_000_000
_BATCH = 40_000


def run(items: int | None = None) -> Report:
    """Issue the items in batches of 40,000; the making of a batch is not counted."""
    batches = max(2, (items or _ITEMS) // _BATCH)
    edge = min(100_000, batches * _BATCH // 2)
    with server() as target:
        seconds = []
        for number in range(batches):
            done = issue(target, day(_BATCH, seed=100 + number))
            seconds.append(done.seconds)
            print(f"  batch {number + 1} of {batches}: {_BATCH / done.seconds:,.0f} items/s", flush=True)
        peaks = target.peak_memory_mib()
    first, last = edge / _seconds_of(edge, seconds), edge / _seconds_of(edge, seconds[::-1])
    total = batches * _BATCH
    name = f"{total:,} products: rate of the last {edge:,} against the first"
    return Report(
        [
            Measure(name, last / first, "", 0.8, 1.0, more_is_better=True),
            Measure("the same: memory of the largest own process", max(peaks.values()), "MiB", 1024, 400),
        ],
        {
            "Rate": f"first {edge:,}: {first:,.0f} items/s; last {edge:,}: {last:,.0f} items/s; "
            f"all in {sum(seconds):,.0f} s",
            "Peak memory": ", ".join(f"{name} {mib:.0f} MiB" for name, mib in peaks.items()),
        },
    )  # fmt: skip


def _seconds_of(items: int, seconds: list[float]) -> float:
    """Time for the first so many items; of the last batch touched, a share."""
    whole, rest = divmod(items, _BATCH)
    return sum(seconds[:whole]) + (seconds[whole] * rest / _BATCH if rest else 0.0)
