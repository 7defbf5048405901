"""Fixtures that every room's tests may use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres

# Machines are noisy: no example fails for being slow. What lands is judged by the same examples every time; everyone
# else searches on.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("land", settings.get_profile("search"), derandomize=True)
settings.load_profile("land" if os.environ.get("CI") else "search")

SHARED_SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(scope="session")
def shared_samples() -> Path:
    """The folder of outside data; tests that need it are skipped where it is absent."""
    if not SHARED_SAMPLES.is_dir():
        pytest.skip(f"outside sample data is not at {SHARED_SAMPLES}")
    return SHARED_SAMPLES


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One embedded server for the whole run; its database `counterfoil` is migrated and serves as template."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("home"))
    template(server)
    yield server
    server.stop()


def template(server: EmbeddedPostgres) -> None:
    """Start a server whose database `counterfoil` is migrated."""
    database = Database(server.start(), connections=1)
    migrate(database)
    database.close()


@contextmanager
def fresh_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A migrated database that is dropped afterwards."""
    name = f"test_{new_id().hex}"
    admin = f"host={postgres.socket} user=counterfoil dbname=postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE counterfoil STRATEGY file_copy")
        database = Database(f"host={postgres.socket} user=counterfoil dbname={name}", connections=8)
        try:
            yield database
        finally:
            database.close()
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh, migrated database of this test's own."""
    with fresh_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
def shared_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """One database for a module's many small tests that do not meet each other's data."""
    with fresh_database(postgres) as database:
        yield database
