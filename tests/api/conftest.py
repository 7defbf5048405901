"""The application over a database of the test's own, and tokens for every role."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from counterfoil.access import create_token
from counterfoil.api import Services, create_api
from counterfoil.core.clock import SystemClock
from counterfoil.core.db import Database
from counterfoil.orchestration import Worker, deploy
from counterfoil.processes import MODELS, all_tasks, sweep
from counterfoil.sample import fictional_issuers, gleif_document

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ISSUER, OTHER = fictional_issuers()[0][0], fictional_issuers()[1][0]


@dataclass
class Api:
    """The application, and a client for each role."""

    app: FastAPI
    database: Database
    secrets: dict[str, str]

    def client(self, role: str | None = "operator") -> "Client":
        headers = {"Authorization": f"Bearer {self.secrets[role]}"} if role else {}
        return Client(self.app, headers)

    def work(self) -> None:
        """Run the worker until nothing moves."""
        worker = Worker(self.database, all_tasks())
        while worker.run_once():
            pass
        sweep(self.database, SystemClock().now())


class Client:
    """A synchronous client of the application."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self.app, self.headers = app, headers

    def request(self, method: str, path: str, **arguments) -> httpx.Response:

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://test", headers=self.headers
            ) as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(ask())

    def get(self, path: str, **arguments) -> httpx.Response:
        return self.request("GET", path, **arguments)

    def post(self, path: str, **arguments) -> httpx.Response:
        return self.request("POST", path, **arguments)

    def put(self, path: str, **arguments) -> httpx.Response:
        return self.request("PUT", path, **arguments)

    def delete(self, path: str, **arguments) -> httpx.Response:
        return self.request("DELETE", path, **arguments)


def opened(database: Database) -> Api:
    """The application with issuers and one token a role; `other` is another issuer's."""
    secrets = {}
    with database.transaction() as tx:
        for role, lei in (
            ("operator", None), ("approver", None), ("auditor", None), ("issuer", ISSUER), ("other", OTHER),
            ("dealer", OTHER), ("modeller", None),
        ):  # fmt: skip
            kind = "issuer" if role == "other" else role
            _, secrets[role] = create_token(
                tx, name=role, roles=[kind], creator="test", approver="second", now=NOW, lei=lei
            )
        for model in MODELS:
            deploy(tx, model.read_bytes(), resource=model.name, now=NOW)
    found = Api(create_api(Services(database, SystemClock())), database, secrets)
    found.client().post("/parties/imports", content=gleif_document()).raise_for_status()
    return found


@pytest.fixture
def api(database: Database) -> Api:
    """The application of a test's own."""
    return opened(database)


@pytest.fixture(scope="module")
def shared_api(shared_database: Database) -> Api:
    """The application for a module's many small tests that do not meet each other's data."""
    return opened(shared_database)
