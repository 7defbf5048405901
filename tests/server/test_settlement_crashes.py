"""Ten processes settle with each other; they and the database are killed: nothing is lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.core.db import Database
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.ledger import checks as ledger_checks
from counterfoil.register import checks as register_checks
from counterfoil.settlement import checks
from tests.server.hand import PARTIES, side_of, unanswered
from tests.settlement.market import FIXED, Market, opened

SEED = int(
    os.environ.get("COUNTERFOIL_CRASH_SEED") or (1 if os.environ.get("CI") else time.time_ns() % 10**6)
)
HANDS = 10
KILLED = 15
UNPAIRED = """SELECT d.instruction_id FROM settlement.unmatched AS d JOIN settlement.unmatched AS r USING (match_key)
    WHERE d.movement = 'DELI' AND r.movement = 'RECE' AND abs(d.amount - r.amount) <= 2"""
"""Two sides that wait for each other and were not brought together."""


class Hands:
    """The processes. Whatever happens to one, `start` puts another in its place, with its log."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home, self.stop = url, home, home / "stop"
        self.running: dict[int, subprocess.Popen[bytes]] = {}
        self.chance = random.Random(SEED)

    def start(self, number: int) -> None:
        words = [self.url, str(number), str(self.log(number)), str(self.stop), str(self.chance.random())]
        with (self.home / f"{number}.err").open("ab") as said:
            self.running[number] = subprocess.Popen(
                [sys.executable, "-m", "tests.server.hand", *words],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stdin=subprocess.DEVNULL, stderr=said,
            )  # fmt: skip

    def log(self, number: int) -> Path:
        path = self.home / f"{number}.log"
        path.touch()
        return path

    def kill(self, number: int) -> None:
        self.running[number].send_signal(signal.SIGKILL)
        self.running[number].wait()

    def wait_until_all_work(self) -> None:
        deadline = time.monotonic() + 90
        while not all("ACK" in self.log(number).read_text() for number in self.running if number > 1):
            assert time.monotonic() < deadline, [p.read_text()[-2000:] for p in self.home.glob("*.err")]
            time.sleep(0.1)

    def finish(self) -> list[int]:
        """Let all end in peace; their return codes."""
        self.stop.touch()
        return [process.wait(timeout=60) for process in self.running.values()]

    def lines(self) -> list[str]:
        return [line for number in self.running for line in self.log(number).read_text().splitlines()]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    found = EmbeddedPostgres(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.mark.slow
def test_whoever_is_killed_nothing_is_lost_and_nothing_settles_twice(
    server: EmbeddedPostgres, tmp_path: Path
):
    print(f"COUNTERFOIL_CRASH_SEED={SEED}")  # noqa: T201 - a failing seed must be seen
    database = Database(server.url, connections=2)
    migrate(database)
    market = opened(database)
    for lei in PARTIES:
        market.give(lei, 20, FIXED)
        market.give(lei, 200)
    hands = Hands(server.url, tmp_path)
    try:
        for number in range(HANDS):
            hands.start(number)
        hands.wait_until_all_work()
        for death in range(KILLED):
            time.sleep(hands.chance.uniform(0.3, 1.2))
            number = hands.chance.randrange(HANDS)
            hands.kill(number)
            if death == KILLED // 2:
                os.kill(int((server.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
                server.start()
            hands.start(number)
        assert hands.finish() == [0] * HANDS, [p.read_text()[-2000:] for p in tmp_path.glob("*.err")]
    finally:
        for process in hands.running.values():
            process.kill()
    database.close()
    market.database = Database(server.url, connections=2)
    everything_adds_up(market, hands.lines())
    market.database.close()


def everything_adds_up(market: Market, lines: list[str]) -> None:
    """Each acknowledged side is there once; sent again it is refused; units and money are as many as ever."""
    names = [line.split(" ", 1)[1] for line in lines if line.startswith("ACKNOWLEDGED")]
    assert len(names) == len(set(names)) > HANDS
    assert unanswered(lines) == []
    stored = [reference for (reference,) in market.rows("SELECT reference FROM settlement.instruction")]
    assert sorted(stored) == sorted(names)
    assert set(market.submit(*(side_of(market, name) for name in names))) == {"SET-006"}
    assert market.rows("SELECT count(*) FROM settlement.instruction") == [(len(stored),)]
    assert market.rows(UNPAIRED) == []
    assert sum(market.held(lei, FIXED) for lei in PARTIES) == 60
    assert sum(market.held(lei) for lei in PARTIES) == 600
    assert market.rows("SELECT count(*) > 0 FROM settlement.settled") == [(True,)]
    with market.database.snapshot() as tx:
        found = [*ledger_checks(tx), *register_checks(tx), *checks(tx)]
    assert [(c.name, c.violations) for c in found if not c.holds] == []
