"""A market whose parties speak by messages: what they send, and what they find in their mailboxes, in short."""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from counterfoil.core.db import Database
from counterfoil.messages import Receipt, inbox, read, take_in
from counterfoil.parties import import_bics
from counterfoil.settlement import Instruction, Movement, Payment
from tests.settlement.market import ANNA, BERT, CORA, NOTES, Market, opened

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
US = "CFOIDEFFXXX"
BICS = {ANNA: "ANNADEFFXXX", BERT: "BERTDEFFXXX"}
_STATES = (
    "Rjctd",
    "AckdAccptd",
    "Canc",
    "PdgCxl",
    "CxlReqd",
    "Dnd",
    "Cmpltd",
    "Mtchd",
    "Umtchd",
    "Pdg",
    "Flng",
)


def named(lei: str) -> str:
    """A party in a document: by BIC, or by LEI where it has none."""
    if lei in BICS:
        return f"<Id><AnyBIC>{BICS[lei]}</AnyBIC></Id>"
    return f"<Id><PrtryId><Id>{lei}</Id><Issr>GLEIF</Issr></PrtryId></Id><LEI>{lei}</LEI>"


def addressed(lei: str) -> str:
    """A party in a header."""
    known = f"<BICFI>{BICS[lei]}</BICFI>" if lei in BICS else f"<LEI>{lei}</LEI>"
    return f"<FIId><FinInstnId>{known}</FinInstnId></FIId>"


def enveloped(
    sender: str, id_: str, definition: str, document: str, *, duplicate: bool = False, to: str = US
) -> bytes:
    """A business message."""
    again = "<PssblDplct>true</PssblDplct>" if duplicate else ""
    header = (
        f'<AppHdr xmlns="{NAMESPACE}head.001.001.04"><Fr>{addressed(sender)}</Fr>'
        f"<To><FIId><FinInstnId><BICFI>{to}</BICFI></FinInstnId></FIId></To><BizMsgIdr>{id_}</BizMsgIdr>"
        f"<MsgDefIdr>{definition}</MsgDefIdr><CreDt>2026-11-23T10:00:00Z</CreDt>{again}</AppHdr>"
    )
    return f'<B>{header}<Document xmlns="{NAMESPACE}{definition}">{document}</Document></B>'.encode()


def instruction(i: Instruction, **changed: str) -> str:
    """sese.023. `changed` replaces texts: `isin`, `owner`, `depository`, `own`, `form` ..."""
    unit = changed.get("form", "FaceAmt" if i.isin == NOTES else "Unit")
    amount = ""
    if i.payment is Payment.AGAINST:
        direction = f"<CdtDbtInd>{i.cash_direction}</CdtDbtInd>"
        amount = f'<SttlmAmt><Amt Ccy="{i.currency}">{i.amount}</Amt>{direction}</SttlmAmt>'
    links = "".join(
        f"<Lnkgs><PrcgPos><Cd>{k.kind}</Cd></PrcgPos><Ref><SctiesSttlmTxId>{k.reference}</SctiesSttlmTxId></Ref></Lnkgs>"
        for k in i.links
    )
    depository = f"<Dpstry><Id><AnyBIC>{changed.get('depository', US)}</AnyBIC></Id></Dpstry>"
    own = f"{depository}<Pty1>{changed.get('own', named(i.party_lei))}</Pty1>"
    other = f"{depository}<Pty1>{changed.get('other', named(i.counterparty_lei))}</Pty1>"
    delivering, receiving = (own, other) if i.movement is Movement.DELIVER else (other, own)
    hold = "<HldInd><Ind>true</Ind><Rsn><Cd><Cd>PTYH</Cd></Cd></Rsn></HldInd>" if i.holds else ""
    common = f"<CmonId>{i.common_reference}</CmonId>" if i.common_reference else ""
    return (
        f"<SctiesSttlmTxInstr><TxId>{i.reference}</TxId><SttlmTpAndAddtlParams><SctiesMvmntTp>{i.movement}</SctiesMvmntTp>"
        f"<Pmt>{i.payment}</Pmt>{common}</SttlmTpAndAddtlParams>{links}"
        f"<TradDtls><TradDt><Dt><Dt>{i.trade_date}</Dt></Dt></TradDt><SttlmDt><Dt><Dt>{i.intended_date}</Dt></Dt>"
        f"</SttlmDt></TradDtls><FinInstrmId><ISIN>{i.isin}</ISIN></FinInstrmId><QtyAndAcctDtls><SttlmQty><Qty>"
        f"<{unit}>{i.quantity}</{unit}></Qty></SttlmQty><SfkpgAcct><Id>{i.account}</Id></SfkpgAcct></QtyAndAcctDtls>"
        f"<SttlmParams>{hold}<SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp></SttlmParams>"
        f"<DlvrgSttlmPties>{delivering}</DlvrgSttlmPties><RcvgSttlmPties>{receiving}</RcvgSttlmPties>{amount}"
        "</SctiesSttlmTxInstr>"
    )


