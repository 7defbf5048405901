"""Messages that a participant could send, and a way to change them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"

INSTRUCTION = f"""<Document xmlns="{NAMESPACE}sese.023.001.12"><SctiesSttlmTxInstr>
<TxId>SI1</TxId>
<SttlmTpAndAddtlParams><SctiesMvmntTp>DELI</SctiesMvmntTp><Pmt>APMT</Pmt><CmonId>TRADE1</CmonId></SttlmTpAndAddtlParams>
<TradDtls><TradDt><Dt><Dt>2026-11-18</Dt></Dt></TradDt><SttlmDt><Dt><Dt>2026-11-20</Dt></Dt></SttlmDt></TradDtls>
<FinInstrmId><ISIN>DE000A0D6554</ISIN></FinInstrmId>
<QtyAndAcctDtls><SttlmQty><Qty><FaceAmt>100000</FaceAmt></Qty></SttlmQty><SfkpgAcct><Id>SAC1</Id></SfkpgAcct></QtyAndAcctDtls>
<SttlmParams><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp></SttlmParams>
<DlvrgSttlmPties><Dpstry><Id><AnyBIC>DAKVDEFFXXX</AnyBIC></Id></Dpstry>
<Pty1><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id></Pty1></DlvrgSttlmPties>
<RcvgSttlmPties><Dpstry><Id><AnyBIC>DAKVDEFFXXX</AnyBIC></Id></Dpstry>
<Pty1><Id><AnyBIC>BNKBDEFFXXX</AnyBIC></Id></Pty1></RcvgSttlmPties>
<SttlmAmt><Amt Ccy="EUR">99500.25</Amt><CdtDbtInd>CRDT</CdtDbtInd></SttlmAmt>
</SctiesSttlmTxInstr></Document>"""
"""A delivery against payment with little more than the market's rules demand."""

CANCELLATION = f"""<Document xmlns="{NAMESPACE}sese.020.001.08"><SctiesTxCxlReq>
<AcctOwnrTxId><SctiesSttlmTxId><TxId>SI1</TxId><SctiesMvmntTp>DELI</SctiesMvmntTp><Pmt>APMT</Pmt></SctiesSttlmTxId></AcctOwnrTxId>
<AcctSvcrTxId>CSD1</AcctSvcrTxId>
<AcctOwnr><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id></AcctOwnr>
<SfkpgAcct><Id>SAC1</Id></SfkpgAcct>
<CxlRsn><Cd><Cd>CANI</Cd></Cd></CxlRsn>
</SctiesTxCxlReq></Document>"""

MODIFICATION = f"""<Document xmlns="{NAMESPACE}sese.030.001.10"><SctiesSttlmCondsModReq>
<AcctOwnr><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id></AcctOwnr>
<SfkpgAcct><Id>SAC1</Id></SfkpgAcct>
<ReqDtls><Ref><AcctOwnrTxId>SI1</AcctOwnrTxId></Ref><HldInd><Ind>false</Ind></HldInd></ReqDtls>
</SctiesSttlmCondsModReq></Document>"""


def changed(message: str, edits: Mapping[str, str | None]) -> bytes:
    """`message` with each element at a path (below the message's root) replaced by XML; None takes it away.

    A path that ends in "+" puts the XML after the element instead.
    """
    document = etree.fromstring(message.encode())
    namespace = etree.QName(document).namespace
    for path, xml in edits.items():
        steps = "/".join(f"{{{namespace}}}{step}" for step in path.removesuffix("+").split("/"))
        element = document[0].find(steps)
        assert element is not None, path
        parent = element.getparent()
        assert parent is not None
        at = parent.index(element) + 1
        for new in reversed(list(etree.fromstring(f'<x xmlns="{namespace}">{xml or ""}</x>'))):
            parent.insert(at, new)
        if not path.endswith("+"):
            parent.remove(element)
    return etree.tostring(document)
