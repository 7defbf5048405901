"""Corporate actions over HTTP: asked for by one, approved by another."""

from datetime import date

from counterfoil.core.clock import SystemClock, business_date
from counterfoil.processes import sweep_events
from tests.api.conftest import ISSUER, Api
from tests.instruments.examples import example

SAP = "DE0007164600"
TODAY = business_date(SystemClock())


def ask(api: Api, **changes: str):
    body = {"underlying": SAP, "factor": "0.5", "ex_day": TODAY.isoformat(), "reason": "split 1:2", **changes}
    return api.client().post("/adjustments", json=body)


def test_who_asks_may_not_approve_and_another_may(api: Api):
    terms = example("1200") | {"issuer": ISSUER}
    assert date.fromisoformat(terms["issue_date"]) > TODAY
    made = api.client("issuer").post("/issuances", json={"kind": "NEW", "instrument": terms})
    assert made.status_code in (201, 202), made.text
    api.work()
    sweep_events(api.database, SystemClock().now())
    adjustment = ask(api).json()["adjustment"]
    assert ask(api).json()["code"] == "SRV-071"
    api.work()
    (task,) = api.client().get("/tasks").json()["items"]
    own = api.client().post(f"/tasks/{task['id']}/completion", json={"approved": True})
    assert (own.status_code, own.json()["code"]) == (403, "ACC-403")
    answer = api.client("approver").post(f"/tasks/{task['id']}/completion", json={"approved": True})
    assert answer.status_code == 200, answer.text
    api.work()
    (shown,) = api.client().get("/adjustments", params={"underlying": SAP}).json()["items"]
    assert (shown["id"], shown["approved"], shown["securities"]) == (adjustment, True, 1)
    (moved,) = api.client().get(f"/adjustments/{adjustment}/securities").json()["items"]
    assert moved["terms_version"] == 2
    day = {"from": TODAY.isoformat(), "to": TODAY.isoformat(), "isin": moved["isin"], "kind": "adjustment"}
    (event,) = api.client().get("/events", params=day).json()["items"]
    assert (event["pointer"], event["state"]) == (f"/adjustments/{adjustment}", "applied")
    kinds = [e["kind"] for e in api.client().get(f"/register/{moved['isin']}/entries").json()]
    assert sorted(kinds) == ["AMEND", "NEW"]


def test_what_cannot_be_read_is_refused(api: Api):
    assert ask(api, factor="1").json()["code"] == "SRV-070"
    assert ask(api, factor="-1").status_code == 422
    unknown = api.client().get("/adjustments/01a1fb66-8b66-7000-b77a-b17f44c71172/securities")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "SRV-072")
