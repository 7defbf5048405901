"""A house for each test."""

import pytest

from counterfoil.core.db import Database
from tests.servicing.house import ANNA, BERT, House, open_house


@pytest.fixture
def house(database: Database) -> House:
    """An issuer, holders, a clock that stands still."""
    return open_house(database)


@pytest.fixture
def bond(house: House) -> str:
    """A bond of 5,000,000 with 2.875 %: Anna holds 100,000, Bert 3,000 of which he has pledged 1,000."""
    isin = house.issue("bond")
    house.give(ANNA, isin, 100_000)
    house.give(BERT, isin, 3_000)
    house.pledge(BERT, isin, 1_000)
    house.lay_out()
    house.at("2027-12-01T12:00:00")
    return isin
