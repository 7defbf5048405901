"""Instant delivery against payment over HTTP at a steady rate: both sides sent until an answer says that it settled.

Open loop, as for single issuances: both sides leave at their time, and the latency counts from then until the later
of the two answers, one of which says `settled`.
"""

import json
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http import HTTPStatus
from http.client import HTTPConnection

from benchmarks.measure import Measure, Report
from benchmarks.running import Server, server
from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.sample import fictional_issuers

_PER_SECOND = 100
_ITEMS = 2000
_WARM_UP = 100
_SENDERS = 64
_ISIN = 12


def run(items: int | None = None) -> Report:
    """Offer 2,000 trades in 20 s."""
    count = items or _ITEMS
    with server() as target:
        pairs = _trades(target, _WARM_UP + count)
        _offer(target, pairs[:_WARM_UP])
        waits = _offer(target, pairs[_WARM_UP:])
    p50, p99 = (statistics.quantiles(waits, n=100)[n] * 1000 for n in (49, 98))
    return Report(
        [
            Measure(
                f"instant DvP at {_PER_SECOND}/s over HTTP, both sides sent to settled, p99",
                p99,
                "ms",
                250,
                80,
            )
        ],
        {
            "Instant DvP": f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {max(waits) * 1000:.0f} ms of {len(waits):,}"
        },
    )


def _trades(target: Server, count: int) -> list[tuple[dict, dict]]:
    """Issuers sell units of what they have issued to other parties, who have money enough."""
    leis = [lei for lei, _ in fictional_issuers()]
    stock = []
    for lei in leis:
        account = target.client.post("/accounts", json={"owner": lei}).raise_for_status().json()["number"]
        funding = {"currency": "EUR", "amount": "1000000000", "reference": "start"}
        target.client.post(f"/accounts/{account}/fundings", json=funding).raise_for_status()
        held = target.client.get(f"/accounts/{lei}-ISSUER/balances").raise_for_status().json()["items"]
        enough = [p["asset"] for p in held if len(p["asset"]) == _ISIN and Decimal(p["quantity"]) >= count]
        stock += [(lei, isin) for isin in enough if _counted_in_units(target, isin)]
    day = adjust(business_date(SystemClock()), Convention.PRECEDING, "TARGET").isoformat()
    chance = random.Random(11)
    made = []
    for number in range(count):
        seller, isin = chance.choice(stock)
        buyer = chance.choice([lei for lei in leis if lei != seller])
        # A reference in common keeps trades that are alike in all else from matching each other's sides.
        same = {
            "common_reference": f"T{number}", "isin": isin, "quantity": "1", "amount": "10.00", "currency": "EUR",
            "trade_date": day, "intended_date": day,
        }  # fmt: skip
        sell = {
            **same,
            "movement": "DELI",
            "party": seller,
            "account": f"{seller}-ISSUER",
            "counterparty": buyer,
        }
        buy = {**same, "movement": "RECE", "party": buyer, "account": f"{buyer}-OWN", "counterparty": seller}
        sell["reference"], buy["reference"] = f"S{number}", f"B{number}"
        made.append((sell, buy))
    return made


def _counted_in_units(target: Server, isin: str) -> bool:
    return target.client.get(f"/register/{isin}/extract").raise_for_status().json()["unit"] == "units"


def _offer(target: Server, pairs: list[tuple[dict, dict]]) -> list[float]:
    """One connection a thread: a shared pool of hundreds looks through all of them at every request."""
    own = threading.local()
    url = target.client.base_url
    headers = {
        "Authorization": target.client.headers["Authorization"],
        "Content-Type": "application/json",
    }

    def send(side: dict) -> tuple[float, str]:
        if not hasattr(own, "connection"):
            own.connection = HTTPConnection(url.host, url.port, timeout=30)
        own.connection.request("POST", "/settlement/instructions", json.dumps(side), headers)
        answer = own.connection.getresponse()
        body = answer.read()
        state = json.loads(body)["instructions"][0]["state"] if answer.status == HTTPStatus.CREATED else body
        return time.perf_counter(), state

    with ThreadPoolExecutor(_SENDERS) as senders:
        begun = time.perf_counter()
        sent = []
        for number, pair in enumerate(pairs):
            due = begun + number / _PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            sent.append((due, [senders.submit(send, side) for side in pair]))
        waits = []
        for due, answers in sent:
            told = [answer.result() for answer in answers]
            if "settled" not in {state for _, state in told}:
                raise RuntimeError(f"not settled: {told}")
            waits.append(max(at for at, _ in told) - due)
        return waits
