"""A desk for each module: its tests hand in batches of their own and leave nothing open."""

from collections.abc import Iterator

import pytest

from counterfoil.core.db import Database
from tests.processes.desk import Desk, open_desk


@pytest.fixture(scope="module")
def shared_desk(shared_database: Database) -> Desk:
    """Models deployed, fictional issuers known."""
    return open_desk(shared_database)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The desk; when the test ends, no incident is open and every invariant holds."""
    yield shared_desk
    assert shared_desk.incidents() == []
    assert shared_desk.violations() == []
