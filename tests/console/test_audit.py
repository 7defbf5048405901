"""The pages of audit: what everybody has done, for those who may see everything; runs of verify."""

import re
from datetime import UTC, datetime
from time import sleep

import pytest

from counterfoil.core.checks import Check
from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.verifications import keep_verification
from counterfoil.faces import Sought, acts, audit, key_before
from tests.console.conftest import House, opened
from tests.settlement.market import ANNA, BERT, FIXED, NOON, Market


@pytest.fixture(scope="module")
def house(shared_database: Database, assets) -> House:
    """A market in which something has happened."""
    market = Market(shared_database).open()
    market.give(ANNA, 10, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 6, None, sell_reference="SOLD"))
    market.submit(market.side("DELI", ANNA, BERT, FIXED, 1, None, reference="ALONE"))
    found = opened(shared_database, assets)
    operator = found.person("operator")
    (id_,) = market.rows("SELECT id FROM settlement.instruction WHERE reference = 'ALONE'")[0]
    path = f"/console/settlement/instructions/{id_}"
    for act, reason in (("hold", "<b>asked</b>"), ("cancel", "mistaken")):
        assert operator.post(f"{path}/{act}", data={"reason": reason}).status_code == 303
    operator.post("/console/accounts/ACCOUNT-A/block", data={"reason": "court order 17"})
    return found


def told(page: str) -> list[tuple[str, str]]:
    """Who did what, newest first."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    cells = [
        [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in rows
    ]
    return [(row[1].partition(" (")[0], row[2]) for row in cells if len(row) > 1]


def test_every_rooms_acts_are_there_newest_first(house: House) -> None:
    page = house.person("auditor").get("/console/audit").text
    found = told(page)
    for act in (
        ("operator", "account blocked"), ("operator", "instruction cancelled"),
        ("operator", "instruction conditions"),
        ("operator", "signed in"), ("test", "token created"), ("test", "instructed"), ("test", "register new"),
    ):  # fmt: skip
        assert act in found, act
    assert "court order 17" in page
    assert "reason: mistaken" in page
    assert re.search("issued: [0-9]{1,3}(\u202f[0-9]{3})+", page)
    assert "<b>asked" not in page
    assert 'href="/console/accounts/ACCOUNT-A"' in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("who=OPERATOR&what=account_blocked", [("operator", "account blocked")]),
        ("about=court+order", [("operator", "account blocked")]),
        ("about=account-a&what=account_blocked", [("operator", "account blocked")]),
        ("who=nobody", []),
        ("what=token_created&until=2020-01-01", []),
    ],
)
def test_acts_are_searched_by_who_what_and_about(
    house: House, query: str, expected: list[tuple[str, str]]
) -> None:
    page = house.person("operator").get(f"/console/audit?{query}").text
    assert told(page) == expected


def test_pages_follow_each_other_without_a_gap(house: House) -> None:
    with house.database.transaction() as tx:
        whole = [act["key"] for act in acts(tx, Sought(), before=None, limit=1000).rows]
        assert whole == sorted(set(whole), reverse=True)
        pieces, before = [], None
        while True:
            page = acts(tx, Sought(), before=before, limit=3)
            pieces += [act["key"] for act in page.rows]
            if (before := page.next) is None:
                break
    assert pieces == whole


def test_a_search_says_how_far_it_came_and_goes_on_from_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LOOK", 4)
    client = house.person("operator")
    query, found, pages = "/console/audit?what=register_new", [], 0
    while True:
        page = client.get(query).text
        found += told(page)
        pages += 1
        if "Search further back" not in page:
            break
        query = re.search(r'href="([^"]*)">Search further back', page)[1].replace("&amp;", "&")
    assert found == [("test", "register new")] * 3
    assert pages > 3


def test_the_key_of_a_day_is_behind_all_its_ids() -> None:
    today = datetime.now(UTC).date()
    assert new_id() < key_before(today)
    assert key_before(today.replace(year=2020)) < new_id()


@pytest.mark.parametrize(("role", "acts_status", "verify_status"), [
    ("operator", 200, 200), ("auditor", 200, 200), ("approver", 403, 403), ("issuer", 403, 403), ("other", 403, 403),
])  # fmt: skip
def test_only_the_depository_looks_into_everybodys_acts(
    house: House, role: str, acts_status: int, verify_status: int
) -> None:
    client = house.person(role)
    assert client.get("/console/audit").status_code == acts_status
    for path in ("", f"/{new_id()}"):
        answer = client.get(f"/console/audit/verifications{path}")
        assert answer.status_code == (404 if path and verify_status == 200 else verify_status)
    if verify_status == 403:
        assert client.post("/console/audit/verifications").status_code == 403
        assert client.get("/console/audit/verifications/board").status_code == 403
        assert 'href="/console/audit"' not in client.get("/console/accounts").text


def test_verify_is_run_in_the_background_and_what_it_found_is_kept(house: House) -> None:
    client = house.person("auditor")
    assert "It has not been run here yet" in client.get("/console/audit/verifications").text
    assert client.post("/console/audit/verifications").status_code == 303
    for _ in range(200):
        page = client.get("/console/audit/verifications").text
        if "Done, started by auditor" in page:
            break
        sleep(0.05)
    assert re.search(r"settlement: \d+ checks, none failed", page)
    assert page.count("holds</span>") > 20
    path = re.search(r"/console/audit/verifications/[0-9a-f-]{36}", page)[0]
    assert "settlement." in client.get(path).text
    assert ("auditor", "verified") in told(client.get("/console/audit?what=verified").text)


def test_what_fails_stands_first_with_its_violations(own_house: House) -> None:
    id_ = new_id()
    checks = [Check("a.holds", "it holds", 5), Check("b.fails", "it does <not>", 7, ("<i>XS1</i>",))]
    with own_house.database.transaction() as tx:
        keep_verification(tx, id_, checks, started_at=NOON, ended_at=NOON, actor="test")
    page = own_house.sign_in("auditor").get(f"/console/audit/verifications/{id_}").text
    assert page.index("b.fails") < page.index("a.holds")
    assert "&lt;i&gt;XS1" in page
    assert "FAILS" in page
