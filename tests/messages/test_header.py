"""head.001: who sends what to whom, in four versions and two ways of naming parties."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from lxml import etree

from counterfoil.messages import Header, MessageRefused, PartyId, decode, encode
from counterfoil.messages.codecs import decoding
from counterfoil.messages.codecs.header import read_header
from counterfoil.messages.model import RejectedMessage
from tests.messages import outgoing
from tests.messages.conftest import Schema
from tests.messages.samples import AT, HEADER, INSTRUCTION, NAMESPACE, enveloped


def codes(message: bytes) -> list[str]:
    with pytest.raises(MessageRefused) as caught:
        decode(message)
    return [r.code for r in caught.value.refusals]


@pytest.mark.parametrize("root", ["BizMsg", "RequestPayload", "Envelope"])
def test_a_header_comes_with_its_document_under_any_root(root: str) -> None:
    received = decode(enveloped(INSTRUCTION, root=root))
    assert received.header == Header(
        sender=PartyId("529900T8BM49AURSDO55", "BANKDEFFXXX"),
        receiver=PartyId(bic="DAKVDEFFXXX"),
        id="M1",
        created_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        definition="sese.023.001.12",
        business_service="CSD",
    )


def test_the_sample_header_is_valid_by_its_schema(schema: Schema) -> None:
    schema("head.001.001.04").assertValid(etree.fromstring(HEADER))


@pytest.mark.parametrize("version", ["01", "02", "03", "04"])
def test_four_versions_of_the_header_are_read(version: str) -> None:
    header = HEADER.replace("head.001.001.04", f"head.001.001.{version}")
    received = decode(enveloped(INSTRUCTION, header))
    assert received.header is not None
    assert received.header.id == "M1"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("head.001.001.04", "head.001.001.05", "MSG-006"),
        ("sese.023.001.12</", "sese.020.001.08</", "MSG-009"),
        ("<CreDt>", "<CpyDplct>COPY</CpyDplct><CreDt>", "MSG-021"),
        ("</CreDt>", "</CreDt><CpyDplct>COPY</CpyDplct>", "MSG-010"),
        ("<BizMsgIdr>M1</BizMsgIdr>", "", "MSG-022"),
        ("<BizMsgIdr>", "<Unknown/><BizMsgIdr>", "MSG-020"),
        ("2026-11-20T10:30:00+01:00", "2026-11-20", "MSG-030"),
        ("<AnyBIC>DAKVDEFFXXX</AnyBIC>", "", "MSG-032"),
        ("529900T8BM49AURSDO55", "529900T8BM49AURSDO56", "MSG-030"),
    ],
)
def test_a_header_that_cannot_be_relied_on_is_refused(old: str, new: str, code: str) -> None:
    assert old in HEADER
    assert codes(enveloped(INSTRUCTION, HEADER.replace(old, new))) == [code]


def test_a_duplicate_is_read_and_marked() -> None:
    header = HEADER.replace("</CreDt>", "</CreDt><CpyDplct>DUPL</CpyDplct>")
    received = decode(enveloped(INSTRUCTION, header))
    assert received.header is not None
    assert received.header.possible_duplicate


def test_a_refused_document_tells_whose_it_was() -> None:
    with pytest.raises(MessageRefused) as caught:
        decode(enveloped(INSTRUCTION.replace("DE000A0D6554", "none")))
    assert caught.value.header is not None
    assert caught.value.header.id == "M1"
    assert caught.value.reference == "SI1"


@pytest.mark.parametrize("message", [f"<BizMsg>{HEADER}</BizMsg>", f"<x>{INSTRUCTION * 2}</x>", "<x/>"])
def test_an_envelope_holds_one_header_and_one_document(message: str) -> None:
    assert codes(message.encode()) == ["MSG-006"]


@given(outgoing.headers(outgoing.EXPRESSIBLE))
def test_a_header_that_is_sent_is_read_as_it_was(header: Header) -> None:
    # Ids are free text when they are sent, and of the network's characters when they are read.
    header = replace(header, id="M1", created_at=header.created_at.replace(microsecond=123_000))
    sent = etree.fromstring(encode(RejectedMessage("R", "MSG-003", AT), header))
    read = read_header(sent[0], f"{NAMESPACE}head.001.001.04")
    assert read == replace(header, definition="admi.002.001.01")


def test_every_message_that_is_taken_has_its_schema(schema: Schema) -> None:
    for definition in decoding.TABLES:
        schema(definition)
