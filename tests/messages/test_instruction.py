"""sese.023: what a participant writes is what the depository reads."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from counterfoil.messages import MessageRefused, PartyId, QuantityForm, ReceivedInstruction, decode
from counterfoil.messages.codecs.instruction_table import TRANSACTION_TYPES
from counterfoil.settlement import (
    CashDirection,
    Hold,
    Link,
    LinkKind,
    Movement,
    Partial,
    Payment,
    Pool,
)
from tests.messages.conftest import Schema
from tests.messages.outgoing import LEI
from tests.messages.samples import INSTRUCTION, RICH_INSTRUCTION, changed


def test_a_delivery_against_payment_is_read_in_full() -> None:
    received = decode(INSTRUCTION.encode())
    assert received.definition == "sese.023.001.12"
    assert received.header is None
    assert received.message == ReceivedInstruction(
        reference="SI1",
        movement=Movement.DELIVER,
        payment=Payment.AGAINST,
        isin="DE000A0D6554",
        quantity=Decimal(100000),
        quantity_form=QuantityForm.FACE_AMOUNT,
        account="SAC1",
        party=PartyId(bic="BANKDEFFXXX"),
        counterparty=PartyId(bic="BNKBDEFFXXX"),
        places=(PartyId(bic="DAKVDEFFXXX"),),
        trade_date=date(2026, 11, 18),
        intended_date=date(2026, 11, 20),
        currency="EUR",
        amount=Decimal("99500.25"),
        cash_direction=CashDirection.CREDIT,
        common_reference="TRADE1",
    )


def test_everything_that_can_be_said_is_read() -> None:
    assert decode(RICH_INSTRUCTION.encode()).message == ReceivedInstruction(
        reference="SI2",
        movement=Movement.RECEIVE,
        payment=Payment.AGAINST,
        isin="DE000A0D6554",
        quantity=Decimal("12.5"),
        quantity_form=QuantityForm.UNITS,
        account="SAC1",
        party=PartyId("529900T8BM49AURSDO55", "BANKDEFFXXX"),
        account_owner=PartyId("529900T8BM49AURSDO55", "BANKDEFFXXX"),
        counterparty=PartyId("7LTWFZYICNSX8D621K86"),
        counterparty_account="SAC9",
        client="CLNTDEFF",
        counterparty_client="4711",
        places=(PartyId(bic="DAKVDEFFXXX"), PartyId(bic="DAKVDEFF")),
        trade_date=date(2026, 11, 18),
        intended_date=date(2026, 11, 20),
        currency="USD",
        amount=Decimal("12345.67"),
        cash_direction=CashDirection.DEBIT,
        cash_account="CAC1",
        common_reference="TRADE2",
        transaction_type="PLAC",
        opt_out=True,
        ex_cum="CCPN",
        holds=Hold.PARTY,
        priority=2,
        partial=Partial.QUANTITY_THRESHOLD,
        links=(
            Link(LinkKind.AFTER, "SI3"),
            Link(LinkKind.BEFORE, "SI4"),
            Link(LinkKind.WITH, "SI5"),
            Link(LinkKind.INFORMATION, "SI6"),
        ),
        pool=Pool("POOL1", 3),
    )


QUANTITY = "QtyAndAcctDtls/SttlmQty/Qty/FaceAmt"
TYPE = "SttlmParams/SctiesTxTp"
PARTIES = "RcvgSttlmPties/Pty1/Id/AnyBIC"

READ: list[tuple[dict[str, str | None], str, object]] = [
    ({QUANTITY: "<Unit>1.5</Unit>"}, "quantity_form", QuantityForm.UNITS),
    ({QUANTITY: "<Unit>1.50</Unit>"}, "quantity", Decimal("1.5")),
    ({QUANTITY: "<Unit>0</Unit>"}, "quantity", Decimal(0)),
    ({QUANTITY: "<Unit>0.00000000000000001</Unit>"}, "quantity", Decimal("1E-17")),
    ({QUANTITY: "<FaceAmt> +100000.00000 </FaceAmt>"}, "quantity", Decimal(100_000)),
    ({QUANTITY: "<DgtlTknUnit>7</DgtlTknUnit>"}, "quantity_form", QuantityForm.TOKENS),
    (
        {QUANTITY: f"<DgtlTknUnit>{'9' * 12}.{'9' * 18}</DgtlTknUnit>"},
        "quantity",
        Decimal("9" * 12 + "." + "9" * 18),
    ),
    ({"SttlmAmt/Amt": '<Amt Ccy="JPY">9999999999999.99999</Amt>'}, "amount", Decimal("9999999999999.99999")),
    ({"SttlmAmt/Amt": '<Amt Ccy="JPY">1</Amt>'}, "currency", "JPY"),
    ({"SttlmAmt": None, "SttlmTpAndAddtlParams/Pmt": "<Pmt>FREE</Pmt>"}, "payment", Payment.FREE),
    ({"SttlmAmt": None, "SttlmTpAndAddtlParams/Pmt": "<Pmt>FREE</Pmt>"}, "amount", None),
    ({"SttlmTpAndAddtlParams/CmonId": None}, "common_reference", None),
    *(({TYPE: f"<SctiesTxTp><Cd>{c}</Cd></SctiesTxTp>"}, "transaction_type", c) for c in TRANSACTION_TYPES),
    *(({TYPE + "+": f"<PrtlSttlmInd>{p.value}</PrtlSttlmInd>"}, "partial", p) for p in Partial),
    *(
        ({TYPE: f"<Prty><Nmrc>000{n}</Nmrc></Prty><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"}, "priority", n)
        for n in range(1, 5)
    ),
    (
        {TYPE: "<HldInd><Ind>false</Ind></HldInd><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"},
        "holds",
        Hold.NONE,
    ),
    ({TYPE: "<HldInd><Ind>1</Ind></HldInd><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"}, "holds", Hold.PARTY),
    ({"TradDtls/SttlmDt+": "<TradTxCond><Cd>XCPN</Cd></TradTxCond>"}, "ex_cum", "XCPN"),
    ({TYPE + "+": "<SttlmTxCond><Cd>NOMC</Cd></SttlmTxCond>"}, "opt_out", True),
    ({TYPE + "+": "<SttlmTxCond><Cd>DRAW</Cd></SttlmTxCond>"}, "opt_out", False),
    ({PARTIES: f"<PrtryId><Id>{LEI}</Id><Issr>GLEIF</Issr></PrtryId>"}, "counterparty", PartyId(LEI)),
    ({"RcvgSttlmPties/Pty1/Id+": f"<LEI>{LEI}</LEI>"}, "counterparty", PartyId(LEI, "BNKBDEFFXXX")),
    ({"RcvgSttlmPties/Pty1/Id+": "<SfkpgAcct><Id>SAC7</Id></SfkpgAcct>"}, "counterparty_account", "SAC7"),
    ({"RcvgSttlmPties/Pty1+": "<Pty2><Id><AnyBIC>CLNTDEFF</AnyBIC></Id></Pty2>"}, "counterparty_client", "CLNTDEFF"),
    ({"DlvrgSttlmPties/Pty1+": "<Pty2><Id><AnyBIC>CLNTDEFF</AnyBIC></Id></Pty2>"}, "client", "CLNTDEFF"),
    ({"QtyAndAcctDtls/SfkpgAcct+": "<CshAcct><Prtry>CAC1</Prtry></CshAcct>"}, "cash_account", "CAC1"),
    (
        {"QtyAndAcctDtls/SfkpgAcct+": "<CshAcct><IBAN>DE89370400440532013000</IBAN></CshAcct>"},
        "cash_account",
        "DE89370400440532013000",
    ),
    (
        {
            "QtyAndAcctDtls/SfkpgAcct": None,
            "DlvrgSttlmPties/Pty1/Id+": "<SfkpgAcct><Id>SAC2</Id></SfkpgAcct>",
        },
        "account",
        "SAC2",
    ),
    ({"DlvrgSttlmPties/Pty1": None}, "party", None),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "field", "value"), READ, ids=lambda value: str(value)[:40])
def test_a_field_is_read_from_its_element(edits, field: str, value: object, schema: Schema) -> None:
    message = changed(INSTRUCTION, edits)
    schema("sese.023.001.12").assertValid(etree.fromstring(message))
    assert getattr(decode(message).message, field) == value


WALLET = "<BlckChainAdrOrWllt><Id>0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B</Id></BlckChainAdrOrWllt>"
HOLD = "<HldInd><Ind>true</Ind><Rsn><Cd><Cd>{}</Cd></Cd></Rsn></HldInd><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"
REFUSED: list[tuple[dict[str, str | None], str, str]] = [
    ({"QtyAndAcctDtls/SfkpgAcct": WALLET}, "MSG-031", "SAFE"),
    ({"RcvgSttlmPties/Pty1/Id+": WALLET}, "MSG-031", "SAFE"),
    *(({TYPE: HOLD.format(code)}, "MSG-031", "OTHR") for code in ("CSDH", "CDEL", "CVAL")),
    ({QUANTITY: "<AmtsdVal>1</AmtsdVal>"}, "MSG-031", "DQUA"),
    ({QUANTITY: "<FaceAmt>-1</FaceAmt>"}, "MSG-030", "DQUA"),
    ({QUANTITY: "<FaceAmt>0.000001</FaceAmt>"}, "MSG-030", "DQUA"),
    ({QUANTITY: "<Unit>1E2</Unit>"}, "MSG-030", "DQUA"),
    ({QUANTITY: "<Unit>1234567890123456789</Unit>"}, "MSG-030", "DQUA"),
    ({"SttlmAmt": None}, "MSG-032", "DMON"),
    ({"SttlmAmt/Amt": '<Amt Ccy="EUR">1.123456</Amt>'}, "MSG-030", "DMON"),
    ({"SttlmAmt/Amt": '<Amt Ccy="eur">1</Amt>'}, "MSG-030", "NCRR"),
    ({"SttlmAmt/Amt": "<Amt>1</Amt>"}, "MSG-030", "NCRR"),
    ({"SttlmAmt/CdtDbtInd+": "<ValDt><Dt>2026-11-21</Dt></ValDt>"}, "MSG-033", "DDAT"),
    ({"TradDtls/TradDt": None}, "MSG-032", "DTRD"),
    ({"TradDtls/SttlmDt/Dt/Dt": "<Dt>2026-02-30</Dt>"}, "MSG-030", "DDAT"),
    ({"TradDtls/SttlmDt/Dt": "<DtCd><Cd>OPEN</Cd></DtCd>"}, "MSG-031", "DDAT"),
    ({"TradDtls/SttlmDt+": "<TradTxCond><Cd>XDIV</Cd></TradTxCond>"}, "MSG-031", "OTHR"),
    (
        {"TradDtls/SttlmDt+": "<TradTxCond><Cd>CCPN</Cd></TradTxCond><TradTxCond><Cd>XCPN</Cd></TradTxCond>"},
        "MSG-033",
        "OTHR",
    ),
    ({"FinInstrmId/ISIN": "<Desc>A bond</Desc>"}, "MSG-032", "DSEC"),
    ({"FinInstrmId/ISIN": "<ISIN>DE000A0D655</ISIN>"}, "MSG-030", "DSEC"),
    ({"QtyAndAcctDtls/SfkpgAcct": None}, "MSG-032", "SAFE"),
    ({"RcvgSttlmPties": None}, "MSG-032", "ICAG"),
    ({PARTIES: "<NmAndAdr><Nm>Bank B</Nm></NmAndAdr>"}, "MSG-032", "ICAG"),
    ({PARTIES: "<AnyBIC>BNKBDEF</AnyBIC>"}, "MSG-030", "ICAG"),
    ({"RcvgSttlmPties/Pty1/Id+": "<LEI>529900T8BM49AURSDO56</LEI>"}, "MSG-030", "ICAG"),
    ({"DlvrgSttlmPties/Pty1/Id+": "<SfkpgAcct><Id>SAC2</Id></SfkpgAcct>"}, "MSG-033", "SAFE"),
    ({"TxId": "<TxId>Größe</TxId>"}, "MSG-030", "REFE"),
    ({"TxId": f"<TxId>{'x' * 36}</TxId>"}, "MSG-030", "REFE"),
    ({TYPE: "<SctiesTxTp><Cd>XXXX</Cd></SctiesTxTp>"}, "MSG-030", "SETR"),
    ({TYPE: "<Prty><Nmrc>0005</Nmrc></Prty><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"}, "MSG-030", "OTHR"),
    ({TYPE + "+": "<SttlmTxCond><Cd>TRIP</Cd></SttlmTxCond>"}, "MSG-031", "SETR"),
    ({"SttlmParams+": "<StgSttlmInstrDtls/>"}, "MSG-031", "OTHR"),
    ({"RcvgSttlmPties+": "<CshPties><CdtrAgt/></CshPties>"}, "MSG-031", "CASH"),
    (
        {
            "QtyAndAcctDtls/SfkpgAcct+": "<CshAcct><Prtry>CAC1</Prtry></CshAcct>",
            "RcvgSttlmPties+": "<CshPties><Cdtr><Id/><CshAcct><Prtry>CAC2</Prtry></CshAcct></Cdtr></CshPties>",
        },
        "MSG-033",
        "CASH",
    ),
]  # fmt: skip
LINKS = {
    "a link without a position": "<Ref><SctiesSttlmTxId>SI3</SctiesSttlmTxId></Ref>",
    "a link to somebody else's": "<PrcgPos><Cd>WITH</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI3</SctiesSttlmTxId></Ref>"
    "<RefOwnr><AnyBIC>BNKBDEFF</AnyBIC></RefOwnr>",
    "a link to a part": "<PrcgPos><Cd>WITH</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI3</SctiesSttlmTxId></Ref>"
    "<LkdQty><Unit>1</Unit></LkdQty>",
    "a link by our own reference": "<PrcgPos><Cd>BEFO</Cd></PrcgPos><Ref><AcctSvcrTxId>CSD3</AcctSvcrTxId></Ref>",
    "a pool without a count": "<Ref><PoolId>POOL1</PoolId></Ref>",
}


@pytest.mark.parametrize(("edits", "code", "iso"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_cannot_be_done_is_refused_with_iso_s_reason(edits, code: str, iso: str) -> None:
    with pytest.raises(MessageRefused) as caught:
        decode(changed(INSTRUCTION, edits))
    assert [
        (r.code, why.code) for r, why in zip(caught.value.refusals, caught.value.reasons, strict=True)
    ] == [(code, iso)]
    assert caught.value.definition == "sese.023.001.12"


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_links_that_cannot_be_kept_are_refused(link: str) -> None:
    with pytest.raises(MessageRefused) as caught:
        decode(changed(INSTRUCTION, {"SttlmTpAndAddtlParams+": f"<Lnkgs>{link}</Lnkgs>"}))
    assert [
        (r.code, why.code) for r, why in zip(caught.value.refusals, caught.value.reasons, strict=True)
    ] == [("MSG-033", "INVL")]


def test_all_that_is_wrong_is_told_at_once_with_the_reference() -> None:
    edits = {QUANTITY: "<FaceAmt>-1</FaceAmt>", "SttlmAmt": None, PARTIES: "<AnyBIC>X</AnyBIC>"}
    with pytest.raises(MessageRefused) as caught:
        decode(changed(INSTRUCTION, edits))
    assert [reason.code for reason in caught.value.reasons] == ["DQUA", "ICAG"]
    assert caught.value.reference == "SI1"
    pointer = "/SctiesSttlmTxInstr/QtyAndAcctDtls/SttlmQty/Qty/FaceAmt"
    assert caught.value.refusals[0].pointer == pointer


def test_the_hand_made_sample_is_read(shared_samples: Path) -> None:
    sample = shared_samples / "iso20022-messages" / "sese.023.001.12-handmade.xml"
    message = decode(sample.read_bytes()).message
    assert isinstance(message, ReceivedInstruction)
    assert (message.reference, message.holds, message.amount) == (
        "SI0000000001",
        Hold.PARTY,
        Decimal(100_000),
    )


@pytest.mark.parametrize("name", ["sese.024.001.13", "sese.025.001.12", "seev.031.001.15"])
def test_messages_of_the_other_direction_are_not_taken(name: str, shared_samples: Path) -> None:
    sample = shared_samples / "iso20022-messages" / f"{name}-handmade.xml"
    with pytest.raises(MessageRefused) as caught:
        decode(sample.read_bytes())
    assert [r.code for r in caught.value.refusals] == ["MSG-007"]
