"""The console over a million instruments and a million instructions: first bytes of its lists and of Today."""

import re
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import httpx
import uvicorn

from benchmarks.market import ISSUER, NOW, TODAY, Market, Trade, lei, market, sides
from benchmarks.measure import Measure, Report
from counterfoil.access import create_token
from counterfoil.console import Assets
from counterfoil.console.app import create_pages
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.faces import Services
from counterfoil.instruments import MODELS as TERMS_MODELS
from counterfoil.instruments import NewInstrument, canonical, insert_instruments, is_isin
from counterfoil.ledger import AccountKind, open_accounts
from counterfoil.orchestration import deploy
from counterfoil.processes import MODELS
from counterfoil.register import EntryKind, Instruction, record
from counterfoil.server import faces
from counterfoil.settlement import By, State, run_cycle

_ITEMS = 1_000_000
_PARTIES, _TRADED = 5_000, 20_000
_TIMES = 30
_SLICE = 25_000
_PAGED = next(isin for n in range(10_000, 20_000) if is_isin(isin := f"DE{n:010d}"))
"""An instrument that is traded and has terms to be shown."""
_OWN = f"{lei(2)}-OWN"
"""The account that trades most."""
_FURTHER = (
    "/console/accounts?sort=-number",
    "/console/accounts?kind=client_segregated&number=C00",
    f"/console/accounts?owner={lei(4321)}",
    "/console/accounts?state=blocked",
    f"/console/accounts/{_OWN}",
    f"/console/accounts/{_OWN}/statement?asset=EUR&from=2026-11-01&to=2026-11-30",
    "/console/find?q=C0000",
    "/console/find?q=bench",
    "/console/instruments?class=1300",
    "/console/instruments?class=2100",
    "/console/instruments?state=active",
    "/console/instruments?state=suspended",
    "/console/instruments?text=certificate",
    "/console/instruments?text=999999",
    "/console/instruments?text=certificate+999999",
    "/console/instruments?text=absent",
    "/console/instruments?text=certificate&state=suspended",
    f"/console/instruments?issuer={ISSUER}&state=active",
    "/console/instruments?issuer=bench+4999",
    f"/console/instruments/{_PAGED}",
    f"/console/instruments/{_PAGED}/holdings",
    "/console/parties?name=bench",
    "/console/parties?name=999999",
    "/console/processes/instances",
    "/console/processes/instances?key=4711",
    "/console/processes/instances?process=issuance",
    "/console/processes/instances?state=active",
    *(f"/console/settlement?sort={down}{by}" for by in By for down in ("", "-")),
    "/console/settlement?state=pending&sort=-amount",
    *(f"/console/settlement?state={state.value}" for state in State),
    "/console/settlement?state=settled&from=2026-11-23",
    f"/console/settlement?party={lei(2)}&state=failing",
    f"/console/settlement?party={lei(2)}&state=settled",
    "/console/settlement?reason=FUTU",
    "/console/settlement?reason=LACK",
    f"/console/settlement?isin={_PAGED}",
    f"/console/settlement?party={lei(2)}&sort=reference",
    f"/console/settlement?party={lei(4321)}&state=pending",
    f"/console/settlement?account={_OWN}",
    "/console/settlement?reference=D1",
    "/console/settlement?due=2026-11-23",
    "/console/settlement?least=40000&most=40001",
)
"""Lists in their orders and with filters, among them some that nothing passes, and pages of single things."""
_ENTITIES = """
INSERT INTO parties.entity (lei, legal_name, country, entity_status, registration_status, updated_at)
SELECT upper(left(md5(n::text), 12)) || lpad(n::text, 8, '0'), 'Bench ' || n || ' AG', 'DE', 'ACTIVE', 'ISSUED',
    %(now)s::timestamptz
FROM generate_series(0, %(count)s::integer - 1) AS n
"""
_LISTS_MS, _TODAY_MS, _WEIGHT_KB = 150, 300, 300


def run(items: int | None = None) -> Report:
    """Load, sign in, ask for every list of the navigation and for Today, and weigh what Today loads."""
    count = items or _ITEMS
    with market(_PARTIES, min(_TRADED, count)) as found:
        loading = time.perf_counter()
        _load(found, count)
        loaded = time.perf_counter() - loading
        database = Database(found.database.url, connections=16, by_key=True)
        try:
            with _served(database) as (client, addresses):
                first = _first_byte_ms(client, "/console")
                while 'class="board"' not in client.get("/console").text:
                    time.sleep(0.05)
                lists = {address: _median_ms(client, address) for address in addresses}
                today, weight = _median_ms(client, "/console"), _weight_kb(client, "/console")
        finally:
            database.close()
    slowest = max(lists, key=lambda address: lists[address])
    stored = f"{count:,} instruments and {count:,} instructions stored"
    return Report(
        [
            Measure(
                f"console, {stored}: slowest list, median first byte", lists[slowest], "ms", _LISTS_MS, 50
            ),
            Measure("the same: Today, median first byte", today, "ms", _TODAY_MS, 100),
            Measure("the same: Today, first byte of the very first request", first, "ms", _TODAY_MS, 300),
            Measure("weight of Today, compressed, with all it loads", weight, "KB", _WEIGHT_KB, 100),
        ],
        {
            "Console": f"loaded in {loaded:,.0f} s; "
            + ", ".join(f"{address} {ms:.0f} ms" for address, ms in lists.items())
        },
    )


