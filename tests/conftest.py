"""Fixtures that every room's tests may use."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

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

MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3
SHARED_SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(scope="session")
def shared_samples() -> Path:
    """The folder of outside data; tests that need it are skipped where it is absent."""
    if not SHARED_SAMPLES.is_dir():
        pytest.skip(f"outside sample data is not at {SHARED_SAMPLES}")
    return SHARED_SAMPLES


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One embedded server for the whole run; its database `counterfoil` is migrated and serves as template.

    A test's own database is a copy of some nine hundred files: in memory, where there is enough, that takes a
    twentieth of the time. Tests kill processes, never the machine, so that nothing is lost with them.
    """
    with ExitStack() as leaving:
        if MEMORY.is_dir() and disk_usage(MEMORY).free >= ENOUGH:
            home = Path(leaving.enter_context(TemporaryDirectory(dir=MEMORY, prefix="counterfoil-")))
            home.chmod(0o755)  # where root runs the tests, the database runs as another user
        else:
            home = tmp_path_factory.mktemp("home")
        server = EmbeddedPostgres(home)
        leaving.callback(server.stop)
        template(server)
        with psycopg.connect(server.url, autocommit=True) as connection:
            for setting in ("min_wal_size", "max_wal_size"):
                connection.execute(f"ALTER SYSTEM SET {setting} = '128MB'")
            connection.execute("SELECT pg_reload_conf()")
        yield server


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
