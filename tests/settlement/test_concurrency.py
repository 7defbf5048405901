"""Many hands at once, and one of them killed: nothing settles twice, nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from counterfoil.core.db import Conflict, Database, Transaction
from counterfoil.ledger import accounts_by_number
from counterfoil.ledger import checks as ledger_checks
from counterfoil.register import checks as register_checks
from counterfoil.settlement import (
    Hold,
    Link,
    LinkKind,
    Trade,
    checks,
    instruct_matched,
    resume,
    run_cycle,
)
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOON, TODAY, Market, own

PARTIES = (ANNA, BERT, CORA)


def violations(market: Market) -> list[str]:
    with market.database.snapshot() as tx:
        return [c.name for c in (*ledger_checks(tx), *register_checks(tx), *checks(tx)) if not c.holds]


def traded(market: Market, number: int, count: int) -> int:
    """Trades of one thread, submitted one by one; how many."""
    chance = random.Random(number)
    own = Market(market.database, used=number * 10_000)
    for _ in range(count):
        seller, buyer = chance.sample(PARTIES, 2)
        pair = own.trade(seller, buyer, FIXED, chance.randint(1, 5), chance.randint(1, 50))
        for side in pair:
            while True:
                try:
                    assert own.submit(side) == ["ok"]
                except Conflict:
                    continue
                break
    return count


def cycled(market: Market, count: int) -> int:
    for _ in range(count):
        with market.database.transaction() as tx:
            run_cycle(tx, now=NOON, business_date=TODAY, actor="test")
    return 0


@pytest.mark.slow
def test_ten_hands_and_cycles_between_them_lose_and_double_nothing(market: Market):
    for lei in PARTIES:
        market.give(lei, 20, FIXED)
        market.give(lei, 200)
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(traded, market, number, 25) for number in range(1, 8)]
        work.append(pool.submit(cycled, market, 10))
        submitted = sum(job.result() for job in work)
    assert market.rows("SELECT count(*) FROM settlement.transaction") == [(submitted,)]
    assert violations(market) == []
    held = sum(market.held(lei, FIXED) for lei in PARTIES), sum(market.held(lei) for lei in PARTIES)
    assert held == (60, Decimal(600))


@pytest.mark.slow
def test_a_cycle_that_is_killed_leaves_no_trace_and_can_be_run_again(market: Market):
    market.give(ANNA, 500, FIXED)
    sides = [s for _ in range(1500) for s in market.trade(ANNA, BERT, FIXED, 1, None)]
    back = [s for _ in range(1200) for s in market.trade(BERT, ANNA, FIXED, 1, None)]
    market.submit(*sides, *back, at_once=False)
    before = market.rows("SELECT count(*) FROM settlement.pending")
    script = (
        "import sys; from counterfoil.core.db import Database; from counterfoil.settlement import run_cycle;"
        "from tests.settlement.market import NOON, TODAY\n"
        "with Database(sys.argv[1]).transaction() as tx:\n"
        "    run_cycle(tx, now=NOON, business_date=TODAY, actor='test')\n"
        "    print('booked', flush=True); sys.stdin.read()"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script, market.database.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"booked\n"
        killed.send_signal(signal.SIGKILL)
    time.sleep(0.2)
    assert market.rows("SELECT count(*) FROM settlement.pending") == before
    assert market.held(ANNA, FIXED) == 500
    cycled(market, 1)
    assert market.rows("SELECT count(*) FROM settlement.pending") == [(0,)]
    assert (market.held(ANNA, FIXED), market.held(BERT, FIXED)) == (200, 300)
    assert violations(market) == []


def test_whoever_loses_a_deadlock_may_do_it_again(database: Database):
    """The driver's error for it becomes the one that callers repeat."""
    with database.transaction() as tx:
        tx.execute("CREATE TABLE t (n integer PRIMARY KEY)")
        tx.execute("INSERT INTO t VALUES (1), (2)")

    def lock(first: int, second: int) -> str:
        try:
            with database.transaction() as tx:
                tx.execute("SELECT FROM t WHERE n = %(n)s::integer FOR UPDATE", n=first)
                time.sleep(0.3)
                tx.execute("SELECT FROM t WHERE n = %(n)s::integer FOR UPDATE", n=second)
        except Conflict as conflict:
            return conflict.constraint
        return "done"

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(lock, 1, 2), pool.submit(lock, 2, 1)]
        assert sorted(job.result() for job in both) == ["deadlock", "done"]


def test_money_that_arrives_during_a_cycle_waits_for_its_end(market: Market, monkeypatch):
    """What the cycle has staged is not settled by anybody else, nor do the two lock each other out."""
    market.give(ANNA, 5, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 5, 100))
    market.give(BERT, 100)
    staged = Event()

    def hold_on(tx: Transaction, *given: object) -> None:
        staged.set()
        assert waits_or_ends(market, resumed)

    def resume_bert() -> list[UUID]:
        staged.wait()
        with market.database.transaction() as tx:
            keys = [("EUR", account.id) for account in accounts_by_number(tx, [own(BERT)]).values()]
            return resume(tx, keys, now=NOON, business_date=TODAY, actor="test")

    monkeypatch.setattr("counterfoil.settlement.cycle._make_units", hold_on)
    with ThreadPoolExecutor(1) as pool:
        resumed = pool.submit(resume_bert)
        cycled(market, 1)
        assert resumed.result() == []
    assert (market.held(BERT, FIXED), market.held(BERT)) == (5, 0)
    assert violations(market) == []


def test_a_trade_that_is_linked_while_it_is_taken_in_does_not_settle_without_the_other(market: Market):
    """Neither of the two sees what the other has not committed."""
    market.give(ANNA, 10, FIXED)
    deliver, receive = market.trade(ANNA, BERT, FIXED, 5, None, sell_holds=Hold.PARTY)
    linked = market.side("DELI", ANNA, CORA, FIXED, 5, None, links=(Link(LinkKind.WITH, deliver.reference),))
    with ThreadPoolExecutor(1) as pool, market.database.transaction() as tx:
        instruct_matched(tx, [Trade(deliver, receive)], now=NOON, business_date=TODAY, actor="test")
        linking = pool.submit(market.submit, linked)
        assert waits_or_ends(market, linking)
        tx.execute("COMMIT")
        assert linking.result() == ["ok"]
    assert market.rows("SELECT linked FROM settlement.pending") == [(True,)]


def waits_or_ends(market: Market, job: Future[Any]) -> bool:
    """Whether a job waits for a lock, or has ended without."""
    while not job.done():
        if market.rows("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"):
            break
        time.sleep(0.01)
    return True
