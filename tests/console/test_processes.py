"""The pages of process models: what stands where, who sees it, how versions differ, how a new one comes."""

import json
from html import unescape

import pytest

from counterfoil.core.db import Database
from counterfoil.orchestration.errors import EXPRESSION_INVALID
from counterfoil.processes import MODELS
from tests.console.conftest import Assets, House, opened
from tests.console.under_way import UnderWay, under_way

ISSUANCE = MODELS[0].read_bytes()


@pytest.fixture(scope="module")
def working(shared_database: Database) -> UnderWay:
    """Requests that stand somewhere."""
    return under_way(shared_database)


@pytest.fixture(scope="module")
def house(working: UnderWay, assets: Assets) -> House:
    """The console over them."""
    return opened(working.desk.database, assets)


def marks(page: str) -> dict:
    """What the drawing is told."""
    return json.loads(unescape(page.partition('data-marks="')[2].partition('"')[0]))


def test_every_process_is_listed_with_what_is_under_way(house: House) -> None:
    page = house.person("operator").get("/console/processes").text
    for name in ("Issue request", "Coupon", "Correction"):
        assert name in page
    row = page.partition("/models/issuance")[2].partition("</tr>")[0]
    assert row.replace("\n", "").count('<td class="number">3</td>') == 1, "three are stuck"


def test_a_model_says_what_stands_at_each_element(house: House) -> None:
    page = house.person("operator").get("/console/processes/models/issuance").text
    shown = marks(page)
    assert (shown["register"]["badge"], shown["register"]["bad"]) == ("3", "3")
    assert shown["approve"]["badge"] == "1"
    assert "badge" not in shown["validate"]
    assert shown["register"]["path"] == (
        "/console/processes/instances?process=issuance&version=1&element=register"
    )
    assert 'data-diagram="/console/processes/models/issuance/file?version=1"' in page


def test_durations_colour_what_took_longest_most(house: House) -> None:
    page = house.person("auditor").get("/console/processes/models/issuance?view=durations").text
    shown = marks(page)
    assert {one["tone"] for one in shown.values() if "tone" in one} <= {f"heat-{n}" for n in range(1, 6)}
    assert "heat-5" in {one.get("tone") for one in shown.values()}
    assert "tone" not in shown["withdraw"], "nobody has been there"


def test_the_file_is_the_one_that_was_deployed(house: House) -> None:
    answer = house.person("operator").get("/console/processes/models/issuance/file?version=1")
    assert answer.content == ISSUANCE
    for path in ("/console/processes/models/nothing", "/console/processes/models/issuance?version=99"):
        assert "ORC-200" in house.person("operator").get(path).text


@pytest.mark.parametrize("path", ["", "/models/issuance", "/models/issuance/file?version=1", "/deployment"])
def test_a_party_does_not_see_what_moves(house: House, path: str) -> None:
    assert house.person("issuer").get(f"/console/processes{path}").status_code == 403
    assert "/console/processes" not in house.person("issuer").get("/console/accounts").text


def upload(house: House, role: str, xml: bytes):
    files = {"model": ("<b>new</b>.bpmn", xml, "application/xml")}
    return house.person(role).post("/console/processes/deployment", files=files)


@pytest.mark.parametrize("role", ["auditor", "approver", "issuer", "operator"])
def test_only_a_modeller_deploys(house: House, role: str) -> None:
    assert upload(house, role, ISSUANCE).status_code == 403
    assert "/deployment" not in house.person(role).get("/console/processes").text


def test_a_new_version_is_deployed_and_compared(own_house: House) -> None:
    under_way(own_house.database, stuck=1)
    own_house.sign_in("modeller")
    same = upload(own_house, "modeller", ISSUANCE)
    assert same.headers["location"] == "/console/processes/models/issuance?version=1"
    changed = ISSUANCE.replace(b'name="Deposit terms"', b'name="Deposit &lt;b&gt;all"').replace(
        b'type="issuance.number" retries="3"', b'type="issuance.number" retries="7"'
    )
    answer = upload(own_house, "modeller", changed)
    assert answer.headers["location"] == "/console/processes/models/issuance?version=2"
    page = own_house.person("modeller").get(answer.headers["location"]).text
    assert "issuance: version 2 is deployed." in page
    assert "modeller (" in page, "who has deployed it"
    assert "&lt;b&gt;new&lt;/b&gt;.bpmn" in page
    assert "&lt;b&gt;all" in page
    assert "<b>" not in page
    compared = own_house.person("modeller").get(
        "/console/processes/models/issuance/comparison?before=1&after=2"
    )
    text = "".join(compared.text.split())
    assert '<td>retries</td><tdclass="long"><del>3</del></td><tdclass="long"><ins>7</ins></td>' in text
    assert set(marks(compared.text)) == {"number", "deposit"}
    nothing = own_house.person("modeller").get(
        "/console/processes/models/issuance/comparison?before=2&after=2"
    )
    assert "Nothing that runs differs" in nothing.text


def test_a_model_that_cannot_run_is_refused_with_every_reason(house: House) -> None:
    broken = (
        ISSUANCE.replace(b"<bpmn:userTask", b"<bpmn:manualTask")
        .replace(b"</bpmn:userTask", b"</bpmn:manualTask")
        .replace(b"= go = true<", b"= go =<")
    )
    answer = upload(house, "modeller", broken)
    assert answer.status_code == 422
    assert "ORC-112" in answer.text
    assert "use a user task" in answer.text
    assert "<code>/approve</code>" in answer.text
    assert EXPRESSION_INVALID.code in answer.text, "all that is wrong is said at once"
    assert house.person("modeller").post("/console/processes/deployment", data={}).status_code == 422
    assert "ORC-100" in upload(house, "modeller", b"<not xml").text
