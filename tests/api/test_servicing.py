"""Events, observations, declarations and proofs over HTTP."""

from datetime import timedelta
from uuid import UUID

import pytest

from counterfoil.core.calendar import Convention, add_business_days, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.processes import start_due, sweep_events
from counterfoil.servicing import withdraw
from tests.api.conftest import ISSUER, OTHER, Api
from tests.instruments.examples import example

TODAY = business_date(SystemClock())
DAY = adjust(TODAY, Convention.FOLLOWING, "TARGET")
FIXING = adjust(TODAY, Convention.PRECEDING, "XETR")
SAP = "DE0007164600"


@pytest.fixture
def note(api: Api) -> dict:
    """A discount certificate that is valued on the next open day; its final redemption."""
    end = add_business_days(DAY, 1, "TARGET+XETR")
    terms = example("1200") | {
        "issuer": ISSUER, "issue_date": DAY.isoformat(), "initial_valuation_date": DAY.isoformat(),
        "final_valuation_date": end.isoformat(), "maturity_date": add_business_days(end, 3, "TARGET").isoformat(),
    }  # fmt: skip
    sent = api.client("issuer").post("/issuances", json={"kind": "NEW", "instrument": terms})
    assert sent.status_code in (201, 202), sent.text
    api.work()
    later = SystemClock().now() + timedelta(seconds=5)
    sweep_events(api.database, later)
    found = (
        api.client("issuer").get("/events", params={"to": "2080-01-01"} | {"from": TODAY.isoformat()}).json()
    )
    (event,) = [e for e in found["items"] if e["kind"] == "redemption"]
    return event


