"""Four eyes over HTTP: an operator mends and moves what it can, and whoever asked is refused all the same."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from json import dumps
from uuid import UUID

import pytest

from counterfoil.access import create_token, new_secret
from counterfoil.core.clock import SystemClock
from counterfoil.core.db import Transaction
from counterfoil.core.ids import new_id
from counterfoil.processes import Policy, Submission, accept, start_adjustment, start_correction, start_events
from counterfoil.servicing import Action, Process, ServicingEvent
from tests.api.conftest import ISSUER, Api
from tests.instruments.examples import BUSINESS_DATE, example
from tests.processes.desk import NDJSON, ndjson

NOW = SystemClock().now()
ISIN = "DE000CF00002"
Ask = Callable[[Transaction, str, str], object]


def amend(tx: Transaction, label: str, isin: str) -> None:
    changes = {
        "kind": "AMEND",
        "isin": isin,
        "changes": {"maturity_date": "2029-12-28"},
        "issuer_consent": True,
    }
    submission = Submission(ISSUER, label, None, Policy.CONTINUE, BUSINESS_DATE, NOW)
    accept(tx, [ndjson([changes])], submission, content_type=NDJSON, now=lambda: NOW)


def correct(tx: Transaction, label: str, isin: str) -> None:
    start_correction(tx, new_id(), isin, "wrong fixing", now=NOW, requester=label)


def adjust(tx: Transaction, label: str, _isin: str) -> None:
    action = Action("DE0007164600", Decimal("0.5"), date(2027, 1, 4))
    start_adjustment(tx, action, "split 1:2", now=NOW, requester=label)


def call(tx: Transaction, label: str, isin: str) -> None:
    event = ServicingEvent(
        new_id(), isin, 1, "early_redemption", date(2027, 1, 4), None, None, "", ISSUER, "EUR", {"called_by": label}
    )  # fmt: skip
    start_events(tx, [(event, Process.EARLY_REDEMPTION)], now=NOW)


def issued(api: Api) -> str:
    terms = example("1200") | {"issuer": ISSUER}
    sent = api.client("issuer").post("/issuances", json={"kind": "NEW", "instrument": terms})
    assert sent.status_code in (201, 202), sent.text
    api.work()
    return str(api.client("issuer").get("/instruments", params={"limit": 1}).json()["items"][0]["isin"])


@pytest.mark.parametrize("ask", [amend, correct, adjust, call])
def test_whoever_asked_is_refused_whatever_an_operator_mends(api: Api, ask: Ask) -> None:
    isin = issued(api)
    with api.database.transaction() as tx:
        token, api.secrets["asker"] = create_token(
            tx,
            name="asker",
            roles=["paying_agent", "approver"],
            creator="test",
            approver="second",
            now=NOW,
            lei=ISSUER,
        )
        ask(tx, f"asker ({token})", isin)
    api.work()
    operator = api.client()
    (task,) = operator.get("/tasks").json()["items"]
    assert task["asked_by"] == f"asker ({token})"
    shown = operator.get(f"/tasks/{task['id']}")
    if ask in (amend, adjust):
        proposal = shown.json()["proposal"]
        assert proposal["headings"] == ["As it stands", "As it would be"]
        assert any(line["before"] != line["after"] for line in proposal["lines"]), proposal
    else:
        assert shown.json()["code"] == "SRV-001", "there is no such event"
    told = operator.get(f"/instances/{task['instance_id']}").json()
    for name in (*told["variables"], "requester", "asked_by", "approved", "needs_approval"):
        said = {"ids": [task["instance_id"]], "variables": {name: "Eve"}}
        answer = operator.post("/instances/variables", json=said)
        assert (answer.status_code, answer.json()["code"]) == (409, "ORC-208"), answer.text
        assert answer.json()["errors"][0]["pointer"] == f"/variables/{name}"
    own = api.client("asker").post(f"/tasks/{task['id']}/completion", json={"approved": True})
    assert (own.status_code, own.json()["code"]) == (403, "ACC-405")
    assert operator.get(f"/instances/{task['instance_id']}").json()["variables"] == told["variables"]
    answer = api.client("approver").post(f"/tasks/{task['id']}/completion", json={"approved": False})
    assert answer.status_code == 200, answer.text


def test_a_mending_is_asked_for_by_an_operator_and_set_by_an_approver(api: Api) -> None:
    isin = issued(api)
    with api.database.transaction() as tx:
        amend(tx, "issuer (x)", isin)
    api.work()
    operator, approver = api.client(), api.client("approver")
    (task,) = operator.get("/tasks").json()["items"]
    body = {"ids": [task["instance_id"]], "variables": {"policy": "x"}, "reason": "x"}
    answer = operator.post("/instances/mendings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "ORC-212")
    for wrong in ({"ids": []}, {"variables": {}}, {"reason": ""}, {"ids": [str(new_id())]}, {"more": 1}):
        assert operator.post("/instances/mendings", json=body | wrong).status_code in (404, 422), wrong
    for value in ("\0", "a\0b", {"\0": 1}, [["\0"]], 10**400, 1e300, "\ud800"):
        sent = operator.post("/instances/mendings", content=dumps(body | {"variables": {"policy": value}}))
        assert 400 <= sent.status_code < 500, (value, sent.text)
    assert approver.post(f"/tasks/{task['id']}/completion", json={"approved": False}).status_code == 200


def test_an_operator_deploys_no_model_that_asks_nobody(api: Api) -> None:
    model = api.client().get("/definitions/correction/xml").content
    answer = api.client().post("/definitions", content=model)
    assert (answer.status_code, answer.json()["code"]) == (403, "ACC-403")
    (same,) = api.client("modeller").post("/definitions", content=model).json()
    assert (same["version"], same["created"], UUID(same["id"]).version) == (1, False, 7)


@pytest.mark.parametrize("role", ["operator", "approver", "modeller", "fixing_agent"])
def test_an_operator_alone_makes_no_token_that_decides_for_others(api: Api, role: str) -> None:
    operator, approver = api.client(), api.client("approver")
    answer = operator.post("/tokens", json={"name": "Ada again", "roles": [role]})
    assert (answer.status_code, answer.json()["code"]) == (403, "ACC-411")
    secret, fingerprint = new_secret()
    body = {"name": "Max", "roles": [role], "fingerprint": fingerprint}
    assert approver.post("/tokens/proposals", json=body).status_code == 403
    key = {"Idempotency-Key": "one"}
    first, again = (operator.post("/tokens/proposals", json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    other = operator.post("/tokens/proposals", json=body | {"name": "Eve"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "ACC-414")
    api.work()
    (task,) = approver.get("/tasks").json()["items"]
    facts = dumps(approver.get(f"/tasks/{task['id']}").json()["proposal"])
    assert fingerprint in facts
    assert secret not in facts
    api.secrets["made"] = secret
    assert api.client("made").get("/definitions").status_code == 401
    assert operator.post(f"/tasks/{task['id']}/completion", json={"approved": True}).status_code == 403
    assert approver.post(f"/tasks/{task['id']}/completion", json={"approved": True}).status_code == 200
    assert api.client("made").get("/definitions").status_code == 200


def test_a_key_makes_one_token_and_its_secret_is_shown_once(api: Api) -> None:
    body, key = {"name": "x", "roles": ["auditor"]}, {"Idempotency-Key": "one"}
    first, again = (api.client().post("/tokens", json=body, headers=key).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert first["token"] is not None
    assert again["token"] is None
    other = api.client().post("/tokens", json=body | {"name": "y"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "ACC-414")
    assert [token["name"] for token in api.client().get("/tokens").json()].count("x") == 1
