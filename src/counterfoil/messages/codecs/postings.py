"""semt.017.001.13: what was booked on a securities account."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import account, isin, owner, settlement_parties
from counterfoil.messages.codecs.writing import (
    amount,
    balance,
    code,
    coded,
    day,
    element,
    inexpressible,
    moment,
    moment_of,
    page,
    quantity,
    text,
    yes_no,
)
from counterfoil.messages.model import PostedSecurity, Posting, Postings, Quantity


def write_postings(report: Postings) -> str:
    """SecuritiesTransactionPostingReportV13."""
    period = element("FrDtTmToDtTm", moment("FrDtTm", report.start), moment("ToDtTm", report.end))
    frequency = code("Cd", report.frequency, codes.POSTING_FREQUENCIES)
    details = element(
        "StmtGnlDtls",
        text("StmtId", report.id),
        element("StmtPrd", period),
        element("Frqcy", frequency),
        "<UpdTp><Cd>COMP</Cd></UpdTp><StmtBsis><Cd>SETT</Cd></StmtBsis>",
        yes_no("ActvtyInd", bool(report.securities)),
        "<SubAcctInd>false</SubAcctInd>",
    )
    return "".join(
        (
            page(report.page, is_last=report.is_last_page),
            details,
            owner("AcctOwnr", report.owner),
            account(report.account),
            *(_security(report, security) for security in report.securities),
        )
    )


def _security(report: Postings, security: PostedSecurity) -> str:
    """FinancialInstrumentDetails46: balances are the statement's at its ends, and the page's in between."""
    if not security.postings:
        raise inexpressible("FinInstrmDtls", security.isin, "a posting report lists only what was booked")
    opening = "Frst" if report.page == 1 else "Intrmy"
    closing = "Fnl" if report.is_last_page else "Intrmy"
    return element(
        "FinInstrmDtls",
        isin(security.isin),
        _balance("OpngBal", opening, security.opening),
        _balance("ClsgBal", closing, security.closing),
        *(_posting(posting) for posting in security.postings),
    )


def _balance(name: str, kind: str, value: Quantity) -> str:
    sign, shown = balance(value)
    return element(name, sign, element(name, element(kind, element("Qty", shown))))


def _posting(posting: Posting) -> str:
    """Transaction161."""
    return element(
        "Tx",
        text("AcctOwnrTxId", posting.reference),
        text("AcctSvcrTxId", posting.depository_reference),
        text("CmonId", posting.common_reference),
        element("TxDtls", _details(posting)),
    )


def _details(posting: Posting) -> str:
    """TransactionDetails169."""
    parties = settlement_parties(posting.movement, posting.depository, posting.party, posting.counterparty)
    kind = coded("SctiesTxTp", posting.transaction_type, codes.POSTED_TYPES)
    return "".join(
        (
            element("TxActvty", code("Cd", posting.activity, codes.ACTIVITIES)),
            element("SttlmTxOrCorpActnEvtTp", kind),
            f"<SctiesMvmntTp>{posting.movement.value}</SctiesMvmntTp><Pmt>{posting.payment.value}</Pmt>",
            element("PstngQty", element("Qty", quantity(posting.quantity))),
            amount("PstngAmt", posting.amount, "CdtDbt"),
            element("TradDt", day("Dt", posting.trade_date)),
            moment_of("FctvSttlmDt", posting.settled_at),
            element("SttlmDt", day("Dt", posting.intended_date)),
            *parties,
            yes_no("RvslInd", True if posting.reversal else None),
        )
    )
