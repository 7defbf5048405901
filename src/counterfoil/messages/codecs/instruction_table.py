"""sese.023.001.12, element by element: what is read, what is left, what is refused."""

from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.blocks import (
    PARTIAL,
    SAFEKEEPING_PLACE,
    SECURITY,
    SETTLEMENT_AMOUNT,
    SETTLEMENT_PARTIES,
    account,
    cash_account,
    coded,
    date_or_time,
    owner,
    quantity,
    reference_owner,
    wallet,
)
from counterfoil.messages.codecs.leaves import HARMLESS, codes, flag, leaf, mark, not_served
from counterfoil.messages.codecs.reading import Block, Field, Group, choice, many, maybe, one, sequence
from counterfoil.settlement import LinkKind, Movement, Payment

_CUM_EX = "cum or ex other than of coupons (CCPN, XCPN)"
_OTHERS_HOLDS = ("CSDH", "CDEL", "CVAL")
_OWN_HOLD = "a hold other than the party's own (PTYH)"
_BORROWING = "automatic borrowing"
_FROM_SUB_BALANCE = not_served("INVB", "delivery from, or receipt into, a part of a balance")

TRANSACTION_TYPES = (
    "BSBK COLI COLO MKDW MKUP NETT NSYN PAIR PLAC PORT REAL REDM REPU RODE RVPO SECB SECL SUBS SYND TBAC TRAD TRPO "
    "TRVO TURN BYIY CNCB OWNE FCTA OWNI RELE SBRE CORP CLAI AUTO SWIF SWIT CONV ETFT ISSU SLRE INSP SBBK REDI"
).split()
"""SecuritiesTransactionType23Code."""


def _yes_no(iso: str, refused: bool, what: str) -> Block:
    return choice(one("Ind", flag(iso, refused=refused, what=what)), one("Prtry", not_served(iso, what)))


def _text(name: str, key: str, iso: str) -> Field:
    return one(name, leaf(key, forms.text35, iso))


def _left(*names: str) -> list[Field]:
    return [maybe(name, HARMLESS) for name in names]


_TYPE_AND_PARAMETERS = sequence(
    one("SctiesMvmntTp", leaf("movement", forms.CodeOf(Movement), "SETR")),
    one("Pmt", leaf("payment", forms.CodeOf(Payment), "SETR")),
    maybe("CmonId", leaf("common_reference", forms.text35, "IIND")),
    *_left("CorpActnEvtId"),
    maybe("RcncltnInd", flag("SETR", refused=True, what="instructions for reconciliation only")),
    *_left(
        "ClntCollInstrId", "ClntTrptyCollTxId", "TrptyAgtSvcPrvdrCollTxId", "TrptyAgtSvcPrvdrCollInstrId", "NonceId"
    ),
)  # fmt: skip

_NUMBER_COUNTS = choice(
    one("CurInstrNb", HARMLESS),
    one(
        "TtlNb",
        sequence(one("CurInstrNb", HARMLESS), one("TtlOfLkdInstrs", leaf("size", forms.count, "INVL"))),
    ),
)

_FOREIGN_REFERENCE = mark("foreign")
_LINKAGE = sequence(
    maybe(
        "PrcgPos",
        coded(
            leaf("position", forms.CodeOf(LinkKind), "INVL"), not_served("INVL", "a position of one's own")
        ),
    ),
    maybe("MsgNb", HARMLESS),
    one(
        "Ref",
        choice(
            _text("SctiesSttlmTxId", "reference", "INVL"),
            one("IntraPosMvmntId", _FOREIGN_REFERENCE),
            one("IntraBalMvmntId", _FOREIGN_REFERENCE),
            one("AcctSvcrTxId", _FOREIGN_REFERENCE),
            one("MktInfrstrctrTxId", _FOREIGN_REFERENCE),
            _text("PoolId", "pool", "INVL"),
            one("OthrTxId", _FOREIGN_REFERENCE),
        ),
    ),
    maybe("LkdQty", mark("quantity")),
    maybe("RefOwnr", Group("owner", reference_owner("INVL"))),
)

