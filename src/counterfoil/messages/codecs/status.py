"""sese.024.001.13: where an instruction stands, and why."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import (
    account,
    conditions,
    explained,
    hold,
    intended_date,
    isin,
    movement,
    owner,
    partial,
    quantity_of,
    reasons,
    sides,
    trade_date,
)
from counterfoil.messages.codecs.writing import amount, coded, element, moment, text
from counterfoil.messages.model import Matching, Processing, Settling, StatusAdvice, Transaction

_PROCESSING_CODES = {
    Processing.ACCEPTED: codes.ACKNOWLEDGED,
    Processing.REJECTED: codes.REJECTED,
    Processing.CANCELLED: codes.CANCELLED,
    Processing.PENDING_CANCELLATION: codes.PENDING_CANCELLATION,
}
_SETTLING_CODES = {Settling.PENDING: codes.PENDING, Settling.FAILING: codes.FAILING}


def write_status(advice: StatusAdvice) -> str:
    """SecuritiesSettlementTransactionStatusAdviceV13."""
    references = element(
        "TxId",
        text("AcctOwnrTxId", advice.reference),
        text("AcctSvcrTxId", advice.depository_reference),
        text("CmonId", advice.common_reference),
    )
    details = "" if advice.transaction is None else _details(advice, advice.transaction)
    return f"{references}{_processing(advice)}{_matching(advice)}{_settling(advice)}{details}"


def _processing(advice: StatusAdvice) -> str:
    status = advice.processing
    if status is None:
        return ""
    listed = _PROCESSING_CODES.get(status)
    if listed is None:
        return element("PrcgSts", explained(status.value, advice.processing_reasons))
    return element("PrcgSts", element(status.value, reasons(advice.processing_reasons, listed)))


def _matching(advice: StatusAdvice) -> str:
    match advice.matching:
        case None:
            return ""
        case Matching.MATCHED:
            return element("MtchgSts", explained("Mtchd", advice.matching_reasons))
        case Matching.UNMATCHED:
            why = reasons(advice.matching_reasons, codes.UNMATCHED)
            return element("MtchgSts", element("Umtchd", why))


def _settling(advice: StatusAdvice) -> str:
    status = advice.settling
    if status is None:
        return ""
    why = reasons(advice.settling_reasons, _SETTLING_CODES[status])
    return element("SttlmSts", element(status.value, why))


def _details(advice: StatusAdvice, side: Transaction) -> str:
    """TransactionDetails166: what the status is about, as the party instructed it."""
    delivering, receiving = sides(side)
    parameters = element(
        "SttlmParams",
        hold(side.holds),
        conditions(side),
        coded("SctiesTxTp", side.transaction_type, codes.TYPES),
        partial(side),
    )
    return element(
        "TxDtls",
        text("PoolId", side.pool),
        owner("AcctOwnr", side.party),
        account(side.account),
        isin(side.isin),
        quantity_of("SttlmQty", side),
        amount("SttlmAmt", side.amount),
        intended_date(side),
        trade_date(side),
        moment("AckdStsTmStmp", advice.accepted_at),
        moment("MtchdStsTmStmp", advice.matched_at),
        movement(side),
        parameters,
        receiving,
        delivering,
    )
