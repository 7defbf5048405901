"""The lists of codes are the schemas' own, and every code of the trade can be said somewhere."""

import pytest
from lxml import etree

from counterfoil.messages import (
    CancellationOutcome,
    CancellationStatus,
    Header,
    Matching,
    ModificationOutcome,
    ModificationStatus,
    PartyId,
    Processing,
    Reason,
    Settling,
    StatusAdvice,
    encode,
)
from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.cancellation import REASONS
from counterfoil.messages.codecs.instruction_table import TRANSACTION_TYPES
from counterfoil.messages.model import ConditionsRequest
from counterfoil.settlement import Movement, Payment
from tests.messages.conftest import Enumeration, Schema
from tests.messages.samples import AT
from tests.messages.test_encoding import check

LISTS = """
PENDING                    sese.024.001.13  PendingReason24Code
FAILING                    sese.024.001.13  FailingReason4Code
UNMATCHED                  sese.024.001.13  UnmatchedReason11Code
REJECTED                   sese.024.001.13  RejectionReason75Code
CANCELLED                  sese.024.001.13  CancelledStatusReason16Code
ACKNOWLEDGED               sese.024.001.13  AcknowledgementReason5Code
ACKNOWLEDGED               sese.031.001.10  AcknowledgementReason5Code
PENDING_CANCELLATION       sese.024.001.13  PendingReason6Code
PENDING_CANCELLATION       sese.031.001.10  PendingReason6Code
CANCELLATION_ACKNOWLEDGED  sese.027.001.08  AcknowledgementReason3Code
CANCELLATION_PENDING       sese.027.001.08  PendingReason9Code
CANCELLATION_REJECTED      sese.027.001.08  RejectionReason74Code
CANCELLATION_DONE          sese.027.001.08  CancelledStatusReason5Code
MODIFICATION_REJECTED      sese.031.001.10  RejectionReason71Code
DENIED                     sese.027.001.08  DeniedReason6Code
DENIED                     sese.031.001.10  DeniedReason6Code
TYPES                      sese.024.001.13  SecuritiesTransactionType26Code
TYPES                      sese.025.001.12  SecuritiesTransactionType25Code
ALLEGED_TYPES              sese.028.001.11  SecuritiesTransactionType24Code
POSTED_TYPES               semt.017.001.13  SecuritiesTransactionType27Code
ACTIVITIES                 semt.017.001.13  TransactionActivity1Code
POSTING_FREQUENCIES        semt.017.001.13  EventFrequency4Code
HOLDING_FREQUENCIES        semt.002.001.12  EventFrequency7Code
SUB_BALANCES               semt.002.001.12  SecuritiesBalanceType12Code
ANNOUNCED_EVENTS           seev.031.001.15  CorporateActionEventType35Code
ANNOUNCED_EVENTS           seev.039.001.13  CorporateActionEventType35Code
ADVISED_EVENTS             seev.035.001.16  CorporateActionEventType36Code
CONFIRMED_EVENTS           seev.036.001.16  CorporateActionEventType37Code
CONFIRMED_EVENTS           seev.037.001.16  CorporateActionEventType37Code
INSTRUCTED_EVENTS          seev.034.001.15  CorporateActionEventType40Code
INSTRUCTED_EVENTS          seev.033.001.13  CorporateActionEventType40Code
CLAIMED_EVENTS             seev.050.001.03  CorporateActionEventType39Code
ANNOUNCED_OPTIONS          seev.031.001.15  CorporateActionOption15Code
ANNOUNCED_OPTIONS          seev.035.001.16  CorporateActionOption15Code
CONFIRMED_OPTIONS          seev.036.001.16  CorporateActionOption12Code
CONFIRMED_OPTIONS          seev.037.001.16  CorporateActionOption12Code
ANSWERED_OPTIONS           seev.034.001.15  CorporateActionOption17Code
INSTRUCTED_OPTIONS         seev.033.001.13  CorporateActionOption16Code
CHANGES                    seev.031.001.15  CorporateActionChangeType1Code
REVERSALS                  seev.037.001.16  CorporateActionReversalReason3Code
ELECTION_REJECTED          seev.034.001.15  RejectionReason85Code
ELECTION_PENDING           seev.034.001.15  PendingReason27Code
ELECTION_CANCELLED         seev.034.001.15  CancelledStatusReason6Code
ELECTION_ACCEPTED          seev.034.001.15  AcknowledgementReason7Code
"""
HEADER = Header(PartyId(bic="DAKVDEFFXXX"), PartyId(bic="BANKDEFFXXX"), "M1", AT)

