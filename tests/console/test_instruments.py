"""Instruments in the console: found, drawn, explained; an issuer sees its own only."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from html import escape, unescape

import pytest

from counterfoil.core.ids import new_id
from counterfoil.ledger import AccountKind, Booking, Posting, accounts_by_number, book, open_accounts
from counterfoil.register import CONTROL, issuer_account
from counterfoil.servicing import determine, events_between, lay_out_new, proof
from tests.console.conftest import NOW, OTHER, House
from tests.instruments.examples import EXAMPLES, example
from tests.processes.desk import ISSUER as DESK_ISSUER
from tests.processes.desk import Desk, new, open_desk, terms

UNDRAWN = set("1199 1299 1399 1499 2199 2299 2399".split())
"""Classes of free terms, without a formula."""


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
    assert f"/console/instruments/{isin}" in operator.get("/console/instruments?state=active&class=1200").text
    for query in ("state=matured", "state=active&class=2200", "state=suspended&text=note"):
        assert f"/console/instruments/{isin}" not in operator.get(f"/console/instruments?{query}").text, query
    assert operator.get("/console/instruments?state=odd").status_code == 422
    assert isin not in own_house.sign_in("other").get("/console/instruments?state=active&text=note").text
    for typed in (isin[:8], wkn, DESK_ISSUER):
        assert isin in operator.get(f"/console/find?q={typed}").text
    assert isin not in own_house.sign_in("other").get(f"/console/find?q={wkn}").text


def test_a_page_shows_terms_register_and_holders(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A", instrument=terms(name="Note <b>of</b> hope")))
    page = own_house.sign_in("auditor").get(f"/console/instruments/{done['isin']}").text
    assert "Note &lt;b&gt;of&lt;/b&gt; hope" in page
    for text in ("Entries 1 to 1, computed anew", "NEW", "-ISSUER", "maturity date"):
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
    assert "A barrier was touched" in page


def test_an_issuer_sees_nothing_of_another(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A"))
    assert done["isin"] in own_house.sign_in("issuer").get("/console/instruments").text
    issuer = own_house.sign_in("other")
    assert done["isin"] not in issuer.get("/console/instruments").text
    assert done["isin"] not in issuer.get(f"/console/instruments?issuer={DESK_ISSUER}").text
    unknown, event = "DE000CF0ZZZ9", "events/00000000-0000-7000-8000-000000000000"
    for place in (
        "",
        "/terms",
        "/terms?version=9",
        "/entries",
        "/holdings",
        "/events",
        "/extract",
        f"/{event}",
    ):
        answers = [issuer.get(f"/console/instruments/{isin}{place}") for isin in (done["isin"], unknown)]
        assert [answer.status_code for answer in answers] == [404, 404], place
        told = [answer.text.replace(done["isin"], unknown) for answer in answers]
        assert told[0] == told[1], place


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
    assert own_house.sign_in("other").get(f"/console/instruments/{isin}/{place}").status_code == 404


def test_a_decided_event_is_proven_on_its_page(own_house: House, desk: Desk) -> None:
    isin = desk.one(new("A", instrument={**example("bond"), "issuer": DESK_ISSUER}))["isin"]
    now = own_house.clock.now()
    with own_house.database.transaction() as tx:
        lay_out_new(tx, now=now)
        coupon = next(e for e in events_between(tx, date.min, date.max, isin=isin) if e["kind"] == "coupon")
        determine(tx, [coupon["id"]], now=now, actor="test")
        steps = proof(tx, coupon["id"])["steps"]
    page = own_house.sign_in("auditor").get(f"/console/instruments/{isin}/events/{coupon['id']}").text
    assert "Nothing has been decided yet" not in page
    assert "Worked out anew from the terms and observations below, it is the same." in page
    assert steps
    for step in steps:
        assert f"<code>{escape(step['formula'])}</code>" in page
        assert str(step["value"]) in page


def test_a_broken_chain_is_said_where_it_breaks(own_house: House, desk: Desk) -> None:
    done = desk.one(new("A"))
    with own_house.database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # switches the triggers off
        tx.execute("UPDATE register.entry SET content = replace(content, 'NEW', 'OLD')")
    operator = own_house.sign_in("operator")
    for place in ("", "/entries"):
        page = operator.get(f"/console/instruments/{done['isin']}{place}").text
        assert "broken at entry 1: not what was hashed" in page
        assert "computed anew" not in page


def test_documents_are_told_by_their_hash_and_the_register_gives_an_extract(
    own_house: House, desk: Desk
) -> None:
    named = {"kind": "key_information", "name": "KID <1>", "sha256": "ab" * 32}
    isin = desk.one(new("A", instrument=terms(documents=[named])))["isin"]
    operator = own_house.sign_in("operator")
    page = operator.get(f"/console/instruments/{isin}").text
    assert "KID &lt;1&gt;" in page
    assert page.count(named["sha256"]) >= 1
    assert f'href="/console/instruments/{isin}/extract"' in page
    answer = operator.get(f"/console/instruments/{isin}/extract/file")
    assert answer.headers["content-disposition"] == f'attachment; filename="{isin}-register.json"'
    found = answer.json()
    assert (found["isin"], found["state"]) == (isin, "active")
    assert found["entry"]["hash"] in page


def test_the_register_s_extract_is_read_and_checked_as_of_any_moment(own_house: House, desk: Desk) -> None:
    isin = desk.one(new("A", instrument=terms(name="Note <b>of</b> hope")))["isin"]
    issuer, place = own_house.sign_in("issuer"), f"/console/instruments/{isin}/extract"
    page = issuer.get(place).text
    found = issuer.get(f"{place}/file").json()
    content, hash_ = found["entry"]["content"], found["entry"]["hash"]
    assert sha256(content.encode()).hexdigest() == hash_
    assert content in unescape(page)
    assert "Note &lt;b&gt;of&lt;/b&gt; hope" in page
    for text in (hash_, found["block"]["hash"], found["terms_hash"], f'"{place}/file"'):
        assert text in page, text
    before, after = "2020-01-01T00:00:00", "2099-01-01T00:00:00"
    assert "The register had no entry of it at" in issuer.get(f"{place}?at={before}").text
    assert issuer.get(f"{place}/file?at={before}").status_code == 404
    assert f'"{place}/file?at={after}"' in issuer.get(f"{place}?at={after}").text
    assert issuer.get(f"{place}/file?at={after}").json()["entry"] == found["entry"]


def test_long_lists_go_on_on_pages_of_their_own(own_house: House, desk: Desk) -> None:
    isin = desk.one(new("A"))["isin"]
    numbers = [f"HELD-{n:03}" for n in range(120)]
    with own_house.database.transaction() as tx:
        opened = open_accounts(tx, [(n, AccountKind.OWN, OTHER) for n in numbers], NOW)
        source = accounts_by_number(tx, [issuer_account(DESK_ISSUER)])[issuer_account(DESK_ISSUER)]
        legs = [Posting(opened[n], isin, Decimal(1)) for n in numbers]
        book(
            tx,
            [Booking(new_id(), "test", new_id(), (Posting(source, isin, Decimal(-120)), *legs))],
            booked_at=NOW,
            actor="test",
        )
    operator = own_house.sign_in("operator")
    page = operator.get(f"/console/instruments/{isin}").text
    assert "All holdings" in page
    assert "HELD-119" not in page
    address, seen = f"/console/instruments/{isin}/holdings", ""
    while address:
        page = operator.get(address).text
        seen += page
        before, found, _ = page.rpartition('">Next page')
        address = before.rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if found else ""
    assert all(f'"/console/accounts/{number}"' in seen for number in numbers)
    assert CONTROL not in seen
    then = operator.get(f"/console/instruments/{isin}/holdings?at=2020-01-01T00:00:00").text
    assert "HELD-" not in then


@pytest.mark.parametrize(
    "place",
    ["entries?after=-1", "entries?after=99999999999", "events?after=x/y", "holdings?at=x", "terms?version=0"],
)
def test_a_place_that_no_page_has_given_is_refused(own_house: House, desk: Desk, place: str) -> None:
    isin = desk.one(new("A"))["isin"]
    assert own_house.sign_in("operator").get(f"/console/instruments/{isin}/{place}").status_code == 422


@pytest.mark.parametrize(
    "place",
    [
        "holdings?at=0001-01-01T00:00:00",
        "holdings?at=9999-12-31T23:59:59",
        "holdings?after=///",
        "events?after=",
    ],
)
def test_the_ends_of_time_are_only_empty(own_house: House, desk: Desk, place: str) -> None:
    isin = desk.one(new("A"))["isin"]
    assert own_house.sign_in("operator").get(f"/console/instruments/{isin}/{place}").status_code == 200


def test_every_class_has_a_page_that_draws_it_or_says_why_not(own_house: House, desk: Desk) -> None:
    done = desk.issue([new(f"R-{n}", instrument=terms(class_)) for n, class_ in enumerate(sorted(EXAMPLES))])
    operator, drawn = own_house.sign_in("operator"), {}
    for class_, result in zip(sorted(EXAMPLES), done, strict=True):
        assert result["outcome"] == "done", (class_, result)
        page = operator.get(f"/console/instruments/{result['isin']}")
        assert page.status_code == 200, class_
        drawn[class_] = "<polyline" in page.text
        assert drawn[class_] != ("No diagram:" in page.text), class_
        assert drawn[class_] or f"No diagram: Class {class_} has free terms without a formula." in page.text
    assert {class_ for class_, is_drawn in drawn.items() if not is_drawn} == UNDRAWN
