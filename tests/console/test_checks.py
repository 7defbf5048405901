"""Checks of files before they are handed in: told in full, kept for who asked, whatever the file is."""

import csv
import gzip
import io
import json
import tempfile
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from counterfoil.console.batch_kinds import INSTRUCTIONS, ISSUANCE, BatchKind, Wanted
from counterfoil.console.checking import Check, Checks
from counterfoil.core.db import Database, Unavailable
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps
from counterfoil.faces import BodyForm
from tests.console.conftest import Browser, House, opened
from tests.console.test_instruction_batches import row
from tests.processes.desk import ndjson, new, terms
from tests.settlement.market import ANNA, BERT, FIXED, NOON, Market

HOSTILE = "<b>R</b>"
ROWS = "/console/batches/instructions"
ITEMS = "/console/batches/issuance"


@pytest.fixture(scope="module")
def market(shared_database: Database) -> Market:
    found = Market(shared_database).open()
    found.give(ANNA, 100, FIXED)
    return found


@pytest.fixture(scope="module")
def house(market: Market, assets) -> House:
    """The console over the market; `other` is Anna."""
    found = opened(market.database, assets)
    found.clock.advance(NOON - found.clock.now())
    return found


def lines(*rows: dict[str, Any] | bytes) -> bytes:
    return b"".join((one if isinstance(one, bytes) else dumps(one).encode()) + b"\n" for one in rows)


def asked(client: Browser, body: bytes, name: str = "i.ndjson", base: str = ROWS) -> httpx.Response:
    query = urlencode({"name": name, "key": new_id()})
    headers = {"HX-Request": "true", **client.headers}
    return client.post(f"{base}/check?{query}", content=body, headers=headers)


def checked(client: Browser, body: bytes, name: str = "i.ndjson", base: str = ROWS) -> tuple[str, str]:
    """The address of a check, and its page once it is over."""
    answer = asked(client, body, name, base)
    assert answer.status_code == 200, answer.text
    path = answer.headers["hx-redirect"]
    for _ in range(1000):
        page = client.get(path).text
        if "data-live=" not in page:
            return path, page
        time.sleep(0.01)
    raise AssertionError("the check does not end")


def test_a_file_is_checked_and_nothing_is_taken_in(house: House, market: Market) -> None:
    client = house.person("other")
    before = market.rows("SELECT count(*) FROM settlement.batch")
    rows = (row("C1"), row(HOSTILE), row("C3", quantity="-1"), row("C4", party=BERT), b"no json")
    path, page = checked(client, lines(*rows), "<i>.ndjson")
    assert "5 checked, 4 would be rejected" in page
    assert page.count("<details") == 4
    assert "<mark>&#34;quantity&#34;: &#34;-1&#34;" in page
    assert HOSTILE not in page
    assert "<i>" not in page
    assert "SET-007" in page
    found = [json.loads(line) for line in client.get(f"{path}/results.ndjson").text.splitlines()]
    assert [one["valid"] for one in found] == [True, False, False, False, False]
    told = list(csv.DictReader(io.StringIO(client.get(f"{path}/results.csv").text)))
    assert ("3", "/quantity") in {(one["line"], one["pointer"]) for one in told}
    assert client.get(f"{path}/results.xlsx").content.startswith(b"PK")
    assert "No item would be rejected" in checked(client, lines(row("C1")))[1]
    assert market.rows("SELECT count(*) FROM settlement.batch") == before
    assert market.rows("SELECT count(*) FROM settlement.instruction WHERE reference = 'C1'") == [(0,)]


def test_a_batch_of_issuance_is_checked_with_every_rule(house: House) -> None:
    client = house.person("issuer")
    desk_items = [
        new("C-1"),
        new("C-2", instrument=terms(isin="DE0005140007")),
        b"no json",
        new("x", instrument=5),
    ]
    _, page = checked(client, ndjson(desk_items), "day.ndjson", ITEMS)
    assert "4 checked" in page
    assert "DE0005140007" in page
    assert "COR-001" in page
    assert "Check only" in client.get(ITEMS).text
    assert "Check only" not in house.person("auditor").get(ITEMS).text


