"""The pages of the settlement day: opened, shifted and run by the operator alone, followed by everybody."""

import re
from collections.abc import Callable
from datetime import timedelta
from time import sleep

import pytest

from counterfoil.console.background import Background
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.settlement import Partial, open_day
from tests.console.conftest import House, opened
from tests.settlement.market import ANNA, BERT, FIXED, NOON, TODAY, Market

PATH = f"/console/settlement/days/{TODAY}"


@pytest.fixture
def day(database: Database, assets) -> House:
    """An open day at noon, with a trade that lacks securities."""
    market = Market(database).open()
    market.give(ANNA, 10, FIXED)
    with database.transaction() as tx:
        open_day(tx, TODAY, now=NOON - timedelta(days=3))
    house = opened(database, assets)
    house.clock.advance(NOON - house.clock.now())
    for quantity in (6, 100):
        market.submit(*market.trade(ANNA, BERT, FIXED, quantity, None, both={"partial": Partial.NOT_ALLOWED}))
    return house


def until(page: Callable[[], str], text: str) -> str:
    """The page once it says something."""
    for _ in range(200):
        if text in (found := page()):
            return found
        sleep(0.05)
    raise AssertionError(f"it never said {text!r}:\n{found}")


def states(page: str) -> dict[str, str]:
    """The state of each event."""
    return dict(re.findall(r"<tr><td>([^<]*)</td>\s*<td><span[^>]*>([^<]*)</span>", page))


def test_a_whole_day_is_run_event_by_event_and_tells_what_came_of_it(day: House) -> None:
    client = day.sign_in("operator")
    assert client.get("/console/settlement/day").headers["location"] == PATH
    page = client.get(PATH).text
    assert states(page)["start of day"] == "due"
    assert states(page)["DvP cut-off"] == "to come"
    assert client.post(f"{PATH}/events/start_of_day/run").status_code == 303
    until(lambda: client.get(PATH).text, "start of day: done")
    page = client.get(PATH).text  # what a page tells beside its events may be newer than they are
    assert (states(page)["start of day"], states(page)["night cycle 1"]) == ("done", "due")
    assert client.post(f"{PATH}/run").status_code == 303
    page = until(lambda: client.get(PATH).text, "What its end has done")
    assert set(states(page).values()) == {"done"}
    assert "failing 1" in page
    listed = client.get("/console/settlement/days").text
    assert PATH in listed
    assert "closed" in listed
    assert "around the clock" in client.get("/console/settlement/day").text


def test_an_event_before_its_turn_is_refused_where_the_day_is_followed(day: House) -> None:
    client = day.sign_in("operator")
    client.post(f"{PATH}/events/dvp_cut_off/run", data={"simulated": "true"})
    page = until(lambda: client.get(PATH).text, "SET-048")
    assert "Broken off" in page
    assert states(page)["DvP cut-off"] == "to come"


def test_a_shift_is_kept_with_who_and_why(day: House) -> None:
    client = day.sign_in("operator")
    late = {"name": "dvp_cut_off", "at": f"{TODAY}T16:30", "reason": "<i>RTGS is late</i>"}
    assert client.post(f"{PATH}/shift", data=late).headers["location"] == PATH
    page = client.get(PATH).text
    assert f"{TODAY} 15:30:00 UTC" in page, "Frankfurt is an hour ahead in winter"
    assert "&lt;i&gt;RTGS is late&lt;/i&gt;" in page
    assert "operator (" in page
    for wrong, code in (
        ({"name": "start_of_day"}, "SET-045"), ({"at": f"{TODAY}T12:00"}, "SET-046"), ({"name": "x"}, "SET-044"),
        ({"at": "soon"}, "CON-422"), ({"reason": " "}, "CON-422"),
    ):  # fmt: skip
        assert code in client.post(f"{PATH}/shift", data={**late, **wrong}).text, wrong


@pytest.mark.parametrize("role", ["auditor", "approver", "issuer", "other"])
def test_everybody_follows_the_day_and_only_the_operator_acts(day: House, role: str) -> None:
    client = day.sign_in(role)
    page = client.get(PATH).text
    assert "DvP cut-off" in page
    assert f'action="{PATH}' not in page
    for path in (f"{PATH}/run", f"{PATH}/events/start_of_day/run", "/console/settlement/cycles"):
        answer = client.post(path)
        assert (answer.status_code, "ACC-403" in answer.text) == (403, True), path
    shift = {"name": "dvp_cut_off", "at": f"{TODAY}T16:30", "reason": "x"}
    assert client.post(f"{PATH}/shift", data=shift).status_code == 403
    assert client.post("/console/settlement/days", data={"day": "2026-11-24"}).status_code == 403


def test_what_the_end_has_found_is_the_depositorys(day: House) -> None:
    operator = day.sign_in("operator")
    operator.post(f"{PATH}/run")
    until(lambda: operator.get(PATH).text, "What its end has done")
    assert "What its end has done" in day.sign_in("auditor").get(PATH).text
    assert "What its end has done" not in day.sign_in("other").get(PATH).text
    days = "/console/settlement/days"
    assert "Penalties" in day.sign_in("auditor").get(days).text
    assert "Penalties" not in day.sign_in("other").get(days).text


def test_what_cycles_did_is_the_depositorys(day: House) -> None:
    auditor, party = day.sign_in("auditor"), day.sign_in("other")
    assert "settlement/cycles" in auditor.get(PATH).text
    assert auditor.get("/console/settlement/cycles").status_code == 200
    assert "settlement/cycles" not in party.get(PATH).text
    assert party.get("/console/settlement/cycles").status_code == 403


def test_a_day_is_opened_from_the_page(own_house: House) -> None:
    client = own_house.sign_in("operator")
    assert "No day has been opened yet" in client.get("/console/settlement/day").text
    assert "SET-040" in client.post("/console/settlement/days", data={"day": "2026-12-25"}).text
    assert "is not open" in client.get("/console/settlement/days/2026-11-24").text
    answer = client.post("/console/settlement/days", data={"day": "2026-11-24"})
    assert answer.headers["location"] == "/console/settlement/days/2026-11-24"
    assert "start of day" in client.get(answer.headers["location"]).text


def test_cycles_tell_what_was_left_and_how_near_they_came(day: House) -> None:
    client = day.sign_in("operator")
    client.post(f"{PATH}/events/start_of_day/run")
    until(lambda: client.get(PATH).text, "start of day: done")
    answer = client.post("/console/settlement/cycles")
    assert answer.status_code == 303
    page = until(lambda: client.get("/console/settlement/cycles").text, "of 1 settled")
    row = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1]
    cells = [
        re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    ]
    assert cells[2:7] == ["1", "1", "0", "0", "1"]


def test_one_at_a_time_is_under_way() -> None:
    background, go = Background(), []

    def work(tell) -> None:
        while not go:
            sleep(0.01)
        tell("gone")

    background.start("x", work, by="first", now=NOON)
    with pytest.raises(Refused, match="CON-423"):
        background.start("x", work, by="second", now=NOON)
    go.append(True)
    task = background.last("x")
    while not task.is_over:
        sleep(0.01)
    assert (task.told, task.problems) == (["gone"], [])
    background.start("x", lambda _: 1 / 0, by="second", now=NOON)
    while not (task := background.last("x")).is_over:
        sleep(0.01)
    assert [rule.code for _, rule in task.problems] == ["CON-500"]
