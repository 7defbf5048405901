"""The settlement day, penalties and their data over HTTP."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from counterfoil.core.calendar import add_business_days
from counterfoil.core.clock import SystemClock, business_date
from tests.api.conftest import ISSUER, OTHER, Api

TODAY = business_date(SystemClock())
AHEAD = add_business_days(TODAY, 5, "TARGET")
PRICE = {"isin": "DE000CF0TST1", "business_date": "2026-11-23", "price": "101.5", "currency": "EUR"}
FROM = {"valid_from": "2026-01-01"}
CSV = {"Content-Type": "text/csv"}
NDJSON = {"Content-Type": "application/x-ndjson"}


def test_a_day_is_shown_as_planned_opened_shifted_and_run(api: Api):
    operator, path = api.client(), f"/settlement/days/{AHEAD}"
    assert operator.get("/settlement/day").json() is None
    assert operator.get(path).json()["state"] == "planned"
    opened = operator.put(path, json={"night_start": "21:00"}).json()
    assert (opened["state"], opened["phase"]) == ("open", "before")
    assert opened["next_event"]["name"] == "start_of_day"
    assert operator.put(path).json() == opened
    assert operator.get("/settlement/day").json()["business_date"] == AHEAD.isoformat()
    cut_off = next(e for e in opened["events"] if e["name"] == "dvp_cut_off")
    body = {
        "at": cut_off["at"].replace("00:00+", "30:00+").replace("00:00Z", "30:00Z"),
        "reason": "RTGS is late",
    }
    moved = operator.post(f"{path}/events/dvp_cut_off/shift", json=body).json()
    event = next(e for e in moved["events"] if e["name"] == "dvp_cut_off")
    assert (event["shifted_from"], event["reason"]) == (cut_off["at"], "RTGS is late")
    assert event["shifted_by"].startswith("operator")
    early = operator.post(f"{path}/events/start_of_day")
    assert (early.status_code, early.json()["code"]) == (409, "SET-047")
    done = [
        operator.post(f"{path}/events/{e['name']}", params={"simulated": True}).json()
        for e in moved["events"]
    ]
    assert [d["event"] for d in done] == [e["name"] for e in moved["events"]]
    shown = operator.get(path).json()
    assert (shown["state"], shown["next_event"], shown["phase"]) == ("closed", None, None)
    report = operator.get(f"{path}/report").json()
    assert (report["integrity"]["mismatch_count"], report["suspended"]) == (0, [])
    assert operator.get(f"{path}/statements").json()["next"] is None
    assert operator.get("/settlement/days").json()["items"][0]["business_date"] == AHEAD.isoformat()


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/settlement/days/2026-12-25", {}, "SET-040"),
        ("GET", "/settlement/days/2026-12-25", None, "SET-040"),
        ("GET", "/settlement/days/1999-12-31", None, "API-001"),
        ("PUT", f"/settlement/days/{AHEAD}", {"night_start": "20:00Z"}, "API-001"),
        ("PUT", f"/settlement/days/{AHEAD}", {"night_start": "03:30"}, "SET-049"),
        ("POST", f"/settlement/days/{AHEAD}/events/lunch", None, "SET-043"),
        ("GET", f"/settlement/days/{AHEAD}/report", None, "SET-051"),
        ("GET", f"/settlement/days/{AHEAD}/statements", None, "SET-051"),
        ("PUT", "/settlement/overnight-rates", {"currency": "ABC", "rate_percent": "2"} | FROM, "SET-053"),
        ("PUT", "/settlement/penalty-rates", {"asset_class": "gold", "rate": "0.1"} | FROM, "API-001"),
        ("POST", "/settlement/insolvencies", {"party": "0" * 20, "opened_on": "2026-01-01"}, "SET-005"),
        ("GET", "/settlement/penalties?from=2026-01-01&to=2026-01-02&after=x", None, "API-001"),
        ("GET", "/settlement/penalties/months/2026-13", None, "API-001"),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_with_its_code(api: Api, method, path, body, code):
    answer = api.client().request(method, path, json=body)
    assert (answer.status_code // 100, answer.json()["code"]) == (4, code), answer.text


def test_prices_come_as_a_mass_all_or_none(api: Api):
    operator = api.client()
    text = "isin,business_date,price,currency,quotation\nDE000CF0TST1,2026-11-23,99.87,EUR,percent\n"
    assert operator.post("/settlement/prices", content=text, headers=CSV).json() == {"stored": 1}
    assert operator.post("/settlement/prices", json=[PRICE]).json() == {"stored": 1}
    (found,) = operator.get("/settlement/prices", params={"isin": "DE000CF0TST1"}).json()["items"]
    assert (Decimal(found["price"]), found["quotation"]) == (Decimal("101.5"), "unit")
    rows = (
        '{"isin":"DE000CF0TST1","business_date":"2026-11-24","price":"1","currency":"EUR"}\n' * 2
        + '{"isin":"X"}\n'
    )
    refused = operator.post("/settlement/prices", content=rows, headers=NDJSON)
    assert refused.status_code == 422
    assert {e["pointer"] for e in refused.json()["errors"]} == {
        "/1",
        "/2/isin",
        "/2/business_date",
        "/2/price",
        "/2/currency",
    }
    assert len(operator.get("/settlement/prices").json()["items"]) == 1
    for body in ("[]", "[1]", '[{"price": NaN}]', "nonsense", ""):
        answer = operator.post(
            "/settlement/prices", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), (body, answer.text)


def test_rates_and_insolvencies_are_kept_from_their_dates_on(api: Api):
    operator = api.client()
    rate = {"currency": "EUR", "valid_from": "2026-06-10", "rate_percent": "2.15"}
    assert operator.put("/settlement/overnight-rates", json=rate).json()[-1]["rate_percent"] == "2.15"
    share = {"asset_class": "debt", "valid_from": "2027-01-01", "rate": "0.00003"}
    found = operator.put("/settlement/penalty-rates", json=share).json()
    assert [r["rate"] for r in found if r["asset_class"] == "debt"] == ["0.00002", "0.00003"]
    entry = {"party": OTHER, "opened_on": "2026-11-02"}
    (kept,) = operator.post("/settlement/insolvencies", json=entry).json()
    assert (kept["party"], kept["opened_on"]) == (OTHER, "2026-11-02")


def test_a_new_timetable_holds_for_days_to_come(api: Api):
    operator = api.client()
    (old,) = operator.get("/settlement/timetables").json()
    entries = [
        {k: v for k, v in e.items() if k != "lasts"} | ({"lasts_minutes": 15} if e["lasts"] else {})
        for e in old["entries"]
    ]
    following = add_business_days(AHEAD, 1, "TARGET")
    entries[10]["local_time"] = "16:30"
    new = {"valid_from": following.isoformat(), "entries": entries}
    assert len(operator.post("/settlement/timetables", json=new).json()) == 2
    assert operator.post("/settlement/timetables", json=new).json()["code"] == "SET-054"
    broken = new | {"valid_from": "2030-01-01", "entries": entries[:-1]}
    assert operator.post("/settlement/timetables", json=broken).json()["code"] == "SET-054"
    cut_offs = {
        day: next(
            e["at"]
            for e in operator.get(f"/settlement/days/{day}").json()["events"]
            if e["name"] == "dvp_cut_off"
        )
        for day in (AHEAD, following)
    }
    assert [at[13:16] for at in cut_offs.values()] == [":00", ":30"]


def test_a_party_sees_its_own_penalties_and_runs_nothing(api: Api):
    with api.database.transaction() as tx:
        for n, (debtor, creditor) in enumerate(((ISSUER, OTHER), (OTHER, "9" * 20))):
            tx.execute(
                "INSERT INTO settlement.penalty VALUES (gen_random_uuid(), '2026-11-02', 'SEFP', %(d)s::text,"
                " 'securities', %(c)s::text, %(a)s::numeric, 'EUR', 0.1, 1, 1, '2026-11-02')",
                d=debtor, c=creditor, a=Decimal(n + 1),
            )  # fmt: skip
    period = {"from": "2026-11-01", "to": "2026-11-30"}
    seen = {
        role: [
            p["amount"] for p in api.client(role).get("/settlement/penalties", params=period).json()["items"]
        ]
        for role in ("issuer", "operator", "auditor")
    }
    assert {role: sorted(amounts) for role, amounts in seen.items()} == {
        "issuer": ["1"], "operator": ["1", "2"], "auditor": ["1", "2"]
    }  # fmt: skip
    pages, after = [], ""
    while after is not None:
        page = api.client().get("/settlement/penalties", params={**period, "limit": 1, "after": after}).json()
        pages += page["items"]
        after = page["next"]
    assert len(pages) == 2
    month = api.client("issuer").get("/settlement/penalties/months/2026-11", params={"party": OTHER}).json()
    assert [(p["party"], Decimal(p["net"])) for p in month["parties"]] == [(ISSUER, -1)]
    assert (month["appeals_until"], month["paid_on"]) == ("2026-12-14", "2026-12-24")
    issuer = api.client("issuer")
    for method, path in (
        ("PUT", f"/settlement/days/{AHEAD}"), ("POST", f"/settlement/days/{AHEAD}"),
        ("POST", f"/settlement/days/{AHEAD}/events/end_of_day"), ("GET", f"/settlement/days/{AHEAD}/report"),
        ("POST", "/settlement/prices"), ("GET", "/settlement/insolvencies"),
    ):  # fmt: skip
        assert issuer.request(method, path).status_code == 403, path
    assert date.fromisoformat(month["reported_on"]) - date.fromisoformat(month["appeals_until"]) >= timedelta(
        days=4
    )