def test_all_refused_items_are_shown_page_by_page_and_given_as_files(house: House) -> None:
    client = house.person("other")
    path, page = checked(client, lines(*(row(f"M{n}", quantity=f"-{n}.5") for n in range(1, 121))))
    seen: list[str] = []
    while True:
        seen += [part.partition("<")[0] for part in page.split("<summary>")[1:]]
        after = page.partition(f"{path}?after=")[2].partition('"')[0]
        if not after:
            break
        page = client.get(f"{path}?after={after}").text
    assert seen == [f"M{n}" for n in range(1, 121)]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}/rejected.csv").text)))
    assert (len(rows), rows[4]["quantity"]) == (120, "-5.5")
    assert "/quantity" in rows[4]["#refused"]
    assert client.get(f"{path}/rejected.ndjson").text.count("\n") == 120
    assert client.get(f"{path}/rejected.xlsx").status_code == 422


def test_tables_of_refused_items_hold_no_formula(house: House) -> None:
    path, _ = checked(
        house.person("other"), lines(row("=1+1", quantity="@x", **{"+cmd|' /C calc'!A0": "-2+3"}))
    )
    for tail in ("rejected.csv", "results.csv"):
        for cells in csv.reader(io.StringIO(house.person("other").get(f"{path}/{tail}").text)):
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))], tail


def test_what_was_checked_is_handed_in_once_without_sending_it_again(house: House, market: Market) -> None:
    client = house.person("other")
    path, page = checked(client, lines(row("H1"), row("H2", quantity="-1")))
    assert f"{path}/hand-in" in page
    first = client.post(f"{path}/hand-in").headers["location"]
    assert client.post(f"{path}/hand-in").headers["location"] == first
    assert "0 of 2 taken in" in client.get(first).text


def test_a_check_is_seen_by_who_asked_for_it_alone(house: House) -> None:
    path, _ = checked(house.person("other"), lines(row("MINE", quantity="-1")))
    for role, status in (("issuer", 404), ("operator", 404), ("auditor", 403)):
        for tail in ("", "/board", "/results.csv", "/rejected.csv"):
            answer = house.person(role).get(path + tail)
            assert (answer.status_code, "MINE" in answer.text) == (status, False), (role, tail)
        assert house.person(role).post(f"{path}/hand-in").status_code == status
    assert house.person("other").get(path.replace("instructions", "issuance")).status_code == 404
    assert asked(house.person("auditor"), lines(row("C1"))).status_code == 403


def test_a_page_that_was_read_before_the_end_is_fetched_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = house.sign_in("other")
    monkeypatch.setattr(Check, "run", lambda _: None)
    path = asked(client, lines(row("LATE"))).headers["hx-redirect"]

    def end(check: Check, *_: int) -> list[Any]:
        check.took_s = 1.0
        return []

    monkeypatch.setattr(Check, "refused_items", end)
    page = client.get(path).text
    assert f'data-live="{path}/board"' in page
    assert 'id="results" data-follows' in page


@pytest.mark.parametrize(
    ("failure", "code"), [(Unavailable("gone"), "CON-503"), (RuntimeError("<i>a defect</i>"), "CON-500")]
)
def test_a_check_that_breaks_off_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("counterfoil.console.checking.require_kind", fail)
    _, page = checked(house.person("other"), lines(row("B1")))
    assert code in page
    assert "a defect" not in page
    assert "hand-in" not in page


def test_only_the_last_checks_of_a_visitor_are_kept(house: House) -> None:
    client = house.person("other")
    paths = [checked(client, lines(row(f"K{n}")))[0] for n in range(3)]
    assert [client.get(path).status_code for path in paths] == [404, 200, 200]


