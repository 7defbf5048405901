"""The board: what it says is what the database says, whoever looks, and it costs one look for all."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from threading import Event
from time import sleep

import pytest
from structlog.testing import capture_logs

from counterfoil.console.curves import MINUTES, Curves
from counterfoil.console.live import Live
from counterfoil.core.db import Database, Unavailable
from counterfoil.core.sampling import sample_of
from counterfoil.settlement import Partial, open_day, unsettled_by_reason
from tests.console.conftest import House, opened
from tests.settlement.market import ANNA, BERT, FIXED, NOON, TODAY, Market


@pytest.fixture
def market(database: Database) -> Market:
    """Two trades that have settled, three that lack something."""
    found = Market(database).open()
    found.give(ANNA, 100, FIXED)
    found.give(BERT, 1000)
    for quantity, amount in ((10, "100.25"), (20, "200"), (500, "10"), (5, "100000"), (7, "100000.50")):
        found.submit(*found.trade(ANNA, BERT, FIXED, quantity, amount, both={"partial": Partial.NOT_ALLOWED}))
    return found


def board(house: House, role: str = "operator") -> str:
    """The board as soon as it is there."""
    client = house.sign_in(role)
    for _ in range(100):
        page = client.get("/console").text
        if 'class="board"' in page:
            return page
        sleep(0.05)
    raise AssertionError("no board came")


def test_what_waits_is_told_by_its_reason_with_its_value(market: Market, assets) -> None:
    page = board(opened(market.database, assets))
    reason, cell = (
        r'<a href="/console/settlement.reason=\w+">([^<]*)</a> <code>(\w+)</code>',
        r".*?>([^<]*)</td>",
    )
    rows = re.findall(rf"<tr><td>{reason}{cell}{cell}<td>EUR", page)
    assert sorted(rows) == [
        ("money lacking", "MONY", "2", "200\u202f001"), ("securities lacking", "LACK", "1", "10"),
    ]  # fmt: skip
    assert "around the clock" in page


def test_an_open_day_shows_its_phase_and_what_comes_next(market: Market, assets) -> None:
    house = opened(market.database, assets)
    with market.database.transaction() as tx:
        open_day(tx, TODAY, now=NOON - timedelta(days=3))
    house.clock.advance(NOON - house.clock.now())
    page = board(house)
    assert "real time" in page
    assert str(TODAY) in page
    assert page.count(">late</span>") == 8, "nobody has done what was due until noon"
    assert "next: partial 4" in page


def test_curves_tell_each_minute_and_mend_what_was_written_late(market: Market) -> None:
    curves = Curves()
    with market.database.transaction() as tx:
        curves.refresh(tx, NOON + timedelta(minutes=1))
    drawn = curves.drawn(NOON + timedelta(minutes=1))
    assert len(drawn["minute"]) == len(drawn["settled"]) == MINUTES
    assert drawn["settled"][-2:] == [2, 0]
    market.submit(*market.trade(ANNA, BERT, FIXED, 1, 1))
    with market.database.transaction() as tx:
        curves.refresh(tx, NOON + timedelta(minutes=3, seconds=5))
    assert curves.drawn(NOON + timedelta(minutes=3))["settled"][-5:] == [0, 3, 0, 0, 0]
    with market.database.transaction() as tx:
        curves.refresh(tx, NOON + timedelta(minutes=MINUTES))
    assert sum(curves.drawn(NOON + timedelta(minutes=MINUTES))["settled"]) == 0


def test_of_a_large_table_a_part_stands_for_the_whole(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    with market.database.transaction() as tx:
        tx.execute(
            "INSERT INTO settlement.pending (transaction_id, isin, quantity, from_account, to_account, currency,"
            " amount, payer_account, payee_account, intended_date, deliver_holds, receive_holds, priority,"
            " deliver_partial, receive_partial, linked, matched_at, changed_at, reason)"
            " SELECT gen_random_uuid(), isin, quantity, from_account, to_account, currency, 3, payer_account,"
            " payee_account, intended_date, 0, 0, 4, 'PART', 'PART', false, matched_at, changed_at, 'FUTU'"
            " FROM settlement.pending CROSS JOIN generate_series(1, 20000)"
        )
        whole = unsettled_by_reason(tx)
        assert whole.exact
        (future,) = (group for group in whole.groups if group.reason == "FUTU")
        assert (future.transactions, future.amount) == (60_000, 180_000)
        monkeypatch.setitem(sample_of.__kwdefaults__, "pages", 200)
        part = unsettled_by_reason(tx)
        assert not part.exact
        (future,) = (group for group in part.groups if group.reason == "FUTU")
        assert 0.8 * 60_000 < future.transactions < 1.2 * 60_000
        assert abs(future.amount - 3 * future.transactions) < 5


@pytest.mark.parametrize(
    ("role", "status"), [("operator", 200), ("approver", 200), ("auditor", 200), ("issuer", 303)]
)
def test_the_board_is_the_depositorys(house: House, role: str, status: int) -> None:
    client = house.person(role)
    answer = client.get("/console")
    assert answer.status_code == status
    assert (">Today</a>" in client.get("/console/accounts").text) == (status == 200)
    if status == 303:
        assert answer.headers["location"] == "/console/instruments"
        assert client.get("/console/today/events").status_code == 403


def test_the_curves_travel_as_data_that_a_script_can_read(house: House) -> None:
    curves = re.search(r'data-curves="([^"]*)"', board(house))
    assert curves is not None
    assert set(json.loads(unescape(curves[1]))) == {"minute", "settled", "ended", "average_s", "longest_s"}


def looking(texts: list[str | Exception]) -> tuple[Callable[[], str], Event]:
    """A look that sees these texts one after the other, the last one for ever; and whether it has come to that."""
    last = Event()

    def look() -> str:
        if len(texts) == 1:
            last.set()
        found = texts.pop(0) if len(texts) > 1 else texts[0]
        if isinstance(found, Exception):
            raise found
        return found

    return look, last


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other fast."""
    monkeypatch.setattr("counterfoil.console.live._EVERY_S", 0.01)
    monkeypatch.setattr("counterfoil.console.live._LINGERS_S", 0.5)


