"""One database for each module, emptied before each test: its tables may be."""

import pytest

from counterfoil.core.db import Database


@pytest.fixture
def database(shared_database: Database) -> Database:
    """A database in which the room holds nothing."""
    with shared_database.transaction() as tx:
        tx.execute("TRUNCATE access.token, access.session")
    return shared_database
