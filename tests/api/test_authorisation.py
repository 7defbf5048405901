"""Nobody sees or changes what is another's: every route is tried by a stranger, by who may only read, and by nobody.

A route that is not tried here stands in `tests/golden/routes-without-authorisation-test.txt`, which may only shrink.
"""

from typing import Any

import pytest
from fastapi import FastAPI

from counterfoil.access import create_token
from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.sample import fictional_issuers
from tests.api.conftest import ISSUER, NOW, OTHER, Api
from tests.api.test_settlement import DAY, put_up, side

THIRD = fictional_issuers()[2][0]
OPEN = {"GET /healthz", "GET /readyz", "GET /errors", "GET /errors/{code}"}
"""Anybody may ask these."""
MINE = f"{ISSUER}-OWN"

ROUTES = """
route                                                | stranger | reader | body
POST   /accounts                                     | 403      | 403    | {"owner": "ISSUER"}
GET    /accounts                                     | none     | 200    |
GET    /accounts/{number}                            | 404      | 200    |
POST   /accounts/{number}/block                      | 404      | 403    | {"reason": "x"}
POST   /accounts/{number}/unblock                    | 404      | 403    | {"reason": "x"}
POST   /accounts/{number}/close                      | 404      | 403    | {"reason": "x"}
GET    /accounts/{number}/balances                   | 404      | 200    |
GET    /accounts/{number}/statement                  | 404      | 200    |
GET    /accounts/{number}/statement/file             | 404      | 200    |
POST   /accounts/{number}/fundings                   | 403      | 403    | FUNDING
POST   /accounts/{number}/movements                  | 404      | 403    | MOVE
GET    /bookings/{id_}                                | 404      | 404    |
POST   /settlement/instructions                      | 403      | 403    | INSTRUCTION
GET    /settlement/instructions                      | none     | 200    |
GET    /settlement/instructions/{id_}                | 404      | 200    |
POST   /settlement/instructions/{id_}/conditions     | 404      | 403    | {"release": ["PARTY"]}
POST   /settlement/instructions/{id_}/cancellation   | 404      | 403    | {}
GET    /settlement/allegements                       | none     | 200    |
POST   /settlement/cycles                            | 403      | 403    | {}
GET    /settlement/cycles                            | 403      | 200    |
GET    /settlement/exchange-rates                    | none     | 200    |
POST   /settlement/exchange-rates                    | 403      | 403    | RATES
POST   /settlement/batches                           | 400      | 403    | {}
POST   /settlement/batches/validation                | 400      | 403    | {}
GET    /settlement/batches/{id_}                     | 404      | 404    |
POST   /settlement/batches/{id_}/resumption          | 403      | 403    | {}
GET    /settlement/batches/{id_}/reasons             | 404      | 404    |
GET    /settlement/batches/{id_}/results             | 404      | 404    |
GET    /settlement/batches/{id_}/results.{form}      | 404      | 404    |
GET    /settlement/day                               | none     | 200    |
POST   /settlement/days/{day}                        | 403      | 403    | {}
PUT    /settlement/days/{day}                        | 403      | 403    | {}
POST   /settlement/days/{day}/events/{name}          | 403      | 403    | {}
POST   /settlement/days/{day}/events/{name}/shift    | 403      | 403    | SHIFT
GET    /settlement/days                              | none     | 200    |
GET    /settlement/timetables                        | none     | 200    |
POST   /settlement/timetables                        | 403      | 403    | TIMETABLE
GET    /settlement/penalties                         | none     | 200    |
GET    /settlement/penalties/months/{month}          | none     | 200    |
GET    /settlement/prices                            | none     | 200    |
GET    /settlement/overnight-rates                   | none     | 200    |
PUT    /settlement/overnight-rates                   | 403      | 403    | OVERNIGHT
GET    /settlement/penalty-rates                     | none     | 200    |
PUT    /settlement/penalty-rates                     | 403      | 403    | PENALTY
GET    /settlement/insolvencies                      | 403      | 200    |
POST   /settlement/insolvencies                      | 403      | 403    | INSOLVENT
GET    /events/{id_}/entitlements                    | 404      | 404    |
GET    /events/{id_}/proof                           | 404      | 404    |
POST   /proofs                                       | 422      | 422    | {}
POST   /events/{id_}/declarations                    | 403      | 403    | {"amount": "1"}
POST   /events/{id_}/corrections                     | 403      | 403    | {"reason": "x"}
POST   /events/{id_}/reopenings                      | 403      | 403    | {"reason": "x"}
POST   /events/{id_}/releases                        | 403      | 403    | RELEASE
GET    /events/{id_}/claims                          | 404      | 404    |
GET    /suspense                                     | none     | 200    |
POST   /adjustments                                  | 403      | 403    | ADJUSTMENT
GET    /adjustments                                  | none     | 200    |
GET    /adjustments/{id_}/securities                 | 404      | 404    |
POST   /calls                                        | 403      | 403    | CALL
POST   /exercises                                    | 403      | 403    | EXERCISE
POST   /knock-outs                                   | 403      | 403    | KNOCKED_OUT
GET    /funding                                      | 403      | 403    |
POST   /deletion-consents                            | 403      | 403    | {"issuer": "ISSUER"}
POST   /withholdings                                 | 403      | 403    | WITHHELD
POST   /observations                                 | 403      | 403    | []
GET    /observations                                 | 422      | 422    |
POST   /observations/confirmations                   | 403      | 403    | CONFIRMED
POST   /observations/{id_}/disputes                  | 404      | 403    | {"reason": "x"}
POST   /observations/disputes/{id_}/verdict          | 403      | 403    | {"upheld": true, "reason": "x"}
PUT    /observations/sources/{name}                  | 403      | 403    | {}
GET    /observations/sources                         | none     | 200    |
POST   /ticks                                        | 403      | 403    | []
GET    /ticks/touches                                | 422      | 422    |
GET    /instruments/{isin}/holdings                 | 404      | 404    |
GET    /tasks/{id_}                                  | 403      | 404    |
DELETE /tasks/{id_}/assignment                       | 403      | 403    |
GET    /instances                                    | 403      | 200    |
GET    /instances/{id_}                              | 403      | 404    |
GET    /instances/{id_}/visits                       | 403      | 404    |
POST   /instances/cancellations                      | 403      | 403    | SOME
POST   /instances/variables                          | 403      | 403    | MENDED
POST   /instances/mendings                           | 403      | 403    | MENDED
POST   /tokens/proposals                             | 403      | 403    | TOKEN
POST   /instances/migrations                         | 403      | 403    | MIGRATED
GET    /definitions                                  | none     | 200    |
POST   /definitions                                  | 403      | 403    | {}
GET    /definitions/{process_id}/xml                 | none     | 200    |
GET    /definitions/{process_id}/versions/{version}/heat-map | 403 | 200 |
"""


