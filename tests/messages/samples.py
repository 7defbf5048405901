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

RICH_INSTRUCTION = f"""<Document xmlns="{NAMESPACE}sese.023.001.12"><SctiesSttlmTxInstr>
<TxId>SI2</TxId>
<SttlmTpAndAddtlParams><SctiesMvmntTp>RECE</SctiesMvmntTp><Pmt>APMT</Pmt><CmonId>TRADE2</CmonId>
<RcncltnInd>false</RcncltnInd></SttlmTpAndAddtlParams>
<NbCounts><TtlNb><CurInstrNb>001</CurInstrNb><TtlOfLkdInstrs>003</TtlOfLkdInstrs></TtlNb></NbCounts>
<Lnkgs><PrcgPos><Cd>AFTE</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI3</SctiesSttlmTxId></Ref>
<RefOwnr><AnyBIC>BANKDEFF</AnyBIC></RefOwnr></Lnkgs>
<Lnkgs><PrcgPos><Cd>BEFO</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI4</SctiesSttlmTxId></Ref></Lnkgs>
<Lnkgs><PrcgPos><Cd>WITH</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI5</SctiesSttlmTxId></Ref></Lnkgs>
<Lnkgs><PrcgPos><Cd>INFO</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI6</SctiesSttlmTxId></Ref></Lnkgs>
<Lnkgs><Ref><PoolId>POOL1</PoolId></Ref></Lnkgs>
<TradDtls><TradDt><Dt><DtTm>2026-11-18T16:00:00+01:00</DtTm></Dt></TradDt>
<SttlmDt><Dt><Dt>2026-11-20</Dt></Dt></SttlmDt>
<TradTxCond><Cd>CCPN</Cd></TradTxCond><MtchgSts><Cd>NMAT</Cd></MtchgSts></TradDtls>
<FinInstrmId><ISIN>DE000A0D6554</ISIN><Desc>A bond</Desc></FinInstrmId>
<QtyAndAcctDtls><SttlmQty><Qty><Unit>12.5</Unit></Qty></SttlmQty>
<AcctOwnr><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id><LEI>529900T8BM49AURSDO55</LEI></AcctOwnr>
<SfkpgAcct><Id>SAC1</Id><Nm>Own</Nm></SfkpgAcct><CshAcct><Prtry>CAC1</Prtry></CshAcct>
<SfkpgPlc><SfkpgPlcFrmt><TpAndId><SfkpgPlcTp>NCSD</SfkpgPlcTp><Id>DAKVDEFF</Id></TpAndId></SfkpgPlcFrmt></SfkpgPlc>
</QtyAndAcctDtls>
<SttlmParams><HldInd><Ind>true</Ind><Rsn><Cd><Cd>PTYH</Cd></Cd><AddtlInf>wait</AddtlInf></Rsn></HldInd>
<Prty><Nmrc>0002</Nmrc></Prty><SctiesTxTp><Cd>PLAC</Cd></SctiesTxTp>
<SttlmTxCond><Cd>NOMC</Cd></SttlmTxCond><SttlmTxCond><Cd>CLEN</Cd></SttlmTxCond><PrtlSttlmInd>PARQ</PrtlSttlmInd>
<FxStgInstr><Ind>false</Ind></FxStgInstr><Regn><Cd>NREG</Cd></Regn><AutomtcBrrwg><Cd>NBOR</Cd></AutomtcBrrwg>
<ModCxlAllwd><Ind>true</Ind></ModCxlAllwd></SttlmParams>
<DlvrgSttlmPties><Dpstry><Id><AnyBIC>DAKVDEFFXXX</AnyBIC></Id></Dpstry>
<Pty1><Id><PrtryId><Id>7LTWFZYICNSX8D621K86</Id><Issr>GLEIF</Issr></PrtryId></Id>
<SfkpgAcct><Id>SAC9</Id></SfkpgAcct></Pty1>
<Pty2><Id><PrtryId><Id>4711</Id><Issr>BNKBDEFF</Issr></PrtryId></Id></Pty2></DlvrgSttlmPties>
<RcvgSttlmPties><Dpstry><Id><AnyBIC>DAKVDEFFXXX</AnyBIC></Id></Dpstry>
<Pty1><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id><LEI>529900T8BM49AURSDO55</LEI><SfkpgAcct><Id>SAC1</Id></SfkpgAcct></Pty1>
<Pty2><Id><AnyBIC>CLNTDEFF</AnyBIC></Id></Pty2></RcvgSttlmPties>
<CshPties><Dbtr><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id><CshAcct><Prtry>CAC1</Prtry></CshAcct></Dbtr></CshPties>
<SttlmAmt><AcrdIntrstInd>false</AcrdIntrstInd><Amt Ccy="USD">12345.67</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<ValDt><Dt>2026-11-20</Dt></ValDt></SttlmAmt>
</SctiesSttlmTxInstr></Document>"""
"""A receipt against payment with everything that is read."""

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


