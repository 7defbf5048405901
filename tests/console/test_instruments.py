"""Instruments in the console: found, drawn, explained; an issuer sees its own only."""

from datetime import date

import pytest

from counterfoil.servicing import events_between, lay_out_new
from tests.console.conftest import House
from tests.instruments.examples import example
from tests.processes.desk import ISSUER as DESK_ISSUER
from tests.processes.desk import Desk, new, open_desk, terms


@pytest.fixture
def desk(own_house: House) -> Desk:
    return open_desk(own_house.database)


def test_an_instrument_is_found_by_what_is_known_of_it(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A", instrument=terms(name="Note <b>of</b> hope")))
    isin, operator = done["isin"], own_house.sign_in("operator")
    wkn = isin[5:11]
    for query in (f"isin={isin[:7]}", f"wkn={wkn}", "text=OF</B>", f"issuer={DESK_ISSUER}", ""):
        page = operator.get(f"/console/instruments?{query}").text
        assert f"/console/instruments/{isin}" in page, query
        assert "<b>of</b>" not in page
    for query in ("isin=XS", "wkn=ZZZZZZ", "text=despair", "class=2200", f"after={isin}"):
        assert f"/console/instruments/{isin}" not in operator.get(f"/console/instruments?{query}").text, query
    for typed in (isin[:8], wkn):
        assert isin in operator.get(f"/console/find?q={typed}").text
    assert isin not in own_house.sign_in("other").get(f"/console/find?q={wkn}").text


def test_a_page_shows_terms_register_and_holders(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A", instrument=terms(name="Note <b>of</b> hope")))
    page = own_house.sign_in("auditor").get(f"/console/instruments/{done['isin']}").text
    assert "Note &lt;b&gt;of&lt;/b&gt; hope" in page
    for text in ("The entries follow each other without a gap", "NEW", "-ISSUER", "maturity date"):
        assert text in page, text
    text = own_house.person("auditor").get(f"/console/instruments/{done['isin']}/terms")
    assert text.headers["content-type"].startswith("application/json")
    assert "attachment" in text.headers["content-disposition"]
    assert own_house.person("auditor").get("/console/instruments/DE0000000000").status_code == 404


def test_a_certificate_is_drawn_with_its_barrier(own_house: House, desk: Desk) -> None:
    certificate = {**example("1250"), "issuer": DESK_ISSUER}
    done = desk.one(new("A", instrument=certificate))
    page = own_house.sign_in("operator").get(f"/console/instruments/{done['isin']}").text
    assert page.count("<polyline") == 2
    assert "barrier 105" in page
    assert "Barrier touched" in page


def test_an_issuer_sees_nothing_of_another(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A"))
    assert done["isin"] in own_house.sign_in("issuer").get("/console/instruments").text
    issuer = own_house.sign_in("other")
    assert done["isin"] not in issuer.get("/console/instruments").text
    assert done["isin"] not in issuer.get(f"/console/instruments?issuer={DESK_ISSUER}").text
    for place in ("", "/terms"):
        assert issuer.get(f"/console/instruments/{done['isin']}{place}").status_code in (403, 404)


def test_an_event_says_what_it_pays_and_why(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A"))
    isin = done["isin"]
    with own_house.database.transaction() as tx:
        lay_out_new(tx, now=own_house.clock.now())
        events = events_between(tx, date.min, date.max, isin=isin)
    operator, place = own_house.sign_in("operator"), f"events/{events[0]['id']}"
    assert f"/console/instruments/{isin}/{place}" in operator.get(f"/console/instruments/{isin}").text
    shown = operator.get(f"/console/instruments/{isin}").text
    assert shown.count("<circle") == (len(events) if len({event["on"] for event in events}) > 1 else 0)
    assert f"/console/processes/instances?key={isin}" in shown
    page = operator.get(f"/console/instruments/{isin}/{place}")
    assert page.status_code == 200
    assert "Nothing has been decided yet" in page.text
    assert operator.get(f"/console/instruments/DE000CF00010/{place}").status_code == 404
    assert own_house.sign_in("other").get(f"/console/instruments/{isin}/{place}").status_code in (403, 404)
