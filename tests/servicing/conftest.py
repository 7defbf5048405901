"""A house for each test."""

import pytest

from counterfoil.core.db import Database
from tests.servicing.house import House, open_house


@pytest.fixture
def house(database: Database) -> House:
    """An issuer, holders, a clock that stands still."""
    return open_house(database)