PENDING = (
    "FUTU PREA PRCY BOTH CSDH CVAL LACK CLAC MONY CMON LINK INBC BLOC SBLO COLL YCOL MINO MUNO PART PATD PREL LATE "
    "NEWI CDLR OTHR"
)
FAILING = PENDING.replace("FUTU", "CLAT CYCL BYIY")
UNMATCHED = "CMIS CLAT NMAS DSEC DQUA DMON DDAT DTRD DELN ICAG ICUS DEPT SAFE DCMX INVE LATE"
REJECTED = "DSEC SAFE DQUA MINO MUNO DDAT DTRD DMON CASH SETR SETS REFE IIND INVL LATE NCRR DEPT OTHR"
CANCELLED = "CANI CANS CTHP CSUB CORP CANT CANZ SCEX CXLR BYIY"
DENIED = "DCAN DSET DPRG DREP LATE ADEA CDRG CDCY CDRE"


def _why(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(code, f"because of {code}") for code in text.split())


CANCELLATION_DENIED = CancellationStatus(
    "C", "R", Movement.DELIVER, Payment.FREE, CancellationOutcome.DENIED, _why(DENIED)
)


@pytest.mark.parametrize("row", LISTS.strip().splitlines(), ids=lambda row: " ".join(row.split()[:2]))
def test_a_list_of_codes_is_the_schemas_own(row: str, enumeration: Enumeration) -> None:
    name, definition, type_name = row.split()
    assert getattr(codes, name) == enumeration(definition, type_name)


def test_what_instructions_and_cancellations_may_say_is_the_schemas_own(enumeration: Enumeration) -> None:
    assert set(TRANSACTION_TYPES) == enumeration("sese.023.001.12", "SecuritiesTransactionType23Code")
    assert set(REASONS) == enumeration("sese.020.001.08", "CancelledStatusReason16Code")


def said(document: etree._Element) -> list[tuple[str, str | None]]:
    return [(r.findtext("{*}Cd/{*}Cd") or "", r.findtext("{*}AddtlRsnInf")) for r in document.iter("{*}Rsn")]


@pytest.mark.parametrize(
    ("advice", "expected"),
    [
        (StatusAdvice("R", settling=Settling.PENDING, settling_reasons=_why(PENDING)), PENDING),
        (StatusAdvice("R", settling=Settling.FAILING, settling_reasons=_why(FAILING)), FAILING),
        (StatusAdvice("R", matching=Matching.UNMATCHED, matching_reasons=_why(UNMATCHED)), UNMATCHED),
        (StatusAdvice("R", processing=Processing.REJECTED, processing_reasons=_why(REJECTED)), REJECTED),
        (StatusAdvice("R", processing=Processing.CANCELLED, processing_reasons=_why(CANCELLED)), CANCELLED),
        (CANCELLATION_DENIED, DENIED),
        (ModificationStatus("C", ConditionsRequest("R"), ModificationOutcome.DENIED, _why(DENIED)), DENIED),
    ],
    ids="pending failing unmatched rejected cancelled denied-cancellation denied-modification".split(),
)
def test_every_reason_of_the_trade_is_sent_as_its_code(advice, expected: str, schema: Schema) -> None:
    document = check(encode(advice, HEADER), schema)
    assert said(document) == [(code, f"because of {code}") for code in expected.split()]


def test_a_code_of_another_list_is_told_in_the_text_of_other(schema: Schema) -> None:
    advice = StatusAdvice(
        "R", settling=Settling.FAILING, settling_reasons=(Reason("FUTU", "not yet"), Reason("CMIS"))
    )
    document = check(encode(advice, HEADER), schema)
    assert said(document) == [("OTHR", "FUTU: not yet"), ("OTHR", "CMIS")]


def test_a_status_without_reasons_says_so(schema: Schema) -> None:
    document = check(encode(StatusAdvice("R", settling=Settling.PENDING), HEADER), schema)
    assert document.findtext(".//{*}Pdg/{*}NoSpcfdRsn") == "NORE"


def test_a_long_text_is_cut_to_what_is_allowed(schema: Schema) -> None:
    advice = StatusAdvice("R", settling=Settling.PENDING, settling_reasons=(Reason("LACK", "x" * 300),))
    assert said(check(encode(advice, HEADER), schema)) == [("LACK", "x" * 207 + "...")]


def test_a_status_that_lists_no_codes_has_them_in_its_text(schema: Schema) -> None:
    advice = StatusAdvice(
        "R", processing=Processing.CANCELLATION_REQUESTED, processing_reasons=_why("CANI CORP")
    )
    document = check(encode(advice, HEADER), schema)
    assert document.findtext(".//{*}CxlReqd/{*}AddtlRsnInf") == "CANI: because of CANI; CORP: because of CORP"
