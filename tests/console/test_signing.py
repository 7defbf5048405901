"""Signing in: whose session, how long, and what a browser is told to do with its cookie."""

from datetime import timedelta

import pytest

from counterfoil.access import create_token, revoke_token, tokens
from tests.console.conftest import NOW, House


def test_a_token_opens_a_session_that_no_script_and_no_other_site_can_use(house: House) -> None:
    answer = house.stranger().post("/console/sign-in", data={"token": f" {house.secrets['operator']} "})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console"
    cookie = answer.headers["set-cookie"].lower()
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "httponly", "samesite=strict", "path=/console", "max-age=43200",
    }  # fmt: skip


def test_the_cookie_travels_encrypted_only_where_the_page_came_so(house: House) -> None:
    client = house.stranger(origin="https://console.test", base="https://console.test")
    answer = client.post("/console/sign-in", data={"token": house.secrets["operator"]})
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_nothing_stored_and_no_page_holds_a_secret(house: House) -> None:
    client = house.sign_in("operator")
    session = client.cookies["counterfoil_session"]
    with house.database.transaction() as tx:
        stored = tx.value("SELECT string_agg(s::text, '') FROM access.session AS s")
    page = client.get("/console/accounts").text
    for secret in (session, house.secrets["operator"]):
        assert secret not in stored
        assert secret not in page
    assert house.secrets["operator"] not in "".join(client.cookies.values())