RICH_MODIFICATION = f"""<Document xmlns="{NAMESPACE}sese.030.001.10"><SctiesSttlmCondsModReq>
<AcctOwnr><Id><AnyBIC>BANKDEFFXXX</AnyBIC></Id></AcctOwnr>
<ReqDtls><Ref><AcctOwnrTxId>SI1</AcctOwnrTxId><AcctSvcrTxId>CSD1</AcctSvcrTxId></Ref>
<Lkg><Cd>LINK</Cd></Lkg><Prty><Nmrc>0003</Nmrc></Prty><PrtlSttlmInd>NPAR</PrtlSttlmInd>
<HldInd><Ind>true</Ind><Rsn><Cd><Cd>PTYH</Cd></Cd></Rsn></HldInd>
<Lnkgs><PrcgPos><Cd>AFTE</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI2</SctiesSttlmTxId></Ref></Lnkgs>
<Lnkgs><PrcgPos><Cd>WITH</Cd></PrcgPos><Ref><SctiesSttlmTxId>SI3</SctiesSttlmTxId></Ref></Lnkgs></ReqDtls>
<ReqDtls><Ref><AcctSvcrTxId>CSD4</AcctSvcrTxId></Ref><Lkg><Cd>UNLK</Cd></Lkg>
<Lnkgs><Ref><SctiesSttlmTxId>SI5</SctiesSttlmTxId></Ref></Lnkgs></ReqDtls>
</SctiesSttlmCondsModReq></Document>"""
"""Two requests with everything that is read."""

ELECTION = f"""<Document xmlns="{NAMESPACE}seev.033.001.13"><CorpActnInstr>
<CorpActnGnlInf><CorpActnEvtId>CA1</CorpActnEvtId><EvtTp><Cd>EXWA</Cd></EvtTp>
<UndrlygScty><FinInstrmId><ISIN>DE000A0D6554</ISIN></FinInstrmId></UndrlygScty></CorpActnGnlInf>
<AcctDtls><SfkpgAcct>SAC1</SfkpgAcct></AcctDtls>
<CorpActnInstr><OptnNb><Nb>001</Nb></OptnNb><OptnTp><Cd>EXER</Cd></OptnTp>
<SctiesQtyOrInstdAmt><SctiesQty><InstdQty><Cd>QALL</Cd></InstdQty></SctiesQty></SctiesQtyOrInstdAmt></CorpActnInstr>
</CorpActnInstr></Document>"""

RICH_ELECTION = f"""<Document xmlns="{NAMESPACE}seev.033.001.13"><CorpActnInstr>
<ChngInstrInd>false</ChngInstrInd>
<OthrDocId><Id><AcctSvcrDocId>N1</AcctSvcrDocId></Id></OthrDocId>
<EvtsLkg><EvtId><LkdCorpActnId>CA0</LkdCorpActnId></EvtId></EvtsLkg>
<CorpActnGnlInf><CorpActnEvtId>CA1</CorpActnEvtId><OffclCorpActnEvtId>COAF1</OffclCorpActnEvtId>
<EvtTp><Cd>EXWA</Cd></EvtTp>
<UndrlygScty><FinInstrmId><ISIN>DE000A0D6554</ISIN><Desc>A warrant</Desc></FinInstrmId>
<XpryDt>2026-12-18</XpryDt></UndrlygScty></CorpActnGnlInf>
<AcctDtls><SfkpgAcct>SAC1</SfkpgAcct><AcctOwnr><AnyBIC>BANKDEFFXXX</AnyBIC></AcctOwnr>
<SfkpgPlc><TpAndId><SfkpgPlcTp>NCSD</SfkpgPlcTp><Id>DAKVDEFF</Id></TpAndId></SfkpgPlc>
<Bal><TtlElgblBal><QtyChc><SgndQty><ShrtLngPos>LONG</ShrtLngPos><Qty><Unit>20</Unit></Qty></SgndQty></QtyChc></TtlElgblBal>
</Bal></AcctDtls>
<CorpActnInstr><OptnNb><Nb>001</Nb></OptnNb><OptnTp><Cd>EXER</Cd></OptnTp>
<ElgblForCollInd>false</ElgblForCollInd><SlctnDealrFeeInd>false</SlctnDealrFeeInd>
<SctiesQtyOrInstdAmt><SctiesQty><InstdQty><Qty><Unit>12.5</Unit></Qty></InstdQty></SctiesQty></SctiesQtyOrInstdAmt>
<ExctnReqdDtTm><Dt>2026-12-01</Dt></ExctnReqdDtTm><ShrhldrNb>7</ShrhldrNb></CorpActnInstr>
</CorpActnInstr></Document>"""
"""An exercise with everything that is read."""

HEADER = f"""<AppHdr xmlns="{NAMESPACE}head.001.001.04">
<Fr><FIId><FinInstnId><BICFI>BANKDEFFXXX</BICFI><LEI>529900T8BM49AURSDO55</LEI></FinInstnId></FIId></Fr>
<To><OrgId><Id><OrgId><AnyBIC>DAKVDEFFXXX</AnyBIC></OrgId></Id></OrgId></To>
<BizMsgIdr>M1</BizMsgIdr><MsgDefIdr>sese.023.001.12</MsgDefIdr><BizSvc>CSD</BizSvc>
<CreDt>2026-11-20T10:30:00+01:00</CreDt></AppHdr>"""


def enveloped(message: str, header: str = HEADER, root: str = "BizMsg") -> bytes:
    """A message with its header."""
    return f"<{root}>{header}{message}</{root}>".encode()


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
