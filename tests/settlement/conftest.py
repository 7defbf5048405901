"""A market for each test."""

import pytest

from counterfoil.core.db import Database
from tests.settlement.market import Market, opened


@pytest.fixture
def market(database: Database) -> Market:
    """Parties, issues, accounts."""
    return opened(database)
