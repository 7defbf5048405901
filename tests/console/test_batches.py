"""The pages of batches: handed in as a file, followed, read item by item; who may do and see which."""

import csv
import gzip
import io
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from tests.console.conftest import Browser, House, opened
from tests.instruments.examples import BUSINESS_DATE
from tests.processes.desk import Desk, ndjson, new, open_desk, terms

HOSTILE = "=<script>1</script>"


@pytest.fixture(scope="module")
def desk(shared_database: Database) -> Desk:
    return open_desk(shared_database)


@pytest.fixture(scope="module")
def house(desk: Desk, assets) -> House:
    """The console over the desk, in the morning: what is handed in is due when the desk works."""
    found = opened(desk.database, assets)
    found.clock.advance(timedelta(hours=-5))
    return found


def upload(client: Browser, body: bytes, name: str = "day.ndjson", **fields: Any) -> httpx.Response:
    """Hand in a file as the page's script does."""
    query = {"name": name, "key": new_id(), "business_date": BUSINESS_DATE, **fields}
    return client.post(
        f"/console/batches/issuance/upload?{urlencode(query)}",
        content=body,
        headers={"HX-Request": "true", **client.headers},
    )


def handed_in(client: Browser, items: list[Any], **fields: Any) -> str:
    answer = upload(client, ndjson(items), **fields)
    assert answer.status_code == 200, answer.text
    return answer.headers["hx-redirect"]


def test_a_batch_with_errors_is_followed_to_its_end(house: House, desk: Desk) -> None:
    client = house.person("issuer")
    items = [new("S-1"), new(HOSTILE, instrument=terms(isin="DE0005140007")), b"{no json"]
    path = handed_in(client, items)
    page = client.get(path).text
    assert "The batch of 3 items is received." in page
    assert f'data-live="{path}/board"' in page
    assert "0 of 3 ended" in page
    desk.work()
    page = client.get(path).text
    assert "3 of 3 ended" in page
    assert "data-live=" not in page
    assert page.count('<span class="badge bad">rejected') == 2
    assert '<code class="where">/instrument/isin</code>' in page
    assert "COR-001" in page
    assert HOSTILE not in page
    assert re.search(r'href="/console/instruments/DE[0-9A-Z]{10}"', page)
    rejected = client.get(f"{path}?outcome=rejected").text
    assert rejected.count('<span class="badge good">done') == 0
    assert "S-1" not in rejected
    assert "Nothing matches" in client.get(f"{path}?placement=placed").text
    reasons = client.get(f"{path}/reasons").text
    assert "COR-001" in reasons
    item = client.get(f"{path}/items/2").text
    assert re.search(r'<mark>&#34;isin&#34;: &#34;DE0005140007&#34;</mark> <span class="said">', item)
    assert HOSTILE not in item
    assert client.get(f"{path}/items/4").status_code == 404
    assert path in client.get("/console/batches/issuance").text


def test_results_are_taken_away_in_three_forms_without_formulas(house: House, desk: Desk) -> None:
    client = house.person("issuer")
    path = handed_in(client, [new("D-1"), new("=1+1", quantity="0"), {"kind": "=2", "reference": "@x"}])
    desk.work()
    lines = [json.loads(line) for line in client.get(f"{path}/results.ndjson").text.splitlines()]
    assert [(row["position"], row["outcome"]) for row in lines] == [
        (1, "done"),
        (2, "rejected"),
        (3, "rejected"),
    ]
    answer = client.get(f"{path}/results.csv?outcome=rejected")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0]["reference"] == "'=1+1"
    assert {row["position"] for row in rows} == {"2", "3"}
    assert not any(cell.startswith(("=", "@", "+", "-")) for row in rows for cell in row.values())
    answer = client.get(f"{path}/results.xlsx")
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert client.get(f"{path}/results.exe").status_code == 422