_TRADE_DETAILS = sequence(
    *_left("TradId", "UnqTxIdr"),
    many("CollTxId", HARMLESS),
    *_left("PlcOfTrad", "PlcOfClr"),
    maybe(
        "TradDt",
        choice(
            one("Dt", date_or_time("trade_date", "DTRD")),
            one("DtCd", not_served("DTRD", "several trade dates")),
        ),
    ),
    one(
        "SttlmDt",
        choice(
            one(
                "Dt",
                choice(
                    one("Dt", leaf("intended_date", forms.iso_date, "DDAT")),
                    one("DtTm", not_served("DDAT", "settlement at a time of the day")),
                ),
            ),
            one("DtCd", not_served("DDAT", "settlement on no certain date")),
        ),
    ),
    *_left("LateDlvryDt", "DealPric", "NbOfDaysAcrd", "OpngClsg"),
    many("Rptg", HARMLESS),
    many(
        "TradTxCond",
        coded(
            codes(
                "ex_cum", "OTHR", read=("CCPN", "XCPN"),
                left="GTDL BCRO BCRP BCFD BCBL BCBN MAPR NEGO NMPR BCPD".split(),
                refused=dict.fromkeys("CBNS XBNS CDIV XDIV CRTS XRTS CWAR XWAR SPCU SPEX".split(), _CUM_EX),
            ),
            not_served("OTHR", "a condition of one's own"),
        ),
    ),
    *_left("InvstrCpcty", "TradOrgtrRole", "TpOfPric"),
    maybe("CcyToBuyOrSell", not_served("NCRR", "foreign exchange")),
    maybe(
        "MtchgSts",
        coded(
            codes("matching", "OTHR", left=("NMAT",), refused={"MACH": "instructions that were matched elsewhere"}),
            not_served("OTHR", "a matching status of one's own"),
        ),
    ),
    *_left("AffirmSts", "FxAddtlDtls", "SttlmInstrPrcgAddtlDtls"),
)  # fmt: skip

_QUANTITY_AND_ACCOUNT = sequence(
    one(
        "SttlmQty",
        choice(
            one("Qty", quantity("DQUA")), one("OrgnlAndCurFace", not_served("DQUA", "quantities by pool factor"))
        ),
    ),
    maybe("DnmtnChc", not_served("DQUA", "a choice of denominations")),
    maybe("AcctOwnr", Group("account_owner", owner("SAFE"))),
    maybe("SfkpgAcct", account("account", "SAFE")),
    wallet(),
    maybe("CshAcct", cash_account("cash_account")),
    maybe("SfkpgPlc", Group("safekeeping_place", SAFEKEEPING_PLACE)),
    many("QtyBrkdwn", not_served("DQUA", "delivery of certain lots")),
)  # fmt: skip

HOLD = sequence(
    one("Ind", leaf("hold", forms.boolean, "OTHR")),
    many(
        "Rsn",
        sequence(
            one(
                "Cd",
                coded(
                    codes("hold_reason", "OTHR", read=("PTYH",), refused=dict.fromkeys(_OTHERS_HOLDS, _OWN_HOLD)),
                    not_served("OTHR", _OWN_HOLD),
                ),
            ),
            maybe("AddtlInf", HARMLESS),
        ),
    ),
)  # fmt: skip
"""HoldIndicator6."""

PRIORITY = choice(
    one("Nmrc", leaf("priority", forms.priority, "OTHR")),
    one("Prtry", not_served("OTHR", "a priority of one's own")),
)
"""PriorityNumeric4Choice."""

_CONDITIONS = codes(
    "conditions", "SETR", read=("NOMC",),
    left="ASGN BUTC CLEN DIRT DRAW EXER EXPI FRCL KNOC NACT PENS RHYP SHOR TRAN BPSS".split(),
    refused={
        "ADEA": "processing after the deadline",
        "DLWM": "delivery without matching",
        "PHYS": "delivery of certificates",
        "RPTO": "instructions for reporting only",
        "RESI": "payment for securities that are not held here",
        "SPDL": "special delivery",
        "SPST": "money and securities settling in different places",
        "TRIP": "segregation by a triparty agent",
        "UNEX": "delivery after payment elsewhere",
    },
)  # fmt: skip

