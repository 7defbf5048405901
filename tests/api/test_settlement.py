"""Accounts and settlement over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.core.ids import new_id
from counterfoil.register import EntryKind, issuer_account, record
from counterfoil.register import Instruction as Entry
from tests.api.conftest import ISSUER, NOW, OTHER, Api

TODAY = business_date(SystemClock())
DAY = adjust(TODAY, Convention.PRECEDING, "TARGET").isoformat()
SUNDAY = (TODAY + timedelta(days=7 - TODAY.isoweekday() % 7)).isoformat()
CONTENT = {"terms_hash": "ab" * 32, "name": "Certificate", "unit": "units", "denomination": "1"}
BUYER = f"{OTHER}-OWN"


@pytest.fixture
def traded(api: Api) -> str:
    """What is traded."""
    return put_up(api)


def put_up(api: Api) -> str:
    """An issue of 1,000 units on the issuer's account, and a buyer with 10,000 EUR; its ISIN."""
    isin = "DE000CF0TST1"
    with api.database.transaction() as tx:
        if not tx.row("SELECT FROM register.issue WHERE isin = 'DE000CF0TST1'"):
            entry = Entry(
                new_id(),
                EntryKind.NEW,
                isin,
                NOW,
                issuer_lei=ISSUER,
                authorised=Decimal(1000),
                content=CONTENT,
            )
            record(tx, [entry], changed_at=NOW, actor="test")
    operator = api.client()
    assert operator.post("/accounts", json={"owner": OTHER}).json()["number"] == BUYER
    funding = {"currency": "EUR", "amount": "10000", "reference": "F1"}
    for _ in range(2):
        assert operator.post(f"/accounts/{BUYER}/fundings", json=funding).status_code == 201
    return isin


def side(isin: str, movement: str, reference: str, **more) -> dict:
    seller = movement == "DELI"
    return {
        "reference": reference, "movement": movement, "isin": isin, "quantity": "10",
        "party": ISSUER if seller else OTHER, "counterparty": OTHER if seller else ISSUER,
        "account": issuer_account(ISSUER) if seller else BUYER, "trade_date": DAY, "intended_date": DAY,
        "amount": "990.50", "currency": "EUR", **more,
    }  # fmt: skip


def test_both_sides_settle_and_the_statement_says_so(api: Api, traded: str):
    operator = api.client()
    before = Decimal(operator.get(f"/accounts/{BUYER}/balances").json()["items"][-1]["quantity"])
    first = operator.post("/settlement/instructions", json=side(traded, "DELI", "S1"))
    assert (first.status_code, first.json()["instructions"][0]["state"]) == (201, "unmatched")
    second = operator.post("/settlement/instructions", json=side(traded, "RECE", "B1")).json()[
        "instructions"
    ][0]
    assert (second["state"], second["settled_quantity"]) == ("settled", "10")
    found = operator.get(
        f"/accounts/{BUYER}/statement", params={"asset": "EUR", "from": "2020-01-01T00:00:00Z"}
    ).json()
    assert (found["opening"], Decimal(found["closing"])) == ("0", before - Decimal("990.50"))
    assert [m["kind"] for m in found["movements"]].count("funding") == 1


def test_what_waits_says_what_for_and_whoever_can_act_does(api: Api, traded: str):
    operator = api.client()
    pair = [side(traded, "DELI", "S2", hold=True), side(traded, "RECE", "B2")]
    held = operator.post("/settlement/instructions", json={"instructions": pair}).json()["instructions"]
    # On a day without settlement the intended one has passed.
    assert {i["state"] for i in held} == {"pending" if TODAY.isoformat() == DAY else "failing"}
    assert [i["waits_for"]["code"] for i in held] == ["PREA", "PRCY"]
    assert held[0]["waits_for"]["who"] == [ISSUER]
    path = f"/settlement/instructions/{held[0]['id']}"
    released = operator.post(f"{path}/conditions", json={"release": ["PARTY"]}).json()
    assert (released["state"], released["events"][0]["kind"]) == ("settled", "CONDITIONS")
    assert operator.post(f"{path}/cancellation").json()["code"] == "SET-019"


