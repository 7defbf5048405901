"""A desk for each module: its tests hand in batches of their own and leave nothing open."""

from collections.abc import Iterator

import psycopg
import pytest

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.postgres import EmbeddedPostgres
from tests.processes.desk import Desk, open_desk


@pytest.fixture(scope="module")
def shared_desk(postgres: EmbeddedPostgres) -> Iterator[Desk]:
    """Models deployed, fictional issuers known."""
    name = f"desk_{new_id().hex}"
    with psycopg.connect(
        f"host={postgres.socket} user=counterfoil dbname=postgres", autocommit=True
    ) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE counterfoil STRATEGY file_copy")
        database = Database(f"host={postgres.socket} user=counterfoil dbname={name}", connections=8)
        yield open_desk(database)
        database.close()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The desk; when the test ends, no incident is open and every invariant holds."""
    yield shared_desk
    assert shared_desk.incidents() == []
    assert shared_desk.violations() == []