_SETTLEMENT_PARAMETERS = sequence(
    maybe("HldInd", HOLD),
    maybe("Prty", PRIORITY),
    one(
        "SctiesTxTp",
        coded(
            leaf("transaction_type", forms.CodeOf(TRANSACTION_TYPES), "SETR"),
            not_served("SETR", "a transaction type of one's own"),
        ),
    ),
    many("SttlmTxCond", coded(_CONDITIONS, not_served("SETR", "a condition of one's own"))),
    maybe("PrtlSttlmInd", PARTIAL),
    *_left("BnfclOwnrsh", "BlckTrad", "CCPElgblty", "DlvryRtrRsn", "CshClrSys", "XpsrTp"),
    maybe("FxStgInstr", _yes_no("NCRR", True, "foreign exchange by standing instruction")),
    *_left("MktClntSd", "NetgElgblty"),
    maybe(
        "Regn",
        coded(
            codes("registration", "OTHR", left=("NREG",), refused={"YREG": "registration in a holder's name"}),
            not_served("OTHR", "a registration of one's own"),
        ),
    ),
    maybe("RpTp", not_served("SETR", "changes of repurchase agreements")),
    *_left("LglRstrctns", "SctiesRTGS", "SttlgCpcty"),
    maybe("SttlmSysMtd", not_served("SETS", "a choice of settlement method")),
    *_left("TaxCpcty", "StmpDtyTaxBsis", "Trckg"),
    maybe(
        "AutomtcBrrwg",
        coded(
            codes("borrowing", "OTHR", left=("NBOR",), refused=dict.fromkeys(("LAMI", "YBOR"), _BORROWING)),
            not_served("OTHR", _BORROWING),
        ),
    ),
    maybe("LttrOfGrnt", _yes_no("SETS", True, "settlement by letter of guarantee")),
    maybe("RtrLeg", HARMLESS),
    maybe("ModCxlAllwd", _yes_no("OTHR", False, "instructions that may not be changed or cancelled")),
    maybe("ElgblForColl", HARMLESS),
    maybe("DlvrgSctiesSubBalTp", _FROM_SUB_BALANCE),
    maybe("RcvgSctiesSubBalTp", _FROM_SUB_BALANCE),
    maybe("CshSubBalTp", not_served("INVB", "payment from, or into, a part of a balance")),
)  # fmt: skip

_CASH_PARTY = sequence(
    one("Id", HARMLESS),
    *_left("LEI", "AltrnId"),
    maybe("CshAcct", cash_account("cash_account")),
    *_left("ChrgsAcct", "ComssnAcct", "TaxAcct", "AddtlInf"),
)
_AGENT = not_served("CASH", "payment over a bank: cash settles in accounts of the depository")
_CASH_PARTIES = sequence(
    maybe("Dbtr", Group("debtor", _CASH_PARTY)),
    maybe("DbtrAgt", _AGENT),
    maybe("Cdtr", Group("creditor", _CASH_PARTY)),
    maybe("CdtrAgt", _AGENT),
    maybe("Intrmy", _AGENT),
)

INSTRUCTION = sequence(
    _text("TxId", "reference", "REFE"),
    one("SttlmTpAndAddtlParams", _TYPE_AND_PARAMETERS),
    maybe("NbCounts", _NUMBER_COUNTS),
    many("Lnkgs", Group("links", _LINKAGE, listed=True)),
    one("TradDtls", _TRADE_DETAILS),
    one("FinInstrmId", SECURITY),
    maybe("FinInstrmAttrbts", HARMLESS),
    one("QtyAndAcctDtls", _QUANTITY_AND_ACCOUNT),
    one("SttlmParams", _SETTLEMENT_PARAMETERS),
    maybe("StgSttlmInstrDtls", not_served("OTHR", "standing settlement instructions")),
    maybe("DlvrgSttlmPties", Group("delivering", SETTLEMENT_PARTIES)),
    maybe("RcvgSttlmPties", Group("receiving", SETTLEMENT_PARTIES)),
    maybe("CshPties", _CASH_PARTIES),
    maybe("SttlmAmt", SETTLEMENT_AMOUNT),
    *_left("OthrAmts"),
    maybe("DgtlNtwkFee", not_served("SETS", "fees of a distributed ledger")),
    *_left("OthrBizPties"),
    maybe("AddtlPhysOrRegnDtls", not_served("PHYS", "delivery of certificates")),
    many("SplmtryData", not_served("OTHR", "data outside the schema")),
)
"""SecuritiesSettlementTransactionInstructionV12."""
