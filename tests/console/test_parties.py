"""The pages of parties: found by LEI and by name, mandates for those whom they concern, roles given by who may."""

import io

import pytest

from counterfoil.core.db import Database
from counterfoil.parties import import_gleif, legal_entities, page_of_entities
from counterfoil.sample import fictional_issuers, gleif_document
from tests.console.conftest import ISSUER, NOW, OTHER, House, opened
from tests.processes.desk import new, open_desk

NAME = fictional_issuers()[0][1]
ODD = "<i>Odd</i> und Söhne"


@pytest.fixture
def house(database: Database, assets) -> House:
    document = gleif_document().replace(fictional_issuers()[1][1].encode(), ODD.encode())
    with database.transaction() as tx:
        import_gleif(tx, io.BytesIO(document), now=NOW)
    return opened(database, assets)


def test_a_party_is_found_by_its_lei_and_by_a_part_of_its_name(house: House) -> None:
    operator = house.person("operator")
    for query in (f"lei={ISSUER[:15]}", f"name={NAME[:6].upper()}", f"lei={ISSUER.lower()}"):
        page = operator.get(f"/console/parties?{query}").text
        assert f"/console/parties/{ISSUER}" in page, query
    for query in ("lei=9", "name=nobody", f"after={ISSUER}"):
        assert f"/console/parties/{ISSUER}" not in operator.get(f"/console/parties?{query}").text, query
    for typed in (ISSUER[:15], NAME[:6]):
        assert f"/console/parties/{ISSUER}" in operator.get("/console/find", params={"q": typed}).text


@pytest.mark.parametrize("look", [1, 2, 1000])
def test_words_are_found_however_rare_they_are(
    house: House, monkeypatch: pytest.MonkeyPatch, look: int
) -> None:
    monkeypatch.setattr(legal_entities, "_LOOK", look)
    with house.database.transaction() as tx:
        everybody = page_of_entities(tx, limit=1000)
        for typed in ("ag", "bank", "gmbh", "nobody", "muster", "söhne", "ODD und"):
            words = typed.lower().split()
            expected = [
                e["lei"]
                for e in everybody
                if all(any(w.startswith(t) for w in split(e["legal_name"])) for t in words)
            ]
            found, after = [], ""
            while page := page_of_entities(tx, name=typed, after=after, limit=2):
                found += [e["lei"] for e in page]
                after = found[-1]
            assert found == expected, typed


def split(name: str) -> list[str]:
    return name.lower().replace("<", " ").replace(">", " ").replace("/", " ").replace("-", " ").split()


def test_instruments_are_found_by_their_issuers_name(house: House) -> None:
    desk = open_desk(house.database)
    isin, operator = desk.one(new("A"))["isin"], house.person("operator")
    page = operator.get("/console/instruments", params={"issuer": NAME[:8]}).text
    assert f"/console/instruments/{isin}" in page
    page = operator.get("/console/instruments", params={"issuer": "ag"}).text
    assert "Several parties have that name" in page
    assert f"/console/instruments/{isin}" not in page
    assert "Nothing matches" in operator.get("/console/instruments", params={"issuer": "nobody at all"}).text
    assert (
        f"/console/instruments/{isin}"
        not in house.person("other").get(f"/console/instruments?issuer={NAME[:8]}").text
    )


def test_its_page_tells_who_it_is_and_links_what_it_has(house: House) -> None:
    page = house.person("operator").get(f"/console/parties/{ISSUER}").text
    assert f"<h1>{NAME}</h1>" in page
    assert "may issue" in page
    for path in (f"instruments?issuer={ISSUER}", f"accounts?owner={ISSUER}", f"settlement?party={ISSUER}"):
        assert f'href="/console/{path}"' in page
    odd = house.person("operator").get(f"/console/parties/{OTHER}").text
    assert "&lt;i&gt;Odd&lt;/i&gt; und Söhne" in odd
    unknown = house.person("operator").get("/console/parties/00000000000000000098")
    assert (unknown.status_code, "PTY-003" in unknown.text) == (404, True)


def test_a_role_is_given_by_who_may_and_shown_to_whom_it_concerns(house: House) -> None:
    path = f"/console/parties/{OTHER}/mandates"
    wanted = {"role": "paying_agent", "principal": ISSUER.lower()}
    for role in ("auditor", "approver", "issuer"):
        assert house.person(role).post(path, data=wanted).status_code == 403, role
    assert house.person("operator").post(path, data={"role": "king"}).status_code == 422
    strange = house.person("operator").post(path, data={**wanted, "principal": "NOBODY"})
    assert (strange.status_code, "PTY-003" in strange.text) == (404, True)
    assert house.person("operator").post(path, data=wanted).status_code == 303
    for role, sees in (("operator", True), ("other", True), ("issuer", False)):
        page = house.person(role).get(f"/console/parties/{OTHER}").text
        assert ("paying agent" in page.partition("<h2>Mandates</h2>")[2]) == sees, role
