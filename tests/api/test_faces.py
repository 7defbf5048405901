"""What a client meets: rights, problems, batches, single issuances, tasks, the register."""

import gzip
import json
import re

import pytest

from counterfoil.sample import fictional_issuers
from tests.api.conftest import ISSUER, OTHER

OPEN = {"/healthz", "/readyz", "/errors", "/errors/{code}"}
DAY = {"business_date": "2026-11-20"}


def terms(**changes) -> dict:
    """A discount certificate."""
    return {
        "class": "1200", "name": "SAP Discount", "issuer": ISSUER, "currency": "EUR", "denomination": "1",
        "volume": {"authorised": "1000", "mode": "up_to"}, "issue_price": "98.5", "issue_date": "2026-11-23",
        "initial_valuation_date": "2026-11-23", "final_valuation_date": "2027-06-18", "maturity_date": "2027-06-25",
        "underlyings": [{"kind": "equity", "name": "SAP SE", "isin": "DE0007164600", "initial_fixing": "120"}],
        "cap": "130",
    } | changes  # fmt: skip


def lines(*items: dict) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def submit(api, *items: dict, role: str = "operator", **arguments):
    headers = {"Content-Type": "application/x-ndjson"} | arguments.pop("headers", {})
    return api.client(role).post(
        "/batches",
        content=lines(*items),
        headers=headers,
        params=DAY | arguments.pop("params", {}),
        **arguments,
    )


def issued(api, role: str = "operator", **changes) -> str:
    """The ISIN of a new instrument."""
    batch = submit(api, {"instrument": terms(**changes)}, role=role).json()["batch"]
    api.work()
    (item,) = api.client().get(f"/batches/{batch}/items").json()["items"]
    assert item["outcome"] == "done", item
    return item["isin"]