def test_the_calendar_shows_what_was_just_issued(api: Api, note: dict):
    params = {"from": TODAY.isoformat(), "to": "2080-01-01", "isin": note["isin"]}
    found = api.client("issuer").get("/events", params=params).json()["items"]
    assert [e["kind"] for e in found] == ["issue", "initial_fixing", "final_fixing", "redemption"]
    page = api.client("issuer").get("/events", params=params | {"limit": 3}).json()
    rest = api.client("issuer").get("/events", params=params | page["next"]).json()
    assert page["items"] + rest["items"] == found
    wrong = api.client("issuer").get("/events", params={"from": "2027-01-02", "to": "2027-01-01"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "SRV-002")


def test_the_calendar_of_an_issuer_or_of_a_day_has_its_events_and_no_others(api: Api, note: dict):
    client, ever = api.client(), {"from": TODAY.isoformat(), "to": "2080-01-01"}
    every = client.get("/events", params=ever).json()["items"]
    assert client.get("/events", params=ever | {"issuer": ISSUER}).json()["items"] == every != []
    assert client.get("/events", params=ever | {"issuer": OTHER}).json()["items"] == []
    day = {"from": note["payment"], "to": note["payment"]}
    assert [(e["on"], e["kind"]) for e in client.get("/events", params=day).json()["items"]] == [
        (note["payment"], "redemption")
    ]


def test_ticks_come_as_files_and_knock_out(api: Api):
    operator, issuer = api.client(), api.client("issuer")
    for source in ("XETR", "VENUE"):
        assert operator.request("PUT", f"/observations/sources/{source}", json={}).status_code == 200
    terms = example("2200") | {
        "issuer": ISSUER, "issue_date": DAY.isoformat(), "initial_valuation_date": DAY.isoformat(),
        "barrier": {"level": "120", "observed_from": (TODAY - timedelta(days=1)).isoformat()},
    }  # fmt: skip
    assert issuer.post("/issuances", json={"kind": "NEW", "instrument": terms}).status_code in (201, 202)
    api.work()
    sweep_events(api.database, SystemClock().now() + timedelta(seconds=5))
    at = SystemClock().now().isoformat()
    good = f"{SAP},XETR,{at},120.00\n{SAP},VENUE,{at},119.5\n"
    rows = f"underlying,source,at,price\n{good}{SAP},NOBODY,{at},1\n{SAP},XETR,,1\n"
    sent = operator.post("/ticks", content=rows, headers={"Content-Type": "text/csv"})
    assert sent.status_code == 201, sent.text
    found = sent.json()
    assert (found["received"], found["entered"], found["refused"], found["knocked_out"]) == (4, 2, 2, 1), (
        found
    )
    assert [(r["line"], r["errors"][0]["code"]) for r in found["refusals"]] == [
        (4, "SRV-011"),
        (5, "SRV-018"),
    ]
    isin = found["knock_outs"][0]["isin"]
    touches = issuer.get("/ticks/touches", params={"isin": isin}).json()["items"]
    assert [(t["source"], t["price"], t["level"]) for t in touches] == [
        ("VENUE", "119.5", "120"), ("XETR", "120.00", "120"),
    ]  # fmt: skip
    assert "SUSPEND" in issuer.get(f"/register/{isin}/entries").text
    again = operator.post("/ticks", content=rows, headers={"Content-Type": "text/csv"}).json()
    assert (again["entered"], again["repeated"], again["knocked_out"]) == (0, 2, 0)


def test_an_event_says_what_it_lacks(api: Api, note: dict):
    found = api.client("issuer").get(f"/events/{note['id']}").json()
    assert [refusal["code"] for refusal in found["lacks"]] == ["INS-060"]
    assert found["state"] == "scheduled"
    assert api.client("issuer").get(f"/events/{note['id']}/proof").json()["code"] == "SRV-050"


def test_observations_come_as_files_and_want_two_persons(api: Api):
    operator, issuer = api.client(), api.client("issuer")
    assert operator.request("PUT", "/observations/sources/XETR", json={}).status_code == 200
    rows = f"kind,subject,day,source,value\nprice,{SAP},{FIXING},XETR,152.36\nprice,{SAP},{FIXING},NOBODY,1\n"
    sent = operator.post("/observations", content=rows, headers={"Content-Type": "text/csv"})
    assert sent.status_code == 201, sent.text
    first, second = sent.json()["items"]
    assert second["errors"][0]["code"] == "SRV-011"
    refused = operator.post("/observations/confirmations", json={"observations": [first["observation"]]})
    assert (refused.status_code, refused.json()["code"]) == (403, "SRV-014")
    assert (
        issuer.post("/observations", content="[]", headers={"Content-Type": "application/json"}).status_code
        == 403
    )
    listed = issuer.get("/observations", params={"kind": "price", "subject": SAP}).json()["items"]
    assert [(o["standing"], o["value"]) for o in listed] == [("unconfirmed", "152.36")]
    disputed = issuer.post(f"/observations/{first['observation']}/disputes", json={"reason": "wrong day"})
    assert disputed.status_code == 201
    verdict = f"/observations/disputes/{disputed.json()['dispute']}/verdict"
    assert operator.post(verdict, json={"upheld": True, "reason": "so it is"}).status_code == 201
    listed = issuer.get("/observations", params={"kind": "price", "subject": SAP}).json()["items"]
    assert [o["standing"] for o in listed] == ["absent"]


def test_a_declaration_is_the_paying_agents(api: Api, note: dict):
    path = f"/events/{note['id']}/declarations"
    assert api.client("dealer").post(path, json={"amount": "150"}).status_code == 403
    assert api.client().post(path, json={"amount": "150"}).status_code == 201
    assert api.client().get(f"/events/{note['id']}").json()["declared"] == "150"


def test_rights_are_used_by_those_who_have_them(api: Api, note: dict):
    call = {"isin": note["isin"], "day": DAY.isoformat()}
    assert api.client("issuer").post("/calls", json=call).status_code == 403
    assert api.client().post("/calls", json=call).json()["code"] == "SRV-041"
    wanted = {"isin": note["isin"], "account": f"{ISSUER}-ISSUER", "units": "1", "day": DAY.isoformat()}
    assert api.client("dealer").post("/exercises", json=wanted).status_code == 403
    assert api.client("issuer").post("/exercises", json=wanted).json()["code"] == "SRV-041"
    assert api.client("dealer").post("/deletion-consents", json={"issuer": ISSUER}).status_code == 403
    assert api.client("issuer").post("/deletion-consents", json={"issuer": ISSUER}).status_code == 201
    assert api.client().post(f"/events/{note['id']}/corrections", json={"reason": "x"}).status_code == 202
    funding = api.client().get("/funding", params={"until": "2080-01-01"}).json()
    assert [e["isin"] for e in funding["events"]] == [note["isin"]]


def test_what_is_due_is_started_once(api: Api, note: dict):
    later = SystemClock().now() + timedelta(days=20)
    with api.database.transaction() as tx:
        assert start_due(tx, now=later) == 1
        assert start_due(tx, now=later) == 0
    (found,) = api.client().get("/instances", params={"process_id": "redemption"}).json()["items"]
    assert found["id"] == note["id"]


def test_what_was_refused_is_reopened_by_the_depository(api: Api, note: dict):
    operator, path = api.client(), f"/events/{note['id']}"
    assert operator.post(f"{path}/reopenings", json={"reason": "x"}).json()["code"] == "SRV-062"
    with api.database.transaction() as tx:
        withdraw(tx, [UUID(note["id"])], reason="refused", now=SystemClock().now(), actor="test")
    again = operator.post(f"{path}/reopenings", json={"reason": "the agent was right"})
    assert (again.status_code, again.json()["state"], again.json()["kind"]) == (
        202,
        "scheduled",
        "redemption",
    )
    assert operator.post(f"{path}/reopenings", json={"reason": "x"}).json()["code"] == "SRV-062"


def test_what_stands_in_suspense_is_listed_and_only_a_closed_accounts_part_goes_elsewhere(
    api: Api, note: dict
):
    operator = api.client()
    assert operator.get("/suspense", params={"event": note["id"]}).json() == {"items": []}
    release = {"account": f"{ISSUER}-ISSUER", "into": f"{ISSUER}-OWN", "reason": "closed"}
    refused = operator.post(f"/events/{note['id']}/releases", json=release)
    assert (refused.status_code, refused.json()["code"]) == (404, "SRV-060")