def table() -> list[tuple[str, str, str, str]]:
    lines = [line.split("|", 3) for line in ROUTES.strip().splitlines()[1:]]
    return [(" ".join(route.split()), *(cell.strip() for cell in rest)) for route, *rest in lines]


@pytest.fixture(scope="module")
def held(shared_api: Api) -> dict[str, str]:
    """An account and a held instruction of the issuer, which are nobody else's business."""
    with shared_api.database.transaction() as tx:
        for role, lei in (("custodian", THIRD), ("stranger", THIRD)):
            kind = "issuer" if role == "stranger" else role
            _, shared_api.secrets[role] = create_token(
                tx, name=role, roles=[kind], creator="test", approver="second", now=NOW, lei=lei
            )
    operator = shared_api.client()
    assert operator.post("/accounts", json={"owner": ISSUER}).status_code == 201
    isin = put_up(shared_api)
    sell = side(isin, "DELI", "SECRET-REF", hold=True)
    told = operator.post("/settlement/instructions", json=sell).json()["instructions"][0]
    return {
        "number": MINE,
        "id_": told["id"],
        "day": DAY,
        "isin": isin,
        "name": "end_of_day",
        "form": "csv",
        "month": DAY[:7],
        "process_id": "issuance",
        "version": "1",
    }


def ask(api: Api, role: str | None, route: str, held: dict[str, str], body: str) -> Any:
    method, path = route.split(" ")
    words = {
        "MOVE": {
            "asset": "EUR", "quantity": "1", "from": "available", "to": "blocked", "reason": "x", "reference": "X",
        },
        "SHIFT": {"at": "2026-11-24T12:00:00Z", "reason": "x"},
        "TIMETABLE": {
            "valid_from": "2099-01-01",
            "entries": [{"name": "end", "kind": "end", "on_eve": False, "local_time": "18:00"}],
        },
        "ADJUSTMENT": {
            "underlying": "DE0007164600", "factor": "0.5", "ex_day": "2027-01-04", "reason": "split",
        },
        "SOME": {"ids": [held["id_"]]},
        "TOKEN": {"name": "x", "roles": ["approver"], "fingerprint": "0" * 64},
        "MENDED": {"ids": [held["id_"]], "variables": {"x": 1}, "reason": "x"},
        "MIGRATED": {"ids": [held["id_"]], "process_id": "issuance", "version": 1},
        "CALL": {"isin": "DE000CF00006", "day": "2027-01-01"},
        "RELEASE": {"account": "A", "into": "B", "reason": "x"},
        "KNOCKED_OUT": {"isins": ["DE000CF00006"], "day": "2027-01-01"},
        "EXERCISE": {"isin": "DE000CF00006", "account": MINE, "units": "1", "day": "2027-01-01"},
        "RATES": [{"currency": "USD", "valid_from": "2099-01-01", "rate": "1"}],
        "WITHHELD": {"owner": ISSUER, "valid_from": "2027-01-01", "rate_percent": "1"},
        "CONFIRMED": {"observations": [held["id_"]]},
        "INSOLVENT": {"party": ISSUER, "opened_on": "2026-11-24"},
        "OVERNIGHT": {"currency": "EUR", "valid_from": "2099-01-01", "rate_percent": "1"},
        "PENALTY": {"asset_class": "other", "valid_from": "2099-01-01", "rate": "0.0001"},
        "FUNDING": {"currency": "EUR", "amount": "1", "reference": "X"},
        "INSTRUCTION": side(held["isin"], "DELI", "STOLEN", quantity="1"),
    }  # fmt: skip
    sent: dict[str, Any] = {}
    if method in ("POST", "PUT"):
        sent = (
            {"json": words[body]} if body in words else {"content": (body or "{}").replace("ISSUER", ISSUER)}
        )
        sent["headers"] = {"Content-Type": "application/json"}
    elif path.endswith(("/statement", "/statement/file")):
        sent = {"params": {"asset": "EUR", "from": "2020-01-01T00:00:00Z"}}
    elif path.endswith("/penalties"):
        sent = {"params": {"from": "2026-01-01", "to": "2026-12-31"}}
    return api.client(role).request(method, path.format(**held), **sent)


