"""Messages over HTTP: who may send and read what, files, gzip, cursors."""

import gzip

import pytest

from tests.api.conftest import ISSUER, OTHER, Api
from tests.messages.exchange import BICS, enveloped

FILE = '<Xchg xmlns="urn:iso:std:iso:20022:tech:xsd:head.002.001.01">{}</Xchg>'


@pytest.fixture(autouse=True)
def bics(api: Api) -> None:
    """The BICs by which the parties name themselves."""
    lines = ["LEI,BIC", *(f"{lei},{bic}" for lei, bic in BICS.items())]
    api.client().post("/parties/imports?kind=bic", content="\n".join(lines)).raise_for_status()


def cancellation(sender: str, id_: str, reference: str = "NONE") -> bytes:
    document = (
        f"<SctiesTxCxlReq><AcctOwnrTxId><SctiesSttlmTxId><TxId>{reference}</TxId><SctiesMvmntTp>DELI</SctiesMvmntTp>"
        "<Pmt>FREE</Pmt></SctiesSttlmTxId></AcctOwnrTxId></SctiesTxCxlReq>"
    )
    return enveloped(sender, id_, "sese.020.001.08", document)


def file(*messages: bytes) -> bytes:
    return FILE.format("".join(f"<Pyld>{m.decode()}</Pyld>" for m in messages)).encode()


def test_a_message_is_answered_in_the_receipt_and_in_the_mailbox(api: Api):
    answer = api.client("dealer").post("/messages", content=cancellation(OTHER, "M1"))
    assert answer.status_code == 201
    (receipt,) = answer.json()["messages"]
    assert (receipt["outcome"], receipt["errors"][0]["iso"]) == ("rejected", "REFE")
    mail = api.client("dealer").get("/messages/outgoing").json()
    assert [m["id"] for m in mail["items"]] == [a["id"] for a in receipt["answers"]]
    assert "sese.027.001.08" in mail["items"][0]["content"]
    assert api.client("dealer").get(f"/messages/outgoing?after={mail['next']}").json() == {
        "items": [], "next": mail["next"],
    }  # fmt: skip


def test_a_gzipped_file_of_messages_is_taken_whole(api: Api):
    body = gzip.compress(file(*(cancellation(OTHER, f"M{n}") for n in range(3))))
    answer = api.client("dealer").post("/messages", content=body, headers={"Content-Encoding": "gzip"})
    assert [m["business_id"] for m in answer.json()["messages"]] == ["M0", "M1", "M2"]


def test_bodies_that_cannot_be_unpacked_are_refused(api: Api):
    client = api.client("dealer")
    for content, encoding, status in (
        (b"<a/>", "gzip", 422), (gzip.compress(b"<a/>")[:-4], "gzip", 422), (b"<a/>", "br", 400),
        (gzip.compress(bytes(65 * 1024 * 1024)), "gzip", 413),
    ):  # fmt: skip
        answer = client.post("/messages", content=content, headers={"Content-Encoding": encoding})
        assert answer.status_code == status, encoding
    assert client.post("/messages", content=FILE.format("<Pyld>").encode()).status_code == 422


def test_a_party_sees_its_own_messages_only_and_the_depository_all(api: Api):
    receipt = api.client("dealer").post("/messages", content=cancellation(OTHER, "M1")).json()["messages"][0]
    ids = [receipt["id"], receipt["answers"][0]["id"]]
    assert [api.client("dealer").get(f"/messages/{i}").status_code for i in ids] == [200, 200]
    assert [api.client("issuer").get(f"/messages/{i}").status_code for i in ids] == [403, 403]
    assert [api.client("auditor").get(f"/messages/{i}").status_code for i in ids] == [200, 200]
    assert api.client("issuer").get(f"/messages/outgoing?party={OTHER}").json()["items"] == []
    assert len(api.client("auditor").get(f"/messages/outgoing?party={OTHER}").json()["items"]) == 1
    shown = api.client("dealer").get(f"/messages/{ids[0]}").json()
    assert (shown["direction"], shown["content"].encode()) == ("in", cancellation(OTHER, "M1"))
    assert [r["id"] for r in shown["replies"]] == [ids[1]]
    assert api.client().get("/messages/01a1fb66-8b66-7000-b77a-b17f44c71172").status_code == 404


def test_who_may_not_instruct_sends_no_messages(api: Api):
    for role, status in (("auditor", 403), ("approver", 403), (None, 401), ("operator", 201)):
        answer = api.client(role).post("/messages", content=cancellation(OTHER, f"M-{role}"))
        assert answer.status_code == status, role


def test_a_message_from_another_party_is_returned_to_who_sent_it(api: Api):
    receipt = api.client("issuer").post("/messages", content=cancellation(OTHER, "M1")).json()["messages"][0]
    assert receipt["errors"][0]["code"] == "MSG-104"
    assert api.client("dealer").get("/messages/outgoing").json()["items"] == []


def test_a_party_is_entered_as_correspondent_by_itself_or_the_depository(api: Api):
    wanted = {"lei": ISSUER, "bic": "MUSTDEFF"}
    assert api.client("dealer").post("/messages/correspondents", json=wanted).status_code == 403
    assert api.client("issuer").post("/messages/correspondents", json=wanted).json() == wanted
    assert api.client().post("/messages/correspondents", json={"lei": OTHER}).json() == {
        "lei": OTHER,
        "bic": None,
    }
    stranger = {"lei": "5299000J2N45DDNE4Y28"}
    assert api.client().post("/messages/correspondents", json=stranger).status_code == 404


def test_a_report_is_a_message_for_the_accounts_owner(api: Api):
    number = api.client().post("/accounts", json={"owner": OTHER}).json()["number"]
    funding = {"currency": "EUR", "amount": "100", "reference": "F1"}
    api.client().post(f"/accounts/{number}/fundings", json=funding).raise_for_status()
    before = {"account": number, "until": "2020-01-01T00:00:00Z"}
    assert api.client("dealer").get("/reports/cash", params=before).status_code == 422
    later = {"account": number, "until": "2099-01-01T00:00:00", "start": "2026-01-01T00:00:00"}
    answer = api.client("dealer").get("/reports/cash", params=later)
    assert (answer.status_code, answer.headers["x-page-count"]) == (200, "1")
    assert "camt.054.001.13" in answer.text
    assert api.client("dealer").get("/reports/holdings", params=later).status_code == 200
    assert api.client("dealer").get("/reports/holdings", params=later | {"page": 2}).status_code == 422
    assert api.client("issuer").get("/reports/cash", params=later).status_code == 404
    assert api.client("auditor").get("/reports/cash", params=later).status_code == 200
    assert api.client("dealer").get("/reports/taxes", params=later).status_code == 422
