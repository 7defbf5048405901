"""A party sees nothing of another's: whichever page it asks for, by navigation or by an address that it was told.

Every page of the console is walked over. Who adds one that shows a thing by its address says here what another's is.
"""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from counterfoil.console.app import PAGES
from counterfoil.console.batch_kinds import KINDS
from counterfoil.console.pages import finding, signing
from counterfoil.core.db import Database
from counterfoil.servicing import events_between, lay_out_new
from counterfoil.settlement import store_batch, take_in
from counterfoil.settlement.batches import BatchSubmission
from tests.console.conftest import House, opened
from tests.console.under_way import UnderWay, under_way
from tests.settlement.market import BERT, CORA, FIXED, NOON, NOTES, Market, own

NOWHERE = UUID("0193a000-0000-7000-8000-00000000dead")
OPEN = {
    "/console/static/{name}": "built files, for everybody",
    "/console/sign-in": "for everybody",
    "/console/session": "whether one is signed in",
    "/console/parties/{lei}": "what GLEIF publishes of it; its mandates are tested with its page",
    "/console/settlement/days/{day}": "the day of the house, the same for all",
    "/console/settlement/days/{day}/board": "its events as they come",
}
"""What shows nobody's things."""


@dataclass
class World:
    """What belongs to others, by what the addresses of pages call it."""

    house: House
    things: dict[str, str]
    marks: list[str]


def others_file(market: Market) -> UUID:
    """A file of instructions that Bert has handed in."""
    submission = BatchSubmission(BERT, "Bert's clerk", (BERT,), BERT, "berts-file", b"x" * 32, NOON)
    with market.database.transaction() as tx:
        id_, _ = store_batch(tx, [(1, b'{"reference": "BERTS-ROW"}')], submission)
    while take_in(market.database, type("Noon", (), {"now": staticmethod(lambda: NOON)})()):
        pass
    return id_


def furnished(database: Database) -> tuple[Market, UnderWay]:
    market = Market(database).open()
    market.give(BERT, 10, FIXED)
    names = {"sell_reference": "BERTS-SALE", "buy_reference": "CORAS-BUY"}
    assert market.submit(*market.trade(BERT, CORA, FIXED, 50, None, **names)) == ["ok", "ok"]
    assert market.submit(market.side("DELI", BERT, CORA, NOTES, 1000, None, reference="BERTS-ALONE")) == [
        "ok"
    ]
    return market, under_way(database, stuck=1)


@pytest.fixture(scope="module")
def world(shared_database: Database, assets) -> World:
    """The things of an issuer, and of two members that trade with one another; `other` is none of them."""
    market, working = furnished(shared_database)
    house = opened(shared_database, assets)
    house.clock.advance(NOON - house.clock.now())
    with shared_database.transaction() as tx:
        lay_out_new(tx, now=NOON)
        (event, *_) = events_between(tx, date.min, date.max, isin=working.isin)
        ask = tx.value
        things = {
            "account": own(BERT),
            "instrument": working.isin,
            "event": str(event["id"]),
            "batch": str(ask("SELECT id FROM processes.batch ORDER BY id LIMIT 1")),
            "file": str(others_file(market)),
            "instruction": str(ask("SELECT id FROM settlement.instruction WHERE reference = 'BERTS-SALE'")),
            "instance": str(working.amending),
            "task": str(ask("SELECT id FROM orchestration.user_task LIMIT 1")),
            "booking": str(ask("SELECT id FROM ledger.booking LIMIT 1")),
            "verification": str(NOWHERE),
            "check": str(NOWHERE),  # kept for its visitor alone: test_checks.py
            "model": "issuance",
        }
    told = ("BERTS-", "CORAS-", "ACCOUNT-A", "STUCK-", "ISSUED", own(CORA), "clerk", "Renamed")
    kept = [value for name, value in things.items() if name not in ("model", "verification", "check")]
    return World(house, things, [*kept, *told])


THINGS = {
    "/console/accounts/{number}": "account",
    "/console/accounts/{number}/statement": "account",
    "/console/accounts/{number}/statement/file": "account",
    "/console/instruments/{isin}": "instrument",
    "/console/instruments/{isin}/terms": "instrument",
    "/console/instruments/{isin}/entries": "instrument",
    "/console/instruments/{isin}/extract": "instrument",
    "/console/instruments/{isin}/extract/file": "instrument",
    "/console/instruments/{isin}/holdings": "instrument",
    "/console/instruments/{isin}/events": "instrument",
    "/console/instruments/{isin}/events/{id_}": "event",
    "/console/bookings/{id_}": "booking",
    **{
        f"/console/batches/{name}/{{id_}}{page}": thing
        for name, thing in (("issuance", "batch"), ("instructions", "file"))
        for page in ("", "/board", "/reasons", "/items/{position}", "/results.{form}", "/rejected.{form}")
    },
    **{
        f"/console/batches/{name}/checks/{{id_}}{page}": "check"
        for name in KINDS
        for page in ("", "/board", "/results.{form}", "/rejected.{form}")
    },
    "/console/settlement/instructions/{id_}": "instruction",
    "/console/processes/instances/{id_}": "instance",
    "/console/processes/models/{process_id}": "model",
    "/console/processes/models/{process_id}/file": "model",
    "/console/processes/models/{process_id}/comparison": "model",
    "/console/tasks/{id_}": "task",
    "/console/audit/verifications/{id_}": "verification",
}
"""The pages of one thing, and of what kind that is."""
QUERIES = {
    "/console/accounts/{number}/statement": "?asset=EUR",
    "/console/accounts/{number}/statement/file": "?asset=EUR&form=csv&from=2026-11-01&to=2026-11-20",
    "/console/processes/matching/incidents": "?process=issuance",
    "/console/processes/matching/instances": "?process=issuance",
    "/console/processes/models/{process_id}/file": "?version=1",
    "/console/processes/models/{process_id}/comparison": "?before=1&after=1",
}