def test_a_second_check_waits_for_the_end_of_the_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Check, "run", lambda _: None)
    actor = type("Actor", (), {"id": 1, "name": "Ada"})()
    checks = Checks()

    def begun() -> Check:
        return Check(
            house.services,
            actor,
            INSTRUCTIONS,
            "i.csv",
            BodyForm("text/csv"),
            Wanted(),
            tempfile.TemporaryFile(),
        )

    first = begun()
    checks.start(first)
    with pytest.raises(Refused, match="CON-423"):
        checks.start(begun())
    first.took_s = 1.0
    checks.start(begun())


BOMB = gzip.compress(b"0" * 2**20, 9) * 200
FILES: dict[str, tuple[str, bytes]] = {
    "a gzip bomb": ("i.ndjson.gz", BOMB),
    "a truncated gzip": ("i.csv.gz", gzip.compress(lines(row("T")) * 50)[:-20]),
    "no gzip at all": ("i.csv.gz", b"\x00"),
    "a line of 10 MB": ("i.ndjson", b'"' + b"x" * 10 * 2**20 + b'"'),
    "a cell of 10 MB": ("i.csv", b'reference\n"' + b"x" * 10 * 2**20),
    "another encoding": ("i.csv", "reference,quantity\nÄ,1\n".encode("utf-16")),
    "a workbook under another name": ("i.csv", b"PK\x03\x04" + bytes(range(256)) * 8),
    "an empty file": ("i.ndjson", b""),
    "nothing but brackets": ("i.json", b"[" * 200_000),
    "a name twice": ("i.csv", b"a,a\n1,2\n"),
    "a column below another": ("i.csv", b"a,a.b\n1,2\n"),
}


@pytest.mark.parametrize("base", [ROWS, ITEMS])
@pytest.mark.parametrize("file", FILES)
def test_a_hostile_file_is_refused_readably(house: House, base: str, file: str) -> None:
    name, body = FILES[file]
    _, page = checked(house.person("operator"), body, name, base)
    assert 'class="problem"' in page
    assert "CON-500" not in page
    assert "hand-in" not in page


@pytest.mark.parametrize(("base", "item"), [(ITEMS, row("X")), (ROWS, new("X"))])
def test_a_file_dropped_at_the_wrong_place_is_refused_as_a_whole(house: House, base: str, item: Any) -> None:
    client = house.person("operator")
    _, page = checked(client, ndjson([item]), base=base)
    assert "CON-427" in page
    query = urlencode({"name": "i.ndjson", "key": new_id()})
    answer = client.post(f"{base}/upload?{query}", content=ndjson([item]))
    assert (answer.status_code, "CON-427" in answer.text) == (422, True)


def test_a_name_without_a_form_is_refused_before_anything_is_read(house: House) -> None:
    client = house.person("other")
    assert "CON-415" in asked(client, b"PK\x03\x04", "i.xlsx").text
    assert asked(client, b"", f"{'x' * 400}.ndjson").status_code == 422


CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(),
    st.sampled_from(["9" * 5000, "1e999999", "-0", "NaN", "\x00", "=1+1"]),
)
VALUES = st.one_of(
    CELLS, st.none(), st.booleans(), st.lists(CELLS, max_size=3), st.dictionaries(st.text(max_size=4), CELLS)
)
FIELDS = st.sampled_from(
    ["reference", "quantity", "isin", "kind", "instrument", "trade_date", "account", "#x", ""]
)
OBJECTS = st.dictionaries(FIELDS, VALUES, max_size=5).map(lambda value: json.dumps(value).encode())
BODIES = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(OBJECTS, st.binary(max_size=40)), max_size=4).map(b"\n".join)
)


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    body=BODIES,
    ending=st.sampled_from(["ndjson", "json", "csv", "csv.gz"]),
    kind=st.sampled_from([ISSUANCE, INSTRUCTIONS]),
)
def test_no_bytes_break_a_check(house: House, body: bytes, ending: str, kind: BatchKind) -> None:
    client = house.person("operator")
    path, page = checked(client, body, f"f.{ending}", kind.path)
    assert "CON-500" not in page
    for tail in ("results.ndjson", "results.csv", "results.xlsx", "rejected.csv", "rejected.ndjson"):
        assert client.get(f"{path}/{tail}").status_code == 200, tail
