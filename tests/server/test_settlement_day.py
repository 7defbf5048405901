"""A server that keeps the settlement days: whoever of its workers is killed, each event is done once."""

from datetime import date

import psycopg
import pytest

from counterfoil.core.calendar import add_business_days
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.core.db import Database
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.settlement import open_day
from tests.server.running import Server

LOCK_ALL = "SELECT pg_advisory_lock(7203501)"


def events(server: Server, day: date) -> list[tuple[str, bool]]:
    with server.client() as client:
        found = client.get(f"/settlement/days/{day}").json()
    return [(e["name"], e["done_at"] is not None) for e in found["events"]]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_an_event_leaves_it_to_be_done_once(server: Server):
    past = add_business_days(business_date(SystemClock()), -2, "TARGET")
    url = EmbeddedPostgres(server.home).start()
    database = Database(url, connections=1)
    with database.transaction() as tx:
        open_day(tx, past, now=SystemClock().now())
    database.close()
    server.kill("supervisor")
    server.environment["COUNTERFOIL_SETTLEMENT_DAY"] = "1"
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7203501 AND NOT granted"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(LOCK_ALL)
        server.up()
        # The first night cycle is claimed, not committed, and waits for our lock: there it is killed.
        server.wait_for(lambda: connection.execute(waiting).fetchone() != (0,), 30)
        assert events(server, past)[:2] == [("start_of_day", True), ("night_cycle_1", False)]
        killed = set(server.children("work"))
        server.kill("workers")
        server.wait_for(lambda: len(set(server.children("work")) - killed) == len(killed), 30)
    with server.client() as client:
        server.wait_for(
            lambda: [d for d in client.get("/settlement/days").json()["items"] if d["state"] == "closed"], 60
        )
        cycles = client.get("/settlement/cycles").json()["items"]
    assert all(done for _, done in events(server, past))
    assert len([c for c in cycles if c["business_date"] == past.isoformat()]) == 9
    verified = server.command("verify")
    assert verified.returncode == 0, verified.stdout