def test_money_that_comes_in_settles_what_waited_for_it(api: Api, traded: str):
    operator = api.client()
    pair = [side(traded, "DELI", "S7", amount="50000"), side(traded, "RECE", "B7", amount="50000")]
    waits = operator.post("/settlement/instructions", json={"instructions": pair}).json()["instructions"][1]
    assert (waits["waits_for"]["code"], waits["waits_for"]["account"]) == ("MONY", BUYER)
    missing = Decimal(waits["waits_for"]["needed"]) - Decimal(waits["waits_for"]["held"])
    funding = {"currency": "EUR", "amount": str(missing), "reference": "F2"}
    operator.post(f"/accounts/{BUYER}/fundings", json=funding).raise_for_status()
    assert operator.get(f"/settlement/instructions/{waits['id']}").json()["state"] == "settled"


def test_a_mismatch_names_the_field(api: Api, traded: str):
    operator = api.client()
    mine = operator.post(
        "/settlement/instructions", json=side(traded, "DELI", "S3", quantity="20", amount="7")
    )
    theirs = operator.post(
        "/settlement/instructions", json=side(traded, "RECE", "B3", quantity="21", amount="7")
    )
    id_ = mine.json()["instructions"][0]["id"]
    found = operator.get(f"/settlement/instructions/{id_}").json()["waits_for"]
    assert (found["code"], [d["field"] for d in found["differs"]]) == ("DQUA", ["quantity"])
    alleged = operator.get("/settlement/allegements", params={"party": OTHER}).json()
    assert id_ in [a["id"] for a in alleged]
    for answer in (mine, theirs):
        path = f"/settlement/instructions/{answer.json()['instructions'][0]['id']}"
        assert operator.post(f"{path}/cancellation").json()["state"] == "cancelled"


def test_every_broken_rule_is_named_with_its_iso_code(api: Api, traded: str):
    wrong = side(
        "DE0000000000", "DELI", "S4", account="NOBODY", amount="1.005", intended_date=SUNDAY, priority=1
    )
    answer = api.client().post("/settlement/instructions", json={"instructions": [wrong]})
    errors = answer.json()["instructions"][0]["errors"]
    assert {e["iso"] for e in errors} == {"DSEC", "SAFE", "CASH", "DMON", "DDAT", "OTHR"}
    assert {e["pointer"] for e in errors} >= {"/isin", "/account", "/amount", "/intended_date"}
    form = api.client().post("/settlement/instructions", json={"reference": "X" * 36, "quantity": "many"})
    assert form.status_code == 422
    assert {e["pointer"] for e in form.json()["errors"]} >= {"/reference", "/quantity", "/movement"}


def test_a_party_acts_for_itself_only(api: Api, traded: str):
    issuer = api.client("issuer")
    assert issuer.post("/settlement/instructions", json=side(traded, "RECE", "B5")).status_code == 403
    assert issuer.get(f"/accounts/{BUYER}/balances").status_code == 404
    assert issuer.post(f"/accounts/{BUYER}/fundings", json={}).status_code == 403
    assert issuer.post("/settlement/cycles").status_code == 403
    own = side(traded, "DELI", "S5")
    del own["party"]
    mine = issuer.post("/settlement/instructions", json=own)
    status = mine.json()["instructions"][0]
    assert status["party"] == ISSUER
    assert api.client("other").get(f"/settlement/instructions/{status['id']}").status_code in (401, 404)
    again = issuer.post("/settlement/instructions", json=side(traded, "DELI", "S5"))
    assert (again.status_code, again.json()["code"]) == (409, "SET-006")
    assert again.json()["detail"].endswith("(REFE)")
    hold = {"hold": ["CSD"]}
    refused = issuer.post(f"/settlement/instructions/{status['id']}/conditions", json=hold).json()
    assert refused["code"] == "SET-021"


def test_a_cycle_settles_what_is_due(api: Api, traded: str):
    done = api.client().post("/settlement/cycles")
    assert done.status_code == 201
    assert api.client().get("/settlement/cycles").json()["items"][0]["id"] == done.json()["id"]


