"""Windows in which holders may exercise: from the terms, told once each, and gone with their event."""

from datetime import date

import pytest

from counterfoil.instruments import validate_terms
from counterfoil.servicing import announce_windows, withdraw
from counterfoil.servicing.windows import window_of
from tests.instruments.examples import BUSINESS_DATE
from tests.servicing.house import ANNA, House
from tests.servicing.test_exercising import EXPIRY


def told(house: House, day: date) -> int:
    with house.database.transaction() as tx:
        return announce_windows(tx, day)


@pytest.mark.parametrize(
    ("class_", "changes", "expected"),
    [
        ("2100", {}, (EXPIRY, True)),
        ("2100", {"style": "european"}, None),
        ("2100", {"style": "european", "automatic_exercise": False}, (EXPIRY, False)),
        ("2100", {"automatic_exercise": False}, (EXPIRY, False)),
        ("1200", {}, None),
        ("bond", {}, None),
    ],
)
def test_terms_say_until_when_to_exercise_and_what_becomes_of_the_rest(
    house: House, class_, changes, expected
):
    terms = validate_terms(house.terms(class_, **changes), business_date=BUSINESS_DATE)
    found = window_of(terms)
    assert (found and (found.last, found.is_automatic)) == expected


def test_each_window_is_told_twice_and_no_more(house: House):
    isin = house.issue("2100")
    house.give(ANNA, isin, 10)
    house.lay_out()
    days = [date(2026, 11, 1), date(2027, 1, 4), date(2027, 1, 5), date(2027, 12, 10), date(2027, 12, 10)]
    assert [told(house, day) for day in days] == [0, 1, 0, 1, 0]


def test_a_window_of_what_has_ended_is_not_told(house: House):
    isin = house.issue("2100")
    house.lay_out()
    with house.database.transaction() as tx:
        withdraw(tx, [house.event(isin, "redemption")["id"]], reason="x", now=house.now, actor="test")
    assert told(house, date(2027, 12, 10)) == 0
