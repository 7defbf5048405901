"""The pages of files of instructions: handed in, followed, resumed by the operator alone, read row by row."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps
from counterfoil.settlement import take_in
from tests.console.conftest import Browser, House, opened
from tests.settlement.market import ANNA, BERT, FIXED, NOON, TODAY, Market, own

HOSTILE = "<b>R</b>"


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


def row(reference: str, **more: Any) -> dict[str, Any]:
    return {
        "reference": reference, "movement": "DELI", "isin": FIXED, "quantity": "10", "account": own(ANNA),
        "counterparty": BERT, "trade_date": str(TODAY), "intended_date": str(TODAY), **more,
    }  # fmt: skip


def upload(client: Browser, *rows: dict[str, Any], name: str = "i.ndjson") -> httpx.Response:
    body = "".join(dumps(one) + "\n" for one in rows).encode()
    query = urlencode({"name": name, "key": new_id()})
    return client.post(
        f"/console/batches/instructions/upload?{query}",
        content=body,
        headers={"HX-Request": "true", **client.headers},
    )


def handed_in(client: Browser, *rows: dict[str, Any]) -> str:
    answer = upload(client, *rows)
    assert answer.status_code == 200, answer.text
    return answer.headers["hx-redirect"]


def test_a_file_is_followed_and_every_row_has_its_result(house: House, market: Market) -> None:
    client = house.person("other")
    path = handed_in(client, row("F1"), row("F2", quantity="-1"), row(HOSTILE), row("F4", party=BERT))
    page = client.get(path).text
    assert f'data-live="{path}/board"' in page
    assert "0 of 4 taken in" in page
    assert "waiting" in client.get(f"{path}/items/1").text
    assert take_in(market.database, house.clock) == 4
    page = client.get(path).text
    assert "4 of 4 taken in" in page
    assert "data-live=" not in page
    assert '<code class="where">/quantity</code>' in page
    assert "SET-074" in page
    assert HOSTILE not in page
    accepted = page.partition('href="/console/settlement/instructions/')[2].partition('"')[0]
    assert "F1" in client.get(f"/console/settlement/instructions/{accepted}").text
    assert ">F1<" not in client.get(f"{path}?outcome=rejected").text
    assert "<mark>&#34;quantity&#34;: &#34;-1&#34;</mark>" in client.get(f"{path}/items/2").text
    assert "SET-074" in client.get(f"{path}/reasons").text
    assert client.get(f"{path}/items/5").status_code == 404
    for form in ("ndjson", "csv", "xlsx"):
        assert client.get(f"{path}/results.{form}").status_code == 200
    assert path in client.get("/console/batches/instructions").text


def test_a_stuck_file_says_why_and_the_operator_has_it_go_on(
    house: House, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = handed_in(house.person("other"), row("STUCK"))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("<i>a defect</i>")

    with monkeypatch.context() as patch:
        patch.setattr("counterfoil.settlement.batches.instruct", fail)
        take_in(market.database, house.clock)
    anna, operator = house.person("other"), house.person("operator")
    page = anna.get(path).text
    assert "RuntimeError: &lt;i&gt;a defect" in page
    assert f"{path}/resume" not in page
    assert (anna.post(f"{path}/resume").status_code, house.person("auditor").post(f"{path}/resume").status_code) == (
        403, 403,
    )  # fmt: skip
    assert f"{path}/resume" in operator.get(path).text
    assert operator.post(f"{path}/resume").headers["location"] == path
    assert "SET-079" in operator.post(f"{path}/resume").text
    take_in(market.database, house.clock)
    assert "1 of 1 taken in" in operator.get(path).text


def test_a_party_sees_its_own_files_only(house: House) -> None:
    path = handed_in(house.person("other"), row("MINE"))
    stranger = house.person("issuer")
    assert path not in stranger.get("/console/batches/instructions").text
    unknown = f"/console/batches/instructions/{new_id()}"
    for tail in ("", "/board", "/reasons", "/items/1", "/results.csv"):
        foreign, missing = stranger.get(path + tail), stranger.get(unknown + tail)
        assert foreign.status_code == missing.status_code == 404, tail
        assert foreign.text.replace(path[-36:], unknown[-36:]) == missing.text
    assert path in house.person("auditor").get("/console/batches/instructions").text
    assert path not in stranger.get(f"/console/find?q={path[-36:]}").text
    assert path in house.person("auditor").get(f"/console/find?q={path[-36:]}").text


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_who_only_reads_hands_in_nothing(house: House, role: str) -> None:
    client = house.person(role)
    assert "data-upload" not in client.get("/console/batches/instructions").text
    assert (
        upload(client, row("X")).status_code,
        upload(house.person("other"), name="x.exe").status_code,
    ) == (403, 415)
