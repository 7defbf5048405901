"""What outgoing messages say, element by element: validity alone would let them say something else."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from counterfoil.core.errors import Bug, Refused
from counterfoil.messages import (
    Allegement,
    Amount,
    CancellationOutcome,
    CancellationStatus,
    CashEntry,
    CashNotification,
    ConditionsRequest,
    Confirmation,
    Header,
    Holding,
    Holdings,
    Linkage,
    LinkTo,
    Matching,
    ModificationOutcome,
    ModificationStatus,
    OutgoingMessage,
    PartyId,
    PostedSecurity,
    Posting,
    Postings,
    Processing,
    Quantity,
    QuantityForm,
    Reason,
    RejectedMessage,
    Settling,
    StatusAdvice,
    SubBalance,
    Transaction,
    encode,
)
from counterfoil.settlement import CashDirection, Hold, LinkKind, Movement, Partial, Payment
from tests.messages.outgoing import IBAN, LEI, OTHER_LEI
from tests.messages.samples import AT

CSD = PartyId(bic="DAKVDEFFXXX")
HEADER = Header(CSD, PartyId(bic="BANKDEFFXXX"), "M1", AT)
MONEY = Amount(Decimal("100000.00"), "EUR", CashDirection.CREDIT)
SIDE = Transaction(
    movement=Movement.DELIVER,
    payment=Payment.AGAINST,
    isin="DE000A0D6554",
    quantity=Quantity(Decimal("1E+5"), QuantityForm.FACE_AMOUNT),
    trade_date=date(2026, 11, 18),
    intended_date=date(2026, 11, 20),
    party=PartyId(bic="BANKDEFFXXX"),
    counterparty=PartyId(LEI),
    depository=CSD,
    account="SAC1",
    amount=MONEY,
    cash_account="CAC1",
    counterparty_account="SAC2",
    client="CLNTDEFF",
    counterparty_client="Depot <4711>",
    common_reference="TRADE1",
    pool="POOL1",
    opt_out=True,
    ex_cum="XCPN",
    holds=Hold.PARTY | Hold.COSD,
    partial=Partial.CASH_THRESHOLD,
    priority=2,
)


def said(message: OutgoingMessage) -> etree._Element:
    document = etree.fromstring(encode(message, HEADER))[1][0]
    for element in document.iter():
        element.tag = etree.QName(element).localname
    return document


def check(message: OutgoingMessage, expected: str) -> None:
    """Each line: a path and the texts of the elements found there, in order; "-" for none, "." for empty ones."""
    document = said(message)
    for line in expected.strip().splitlines():
        path, _, texts = line.strip().partition(" ")
        found = [(element.text or ".").strip() for element in document.findall(path)]
        assert (path, " | ".join(found) or "-") == (path, texts.strip())


def test_a_status_tells_what_it_is_about() -> None:
    advice = StatusAdvice(
        "SI1",
        "CSD1",
        matching=Matching.MATCHED,
        settling=Settling.PENDING,
        settling_reasons=(Reason("LACK", "100 are missing"), Reason("MONY")),
        common_reference="TRADE1",
        transaction=SIDE,
        accepted_at=AT,
        matched_at=AT,
    )
    check(
        advice,
        """
        TxId/AcctOwnrTxId SI1
        TxId/AcctSvcrTxId CSD1
        TxId/CmonId TRADE1
        PrcgSts -
        MtchgSts/Mtchd .
        SttlmSts/Pdg/Rsn/Cd/Cd LACK | MONY
        SttlmSts/Pdg/Rsn/AddtlRsnInf 100 are missing
        TxDtls/PoolId POOL1
        TxDtls/AcctOwnr/Id/AnyBIC BANKDEFFXXX
        TxDtls/SfkpgAcct/Id SAC1
        TxDtls/FinInstrmId/ISIN DE000A0D6554
        TxDtls/SttlmQty/Qty/FaceAmt 100000
        TxDtls/SttlmAmt/Amt 100000
        TxDtls/SttlmAmt/CdtDbtInd CRDT
        TxDtls/SttlmDt/Dt/Dt 2026-11-20
        TxDtls/TradDt/Dt/Dt 2026-11-18
        TxDtls/AckdStsTmStmp 2026-11-20T09:30:00.000Z
        TxDtls/MtchdStsTmStmp 2026-11-20T09:30:00.000Z
        TxDtls/SctiesMvmntTp DELI
        TxDtls/Pmt APMT
        TxDtls/SttlmParams/HldInd/Ind true
        TxDtls/SttlmParams/HldInd/Rsn/Cd/Cd PTYH | CDEL
        TxDtls/SttlmParams/SttlmTxCond/Cd NOMC
        TxDtls/SttlmParams/SctiesTxTp/Cd TRAD
        TxDtls/SttlmParams/PrtlSttlmInd PARC
        TxDtls/DlvrgSttlmPties/Dpstry/Id/AnyBIC DAKVDEFFXXX
        TxDtls/DlvrgSttlmPties/Pty1/Id/AnyBIC BANKDEFFXXX
        TxDtls/DlvrgSttlmPties/Pty1/SfkpgAcct/Id SAC1
        TxDtls/DlvrgSttlmPties/Pty2/Id/AnyBIC CLNTDEFF
        TxDtls/RcvgSttlmPties/Pty1/Id/PrtryId/Id 529900T8BM49AURSDO55
        TxDtls/RcvgSttlmPties/Pty1/LEI 529900T8BM49AURSDO55
        TxDtls/RcvgSttlmPties/Pty1/SfkpgAcct/Id SAC2
        TxDtls/RcvgSttlmPties/Pty2/Id/PrtryId/Id Depot <4711>
        """,
    )


def test_the_receiver_sees_itself_on_the_receiving_side() -> None:
    side = replace(SIDE, movement=Movement.RECEIVE)
    check(
        StatusAdvice("SI1", transaction=side),
        """
        TxDtls/SctiesMvmntTp RECE
        TxDtls/RcvgSttlmPties/Pty1/Id/AnyBIC BANKDEFFXXX
        TxDtls/DlvrgSttlmPties/Pty1/LEI 529900T8BM49AURSDO55
        """,
    )


def test_an_acceptance_needs_no_reason() -> None:
    check(StatusAdvice("SI1", processing=Processing.ACCEPTED), "PrcgSts/AckdAccptd/NoSpcfdRsn NORE")


def test_the_hand_made_status_is_what_is_sent(shared_samples: Path) -> None:
    status = StatusAdvice(
        "SI0000000001", "CSD0000001", matching=Matching.MATCHED, settling=Settling.PENDING,
        settling_reasons=(Reason("PRCY"),),
    )  # fmt: skip
    sample = etree.parse(shared_samples / "iso20022-messages" / "sese.024.001.13-handmade.xml").getroot()
    sent = etree.fromstring(etree.tostring(etree.fromstring(encode(status, HEADER))[1]))
    assert etree.canonicalize(sent) == etree.canonicalize(sample)


@pytest.mark.parametrize(
    ("previously", "remaining", "part"), [(0, 0, "-"), (0, 60, "PAIN"), (30, 30, "PAIN"), (60, 0, "PARC")]
)
def test_a_confirmation_tells_which_part_it_is(previously: int, remaining: int, part: str) -> None:
    confirmation = Confirmation(
        "SI1", "CSD1", SIDE, Quantity(Decimal(40)), AT, previously=Decimal(previously),
        remaining=Decimal(remaining),
    )  # fmt: skip
    check(confirmation, f"AddtlParams/PrtlSttlm {part}")


def test_a_confirmation_tells_what_moved() -> None:
    confirmation = Confirmation(
        "SI1",
        "CSD1",
        SIDE,
        Quantity(Decimal(40)),
        AT,
        replace(MONEY, value=Decimal("0.10")),
        previously=Decimal(50),
        remaining=Decimal(10),
        previously_amount=Decimal("0.2"),
        remaining_amount=Decimal("0.3"),
        previous_confirmation="C1",
    )
    check(
        confirmation,
        """
        TxIdDtls/AcctOwnrTxId SI1
        TxIdDtls/SctiesMvmntTp DELI
        TxIdDtls/CmonId TRADE1
        TxIdDtls/PoolId POOL1
        AddtlParams/PrvsPrtlConfId C1
        TradDtls/TradDt/Dt/Dt 2026-11-18
        TradDtls/SttlmDt/Dt/Dt 2026-11-20
        TradDtls/FctvSttlmDt/Dt/DtTm 2026-11-20T09:30:00.000Z
        TradDtls/TradTxCond/Cd XCPN
        QtyAndAcctDtls/SttldQty/Qty/Unit 40
        QtyAndAcctDtls/PrevslySttldQty/Unit 50
        QtyAndAcctDtls/RmngToBeSttldQty/Unit 10
        QtyAndAcctDtls/PrevslySttldAmt/Amt 0.2
        QtyAndAcctDtls/RmngToBeSttldAmt/Amt 0.3
        QtyAndAcctDtls/RmngToBeSttldAmt/CdtDbtInd CRDT
        QtyAndAcctDtls/SfkpgAcct/Id SAC1
        QtyAndAcctDtls/CshAcct/Prtry CAC1
        SttlmParams/Prty/Nmrc 0002
        SttlmParams/SctiesTxTp/Cd TRAD
        SttlmParams/SttlmTxCond/Cd NOMC
        SttlmParams/PrtlSttlmInd PARC
        SttldAmt/Amt 0.1
        SttldAmt/CdtDbtInd CRDT
        """,
    )


def test_a_cash_account_that_is_an_iban_is_sent_as_one() -> None:
    side = replace(SIDE, cash_account=IBAN)
    check(Confirmation("SI1", None, side, SIDE.quantity, AT), f"QtyAndAcctDtls/CshAcct/IBAN {IBAN}")
    wrong = replace(SIDE, cash_account="DE88370400440532013000")
    check(
        Confirmation("SI1", None, wrong, SIDE.quantity, AT),
        "QtyAndAcctDtls/CshAcct/Prtry DE88370400440532013000",
    )


def test_amounts_of_what_moves_free_have_no_currency() -> None:
    free = replace(SIDE, payment=Payment.FREE, amount=None)
    with pytest.raises(Refused, match="MSG-040"):
        encode(Confirmation("SI1", None, free, SIDE.quantity, AT, remaining_amount=Decimal(1)), HEADER)


def test_a_cancellation_status_names_the_request_and_the_instruction() -> None:
    status = CancellationStatus(
        "M7", "SI1", Movement.DELIVER, Payment.AGAINST, CancellationOutcome.DENIED,
        (Reason("DSET", "settled at 09:30"),), "CSD1", SIDE,
    )  # fmt: skip
    check(
        status,
        """
        CxlReqRef M7
        TxId/AcctSvcrTxId CSD1
        TxId/AcctOwnrTxId/SctiesSttlmTxId/TxId SI1
        TxId/AcctOwnrTxId/SctiesSttlmTxId/Pmt APMT
        PrcgSts/Dnd/Rsn/Cd/Cd DSET
        PrcgSts/Dnd/Rsn/AddtlRsnInf settled at 09:30
        TxDtls/SttlmQty/Qty/FaceAmt 100000
        TxDtls/DlvrgSttlmPties/Pty1/Id/AnyBIC BANKDEFFXXX
        """,
    )


def test_a_modification_status_repeats_what_was_asked() -> None:
    request = ConditionsRequest(
        "SI1", "CSD1", hold=True, priority=3, partial=Partial.NOT_ALLOWED, linkage=Linkage.LINK,
        links=(LinkTo("SI2", LinkKind.BEFORE), LinkTo("SI3")),
    )  # fmt: skip
    status = ModificationStatus("M8", request, ModificationOutcome.COMPLETED, (), PartyId(LEI), "SAC1")
    check(
        status,
        """
        ReqRef M8
        AcctOwnr/LEI 529900T8BM49AURSDO55
        SfkpgAcct/Id SAC1
        ReqDtls/Ref/AcctOwnrTxId SI1
        ReqDtls/Ref/AcctSvcrTxId CSD1
        ReqDtls/Lkg/Cd LINK
        ReqDtls/Prty/Nmrc 0003
        ReqDtls/PrtlSttlmInd NPAR
        ReqDtls/HldInd/Ind true
        ReqDtls/HldInd/Rsn/Cd/Cd PTYH
        ReqDtls/Lnkgs/PrcgPos/Cd BEFO
        ReqDtls/Lnkgs/Ref/SctiesSttlmTxId SI2 | SI3
        PrcgSts/Cmpltd .
        """,
    )
    released = replace(status, request=ConditionsRequest("SI1", hold=False))
    check(released, "ReqDtls/HldInd/Ind false\nReqDtls/HldInd/Rsn -")


def test_an_allegement_tells_what_the_other_side_instructed() -> None:
    check(
        Allegement("A1", SIDE, "CSD9"),
        """
        TxId A1
        SttlmTpAndAddtlParams/SctiesMvmntTp DELI
        SttlmTpAndAddtlParams/CmonId TRADE1
        CtrPtyMktInfrstrctrTxId CSD9
        TradDtls/SttlmDt/Dt/Dt 2026-11-20
        TradDtls/TradTxCond/Cd XCPN
        FinInstrmId/ISIN DE000A0D6554
        QtyAndAcctDtls/SttlmQty/FaceAmt 100000
        SttlmParams/HldInd true
        SttlmParams/SctiesTxTp/Cd TRAD
        SttlmParams/SttlmTxCond/Cd NOMC
        SttlmAmt/Amt 100000
        """,
    )


def test_a_type_that_the_message_does_not_list_is_sent_as_iso_s_own() -> None:
    side = replace(SIDE, transaction_type="SBRE")
    check(Allegement("A1", side), "SttlmParams/SctiesTxTp/Prtry/Id SBRE\nSttlmParams/SctiesTxTp/Cd -")


def test_a_cash_notification_lists_debits_and_credits() -> None:
    paid = CashEntry(
        "E1", MONEY, AT, date(2026, 11, 20), "SI1", "CSD1", "DE000A0D6554", Quantity(Decimal(5)),
        PartyId(OTHER_LEI, "BNKBFRPP"), text="Sale",
    )  # fmt: skip
    bought = replace(
        paid, reference="E2", amount=replace(MONEY, direction=CashDirection.DEBIT), reversal=True
    )
    check(
        CashNotification("N1", AT, "CAC1", "EUR", (paid, bought), PartyId(LEI), CSD),
        """
        GrpHdr/MsgId N1
        Ntfctn/Acct/Id/Othr/Id CAC1
        Ntfctn/Acct/Ccy EUR
        Ntfctn/Acct/Ownr/Id/OrgId/LEI 529900T8BM49AURSDO55
        Ntfctn/Acct/Svcr/FinInstnId/BICFI DAKVDEFFXXX
        Ntfctn/Ntry/NtryRef E1 | E2
        Ntfctn/Ntry/CdtDbtInd CRDT | DBIT
        Ntfctn/Ntry/RvslInd true
        Ntfctn/Ntry/Sts/Cd BOOK | BOOK
        Ntfctn/Ntry/BookgDt/DtTm 2026-11-20T09:30:00.000Z | 2026-11-20T09:30:00.000Z
        Ntfctn/Ntry/ValDt/Dt 2026-11-20 | 2026-11-20
        Ntfctn/Ntry/BkTxCd/Domn/Cd SECU | SECU
        Ntfctn/Ntry/BkTxCd/Domn/Fmly/SubFmlyCd TRAD | TRAD
        Ntfctn/Ntry/NtryDtls/TxDtls/Refs/AcctOwnrTxId SI1 | SI1
        Ntfctn/Ntry/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Id/OrgId/AnyBIC BNKBFRPP
        Ntfctn/Ntry/NtryDtls/TxDtls/RltdPties/Cdtr/Pty/Id/OrgId/AnyBIC BNKBFRPP
        Ntfctn/Ntry/NtryDtls/TxDtls/RltdQties/Qty/Unit 5 | 5
        Ntfctn/Ntry/NtryDtls/TxDtls/FinInstrmId/ISIN DE000A0D6554 | DE000A0D6554
        Ntfctn/Ntry/AddtlNtryInf Sale | Sale
        """,
    )


POSTING = Posting(
    "SI1", Movement.RECEIVE, Payment.AGAINST, Quantity(Decimal(5)), AT, "CSD1", MONEY, date(2026, 11, 18),
    date(2026, 11, 20), "PLAC", party=PartyId(LEI), counterparty=PartyId(OTHER_LEI), depository=CSD,
)  # fmt: skip
POSTED = PostedSecurity("DE000A0D6554", Quantity(Decimal(-5)), Quantity(Decimal(0)), (POSTING,))


@pytest.mark.parametrize(
    ("page", "is_last", "kinds"),
    [(1, True, "Frst Fnl"), (1, False, "Frst Intrmy"), (2, False, "Intrmy Intrmy"), (2, True, "Intrmy Fnl")],
)
def test_balances_are_the_statement_s_at_its_ends_only(page: int, is_last: bool, kinds: str) -> None:
    report = Postings("P1", "SAC1", AT, AT, (POSTED,), page=page, is_last_page=is_last)
    document = said(report)
    found = [document.find(f"FinInstrmDtls/{name}/{name}")[0].tag for name in ("OpngBal", "ClsgBal")]
    assert found == kinds.split()


def test_a_posting_report_lists_what_was_booked() -> None:
    check(
        Postings("P1", "SAC1", AT, AT, (POSTED,), PartyId(LEI)),
        """
        Pgntn/PgNb 1
        Pgntn/LastPgInd true
        StmtGnlDtls/StmtId P1
        StmtGnlDtls/StmtPrd/FrDtTmToDtTm/FrDtTm 2026-11-20T09:30:00.000Z
        StmtGnlDtls/Frqcy/Cd DAIL
        StmtGnlDtls/ActvtyInd true
        SfkpgAcct/Id SAC1
        FinInstrmDtls/OpngBal/ShrtLngInd SHOR
        FinInstrmDtls/OpngBal/OpngBal/Frst/Qty/Unit 5
        FinInstrmDtls/ClsgBal/ShrtLngInd LONG
        FinInstrmDtls/ClsgBal/ClsgBal/Fnl/Qty/Unit 0
        FinInstrmDtls/Tx/AcctOwnrTxId SI1
        FinInstrmDtls/Tx/TxDtls/TxActvty/Cd SETT
        FinInstrmDtls/Tx/TxDtls/SttlmTxOrCorpActnEvtTp/SctiesTxTp/Cd PLAC
        FinInstrmDtls/Tx/TxDtls/SctiesMvmntTp RECE
        FinInstrmDtls/Tx/TxDtls/PstngQty/Qty/Unit 5
        FinInstrmDtls/Tx/TxDtls/PstngAmt/Amt 100000
        FinInstrmDtls/Tx/TxDtls/PstngAmt/CdtDbt CRDT
        FinInstrmDtls/Tx/TxDtls/FctvSttlmDt/DtTm 2026-11-20T09:30:00.000Z
        FinInstrmDtls/Tx/TxDtls/RcvgSttlmPties/Pty1/LEI 529900T8BM49AURSDO55
        FinInstrmDtls/Tx/TxDtls/DlvrgSttlmPties/Pty1/LEI 7LTWFZYICNSX8D621K86
        FinInstrmDtls/Tx/TxDtls/RvslInd -
        """,
    )
    check(Postings("P1", "SAC1", AT, AT, ()), "StmtGnlDtls/ActvtyInd false\nFinInstrmDtls -")


def test_a_security_without_bookings_is_not_in_a_posting_report() -> None:
    with pytest.raises(Refused, match="MSG-040"):
        encode(Postings("P1", "SAC1", AT, AT, (replace(POSTED, postings=()),)), HEADER)


def test_a_statement_lists_holdings_and_their_parts() -> None:
    parts = (
        SubBalance("PLED", Quantity(Decimal(3))),
        SubBalance("AWAS", Quantity(Decimal(97)), available=True),
        SubBalance("EARM", Quantity(Decimal(1)), text="for a token"),
    )
    holding = Holding("DE000A0D6554", Quantity(Decimal(100)), Quantity(Decimal(97)), parts)
    check(
        Holdings("H1", "SAC1", AT, (holding,), PartyId(LEI), CSD),
        """
        StmtGnlDtls/StmtDtTm/DtTm 2026-11-20T09:30:00.000Z
        AcctSvcr/Id/AnyBIC DAKVDEFFXXX
        BalForAcct/FinInstrmId/ISIN DE000A0D6554
        BalForAcct/AggtBal/ShrtLngInd LONG
        BalForAcct/AggtBal/Qty/Qty/Qty/Unit 100
        BalForAcct/AvlblBal/Qty/Qty/Unit 97
        BalForAcct/BalBrkdwn/SubBalTp/Cd PLED | AWAS | OTHR
        BalForAcct/BalBrkdwn/Qty/Qty/QtyAndAvlbty/Qty/Unit 3 | 97 | 1
        BalForAcct/BalBrkdwn/Qty/Qty/QtyAndAvlbty/AvlbtyInd false | true | false
        BalForAcct/BalBrkdwn/SubBalAddtlDtls EARM: for a token
        """,
    )


def test_a_rejection_names_what_was_sent_and_why() -> None:
    check(
        RejectedMessage("M1", "MSG-003", AT, "line 3", "Line 3: expected '>'.", "a\nb"),
        """
        RltdRef/Ref M1
        Rsn/RjctgPtyRsn MSG-003
        Rsn/RjctnDtTm 2026-11-20T09:30:00.000Z
        Rsn/ErrLctn line 3
        Rsn/RsnDesc Line 3: expected '>'.
        Rsn/AddtlData a b
        """,
    )


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"account": "x" * 36}, "Id"),
        ({"account": ""}, "Id"),
        ({"common_reference": "a\nb"}, "CmonId"),
        ({"quantity": Quantity(Decimal("1E-18"))}, "Unit"),
        ({"quantity": Quantity(Decimal(-1))}, "Unit"),
        ({"quantity": Quantity(Decimal("NaN"))}, "Unit"),
        ({"amount": replace(MONEY, value=Decimal("0.000001"))}, "Amt"),
        ({"amount": replace(MONEY, currency="Euro")}, "Amt"),
        ({"isin": "DE000A0D655"}, "ISIN"),
        ({"party": PartyId(bic="BANK")}, "AnyBIC"),
        ({"priority": 12_345}, "Nmrc"),
        ({"transaction_type": "TRADE"}, "SctiesTxTp"),
    ],
)
def test_what_has_no_place_in_a_message_is_refused_by_name(change, element: str) -> None:
    side = replace(SIDE, **change)
    with pytest.raises(Refused) as caught:
        encode(Confirmation("SI1", None, side, side.quantity, AT, side.amount), HEADER)
    assert [(r.code, r.pointer) for r in caught.value.refusals] == [("MSG-040", f"/{element}")]


def test_a_time_without_a_zone_is_a_defect() -> None:
    with pytest.raises(Bug):
        encode(StatusAdvice("SI1"), replace(HEADER, created_at=AT.replace(tzinfo=None)))