def is_problem(answer, status: int, code: str) -> dict:
    """The problem document, complete and without a stack trace."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["type"] == f"/errors/{code}"
    assert {"title", "status", "detail", "instance", "remedy", "errors"} <= problem.keys()
    assert "Traceback" not in answer.text
    return problem


def operations(api) -> list[tuple[str, str]]:
    return [(m.upper(), p) for p, found in api.app.openapi()["paths"].items() for m in found]


def test_every_route_but_the_open_ones_refuses_without_a_token(api):
    for method, path in operations(api):
        if path in OPEN:
            continue
        filled = re.sub(r"\{[^}]+\}", "01a1fb66-8b66-7000-b77a-b17f44c71172", path)
        answer = api.client(None).request(method, filled, json={} if method == "POST" else None)
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("auditor", "POST", "/batches"),
        ("dealer", "POST", "/batches"),
        ("approver", "POST", "/issuances"),
        ("issuer", "GET", "/instances"),
        ("issuer", "POST", "/definitions"),
        ("issuer", "GET", "/tokens"),
        ("issuer", "GET", "/metrics"),
        ("issuer", "POST", "/parties/imports"),
        ("operator", "POST", "/tasks/01a1fb66-8b66-7000-b77a-b17f44c71172/completion"),
    ],
)
def test_what_a_role_may_not_do_is_forbidden(api, role, method, path):
    body = {"approved": True} if path.endswith("completion") else {}
    is_problem(api.client(role).request(method, path, json=body), 403, "ACC-403")


def test_a_revoked_token_is_refused_at_once(api):
    made = api.client().post("/tokens", json={"name": "x", "roles": ["auditor"]}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert api.client(None).get("/tokens", headers=headers).status_code == 403
    assert api.client().delete(f"/tokens/{made['id']}").status_code == 204
    is_problem(api.client(None).get("/batches", headers=headers), 401, "ACC-401")


@pytest.mark.parametrize("token", ["", "x", "cf_", "cf_" + "a" * 5000, "Bearer"])
def test_a_bad_token_is_refused(api, token):
    is_problem(api.client(None).get("/batches", headers={"Authorization": f"Bearer {token}"}), 401, "ACC-401")


def test_incompatible_roles_are_not_put_in_one_hand(api):
    answer = api.client().post("/tokens", json={"name": "x", "roles": ["operator", "approver"]})
    is_problem(answer, 422, "ACC-407")


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "API-002"),
        ("PUT", "/batches", {}, 405, "API-003"),
        ("GET", "/batches/not-an-id", {}, 422, "API-001"),
        ("GET", "/batches/01a1fb66-8b66-7000-b77a-b17f44c71172", {}, 404, "PRC-023"),
        ("GET", "/batches?limit=0", {}, 422, "API-001"),
        ("GET", "/instruments/XX", {}, 404, "PRC-008"),
        ("GET", "/register/XX/extract", {}, 404, "REG-001"),
        ("GET", "/parties/XX", {}, 404, "PTY-003"),
        ("GET", "/errors/NO-1", {}, 404, "API-006"),
        ("POST", "/batches", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "PRC-025"),
        ("POST", "/batches", {"content": b"", "headers": {"Content-Type": "text/csv"}}, 400, "PRC-020"),
        ("POST", "/issuances", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "API-005"),
        ("POST", "/tokens", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "API-001"),
        ("POST", "/tokens", {"json": {"name": "x", "roles": ["king"]}}, 422, "ACC-406"),
        ("POST", "/tokens", {"content": b"x" * 2_000_000}, 413, "API-004"),
        ("POST", "/parties/imports", {"content": b"{"}, 400, "PTY-001"),
        ("POST", "/instruments/XX/payoff", {"content": b'{"a": NaN}'}, 400, "COR-001"),
        ("POST", "/definitions", {"content": b"<x/>"}, 400, None),
        (
            "POST", "/batches",
            {"content": b"garbage", "headers": {"Content-Type": "text/csv", "Content-Encoding": "gzip"}},
            400, "PRC-024",
        ),
    ],
)  # fmt: skip
def test_every_refusal_is_a_problem_document(api, method, path, arguments, status, code):
    role = "modeller" if path == "/definitions" else "operator"
    answer = api.client(role).request(method, path, **arguments)
    is_problem(answer, status, code or answer.json()["code"])


def test_an_unexpected_error_shows_an_id_and_nothing_else(api, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("the secret is Rumpelstilzchen")

    monkeypatch.setattr("counterfoil.api.routes.instruments.page_of_instruments", broken)
    problem = is_problem(api.client().get("/instruments"), 500, "API-500")
    assert "Rumpelstilzchen" not in json.dumps(problem)


def test_a_batch_is_reported_item_by_item_in_input_order(api):
    bad = terms(cap="-1", denomination=True)
    receipt = submit(
        api, {"reference": "a", "instrument": terms()}, {"reference": "b", "instrument": bad}
    ).json()
    api.work()
    found = api.client().get(f"/batches/{receipt['batch']}").json()
    assert found["state"] == "DONE_WITH_ERRORS"
    assert found["progress"]["booked"] == found["progress"]["rejected"] == 1
    first, second = api.client().get(f"/batches/{receipt['batch']}/items").json()["items"]
    assert (first["outcome"], second["outcome"]) == ("done", "rejected")
    assert {r["pointer"] for r in second["refusals"]} == {"/instrument/cap", "/instrument/denomination"}
    reasons = api.client().get(f"/batches/{receipt['batch']}/reasons").json()
    assert {r["code"] for r in reasons} == {r["code"] for r in second["refusals"]}


def test_the_same_batch_in_json_csv_and_gzip_means_the_same(api):
    item = {"instrument": terms()}
    flat = {f"instrument.{k}": v for k, v in terms().items() if not isinstance(v, dict | list)} | {
        "instrument.volume.authorised": "1000",
        "instrument.volume.mode": "up_to",
    }
    for name, value in terms()["underlyings"][0].items():
        flat[f"instrument.underlyings.0.{name}"] = value
    csv = ",".join(flat) + "\n" + ",".join(flat.values()) + "\n"
    bodies = [
        ("application/x-ndjson", lines(item), {}),
        ("application/json", json.dumps([item]).encode(), {}),
        ("application/json", json.dumps({"items": [item]}).encode(), {}),
        ("text/csv", csv.encode(), {}),
        ("application/x-ndjson", gzip.compress(lines(item)), {"Content-Encoding": "gzip"}),
    ]
    hashes = set()
    for content_type, body, headers in bodies:
        answer = api.client().post(
            "/batches", content=body, headers={"Content-Type": content_type, **headers}, params=DAY
        )
        assert answer.status_code == 202, answer.text
        api.work()
        (result,) = api.client().get(f"/batches/{answer.json()['batch']}/items").json()["items"]
        assert result["outcome"] == "done", result
        found = api.client().get(f"/instruments/{result['isin']}").json()["terms"]
        hashes.add(json.dumps({k: v for k, v in found.items() if k not in ("isin", "wkn")}, sort_keys=True))
    assert len(hashes) == 1


def test_the_same_key_gives_the_same_batch_and_another_body_is_refused(api):
    first = submit(api, {"instrument": terms()}, headers={"Idempotency-Key": "k"})
    again = submit(api, {"instrument": terms()}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["batch"] == again.json()["batch"]
    is_problem(
        submit(api, {"instrument": terms(cap="131")}, headers={"Idempotency-Key": "k"}), 409, "PRC-022"
    )


def test_a_single_issuance_tells_its_result(api):
    answer = api.client().post("/issuances", json={"instrument": terms()}, params=DAY)
    assert answer.status_code == 202
    api.work()
    batch = answer.headers["location"]
    (item,) = api.client().get(f"{batch}/items").json()["items"]
    assert item["outcome"] == "done"


def test_validation_alone_stores_nothing(api):
    answer = api.client().post(
        "/batches/validation", content=lines({"instrument": terms()}, {"instrument": terms(cap="0")}),
        headers={"Content-Type": "application/x-ndjson"}, params=DAY,
    )  # fmt: skip
    assert [json.loads(line)["valid"] for line in answer.text.splitlines()] == [True, False]
    assert api.client().get("/batches").json()["items"] == []


def test_what_a_batch_has_sold_is_told_to_those_who_may_see_it(api):
    buyer = OTHER
    api.client().post("/accounts", json={"owner": buyer, "kind": "own"}).raise_for_status()
    sold = {"instrument": terms(), "distribution": [{"buyer": buyer, "quantity": 10, "price": "99.5"}]}
    batch = submit(api, sold, {"instrument": terms()}).json()["batch"]
    api.work()
    (told,) = api.client().get(f"/batches/{batch}/placements").json()
    assert (told["items"], told["deliveries"], told["quantity"], told["amount"]) == (1, 1, "10", "995.00")
    (item,) = api.client().get(f"/batches/{batch}/items", params={"placement": "waiting"}).json()["items"]
    assert (item["position"], item["placement"]["state"], item["placement"]["proceeds"]) == (
        1,
        "waiting",
        "0",
    )
    assert api.client().get(f"/batches/{batch}/items", params={"placement": "placed"}).json()["items"] == []
    assert api.client("other").get(f"/batches/{batch}/placements").status_code == 404
    progress = api.client().get(f"/batches/{batch}").json()
    assert (progress["state"], progress["progress"]["awaiting_settlement"]) == ("DONE", 1)


def test_progress_arrives_as_events_until_the_end(api):
    batch = submit(api, {"instrument": terms()}).json()["batch"]
    api.work()
    answer = api.client().get(f"/batches/{batch}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    data = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert data[-1]["state"] == "DONE"
    assert data[-1]["booked"] == 1


def test_an_issuer_sees_and_acts_for_itself_only(api):
    own = issued(api, role="issuer", volume={"authorised": "1000", "mode": "fixed"})
    foreign = issued(api, issuer=OTHER)
    assert api.client("issuer").get(f"/register/{own}/extract").status_code == 200
    for place in ("extract", "entries"):
        answers = [
            api.client("issuer").get(f"/register/{isin}/{place}") for isin in (foreign, "DE000CF0ZZZ9")
        ]
        told = [answer.text.replace(foreign, "DE000CF0ZZZ9") for answer in answers]
        assert told[0] == told[1], "another's issue cannot be told from none"
        is_problem(answers[0], 404, "REG-001")
    assert api.client("issuer").get(f"/instruments/{foreign}").json()["positions"] == []
    assert api.client("issuer").get(f"/instruments/{foreign}/holdings").json() == {"items": [], "next": None}
    held = api.client("issuer").get(f"/instruments/{own}/holdings").json()["items"]
    assert [p["kind"] for p in held] == ["issuer"]
    then = api.client("operator").get(f"/instruments/{own}/holdings?as_of=2020-01-01T00:00:00Z").json()
    assert then == {"items": [], "next": None}
    theirs = submit(api, {"instrument": terms(issuer=OTHER)}, role="other").json()["batch"]
    is_problem(api.client("issuer").get(f"/batches/{theirs}"), 404, "PRC-023")
    batch = submit(api, {"instrument": terms(issuer=OTHER)}, role="issuer").json()["batch"]
    api.work()
    (item,) = api.client("issuer").get(f"/batches/{batch}/items").json()["items"]
    assert [r["code"] for r in item["refusals"]] == ["PRC-010"]


def test_a_person_approves_and_never_the_one_who_asked(api):
    isin = issued(api)
    change = {"kind": "AMEND", "isin": isin, "changes": {"cap": "140"}, "issuer_consent": True}
    batch = submit(api, change).json()["batch"]
    api.work()
    (task,) = api.client("approver").get("/tasks").json()["items"]
    is_problem(api.client().post(f"/tasks/{task['id']}/completion", json={"approved": True}), 403, "ACC-403")
    done = api.client("approver").post(f"/tasks/{task['id']}/completion", json={"approved": True})
    assert done.status_code == 200, done.text
    api.work()
    (item,) = api.client().get(f"/batches/{batch}/items").json()["items"]
    assert (item["outcome"], item["entry_no"]) == ("done", 2)
    assert api.client().get(f"/instruments/{isin}").json()["terms"]["cap"] == "140"
    assert [v["effect"] for v in api.client().get(f"/instruments/{isin}/versions").json()] == [
        None,
        "economic",
    ]
    is_problem(
        api.client("approver").post(f"/tasks/{task['id']}/completion", json={"approved": True}),
        404,
        "ORC-203",
    )


def test_terms_schedule_and_payoff_can_be_recomputed(api):
    isin = issued(api)
    text = api.client().get(f"/instruments/{isin}/terms")
    assert text.headers["etag"].strip('"') == api.client().get(f"/instruments/{isin}").json()["terms_hash"]
    kinds = [event["kind"] for event in api.client().get(f"/instruments/{isin}/schedule").json()]
    assert kinds[0] == "issue"
    assert kinds[-1] == "redemption"
    prices = [{"underlying": "DE0007164600", "date": d, "price": p} for d, p in (("2027-06-18", "125"),)]
    found = api.client().post(f"/instruments/{isin}/payoff", json={"prices": prices}).json()
    assert found["cash"] == "125.00"
    is_problem(api.client().post(f"/instruments/{isin}/payoff", json={"prices": 1}), 422, "INS-003")


def test_the_register_tells_what_stood_at_a_past_moment(api):
    isin = issued(api)
    entry = api.client().get(f"/register/{isin}/entries").json()[0]
    batch = submit(api, {"kind": "TOP_UP", "isin": isin, "quantity": "10"}).json()["batch"]
    api.work()
    assert api.client().get(f"/batches/{batch}").json()["state"] == "DONE"
    now = api.client().get(f"/register/{isin}/extract").json()
    then = api.client().get(f"/register/{isin}/extract", params={"as_of": entry["changed_at"]}).json()
    assert (then["issued"], now["issued"]) == ("0", "10")


def test_a_broken_model_is_refused_with_all_that_is_wrong(api):
    xml = (
        b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">'
        b'<bpmn:process id="p" isExecutable="true"><bpmn:scriptTask id="s"/><bpmn:task id="t"/></bpmn:process>'
        b"</bpmn:definitions>"
    )
    answer = api.client("modeller").post("/definitions", content=xml)
    assert answer.status_code == 422
    assert {"/s", "/t"} <= {e["pointer"] for e in answer.json()["errors"]}


def test_pages_follow_one_another_without_gap(api):
    isins = sorted(issued(api) for _ in range(3))
    first = api.client().get("/instruments", params={"limit": 2}).json()
    second = api.client().get("/instruments", params={"limit": 2, "after": first["next"]}).json()
    assert [i["isin"] for i in first["items"] + second["items"]] == isins
    assert second["next"] is None


def test_parties_say_whether_they_may_issue(api):
    lei, name = fictional_issuers()[2]
    found = api.client("issuer").get(f"/parties/{lei}").json()
    assert (found["legal_name"], found["may_issue"]) == (name, True)