def cancellation(i: Instruction) -> str:
    """sese.020."""
    return (
        f"<SctiesTxCxlReq><AcctOwnrTxId><SctiesSttlmTxId><TxId>{i.reference}</TxId><SctiesMvmntTp>{i.movement}"
        f"</SctiesMvmntTp><Pmt>{i.payment}</Pmt></SctiesSttlmTxId></AcctOwnrTxId></SctiesTxCxlReq>"
    )


def conditions(*requests: tuple[str, str]) -> str:
    """sese.030: a reference and what is to change, each."""
    details = "".join(
        f"<ReqDtls><Ref><AcctOwnrTxId>{reference}</AcctOwnrTxId></Ref>{change}</ReqDtls>"
        for reference, change in requests
    )
    return f"<SctiesSttlmCondsModReq>{details}</SctiesSttlmCondsModReq>"


HOLD = "<HldInd><Ind>true</Ind><Rsn><Cd><Cd>PTYH</Cd></Cd></Rsn></HldInd>"
RELEASE = "<HldInd><Ind>false</Ind></HldInd>"


@dataclass
class Exchange:
    """Parties that send messages and read theirs. Every message that they get is valid by its schema."""

    market: Market
    schema: Any
    sent: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def send(self, *messages: bytes, party: str | None = None) -> list[Receipt]:
        """Hand messages in as `party`, or as the depository."""
        incoming = read(messages)
        with self.market.database.transaction() as tx:
            return take_in(
                tx, incoming, party=party, now=self.market.now, business_date=self.market.today, actor="test"
            )

    def message(self, sender: str, document: str, **more: Any) -> bytes:
        """A document in an envelope of its own."""
        self.sent += 1
        kind = next(d for root, d in _ROOTS.items() if document.startswith(f"<{root}>"))
        return enveloped(sender, more.pop("id_", f"M{self.sent}"), kind, document, **more)

    def instruct(self, *sides: Instruction) -> list[Receipt]:
        """Instruct by message, each party for itself."""
        messages = [self.message(i.party_lei, instruction(i)) for i in sides]
        self.market.submitted += sides
        return self.send(*messages)

    def mail(self, party: str) -> list[str]:
        """What a party finds new, in short: message, reference, states, reasons, and what is confirmed."""
        with self.market.database.transaction() as tx:
            found = inbox(tx, party, after=self.seen.get(party, 0), limit=1000)
        if found:
            self.seen[party] = found[-1]["number"]
        return [self._short(item["content"]) for item in found]

    def _short(self, content: str) -> str:
        header, document = etree.fromstring(content.encode())
        definition = str(etree.QName(document).namespace).removeprefix(NAMESPACE)
        self.schema("head.001.001.04").assertValid(header)
        self.schema(definition).assertValid(document)
        assert definition == header.findtext("{*}MsgDefIdr")
        said = [definition[5:8], *_references(document)][:2]
        for element in document.iter():
            name = etree.QName(element).localname
            if name in _STATES:
                said.append(name)
                said += [str(c.text) for c in element.iterfind(".//{*}Rsn//{*}Cd") if c.text]
            elif name in ("PrtlSttlm", "Ref", "RjctgPtyRsn") and element.text:
                said.append(str(element.text))
            elif name == "SttldQty":
                said.append("".join(element.itertext()))
        return " ".join(said)


def _references(document: Any) -> list[str]:
    found = document.iterfind(".//{*}AcctOwnrTxId")
    return [str(e.findtext(".//{*}TxId") or e.text) for e in found]


_ROOTS = {
    "SctiesSttlmTxInstr": "sese.023.001.12",
    "SctiesTxCxlReq": "sese.020.001.08",
    "SctiesSttlmCondsModReq": "sese.030.001.10",
}


def exchange(database: Database, schema: Any) -> Exchange:
    """A market on a fresh database; ANNA and BERT have BICs, CORA is known by her LEI."""
    market = opened(database)
    with market.database.transaction() as tx:
        import_bics(tx, ["LEI,BIC\n", *(f"{lei},{bic}\n" for lei, bic in BICS.items())])
    return Exchange(market, schema)


__all__ = ["ANNA", "BERT", "CORA", "Exchange", "exchange"]
