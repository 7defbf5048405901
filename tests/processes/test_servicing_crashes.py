"""Workers are killed in the middle of a redemption day, again and again: nobody is paid twice, nobody forgotten."""

import os
import random
import subprocess
import sys
import time

import pytest

from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, BERT, own

SEED = int(
    os.environ.get("COUNTERFOIL_CRASH_SEED") or (1 if os.environ.get("CI") else time.time_ns() % 10**6)
)
ISSUES = 40
WORK = """
import sys
from datetime import datetime
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Conflict, Database
from counterfoil.orchestration import Worker
from counterfoil.processes import all_tasks, start_due

database, clock = Database(sys.argv[1]), SimulatedClock(datetime.fromisoformat(sys.argv[2]))
worker = Worker(database, all_tasks(), clock=clock, limit=5)
print("ready", flush=True)
while True:
    with database.transaction() as tx:
        begun = start_due(tx, now=clock.now(), limit=5)
    if not worker.run_once() and not begun:
        break
database.close()
"""


def start_worker(clockwork: Clockwork) -> subprocess.Popen[bytes]:
    """A worker process of its own, which ends when nothing is left to do."""
    found = subprocess.Popen(
        [sys.executable, "-c", WORK, clockwork.house.database.url, clockwork.house.now.isoformat()],
        stdout=subprocess.PIPE,
    )
    assert found.stdout is not None
    assert found.stdout.readline() == b"ready\n"
    return found


@pytest.mark.slow
def test_killed_workers_pay_everybody_once(database):
    print(f"COUNTERFOIL_CRASH_SEED={SEED}")  # noqa: T201 - a failing seed must be seen
    chance = random.Random(SEED)
    clockwork = open_clockwork(database)
    house = clockwork.house
    isins = house.issue_many([house.terms("commercial_paper")] * ISSUES)
    for isin in isins:
        house.give(ANNA, isin, 300_000)
        house.give(BERT, isin, 100_000)
    house.lay_out()
    house.fund(ISSUES * 400_000)
    for moment in ("2027-02-26T18:00:00", "2027-03-01T12:00:00"):
        house.at(moment)
        for _ in range(4):
            workers = [start_worker(clockwork) for _ in range(2)]
            time.sleep(chance.uniform(0.02, 0.4))
            for worker in workers:
                worker.kill()
                worker.communicate()
        left = start_worker(clockwork)
        left.communicate(timeout=120)
        assert left.returncode == 0
    clockwork.work()
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (ISSUES * 300_000, ISSUES * 100_000)
    assert house.held(house.payer) == 0
    assert {house.state(isin) for isin in isins} == {"redeemed"}
    assert house.rows("SELECT count(*) FROM servicing.payment") == [(ISSUES,)]
    assert clockwork.running() == []
    assert clockwork.trouble() == []