@pytest.mark.usefixtures("quick")
def test_only_what_differs_is_a_new_sight() -> None:
    look, last = looking(["a", "a", "a", "b"])
    live = Live(look)
    first = live.latest(5)
    assert first is not None
    assert (first.number, first.text) == (1, "a")
    assert last.wait(5)
    sleep(0.1)
    second = live.latest()
    assert second is not None
    assert (second.number, second.text) == (2, "b")


@pytest.mark.usefixtures("quick")
def test_a_look_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.console.live._LINGERS_S", 5.0)
    look, _ = looking([Unavailable("gone"), RuntimeError("odd"), "a"])
    seen = Live(look).latest(5)
    assert seen is not None
    assert seen.text == "a"


@pytest.mark.usefixtures("quick")
def test_nobody_looks_when_nobody_watches() -> None:
    looks = []

    def look() -> str:
        looks.append(1)
        return str(len(looks))

    live = Live(look)
    assert live.latest(5) is not None
    sleep(0.8)
    count = len(looks)
    sleep(0.2)
    assert len(looks) == count
    seen = live.latest(5)
    assert seen is not None
    assert int(seen.text) > count


def test_nothing_looks_on_where_the_database_was_closed(database: Database) -> None:
    gone = Database(database.url)
    gone.close()
    looked = Event()

    def look() -> str:
        looked.set()
        with gone.transaction() as tx:
            return str(tx.value("SELECT 1"))

    live = Live(look)
    with capture_logs() as said:
        assert live.latest() is None
        assert looked.wait(5)
        while live.is_watched:
            sleep(0.01)
    assert said == []