def routes(method: str) -> list[str]:
    """The paths of all pages that answer a method."""
    pages = (*PAGES, signing, finding)
    found = [r for page in pages for r in page.router.routes if isinstance(r, APIRoute)]
    paths = [r.path for r in found if method in r.methods]
    return sorted({path.replace("{kind}", kind) for path in paths for kind in KINDS})


def address(path: str, thing: str, isin: str) -> str:
    """The address of a thing's page."""
    filled = path.replace("{isin}", isin if "{id_}" in path else thing)
    filled = re.sub(r"\{(number|id_|process_id)\}", thing, filled)
    return filled.replace("{position}", "1").replace("{form}", "csv") + QUERIES.get(path, "")


def unknown(thing: str) -> str:
    """A name of the same form that nothing has."""
    return thing[:-4] + "dead" if "-" in thing and len(thing) == 36 else thing[:-1] + "Z"


@pytest.mark.parametrize("path", [p for p in routes("GET") if "{" not in p and p not in OPEN])
def test_a_page_without_a_thing_shows_nothing_of_anothers(world: World, path: str) -> None:
    client = world.house.person("other")
    path += QUERIES.get(path, "")
    answer = client.get(path)
    assert answer.status_code in (200, 303, 403), answer.text
    for query in ("", *(f"?q={mark}" for mark in world.marks if path == "/console/find")):
        text = client.get(path + query).text if query else answer.text
        shown = [mark for mark in world.marks if mark in text.replace(f'value="{query[3:]}"', "")]
        assert not shown, (path + query, shown)


@pytest.mark.parametrize("path", [p for p in routes("GET") if "{" in p and p not in OPEN])
def test_anothers_thing_looks_as_if_it_were_not_there(world: World, path: str) -> None:
    assert path in THINGS, "say of what kind the thing is that this page shows, or that it is nobody's"
    client, thing = world.house.person("other"), world.things[THINGS[path]]
    found = address(path, thing, world.things["instrument"])
    if not path.endswith("/board") and thing != str(NOWHERE):  # a board is told for as long as somebody looks
        assert world.house.person("auditor").get(found).status_code == 200
    answer = client.get(found)
    assert answer.status_code in (403, 404), answer.text
    assert not [mark for mark in world.marks if mark != thing and mark in answer.text and mark not in found]
    nothing = address(path, unknown(thing), world.things["instrument"])
    other = client.get(nothing)
    assert other.status_code == answer.status_code
    assert other.text.replace(nothing.partition("?")[0], "") == answer.text.replace(
        found.partition("?")[0], ""
    )


@pytest.mark.parametrize(
    "path", [p for p in routes("POST") if "{id_}" in p or "{number}" in p or "{isin}" in p]
)
def test_an_act_on_anothers_thing_is_refused_as_on_one_that_is_not_there(world: World, path: str) -> None:
    kind = next(
        kind for found, kind in THINGS.items() if path.startswith(found.rstrip("}") + "}") and "/{" in found
    )
    client, thing = world.house.person("other"), world.things[kind]
    form = {
        "reason": "x", "priority": "2", "flag": "PARTY", "side": "both", "quantity": "1", "kind": "AFTE",
        "reference": "X", "approved": "true", "decision": "approve", "name": "x", "value": "1", "partial": "PART",
        "wanted": "take",
    }  # fmt: skip
    answers = [
        client.post(address(path, t, "").partition("?")[0], data=form) for t in (thing, unknown(thing))
    ]
    assert [a.status_code for a in answers] in ([403, 403], [404, 404]), answers[0].text
    texts = [a.text.replace(t, "") for a, t in zip(answers, (thing, unknown(thing)), strict=True)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "query",
    [
        f"/console/settlement?party={BERT}",
        f"/console/settlement?account={own(BERT)}",
        "/console/settlement?reference=BERTS-SALE",
        f"/console/settlement?party={BERT}&sort=reference",
        f"/console/settlement/allegements?party={CORA}",
        f"/console/accounts?owner={BERT}",
        f"/console/accounts?number={own(BERT)}",
        "/console/instruments?isin=DE",
        "/console/batches/issuance?submitter=",
    ],
)
def test_a_filter_finds_nothing_of_anothers(world: World, query: str) -> None:
    answer = world.house.person("other").get(query)
    assert answer.status_code == 200
    asked = query.partition("=")[2].partition("&")[0]
    assert not [mark for mark in world.marks if mark in answer.text and mark not in query and asked != mark]
    assert "/console/settlement/instructions/" not in answer.text