def test_a_whole_day_runs_once_and_ends_with_everything_adding_up(api: Api, traded: str):
    operator = api.client()
    operator.post(
        "/settlement/instructions", json=side(traded, "DELI", "S9", quantity="30")
    ).raise_for_status()
    following = adjust(TODAY + timedelta(days=1), Convention.FOLLOWING, "TARGET").isoformat()
    done = operator.post(f"/settlement/days/{following}")
    assert done.status_code == 201, done.text
    assert "penalties" in operator.get("/settlement/days").json()["items"][0]
    seen = api.client("other").get("/settlement/days").json()["items"][0]
    assert set(seen) == {"business_date", "state", "opened_at", "closed_at"}
    events = done.json()["events"]
    assert [e["event"] for e in events][-1] == "end_of_day"
    assert events[-1]["mismatches"] == 0
    assert operator.post(f"/settlement/days/{following}").status_code == 409
    assert api.client("issuer").post(f"/settlement/days/{following}").status_code == 403


def test_a_trade_with_both_sides_settles_in_one_request(api: Api, traded: str):
    operator = api.client()
    done = operator.post("/settlement/instructions", json={"trade": both_sides(traded, "S20", "B20")})
    assert done.status_code == 201, done.text
    assert [i["state"] for i in done.json()["instructions"]] == ["settled", "settled"]
    again = operator.post("/settlement/instructions", json={"trade": both_sides(traded, "S20", "B21")})
    problem = again.json()
    assert (again.status_code, problem["errors"][0]["pointer"]) == (409, "/trade/deliver/reference")
    assert problem["errors"][0]["detail"].endswith("(REFE)")
    wrong = operator.post("/settlement/instructions", json={"trade": {"isin": traded}}).json()
    assert {e["pointer"] for e in wrong["errors"]} == {"/trade/deliver", "/trade/receive"}


def test_both_sides_are_stated_only_by_who_has_a_mandate_of_the_other(api: Api, traded: str):
    trade = {"trade": both_sides(traded, "S22", "B22")}
    issuer = api.client("issuer")
    assert issuer.post("/settlement/instructions", json=trade).json()["code"] == "ACC-404"
    mandate = {"role": "custodian", "principal_lei": OTHER}
    api.client().post(f"/parties/{ISSUER}/mandates", json=mandate).raise_for_status()
    assert issuer.post("/settlement/instructions", json=trade).status_code == 201


def both_sides(isin: str, seller_reference: str, buyer_reference: str) -> dict:
    return {
        "isin": isin, "quantity": "10", "trade_date": DAY, "intended_date": DAY, "amount": "1", "currency": "EUR",
        "deliver": {"party": ISSUER, "reference": seller_reference, "account": issuer_account(ISSUER)},
        "receive": {"party": OTHER, "reference": buyer_reference, "account": BUYER},
    }  # fmt: skip


def test_exchange_rates_are_entered_by_the_depository_and_read_by_all(api: Api):
    entry = [{"currency": "USD", "valid_from": "2026-11-20", "rate": "0.92"}]
    assert api.client("issuer").post("/settlement/exchange-rates", json=entry).status_code == 403
    assert api.client().post("/settlement/exchange-rates", json=entry).status_code == 201
    found = api.client("issuer").get("/settlement/exchange-rates", params={"on": "2026-11-23"})
    assert found.json() == [{"currency": "USD", "valid_from": "2026-11-20", "rate": "0.92"}]
    wrong = api.client().post("/settlement/exchange-rates", json=[{**entry[0], "rate": "-1"}]).json()
    assert (wrong["code"], wrong["errors"][0]["pointer"]) == ("SET-078", "/0/rate")


def test_instructions_of_many_at_once_get_each_their_own_answer(api: Api, traded: str):
    operator = api.client()
    sides = [
        side(traded, m, f"{m}{n}", amount="10", common_reference=f"T{n}")
        for n in range(12)
        for m in ("DELI", "RECE")
    ]
    sides[7]["quantity"] = "-1"

    def sent(body: dict) -> tuple[int, dict]:
        answer = operator.post("/settlement/instructions", json=body)
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(sent, sides))
    assert [status for status, _ in told] == [201] * 7 + [422] + [201] * 16
    for body, (status, answer) in zip(sides, told, strict=True):
        if status == 201:
            assert answer["instructions"][0]["reference"] == body["reference"]
    open_, settled = (
        operator.get(f"/settlement/instructions?state={state}").json()["items"]
        for state in ("unmatched", "settled")
    )
    assert ([i["reference"] for i in open_], len(settled)) == (["DELI3"], 22)
