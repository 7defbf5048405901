"""What bad input gets: a code, the ISO reason, the field; never a failure of ours, never anything stored half."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import ISSUER, OTHER, Api
from tests.api.test_settlement import BUYER, put_up, side

# An instruction of the buyer; each line changes one field to a JSON value.
WRONG = """
field                | value                                | code    | iso  | pointer
isin                 | "DE000CF00009"                       | SET-001 | DSEC | /isin
isin                 | "de000cf0tst1"                       | SET-025 | OTHR | /isin
account              | "NOBODY"                             | SET-003 | SAFE | /account
account              | "ISSUERS"                            | SET-003 | SAFE | /account
cash_account         | "ISSUERS"                            | SET-004 | CASH | /cash_account
counterparty         | "529900T8BM49AURSDO55"               | SET-005 | ICAG | /counterparty
counterparty         | "me"                                 | SET-025 | OTHR | /counterparty
counterparty_account | "OWN"                                | SET-015 | SAFE | /counterparty_account
reference            | "USED"                               | SET-006 | REFE | /reference
reference            | ""                                   | SET-025 | OTHR | /reference
reference            | "a-reference-of-thirty-six-charactersX" | SET-025 | OTHR | /reference
reference            | "Überweisung"                        | SET-025 | OTHR | /reference
reference            | 7                                    | SET-025 | OTHR | /reference
quantity             | "0.5"                                | SET-009 | MINO | /quantity
quantity             | "1.5"                                | SET-008 | MUNO | /quantity
quantity             | "-10"                                | SET-007 | DQUA | /quantity
quantity             | "NaN"                                | SET-025 | OTHR | /quantity
quantity             | "Infinity"                           | SET-025 | OTHR | /quantity
quantity             | "-sNaN"                              | SET-025 | OTHR | /quantity
quantity             | "1e400"                              | SET-025 | OTHR | /quantity
quantity             | "1e-400"                             | SET-025 | OTHR | /quantity
quantity             | 1e35                                 | SET-007 | DQUA | /quantity
quantity             | "ten"                                | SET-025 | OTHR | /quantity
quantity             | true                                 | SET-025 | OTHR | /quantity
quantity             | [10]                                 | SET-025 | OTHR | /quantity
quantity             | null                                 | SET-025 | OTHR | /quantity
amount               | "990.505"                            | SET-010 | DMON | /amount
amount               | "0"                                  | SET-010 | DMON | /amount
amount               | "-5"                                 | SET-010 | DMON | /amount
amount               | "1e19"                               | SET-010 | DMON | /amount
amount               | {"amount": 5}                        | SET-025 | OTHR | /amount
amount               | null                                 | SET-012 | SETR | /payment
currency             | "XTS"                                | SET-011 | NCRR | /currency
currency             | "euro"                               | SET-025 | OTHR | /currency
currency             | null                                 | SET-012 | SETR | /payment
payment              | "FREE"                               | SET-012 | SETR | /payment
payment              | "FOP"                                | SET-025 | OTHR | /payment
cash_direction       | "BOTH"                               | SET-025 | OTHR | /cash_direction
movement             | "SELL"                               | SET-025 | OTHR | /movement
trade_date           | "2099-01-05"                         | SET-013 | DTRD | /trade_date
trade_date           | "05.01.2026"                         | SET-025 | OTHR | /trade_date
trade_date           | "0000-00-00"                         | SET-025 | OTHR | /trade_date
intended_date        | "2026-11-22"                         | SET-014 | DDAT | /intended_date
trade_date           | 1767571200                           | SET-025 | OTHR | /trade_date
trade_date           | "1767571200"                         | SET-025 | OTHR | /trade_date
trade_date           | "2026-11-20T00:00:00Z"               | SET-025 | OTHR | /trade_date
intended_date        | "2199-12-31"                         | SET-014 | DDAT | /intended_date
intended_date        | "1900-01-01"                         | SET-014 | DDAT | /intended_date
intended_date        | "9999-12-31"                         | SET-025 | OTHR | /intended_date
intended_date        | "0001-01-01"                         | SET-025 | OTHR | /intended_date
priority             | 1                                    | SET-022 | OTHR | /priority
priority             | 99999999999999999999                 | SET-025 | OTHR | /priority
priority             | "high"                               | SET-025 | OTHR | /priority
partial              | "SOME"                               | SET-025 | OTHR | /partial
hold                 | "perhaps"                            | SET-025 | OTHR | /hold
links                | [{"kind": "WITH", "reference": "NEW"}] | SET-017 | INVL | /links
links | [{"kind": "INFO", "reference": "X"}, {"kind": "INFO", "reference": "X"}] | SET-091 | INVL | /links
links                | [{"kind": "NEAR", "reference": "X"}] | SET-025 | OTHR | /links/0/kind
links                | "BEFO"                               | SET-025 | OTHR | /links/0/reference
pool                 | {"name": "P", "size": 1}             | SET-025 | OTHR | /pool/size
pool                 | {"name": "P", "size": 1e9}           | SET-025 | OTHR | /pool/size
colour               | "red"                                | SET-025 | OTHR | /colour
"""
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "COR-001"),
    "no JSON": (b"isin=DE000CF0TST1", "COR-001"),
    "half": (b'{"reference": "X", "quantity"', "COR-001"),
    "not UTF-8": (b'{"reference": "\xff\xfe"}', "COR-001"),
    "NaN as a number": (b'{"quantity": NaN}', "COR-001"),
    "Infinity as a number": (b'{"quantity": -Infinity}', "COR-001"),
    "a name twice": (b'{"quantity": 1, "quantity": 2}', "COR-001"),
    "NUL": (b'{"reference": "A\\u0000B"}', "COR-001"),
    "half a surrogate pair": (b'{"reference": "\\ud800"}', "COR-001"),
    "too deep": (b'{"links": ' + b"[" * 200 + b"]" * 200 + b"}", "COR-001"),
    "far too deep": (b"[" * 100_000, "COR-001"),
    "a number without end": (b'{"quantity": ' + b"9" * 10_000 + b"}", "COR-001"),
    "a list": (b"[]", "API-001"),
    "a text": (b'"instruct"', "API-001"),
    "null": (b"null", "API-001"),
    "none of several": (b'{"instructions": []}', "API-001"),
    "a text among several": (b'{"instructions": [{}, "x"]}', "API-001"),
    "1,001": (json.dumps({"instructions": [{}] * 1001}).encode(), "API-001"),
}


def rows(api: Api) -> Any:
    """How much is stored of everything that an instruction could leave behind."""
    with api.database.transaction() as tx:
        return tx.rows(
            "SELECT (SELECT count(*) FROM settlement.instruction), (SELECT count(*) FROM settlement.unmatched),"
            " (SELECT count(*) FROM settlement.link), (SELECT count(*) FROM settlement.pool_member),"
            " (SELECT count(*) FROM settlement.event), (SELECT count(*) FROM settlement.pending),"
            " (SELECT count(*) FROM ledger.booking), (SELECT count(*) FROM ledger.account)"
        )


@pytest.fixture(scope="module")
def isin(shared_api: Api) -> str:
    """What is traded; the reference USED has been used."""
    found: str = put_up(shared_api)
    used = side(found, "RECE", "USED", quantity="77")
    assert shared_api.client().post("/settlement/instructions", json=used).status_code == 201
    return found


def written(isin: str, **more: Any) -> dict[str, Any]:
    return side(isin, "RECE", more.pop("reference", "NEW"), **more)


def table() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in WRONG.strip().splitlines()[1:]]


@pytest.mark.parametrize(("field", "value", "code", "iso", "pointer"), table())
def test_a_wrong_field_is_named(shared_api: Api, isin, field, value, code, iso, pointer):
    accounts = {'"ISSUERS"': f"{ISSUER}-ISSUER", '"OWN"': BUYER}
    wrong = written(isin) | {field: accounts.get(value) or json.loads(value, parse_float=Decimal)}
    body = json.dumps(wrong, default=int)
    before = rows(shared_api)
    alone = shared_api.client().post("/settlement/instructions", content=body)
    assert alone.status_code in (403, 409, 422), alone.text
    assert code in {e["code"] for e in alone.json()["errors"]}, alone.text
    several = shared_api.client().post("/settlement/instructions", content=f'{{"instructions": [{body}]}}')
    assert several.status_code == 201
    told = several.json()["instructions"][0]
    assert told["state"] == "rejected"
    found = [e for e in told["errors"] if e["code"] == code]
    assert [(e["iso"], e["pointer"]) for e in found] == [(iso, pointer)]
    assert all(e["detail"] for e in told["errors"])
    assert rows(shared_api) == before


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_none_is_refused_whole(shared_api: Api, isin, name):
    body, code = BODIES[name]
    before = rows(shared_api)
    answer = shared_api.client().post("/settlement/instructions", content=body)
    assert (answer.status_code, answer.json()["code"]) in [(400, code), (422, code)], answer.text
    assert rows(shared_api) == before


def test_one_wrong_of_several_leaves_the_others_alone(shared_api: Api, isin):
    good, bad = written(isin, reference="GOOD", quantity="78"), written(isin, amount="1.005")
    before = rows(shared_api)[0][0]
    answer = shared_api.client().post("/settlement/instructions", json={"instructions": [bad, good, good]})
    states = [i["state"] for i in answer.json()["instructions"]]
    assert states == ["rejected", "unmatched", "rejected"]
    assert rows(shared_api)[0][0] == before + 1


NASTY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(10**40), 10**40), st.text(max_size=40),
    st.sampled_from(
        ["", " ", "\x00", "\ud800", "NaN", "-Infinity", "1e999999999", "0x10", "１０", "DE000CF0TST1", OTHER, BUYER,
         "EUR", "2026-02-30", "9999-12-31", "'; DROP TABLE settlement.instruction; --", "${jndi:ldap://x}", "%s",
         "-0", "1_000", "R" * 100_000]
    ),
    st.recursive(st.none() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)
                 | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8),
)  # fmt: skip
FIELDS = (
    "reference", "party", "movement", "payment", "isin", "quantity", "account", "counterparty",
    "counterparty_account", "trade_date", "intended_date", "currency", "amount", "cash_direction", "cash_account",
    "transaction_type", "common_reference", "client", "counterparty_client", "opt_out", "ex_cum", "hold", "priority",
    "partial", "links", "pool", "trade", "x",
)  # fmt: skip
PATHS = {
    "POST /settlement/instructions/{id}/conditions": ("hold", "release", "priority", "partial", "link", "unlink",
                                                      "release_quantity", "x"),
    "POST /settlement/instructions/{id}/cancellation": ("x",),
    "POST /accounts": ("owner", "kind", "number", "suffix", "x"),
    f"POST /accounts/{BUYER}/block": ("reason", "side", "authority", "x"),
    f"POST /accounts/{BUYER}/unblock": ("reason", "side", "authority", "x"),
    f"POST /accounts/{BUYER}/fundings": ("currency", "amount", "reference", "x"),
    f"POST /accounts/{BUYER}/movements": ("asset", "quantity", "from", "to", "reason", "reference"),
}  # fmt: skip
FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def sent(api: Api, path: str, body: dict[str, Any]) -> Any:
    answer = api.client().post(path, content=json.dumps(body).encode())
    assert answer.status_code < 500, (path, body, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"]
    return answer


@FUZZ
@given(changes=st.dictionaries(st.sampled_from(FIELDS), NASTY, min_size=1, max_size=3))
def test_whatever_an_instruction_holds_it_is_stored_whole_or_not_at_all(shared_api: Api, isin, changes):
    before = rows(shared_api)[0]
    answer = sent(shared_api, "/settlement/instructions", written(isin) | changes)
    after = rows(shared_api)[0]
    if answer.status_code == 201:
        id_ = answer.json()["instructions"][0]["id"]
        assert after[0] == before[0] + 1
        sent(shared_api, f"/settlement/instructions/{id_}/cancellation", {})
    else:
        assert after == before


@FUZZ
@given(route=st.sampled_from(sorted(PATHS)), data=st.data())
def test_no_request_about_accounts_and_instructions_fails(shared_api: Api, isin, route, data):
    found = shared_api.client().get("/settlement/instructions", params={"reference": "USED"}).json()["items"]
    path = route.removeprefix("POST ").format(id=found[0]["id"])
    sent(shared_api, path, data.draw(st.dictionaries(st.sampled_from(PATHS[route]), NASTY, max_size=4)))
