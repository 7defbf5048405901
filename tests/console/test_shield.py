"""What holds for every answer, whatever page gives it."""

import re

import pytest

from counterfoil.console.app import create_pages
from counterfoil.core.errors import rule
from tests.console.conftest import House

OPEN = {"/console/static/{name}", "/console/sign-in", "/console/session"}
"""What anybody may ask for."""
ANSWERS = [
    ("GET", "/console/sign-in", 200),
    ("GET", "/console/accounts", 200),
    ("GET", "/console/nowhere", 404),
    ("GET", "/console/static/console.css", 200),
    ("GET", "/console/static/no.css", 404),
    ("PATCH", "/console/accounts", 405),
    ("GET", "/console/accounts?sort=owner", 422),
    ("GET", "/console/accounts/NONE", 404),
    ("POST", "/console/sign-in", 401),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_forbids_what_no_page_needs(house: House, method: str, path: str, status: int) -> None:
    answer = house.person("operator").request(method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    built = path == "/console/static/console.css"
    assert answer.headers["cache-control"] == ("public, max-age=31536000, immutable" if built else "no-store")


def test_an_error_of_the_house_is_a_page_with_an_id_and_nothing_of_its_inside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("counterfoil.console.pages.accounts.page_of_accounts", fail)
    answer = house.person("operator").get("/console/accounts")
    assert answer.status_code == 500
    assert "CON-500" in answer.text
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_lost_database_is_said_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from counterfoil.core.db import Unavailable

    def fail(*_: object, **__: object) -> None:
        raise Unavailable("gone")

    client = house.person("operator")
    monkeypatch.setattr("counterfoil.console.visit.session_actor", fail)
    answer = client.get("/console/accounts")
    assert answer.status_code == 503
    assert "CON-503" in answer.text


def test_every_page_asks_who_is_there(house: House) -> None:
    stranger, told = house.stranger(), set()
    for path, operations in create_pages(house.services, house.assets).openapi()["paths"].items():
        for method in operations:
            answer = stranger.request(method.upper(), re.sub(r"\{\w+\}", "x", path))
            if answer.headers.get("location", "").partition("?")[0] != "/console/sign-in":
                told.add(path)
    assert told == OPEN


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {}, {"Origin": "http://console.test.evil.test"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/console/accounts/ACCOUNT-A/block", "/console/sign-in", "/console/sign-out"]
)
def test_what_another_site_sends_is_refused(house: House, headers: dict[str, str], path: str) -> None:
    client, signed_in = house.stranger(origin=None), house.person("operator")
    client.cookies = signed_in.cookies
    client.headers = {**headers, "X-Counterfoil-Csrf": signed_in.headers["X-Counterfoil-Csrf"]}
    answer = client.post(path, data={"reason": "x", "token": house.secrets["operator"]})
    assert answer.status_code == 403
    assert "CON-403" in answer.text
    assert signed_in.get("/console/accounts/ACCOUNT-A").text.count("blocked</strong>") == 0


def test_what_no_page_of_the_session_sends_is_refused(house: House) -> None:
    client, signed_in = house.stranger(), house.person("operator")
    client.cookies = signed_in.cookies
    path, proof = "/console/accounts/ACCOUNT-A/block", signed_in.headers["X-Counterfoil-Csrf"]
    foreign = house.sign_in("operator").headers["X-Counterfoil-Csrf"]
    assert foreign != proof
    for wrong in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "ä"}):
        assert client.post(path, data={"reason": "x", **wrong}).status_code == 403
    client.headers["X-Counterfoil-Csrf"] = foreign
    assert client.post(path, data={"reason": "x", "csrf": proof}).status_code == 403
    del client.headers["X-Counterfoil-Csrf"]
    assert client.post(path, content=b'{"reason": "x"}').status_code == 403


def test_a_form_or_a_script_proves_itself(own_house: House) -> None:
    client = own_house.sign_in("operator")
    proof = client.headers.pop("X-Counterfoil-Csrf")
    answer = client.post("/console/accounts/ACCOUNT-A/block", data={"reason": "lost", "csrf": proof})
    assert answer.status_code == 303
    client.headers["X-Counterfoil-Csrf"] = proof
    answer = client.post("/console/accounts/ACCOUNT-A/unblock", data={"reason": "found"})
    assert answer.status_code == 303


def test_what_is_too_large_is_not_read(house: House) -> None:
    client = house.person("operator")
    answer = client.post("/console/accounts/ACCOUNT-A/block", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413

    async def endless():
        yield b"x" * 1024

    assert client.post("/console/accounts/ACCOUNT-A/block", content=endless()).status_code == 413


def test_built_files_come_packed_and_from_their_directory_only(house: House) -> None:
    client = house.stranger()
    answer = client.request("GET", "/console/static/console.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"].startswith("text/javascript")
    for outside in ("..%2Fapp.py", "%2e%2e", "%2Fetc%2Fpasswd", "."):
        assert client.get(f"/console/static/{outside}").status_code == 404


def test_a_part_of_a_page_gets_the_refusal_as_a_banner_where_it_was_asked_for(house: House) -> None:
    client = house.person("operator")
    headers = {"HX-Request": "true", "HX-Target": "block-problems"}
    answer = client.request("POST", "/console/accounts/NONE/block", data={"reason": "x"}, headers=headers)
    assert answer.headers["hx-retarget"] == "#block-problems"
    assert "<html" not in answer.text
    assert "LED-002" in answer.text


def test_without_a_build_one_page_says_what_to_install(house: House, tmp_path) -> None:
    from counterfoil.console import Assets, create_console
    from tests.console.conftest import ORIGIN, Browser

    client = Browser(create_console(house.services, Assets(tmp_path)), ORIGIN, {"Origin": ORIGIN})
    answer = client.get("/console/sign-in")
    assert answer.status_code == 503
    assert "make console" in answer.text
    assert "18 or newer" in answer.text


def test_the_codes_of_the_console_are_in_the_catalogue() -> None:
    with pytest.raises(AssertionError, match="in use"):
        rule("CON-401", "", "", "")
