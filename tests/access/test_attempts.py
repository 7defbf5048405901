"""Failed sign-ins make an address wait, for all processes together, and never for long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.access import forget_failures, forget_old_failures, take_turn
from counterfoil.access.attempts import source_of
from counterfoil.core.db import Database
from counterfoil.core.postgres import EmbeddedPostgres
from tests.conftest import fresh_database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """One of a test's own: what was refused cannot be cleared away."""
    with fresh_database(postgres) as found:
        yield found


def attempt(database: Database, address: str, now: datetime) -> float:
    with database.transaction() as tx:
        return take_turn(tx, address, now=now)


def test_an_address_waits_longer_with_every_failure_and_never_more_than_a_minute(database: Database):
    now, waits = NOW, []
    for _ in range(14):
        assert attempt(database, "10.0.0.1", now) == 0
        wait = 0.0
        with database.transaction() as tx:
            if tx.value("SELECT failures FROM access.attempt") >= 5:
                wait = take_turn(tx, "10.0.0.1", now=now)
        waits.append(wait)
        now += timedelta(seconds=wait)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert attempt(database, "10.0.0.2", now) == 0


def test_trying_while_one_has_to_wait_makes_it_no_longer(database: Database):
    for _ in range(5):
        attempt(database, "a", NOW)
    for tenth in range(10):
        assert attempt(database, "a", NOW + timedelta(seconds=tenth / 10)) > 0
    assert attempt(database, "a", NOW + timedelta(seconds=1)) == 0


def test_many_at_once_get_no_more_turns_than_one_after_another(database: Database):
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: attempt(database, "a", NOW), range(40)))
    assert waits.count(0) == 5


def test_a_valid_token_and_time_make_an_address_forgotten(database: Database):
    for _ in range(6):
        attempt(database, "a", NOW)
    with database.transaction() as tx:
        forget_failures(tx, "a")
    assert [attempt(database, "a", NOW) for _ in range(5)] == [0] * 5
    later = NOW + timedelta(minutes=16)
    with database.transaction() as tx:
        forget_old_failures(tx, now=NOW)
        assert tx.value("SELECT count(*) FROM access.attempt") == 1
        forget_old_failures(tx, now=later)
        assert tx.value("SELECT count(*) FROM access.attempt") == 0


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("", ""),
        ("x" * 500, "x" * 100),
    ],
)
def test_a_subscriber_is_one_source(address: str, source: str):
    assert source_of(address) == source
