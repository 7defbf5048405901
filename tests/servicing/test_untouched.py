"""Prices tell at its end that a barrier was not hit, where they were followed to the end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.servicing import Lacking, NewTick, enter_ticks
from tests.servicing.house import House

SAP = "DE0007164600"
DAYS = (13, 14, 15, 16, 17)
"""The window of the barrier in December 2027: a week on which the exchange is open every day."""
WINDOW = {"level": "105", "observed_from": "2027-12-13", "monitoring": "continuous"}


def closing(day: int, price: Any, source: str) -> list[NewTick]:
    """A price at noon and the same at the close."""
    noon = datetime(2027, 12, day, 11, tzinfo=UTC)
    ticks = [
        NewTick(SAP, source, noon, Decimal(price)),
        NewTick(SAP, source, noon + timedelta(hours=5), Decimal(140)),
    ]
    return [ticks[0], NewTick(SAP, source, ticks[1].at, ticks[1].price, at_close=True)]


def follow(house: House, days: Any, price: Any = 106, sources: Any = ("XETR", "REUTERS")) -> None:
    with house.database.transaction() as tx:
        ticks = [t for day in days for source in sources for t in closing(day, price, source)]
        enter_ticks(tx, ticks, now=house.now, actor="feed")


@pytest.fixture
def bonus(house: House) -> str:
    """A bonus certificate of 170 with its barrier at 105; the last price is 140."""
    isin = house.issue("1320", barrier=WINDOW)
    house.lay_out()
    house.at("2027-12-17T19:00:00")
    house.price("2027-12-17", 140)
    return isin


def paid(house: House, isin: str) -> Any:
    (found,) = house.decide(house.event(isin, "redemption")["id"])
    return None if isinstance(found, Lacking) else found.principal


def test_two_sources_that_followed_every_day_say_that_it_was_not_hit(house: House, bonus: str):
    follow(house, DAYS[:4])
    assert paid(house, bonus) is None, "the last day is not over"
    follow(house, DAYS[4:])
    rows = house.rows(
        "SELECT day::text, source, hit_on, entered_by FROM servicing.observation WHERE kind = 'barrier'"
    )
    assert sorted(rows) == [("2027-12-17", "REUTERS", None, "feed"), ("2027-12-17", "XETR", None, "feed")]
    assert paid(house, bonus) == 170
    follow(house, DAYS)
    assert house.rows("SELECT count(*) FROM servicing.observation WHERE kind = 'barrier'") == [(2,)]
    assert house.violations() == []


def test_one_source_is_not_enough(house: House, bonus: str):
    follow(house, DAYS, sources=("XETR",))
    assert paid(house, bonus) is None
    follow(house, DAYS, sources=("REUTERS",))
    assert paid(house, bonus) == 170


def test_who_has_missed_a_day_says_nothing_until_it_is_told(house: House, bonus: str):
    follow(house, (13, 14, 16, 17))
    assert paid(house, bonus) is None
    follow(house, (15,))
    assert paid(house, bonus) == 170


def test_what_was_touched_is_not_said_to_have_held(house: House, bonus: str):
    follow(house, (13,), price=105, sources=("XETR",))
    follow(house, DAYS, sources=("REUTERS",))
    follow(house, DAYS[1:], sources=("XETR",))
    rows = house.rows("SELECT hit_on::text FROM servicing.observation WHERE kind = 'barrier'")
    assert rows == [("2027-12-13",)]
    assert paid(house, bonus) is None, "one source has seen it touched: a person looks at it"


def test_a_price_that_comes_late_is_said_instead(house: House, bonus: str):
    follow(house, DAYS)
    with house.database.transaction() as tx:
        late = [
            NewTick(SAP, s, datetime(2027, 12, 17, 12, tzinfo=UTC), Decimal(104)) for s in ("XETR", "REUTERS")
        ]
        enter_ticks(tx, late, now=house.now, actor="feed")
    assert paid(house, bonus) == 140


def test_a_knock_out_that_survives_is_paid_by_its_prices(house: House):
    isin = house.issue("2200", barrier={"level": "120", "observed_from": "2027-12-13"})
    house.lay_out()
    house.at("2027-12-17T19:00:00")
    house.price("2027-12-17", 140)
    follow(house, DAYS, price=121)
    assert paid(house, isin) == 2
