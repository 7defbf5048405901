"""A market for each test."""

import pytest

from counterfoil.core.db import Database
from tests.settlement.market import Market, opened


@pytest.fixture
def market(database: Database) -> Market:
    """Parties, issues, accounts."""
    return opened(database)


@pytest.fixture(scope="module")
def market_database(shared_database: Database) -> Database:
    """One database with a market in it, for a module's many small tests."""
    opened(shared_database)
    return shared_database
