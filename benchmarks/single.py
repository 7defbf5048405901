"""Single issuances at a steady rate: how long from the request until the answer says that it is issued.

Open loop: a request leaves at its time whatever became of those before, and its latency counts from that time, so a
slow server cannot slow down what is offered to it. That includes the way in, and is more than accepted → issued.
"""

import asyncio
import json
import statistics
import time

import httpx

from benchmarks.measure import Measure, Report
from benchmarks.running import Server, day, server

_PER_SECOND = 50
_ITEMS = 1000


def run(items: int | None = None) -> Report:
    """Offer 1,000 requests in 20 s."""
    count = items or _ITEMS
    lines = [line for line in day(count + count // 5 + 50, seed=7).split(b"\n") if line and _small(line)]
    with server() as target:
        asyncio.run(_offer(target, lines[:20]))
        waits = asyncio.run(_offer(target, lines[20 : 20 + count]))
    p50, p99 = (statistics.quantiles(waits, n=100)[n] * 1000 for n in (49, 98))
    return Report(
        [Measure(f"single issuances at {_PER_SECOND}/s, request to issued, p99", p99, "ms", 250, 100)],
        {
            "Latency": f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {max(waits) * 1000:.0f} ms of {len(waits):,}"
        },
    )


def _small(line: bytes) -> bool:
    """Whether no person has to approve it."""
    terms = json.loads(line)["instrument"]
    return float(terms["volume"]["authorised"]) * float(terms["issue_price"]) < 1e9


async def _offer(target: Server, lines: list[bytes]) -> list[float]:
    headers = {"Authorization": target.client.headers["Authorization"]}
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(
        base_url=target.client.base_url, headers=headers, limits=limits, timeout=30.0, trust_env=False
    ) as client:
        begun = time.perf_counter()

        async def one(number: int, line: bytes) -> float:
            due = begun + number / _PER_SECOND
            await asyncio.sleep(due - time.perf_counter())
            answer = await client.post(
                "/issuances", content=line, headers={"Content-Type": "application/json", "Prefer": "wait=10"}
            )
            if answer.status_code != 201:
                raise RuntimeError(f"not issued: {answer.status_code} {answer.text[:500]}")
            return time.perf_counter() - due

        return await asyncio.gather(*(one(n, line) for n, line in enumerate(lines)))
