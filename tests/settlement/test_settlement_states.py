"""Random days of settlement against a model small enough to be obviously right."""

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from counterfoil.core.db import Database
from tests.settlement.states import Settlement

SEARCH = int(os.environ.get("COUNTERFOIL_SEARCH", "40"))
"""How many examples the long search tries."""
_KEPT = ("core", "instruments", "ledger", "parties", "register", "settlement")


@pytest.fixture
def emptied(database: Database) -> Iterator[Callable[[], Database]]:
    """Gives the database back as it was at first: quicker by far than a new one for each example."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s)",
            [list(_KEPT)],
        ).fetchall()
        first = {
            name: connection.execute(f"CREATE TABLE IF NOT EXISTS kept_{n} AS TABLE {name}").rowcount and f"kept_{n}"
            for n, (name,) in enumerate(names)
        }  # fmt: skip
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")

        def empty() -> Database:
            with connection.transaction():
                for name, kept in first.items():
                    connection.execute(f"DELETE FROM {name}")
                    if kept:
                        connection.execute(f"INSERT INTO {name} OVERRIDING SYSTEM VALUE TABLE {kept}")
            return quick

        connection.execute(f"ALTER DATABASE {database.url.rpartition('=')[2]} SET synchronous_commit = off")
        quick = Database(database.url, connections=2)
        yield empty
        quick.close()


def explore(empty: Callable[[], Database], examples: int, steps: int, **how: object) -> None:
    """Search for a step after which market and model differ."""

    class Here(Settlement):
        open_database = staticmethod(empty)

    quiet = list(HealthCheck)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=quiet, **how
        ),
    )


def test_settlement_does_what_the_model_does(emptied: Callable[[], Database]):
    explore(emptied, 25, 30)


@pytest.mark.slow
def test_a_long_search_finds_no_difference(emptied: Callable[[], Database]):
    explore(emptied, SEARCH, 60)