def stored(database: Database) -> list[Any]:
    """What anybody could have changed."""
    with database.transaction() as tx:
        return tx.rows(
            "SELECT (SELECT count(*) FROM settlement.instruction), (SELECT count(*) FROM settlement.event),"
            " (SELECT count(*) FROM settlement.cancellation_request), (SELECT count(*) FROM ledger.account_event),"
            " (SELECT count(*) FROM ledger.account), (SELECT count(*) FROM ledger.posting),"
            " (SELECT count(*) FROM settlement.cycle), (SELECT count(*) FROM settlement.day),"
            " (SELECT count(*) FROM settlement.insolvency), (SELECT count(*) FROM settlement.timetable),"
            " (SELECT count(*) FROM settlement.overnight_rate), (SELECT count(*) FROM settlement.penalty_rate),"
            " (SELECT count(*) FROM servicing.observation), (SELECT count(*) FROM servicing.dispute),"
            " (SELECT count(*) FROM servicing.source), (SELECT count(*) FROM servicing.event),"
            " (SELECT count(*) FROM settlement.exchange_rate), (SELECT count(*) FROM settlement.batch_item),"
            " (SELECT count(*) FROM servicing.withholding), (SELECT count(*) FROM servicing.deletion_consent)"
        )


@pytest.mark.parametrize(("route", "stranger", "reader", "body"), table())
@pytest.mark.parametrize("role", ["stranger", "custodian"])
def test_another_party_sees_and_changes_nothing(shared_api: Api, held, route, stranger, reader, body, role):
    before = stored(shared_api.database)
    answer = ask(shared_api, role, route, held, body)
    assert answer.status_code == (200 if stranger == "none" else int(stranger)), answer.text
    for secret in (MINE, "SECRET-REF", held["id_"]):
        assert stranger != "none" or secret not in answer.text
    assert stored(shared_api.database) == before


GIVES_BACK_NOTHING = ("approver", "DELETE /tasks/{id_}/assignment")
"""May be asked for by an approver, who has taken nothing here."""


@pytest.mark.parametrize(("route", "stranger", "reader", "body"), table())
@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_who_may_only_read_changes_nothing(shared_api: Api, held, route, stranger, reader, body, role):
    before = stored(shared_api.database)
    wanted = 200 if (role, route) == GIVES_BACK_NOTHING else int(reader)
    assert ask(shared_api, role, route, held, body).status_code == wanted
    assert stored(shared_api.database) == before


def operations(app: FastAPI) -> list[str]:
    paths = app.openapi()["paths"]
    return sorted(f"{method.upper()} {path}" for path, found in paths.items() for method in found)


def test_without_a_token_nothing_is_told(shared_api: Api, held):
    told = []
    for operation in operations(shared_api.app):
        method, path = operation.split(" ")
        for name in (
            "isin",
            "number",
            "id_",
            "lei",
            "process_id",
            "version",
            "day",
            "code",
            "name",
            "month",
            "form",
        ):
            path = path.replace(f"{{{name}}}", held.get(name, str(new_id())))
        answer = shared_api.client(None).request(method, path)
        if answer.status_code != 401:
            told.append(operation)
    assert set(told) <= OPEN


@pytest.mark.parametrize("role", ["dealer", "custodian", "paying_agent"])
def test_an_auditors_eyes_do_not_lend_hands_to_a_party(shared_api: Api, held, role):
    """Who sees every party by one role and instructs for his own by another acts for his own only."""
    with shared_api.database.transaction() as tx:
        _, secret = create_token(
            tx, name="both", roles=[role, "auditor"], creator="test", approver="second", now=NOW, lei=OTHER
        )
    shared_api.secrets["both"] = secret
    for action, body in (("conditions", '{"release": ["PARTY"]}'), ("cancellation", "{}")):
        route = f"POST /settlement/instructions/{{id_}}/{action}"
        before = stored(shared_api.database)
        assert ask(shared_api, "both", route, held, body).status_code == 404
        assert stored(shared_api.database) == before