@pytest.mark.parametrize(
    ("name", "pack", "status"),
    [
        ("a.csv", False, 200),
        ("A.NDJSON.GZ", True, 200),
        ("a.json", False, 400),
        ("a.xlsx", False, 415),
        ("gz", False, 415),
    ],
)
def test_the_name_says_the_form(house: House, name: str, pack: bool, status: int) -> None:
    body = b"kind,reference\nNEW,C-1\n" if name == "a.csv" else ndjson([{"kind": "NEW"}])
    answer = upload(house.person("issuer"), gzip.compress(body) if pack else body, name)
    assert answer.status_code == status, answer.text
    if status == 415:
        assert "CON-415" in answer.text
        assert "<html" not in answer.text


def test_the_same_page_hands_in_the_same_batch_once(house: House) -> None:
    client, key = house.person("issuer"), new_id()
    first = handed_in(client, [new()], key=key)
    assert handed_in(client, [new()], key=key) == first
    assert "PRC-022" in upload(client, ndjson([new("other")]), key=key).text
    assert handed_in(client, [new()]) != first


def test_a_party_sees_its_own_batches_only(house: House) -> None:
    path = handed_in(house.person("issuer"), [new()])
    other = house.person("other")
    assert path not in other.get("/console/batches/issuance").text
    unknown = f"/console/batches/issuance/{new_id()}"
    for tail in ("", "/board", "/reasons", "/items/1", "/results.csv"):
        foreign, missing = other.get(path + tail), other.get(unknown + tail)
        assert foreign.status_code == missing.status_code == 404, tail
        assert foreign.text.replace(path[-36:], unknown[-36:]) == missing.text
    assert path not in other.get(f"/console/find?q={path[-36:]}").text
    for role in ("operator", "auditor"):
        assert path in house.person(role).get("/console/batches/issuance").text
        assert path in house.person(role).get(f"/console/find?q={path[-36:]}").text
        assert house.person(role).get(path).status_code == 200


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_who_only_reads_hands_in_nothing(house: House, role: str) -> None:
    client = house.person(role)
    assert "data-upload" not in client.get("/console/batches/issuance").text
    assert "data-upload" in house.person("operator").get("/console/batches/issuance").text
    answer = upload(client, ndjson([new()]))
    assert (answer.status_code, "ACC-403" in answer.text) == (403, True)


def test_an_upload_proves_itself(house: House) -> None:
    client = house.person("issuer")
    headers = {**client.headers, "X-Counterfoil-Csrf": "forged"}
    stranger = house.stranger()
    stranger.cookies, stranger.headers = client.cookies, headers
    assert upload(stranger, ndjson([new()])).status_code == 403


def test_more_than_a_form_may_hold_is_read_piece_by_piece(house: House) -> None:
    items = [new(instrument=terms(name="x" * 3000)) for _ in range(400)]
    assert upload(house.person("issuer"), ndjson(items)).status_code == 200


def test_rejected_items_are_taken_away_as_they_came_corrected_and_handed_in_again(
    house: House, desk: Desk
) -> None:
    client = house.person("issuer")
    path = handed_in(client, [new("R-1"), new("R-2", instrument=terms(isin="DE0005140007")), b"{no json"])
    desk.work()
    assert f"{path}/rejected.csv" in client.get(path).text
    lines = client.get(f"{path}/rejected.ndjson").text.splitlines()
    assert (len(lines), lines[1], json.loads(lines[0])["reference"]) == (2, "{no json", "R-2")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}/rejected.csv").text)))
    assert list(rows[0])[-1] == "#refused"
    assert "/instrument/isin" in rows[0]["#refused"]
    assert "{no json" in rows[1]["#refused"]
    corrected = {name: value for name, value in rows[0].items() if name != "instrument.isin"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(corrected))
    writer.writeheader()
    writer.writerow(corrected)
    again = upload(client, text.getvalue().encode(), "corrected.csv").headers["hx-redirect"]
    desk.work()
    assert "Nothing was rejected" in client.get(again).text


def test_an_end_says_how_fast_it_came_and_what_to_do_next(house: House, desk: Desk) -> None:
    client = house.person("issuer")
    path = handed_in(client, [new("E-1", quantity="-1")])
    assert "You may leave this page" in client.get(path).text
    desk.work()
    page = client.get(path).text
    assert "took " in page
    assert f'href="{path}?outcome=rejected">open them' in page
    assert "hand in the corrected file" in page
