"""A real server with the built console, on a database of its own, and a real browser."""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Thread
from time import sleep
from unittest.mock import patch

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from counterfoil.access import create_token
from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Database
from counterfoil.faces import Services
from counterfoil.ledger import AccountKind, open_accounts
from counterfoil.sample import fictional_issuers
from counterfoil.server import faces
from counterfoil.settlement import Partial, keep_day, open_day
from tests.console.browser.pages import BATCH, WAITING
from tests.console.under_way import under_way
from tests.processes.desk import new, open_desk, terms
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOON, NOTES, TODAY, Market

_REFUSED = re.compile("the server responded with a status of|Response Status Error Code")
ISSUER, OTHER = fictional_issuers()[0][0], fictional_issuers()[1][0]


class NoonClock:
    """Runs on from the noon of a settlement day: what is open then is open whenever it is looked at."""

    def __init__(self) -> None:
        self._started = stopwatch()

    def now(self) -> datetime:
        """The instant of that day."""
        return NOON + timedelta(seconds=stopwatch() - self._started)


def chromium() -> str | None:
    """The system's Chromium: COUNTERFOIL_CHROMIUM, or one found through PATH."""
    named = os.environ.get("COUNTERFOIL_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@dataclass
class Site:
    """The server's address, and what is in it."""

    url: str
    database: Database
    secrets: dict[str, str]
    browser: Browser
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def person(self, role: str | None, *, theme: str = "light") -> Iterator[Page]:
        """A window of somebody signed in with a role, or of nobody. What its console complains of is kept."""
        context = self.browser.new_context(
            base_url=self.url, color_scheme=theme, timezone_id="Europe/Berlin", reduced_motion="reduce",
            viewport={"width": 1280, "height": 800},
        )  # fmt: skip
        page = context.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        try:
            if role is not None:
                page.goto("/console/sign-in")
                page.get_by_label("Token").fill(self.secrets[role])
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url("**/console**")
            yield page
        finally:
            context.close()

    def _note(self, kind: str, text: str) -> None:
        # What is refused on purpose is told by its status as well, by the browser and by htmx.
        if kind in ("error", "warning") and not _REFUSED.search(text):
            self.problems.append(text)


def furnish(database: Database) -> dict[str, str]:
    """Tokens for every role, and something to see: accounts, an open day, trades settled and not."""
    secrets, ids = {}, {}
    market = Market(database).open()
    with database.transaction() as tx:
        open_day(tx, TODAY, now=NOON - timedelta(days=3))
        while keep_day(tx, now=NOON, actor="settlement day"):
            pass
    market.give(ANNA, 400, FIXED)
    market.give(BERT, 90_000)
    whole = {"partial": Partial.NOT_ALLOWED}
    for quantity, amount in ((10, "1000.25"), (25, "2500"), (900, "10"), (5, "123456.78"), (7, "100000.50")):
        market.submit(*market.trade(ANNA, BERT, FIXED, quantity, amount, both=whole))
    market.submit(*market.trade(BERT, CORA, FIXED, 3, None))
    waiting, answer = market.trade(ANNA, BERT, FIXED, 950, "95000", both=whole)
    market.submit(replace(waiting, id=WAITING), answer)
    market.submit(market.side("DELI", ANNA, BERT, NOTES, 1000, None))
    _hand_in(database)
    with database.transaction() as tx:
        roles = (
            ("operator", None),
            ("approver", None),
            ("auditor", None),
            ("issuer", ISSUER),
            ("other", OTHER),
            ("asker", None),
            ("modeller", None),
        )
        for role, lei in roles:
            kind = {"other": "issuer", "asker": "approver"}.get(role, role)
            ids[role], secrets[role] = create_token(
                tx, name=role.title(), roles=[kind], creator="test", approver="second", now=NOON, lei=lei
            )
        wanted = [(f"DEALER-{n}", AccountKind.DEALER, ISSUER if n % 2 else OTHER) for n in range(1, 80)]
        open_accounts(tx, wanted, NOON)
    working = under_way(database)
    asked = {"kind": "AMEND", "isin": working.isin, "changes": {"name": "Asked for"}, "issuer_consent": True}
    working.request(asked, f"Asker ({ids['asker']})")
    return secrets


def _hand_in(database: Database) -> None:
    """A batch that ends with errors."""
    desk = open_desk(database)
    items = [
        new("S-1", instrument=terms("1250")),
        new("S-2", instrument=terms(isin="DE0005140007")),
        b"no json",
        new("S-4"),
    ]
    with patch("counterfoil.processes.batching.store.new_id", return_value=BATCH):
        desk.hand_in(items)
    desk.work()


@contextmanager
def running(database: Database, executable: str) -> Iterator[Site]:
    """The site, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    secrets = furnish(database)
    app = faces(Services(database, NoonClock()))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", database, secrets, browser)
            browser.close()
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