def _load(found: Market, count: int) -> None:
    """Half of the instructions settled a minute ago, half are pending; the other issues are registered as well."""
    trades = found.trades(count // 2)
    found.endow(trades, money=Decimal(10**13))
    half = len(trades) // 2
    _submit(found, trades, 0, half)
    with found.database.transaction() as tx:
        run_cycle(tx, now=NOW, business_date=TODAY, actor="benchmark")
    _submit(found, trades, half, len(trades))
    traded = set(found.isins)
    for start in range(0, count, _SLICE):
        isins = [f"DE{n:010d}" for n in range(start, min(start + _SLICE, count))]
        with found.database.transaction() as tx:
            insert_instruments(tx, map(_instrument, isins), NOW)
            record(tx, [_entry(i) for i in isins if i not in traded], changed_at=NOW, actor="benchmark")
    with found.database.transaction() as tx:
        tx.execute(_ENTITIES, count=count, now=NOW)
        owned = [(f"C{n:07d}", AccountKind.CLIENT_SEGREGATED, lei(n % _PARTIES)) for n in range(count // 10)]
        open_accounts(tx, owned, NOW)
        _stand_somewhere(tx, count // 2)
        tx.execute("ANALYZE")


def _submit(found: Market, trades: list[Trade], start: int, end: int) -> None:
    for first in range(start, end, _SLICE):
        part = trades[first : min(first + _SLICE, end)]
        found.submit([side for n, trade in enumerate(part, first) for side in sides(trade, n)])


def _instrument(isin: str) -> NewInstrument:
    text = _terms(isin) if isin == _PAGED else f'{{"class":"1300","isin":"{isin}"}}'
    digest = sha256(text.encode()).digest()
    name = f"Certificate {isin[-6:]}"
    return NewInstrument(isin, "1300", ISSUER, name, "EUR", isin[5:11], "DMMXXX", "X/Y", digest, text)


def _terms(isin: str) -> str:
    underlying = {"kind": "index", "name": "DAX", "isin": "DE0008469008", "initial_fixing": "24000"}
    said = {
        "class": "1300", "name": f"Certificate {isin[-6:]}", "issuer": ISSUER, "isin": isin, "currency": "EUR",
        "denomination": "1", "volume": {"unit": "units", "mode": "fixed", "authorised": "1000"}, "issue_price": "240",
        "issue_date": TODAY.isoformat(), "underlyings": [underlying], "ratio": "0.01",
        "fixing": {"mic": "XETR", "price_type": "close"}, "issuer_call_notice": 90,
    }  # fmt: skip
    return canonical(TERMS_MODELS["1300"].model_validate(said))


def _entry(isin: str) -> Instruction:
    content = {"terms_hash": "ab" * 32, "name": "Certificate", "unit": "units", "denomination": "1"}
    return Instruction(
        new_id(), EntryKind.NEW, isin, NOW, issuer_lei=ISSUER, mode="fixed", authorised=Decimal(1000), content=content
    )  # fmt: skip


def _stand_somewhere(tx: Transaction, count: int) -> None:
    """Instances of a deployed model, all alive: written as the engine would leave them."""
    deploy(tx, MODELS[0].read_bytes(), resource=MODELS[0].name, now=NOW)
    tx.execute(
        "WITH i AS ("
        "  INSERT INTO orchestration.process_instance (id, definition_id, business_key, variables, state, started_at)"
        "  SELECT gen_random_uuid(), d.id, n::text, '{}', 'active', %(now)s::timestamptz"
        "  FROM orchestration.process_definition AS d, generate_series(1, %(count)s::integer) AS n"
        "  RETURNING id, definition_id"
        ") INSERT INTO orchestration.element_instance (id, instance_id, definition_id, element_id, state, entered_at)"
        " SELECT gen_random_uuid(), id, definition_id, 'somewhere', 'waiting', %(now)s::timestamptz FROM i",
        now=NOW,
        count=count,
    )


@contextmanager
def _served(database: Database) -> Iterator[tuple[httpx.Client, list[str]]]:
    """The server as it runs, an operator signed in, and the addresses of the lists that the navigation has."""
    services = Services(database, SimulatedClock(NOW + timedelta(minutes=1)))
    places = create_pages(services, Assets()).state.renderer.places
    with database.transaction() as tx:
        _, secret = create_token(
            tx, name="bench", roles=["operator"], creator="benchmark", approver="second", now=NOW
        )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(faces(services), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(
            base_url=url, headers={"Origin": url}, timeout=60, trust_env=False, follow_redirects=True
        ) as client:
            client.post("/console/sign-in", data={"token": secret})
            yield client, [place.path for place in places if place.path != "/console"] + list(_FURTHER)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def _first_byte_ms(client: httpx.Client, address: str) -> float:
    started = time.perf_counter()
    with client.stream("GET", address) as answer:
        milliseconds = (time.perf_counter() - started) * 1000
        answer.read()
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return milliseconds


def _median_ms(client: httpx.Client, address: str) -> float:
    return statistics.median(_first_byte_ms(client, address) for _ in range(_TIMES))


def _weight_kb(client: httpx.Client, address: str) -> float:
    """What travels for the page and for all that it names, packed."""
    page = client.get(address).text
    total = 0
    for part in (address, *re.findall(r'(?:src|href)="(/console/static/[^"]+)"', page)):
        with client.stream("GET", part, headers={"Accept-Encoding": "gzip"}) as answer:
            total += sum(len(piece) for piece in answer.iter_raw())
    return total / 1000
