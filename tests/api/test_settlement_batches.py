"""Files of instructions over HTTP."""

import gzip
import json

import pytest

from counterfoil.core.clock import SystemClock
from counterfoil.settlement import take_in
from tests.api.conftest import Api
from tests.api.test_settlement import side, traded

__all__ = ["traded"]
CSV = {"Content-Type": "text/csv"}
HEADER = (
    "reference,party,movement,isin,quantity,account,counterparty,trade_date,intended_date,currency,amount"
)


def cells(isin: str, movement: str, reference: str, **more) -> str:
    values = side(isin, movement, reference, **more)
    return ",".join(f'"{values[name]}"' for name in HEADER.split(","))


def table(*rows: str) -> bytes:
    return "\r\n".join((HEADER, *rows, "")).encode()


def handed_in(api: Api, body: bytes, role: str = "operator", **headers) -> dict:
    answer = api.client(role).post("/settlement/batches", content=body, headers={**CSV, **headers})
    assert answer.status_code == 202, answer.text
    while take_in(api.database, SystemClock()):
        pass
    return answer.json()


def test_a_table_is_taken_in_and_every_row_has_its_result(api: Api, traded: str):
    body = b"\xef\xbb\xbf" + table(
        cells(traded, "DELI", "S1"), cells(traded, "RECE", "B1"), cells(traded, "RECE", "B2", amount="1.005")
    )
    receipt = handed_in(api, body)
    assert (receipt["received"], receipt["state"], receipt["created"]) == (3, "running", True)
    operator = api.client()
    path = f"/settlement/batches/{receipt['id']}"
    progress = operator.get(path).json()
    assert (progress["accepted"], progress["rejected"], progress["state"]) == (2, 1, "done")
    accepted, _, rejected = operator.get(f"{path}/results").json()["items"]
    found = operator.get(f"/settlement/instructions/{accepted['instruction']}").json()
    assert (found["state"], found["reference"]) == ("settled", "S1")
    assert (rejected["line"], rejected["errors"][0]["pointer"]) == (4, "/amount")
    assert rejected["errors"][0]["iso"] == "DMON"
    assert operator.get(f"{path}/results", params={"outcome": "rejected"}).json()["items"] == [rejected]
    assert operator.get(f"{path}/reasons").json()[0]["iso"] == "DMON"
    assert operator.get(f"{path}/results.xlsx").content.startswith(b"PK")
    lines = operator.get(f"{path}/results.ndjson").text.splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["accepted", "accepted", "rejected"]
    as_csv = operator.get(f"{path}/results.csv", params={"outcome": "rejected"}).text.splitlines()
    assert as_csv[0] == "line,outcome,reference,instruction,pointer,code,iso,detail"
    assert as_csv[1].startswith("4,rejected,B2,,/amount,SET-010,DMON,")


def test_a_check_says_what_taking_in_would_and_takes_nothing_in(api: Api, traded: str):
    rows = (
        cells(traded, "DELI", "K1"), cells(traded, "RECE", "K1"), cells(traded, "RECE", "K2", amount="1.005"),
        cells(traded, "DELI", "K1"),
    )  # fmt: skip
    told = api.client().post("/settlement/batches/validation", content=table(*rows), headers=CSV)
    lines = [json.loads(line) for line in told.text.splitlines()]
    assert [(one["line"], one["reference"], one["valid"]) for one in lines] == [
        (2, "K1", True), (3, "K1", True), (4, "K2", False), (5, "K1", False),
    ]  # fmt: skip
    found = api.client().get("/settlement/instructions", params={"reference": "K1"}).json()["items"]
    assert found == []
    path = f"/settlement/batches/{handed_in(api, table(*rows))['id']}/results"
    taken = api.client().get(path).json()["items"]
    assert [one["outcome"] == "accepted" for one in taken] == [one["valid"] for one in lines]
    assert [one["errors"] or [] for one in taken] == [one.get("refusals", []) for one in lines]
    broken = api.client().post("/settlement/batches/validation", content=b"\xff", headers=CSV)
    assert broken.status_code == 400
    assert api.client("auditor").post("/settlement/batches/validation", content=b"").status_code == 403


def test_the_same_file_again_is_the_same_batch(api: Api, traded: str):
    body = table(cells(traded, "DELI", "S3"))
    first = handed_in(api, body)
    again = api.client().post("/settlement/batches", content=body, headers=CSV)
    assert (again.status_code, again.json()["id"], again.json()["created"]) == (200, first["id"], False)
    packed = {**CSV, "Content-Encoding": "gzip", "Idempotency-Key": "other"}
    second = api.client().post("/settlement/batches", content=gzip.compress(body), headers=packed)
    assert (second.status_code, second.json()["created"]) == (202, True)
    other = api.client().post(
        "/settlement/batches", content=table(cells(traded, "DELI", "S4")), headers=packed
    )
    assert other.status_code in (400, 409)


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b"reference;party;movement\nS1;X;DELI\n", CSV, 400, "commas separate"),
        (b"reference,reference\na,b\n", CSV, 400, "twice"),
        (HEADER.encode() + b"\na,b\n", CSV, 400, "line 2 has 2 cells, the header 11"),
        (HEADER.encode() + b'\n"a\n', CSV, 400, "CSV"),
        (HEADER.encode(), CSV, 400, "no item"),
        (b"x", {"Content-Type": "application/xml"}, 415, "application/xml"),
        (b"nonsense", {**CSV, "Content-Encoding": "gzip"}, 400, "gzip"),
        (b"\xff\xfe\n", CSV, 400, "CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_the_reason(api: Api, body, headers, status, words):
    answer = api.client().post("/settlement/batches", content=body, headers=headers)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    with api.database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM settlement.batch_item") == 0


def test_a_party_sees_its_own_files_and_instructs_for_itself(api: Api, traded: str):
    row = {**side(traded, "DELI", "S9"), "party": None}
    rows = "\n".join(json.dumps({k: v for k, v in r.items() if v}) for r in (row, side(traded, "RECE", "B9")))
    receipt = handed_in(api, rows.encode(), "issuer", **{"Content-Type": "application/x-ndjson"})
    path = f"/settlement/batches/{receipt['id']}"
    found = api.client("issuer").get(f"{path}/results").json()["items"]
    assert [r["outcome"] for r in found] == ["accepted", "rejected"]
    assert found[1]["errors"][0]["code"] == "SET-074"
    for role in ("other", "dealer"):
        for tail in ("", "/results", "/reasons", "/results.csv"):
            assert api.client(role).get(path + tail).status_code == 404
    assert api.client("approver").post("/settlement/batches", content=b"", headers=CSV).status_code == 403
    unknown = "/settlement/batches/01a1fb66-8b66-7000-b77a-b17f44c71172"
    assert api.client().get(unknown).json()["code"] == "SET-075"