@pytest.mark.parametrize("token", ["", "cf_", "nothing", "cf_" + "a" * 43, "<script>", "ä" * 43])
def test_a_wrong_token_opens_nothing_and_says_what_to_do(own_house: House, token: str) -> None:
    answer = own_house.stranger().post("/console/sign-in", data={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "ACC-410" in answer.text
    assert "counterfoil token create" in answer.text


def test_pages_lead_whoever_is_not_signed_in_to_the_sign_in_and_back(house: House) -> None:
    answer = house.stranger().get("/console/accounts?kind=own")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Faccounts%3Fkind%3Down"
    page = house.stranger().get(answer.headers["location"]).text
    assert 'name="next" value="/console/accounts?kind=own"' in page
    form = {"token": house.secrets["operator"], "next": "/console/accounts?kind=own"}
    assert house.stranger().post("/console/sign-in", data=form).headers["location"] == form["next"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.test/", "//evil.test", "/consoles", "/docs", "/console\r\nX: y", "javascript:1"],
)
def test_signing_in_leads_nowhere_else(house: House, elsewhere: str) -> None:
    form = {"token": house.secrets["operator"], "next": elsewhere}
    answer = house.stranger().post("/console/sign-in", data=form)
    assert answer.headers["location"] == "/console"


def test_a_part_of_a_page_asked_for_after_the_session_leads_the_whole_page_to_the_sign_in(
    house: House,
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://console.test/console/accounts?sort=-number"}
    answer = house.stranger().get("/console/accounts", headers=headers)
    assert answer.headers["hx-redirect"] == "/console/sign-in?next=%2Fconsole%2Faccounts%3Fsort%3D-number"


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(own_house: House) -> None:
    client = own_house.sign_in("operator")
    copied = client.cookies["counterfoil_session"]
    assert client.post("/console/sign-out").headers["location"] == "/console/sign-in"
    client.cookies.set("counterfoil_session", copied, domain="console.test", path="/console")
    assert client.get("/console/accounts").status_code == 303


def test_a_session_ends_unused_after_half_an_hour_and_used_after_twelve(own_house: House) -> None:
    idle, busy = own_house.sign_in("operator"), own_house.sign_in("operator")
    for _ in range(24):
        own_house.clock.advance(timedelta(minutes=29, seconds=50))
        assert busy.get("/console/accounts").status_code == 200
    assert idle.get("/console/accounts").status_code == 303
    own_house.clock.advance(timedelta(minutes=5))
    assert busy.get("/console/accounts").status_code == 303


def test_a_session_ends_with_its_token(own_house: House) -> None:
    client = own_house.sign_in("issuer")
    with own_house.database.transaction() as tx:
        (issuer,) = (token["id"] for token in tokens(tx) if token["name"] == "issuer")
        revoke_token(tx, issuer, now=NOW)
    assert client.get("/console/accounts").status_code == 303
    with own_house.database.transaction() as tx:
        _, short = create_token(
            tx,
            name="short",
            roles=["operator"],
            creator="test",
            approver="second",
            now=NOW,
            expires_at=NOW + timedelta(minutes=1),
        )
    own_house.secrets["short"] = short
    client = own_house.sign_in("short")
    own_house.clock.advance(timedelta(minutes=1))
    assert client.get("/console/accounts").status_code == 303


def test_a_browser_finds_that_it_is_signed_in_without_prolonging_it(own_house: House) -> None:
    client = own_house.sign_in("operator")
    own_house.clock.advance(timedelta(minutes=20))
    assert client.get("/console/session").json() == {"signed_in": True}
    own_house.clock.advance(timedelta(minutes=11))
    assert client.get("/console/session").json() == {"signed_in": False}


def test_guessing_is_slowed_per_address(own_house: House) -> None:
    client = own_house.stranger()
    for _ in range(5):
        assert client.post("/console/sign-in", data={"token": "cf_guess"}).status_code == 401
    answer = client.post("/console/sign-in", data={"token": "cf_guess"})
    assert answer.status_code == 429
    assert "CON-429" in answer.text
    assert client.post("/console/sign-in", data={"token": own_house.secrets["operator"]}).status_code == 429


def test_two_processes_count_the_same_failures(own_house: House) -> None:
    one, other = own_house.stranger(), own_house.stranger()
    for n in range(5):
        assert (one, other)[n % 2].post("/console/sign-in", data={"token": "cf_guess"}).status_code == 401
    assert other.post("/console/sign-in", data={"token": "cf_guess"}).status_code == 429
    own_house.clock.advance(timedelta(seconds=1))
    assert one.post("/console/sign-in", data={"token": own_house.secrets["operator"]}).status_code == 303
    assert other.post("/console/sign-in", data={"token": "cf_guess"}).status_code == 401, "it begins anew"


def test_failed_sign_ins_are_in_the_audit_trail_without_what_was_tried(own_house: House) -> None:
    with own_house.database.transaction() as tx:
        id_, revoked = create_token(
            tx, name="Gone", roles=["operator"], creator="test", approver="second", now=NOW
        )
        revoke_token(tx, id_, now=NOW)
    client = own_house.stranger()
    for token in ("cf_guess<b>", "cf_guess<b>", revoked):
        client.post("/console/sign-in", data={"token": token})
    page = own_house.sign_in("auditor").get("/console/audit?what=sign_in_failed").text
    assert page.count("<td>sign in failed</td>") == 2
    assert "times: 2" in page
    assert f"token: Gone ({id_})" in page
    assert "127.0.0.1" in page
    with own_house.database.transaction() as tx:
        kept = tx.value("SELECT string_agg(r::text, '') FROM access.refusal AS r")
    for secret in ("cf_guess", revoked, revoked[3:20]):
        assert secret not in page
        assert secret not in kept


def test_a_refused_act_is_in_the_audit_trail_and_a_refused_look_is_not(own_house: House) -> None:
    auditor = own_house.sign_in("auditor")
    for _ in range(2):
        assert auditor.post("/console/settlement/cycles").status_code == 403
    assert own_house.sign_in("issuer").get("/console/audit").status_code == 403
    page = auditor.get("/console/audit?what=act_refused").text
    assert page.count("<td>act refused</td>") == 1
    for told in ("POST /console/settlement/cycles", "auditor (", "code: ACC-403", "times: 2"):
        assert told in page


def test_signing_out_everywhere_ends_every_session_of_the_token_and_no_others(own_house: House) -> None:
    here, there, else_ = (own_house.sign_in(role) for role in ("operator", "operator", "auditor"))
    page = here.get("/console/sessions").text
    assert (page.count("<td>this browser</td>"), page.count("<td>another browser</td>")) == (1, 1)
    assert there.cookies["counterfoil_session"] not in page
    assert here.post("/console/sessions/close", headers={"X-Counterfoil-Csrf": "x"}).status_code == 403
    assert here.post("/console/sessions/close").headers["location"] == "/console/sign-in"
    for client, status in ((here, 303), (there, 303), (else_, 200)):
        assert client.get("/console/accounts").status_code == status
