"""The console over a database of the module's own, and somebody signed in for every role."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gzip import compress
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from counterfoil.access import create_token
from counterfoil.console import Assets, create_console
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database
from counterfoil.faces import Services
from counterfoil.ledger import AccountKind, open_accounts
from counterfoil.sample import fictional_issuers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ISSUER, OTHER = fictional_issuers()[0][0], fictional_issuers()[1][0]
ORIGIN = "http://console.test"
ENTRIES = ("console.js", "console.css", "diagram.js", "diagram.css", "chart.js", "chart.css", "icon.svg")


class Browser:
    """Asks the console, and keeps its cookies."""

    def __init__(self, app: ASGIApp, base: str, headers: dict[str, str]) -> None:
        self.app, self.base, self.headers, self.cookies = app, base, headers, httpx.Cookies()

    def request(self, method: str, path: str, **arguments) -> httpx.Response:

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, headers=self.headers, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **arguments)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, **arguments) -> httpx.Response:
        return self.request("GET", path, **arguments)

    def post(self, path: str, **arguments) -> httpx.Response:
        return self.request("POST", path, **arguments)


@dataclass
class House:
    """The console, and what a test needs beside it."""

    services: Services
    clock: SimulatedClock
    secrets: dict[str, str]
    assets: Assets
    _signed_in: dict[str, Browser] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.services.database

    def stranger(self, *, origin: str | None = ORIGIN, base: str = ORIGIN) -> Browser:
        """Somebody who has not signed in."""
        app = create_console(self.services, self.assets)
        return Browser(app, base, {"Origin": origin} if origin else {})

    def sign_in(self, role: str) -> Browser:
        """Somebody who has just signed in, with the proof that pages carry in every request."""
        client = self.stranger()
        answer = client.post("/console/sign-in", data={"token": self.secrets[role]})
        assert answer.status_code == 303, answer.text
        page = client.get("/console/accounts").text
        client.headers["X-Counterfoil-Csrf"] = page.partition('name="csrf" value="')[2].partition('"')[0]
        return client

    def person(self, role: str) -> Browser:
        """Somebody signed in once for the whole module."""
        if role not in self._signed_in:
            self._signed_in[role] = self.sign_in(role)
        return self._signed_in[role]


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    """Names of built files, without a build: pages only name them."""
    built: Path = tmp_path_factory.mktemp("built")
    for name in ENTRIES:
        (built / name).write_text(f"/* {name} */")
        (built / f"{name}.gz").write_bytes(compress(b"packed"))
    (built / "manifest.json").write_text(json.dumps({name: name for name in ENTRIES}))
    return Assets(built)


@pytest.fixture(scope="module")
def house(shared_database: Database, assets: Assets) -> House:
    """The console with an issuer's account and another's, and a token for each role."""
    return opened(shared_database, assets)


@pytest.fixture
def own_house(database: Database, assets: Assets) -> House:
    """The console of a test's own."""
    return opened(database, assets)


def opened(database: Database, assets: Assets) -> House:
    clock = SimulatedClock(NOW)
    secrets = {}
    roles = (
        ("operator", None),
        ("approver", None),
        ("auditor", None),
        ("issuer", ISSUER),
        ("other", OTHER),
        ("modeller", None),
    )
    with database.transaction() as tx:
        for role, lei in roles:
            kind = "issuer" if role == "other" else role
            _, secrets[role] = create_token(
                tx, name=role, roles=[kind], creator="test", approver="second", now=NOW, lei=lei
            )
        wanted = [("ACCOUNT-A", AccountKind.OWN, ISSUER), ("ACCOUNT-B", AccountKind.OWN, OTHER)]
        open_accounts(tx, wanted, NOW)
    return House(Services(database, clock), clock, secrets, assets)
