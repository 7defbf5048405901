"""Every route is tried by somebody who may not, or stands in a list that only shrinks."""

from pathlib import Path

from counterfoil.api import Services, create_api
from counterfoil.core.clock import SystemClock
from counterfoil.core.db import Database
from tests.api.test_authorisation import OPEN, operations, table

LIST = Path(__file__).parent / "routes-without-authorisation-test.txt"
ADVICE = (
    "A new route gets a line in ROUTES of tests/api/test_authorisation.py: what a stranger and a reader are told."
    " One that has got it leaves the list, which never grows."
)


def test_a_route_without_an_authorisation_test_is_an_old_one(database: Database):
    here = operations(create_api(Services(database, SystemClock())))
    tried = {route for route, *_ in table()}
    assert tried <= set(here), "a route in the table is gone"
    assert [route for route in here if route not in tried | OPEN] == LIST.read_text().splitlines(), ADVICE
