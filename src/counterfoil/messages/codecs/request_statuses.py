"""sese.027.001.08 and sese.031.001.10: what became of a request to cancel, or to change conditions."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import (
    account,
    explained,
    hold,
    intended_date,
    isin,
    owner,
    priority,
    quantity_of,
    reasons,
    sides,
    trade_date,
)
from counterfoil.messages.codecs.writing import amount, coded, element, text, yes_no
from counterfoil.messages.model import (
    CancellationOutcome,
    CancellationStatus,
    ConditionsRequest,
    LinkTo,
    ModificationOutcome,
    ModificationStatus,
    Transaction,
)
from counterfoil.settlement import Hold

_CANCELLATION_CODES = {
    CancellationOutcome.CANCELLED: codes.CANCELLATION_DONE,
    CancellationOutcome.PENDING: codes.CANCELLATION_PENDING,
    CancellationOutcome.DENIED: codes.DENIED,
    CancellationOutcome.REJECTED: codes.CANCELLATION_REJECTED,
    CancellationOutcome.ACCEPTED: codes.CANCELLATION_ACKNOWLEDGED,
}
_MODIFICATION_CODES = {
    ModificationOutcome.PENDING: codes.PENDING_CANCELLATION,
    ModificationOutcome.DENIED: codes.DENIED,
    ModificationOutcome.REJECTED: codes.MODIFICATION_REJECTED,
    ModificationOutcome.ACCEPTED: codes.ACKNOWLEDGED,
}
_POSITIONS = frozenset({"AFTE", "BEFO", "WITH"})


def write_cancellation_status(status: CancellationStatus) -> str:
    """SecuritiesTransactionCancellationRequestStatusAdviceV08."""
    outcome = status.outcome
    instruction = element(
        "SctiesSttlmTxId",
        text("TxId", status.reference),
        f"<SctiesMvmntTp>{status.movement.value}</SctiesMvmntTp><Pmt>{status.payment.value}</Pmt>",
    )
    return "".join(
        (
            text("CxlReqRef", status.request_reference),
            element(
                "TxId",
                text("AcctSvcrTxId", status.depository_reference),
                element("AcctOwnrTxId", instruction),
            ),
            element("PrcgSts", element(outcome.value, reasons(status.reasons, _CANCELLATION_CODES[outcome]))),
            "" if status.transaction is None else _cancelled(status.transaction),
        )
    )


def _cancelled(side: Transaction) -> str:
    """TransactionDetails174: what the cancellation is about."""
    return element(
        "TxDtls",
        owner("AcctOwnr", side.party),
        account(side.account),
        isin(side.isin),
        quantity_of("SttlmQty", side),
        amount("SttlmAmt", side.amount),
        trade_date(side),
        intended_date(side),
        *sides(side),
    )


def write_modification_status(status: ModificationStatus) -> str:
    """SecuritiesSettlementConditionModificationStatusAdviceV10."""
    outcome, listed = status.outcome.value, _MODIFICATION_CODES.get(status.outcome)
    why = status.reasons
    return "".join(
        (
            text("ReqRef", status.request_reference),
            owner("AcctOwnr", status.account_owner),
            account(status.account),
            _request(status.request),
            element("PrcgSts", element(outcome, reasons(why, listed)) if listed else explained(outcome, why)),
        )
    )


def _request(request: ConditionsRequest) -> str:
    """RequestDetails32: what was asked."""
    references = text("AcctOwnrTxId", request.reference) + text("AcctSvcrTxId", request.depository_reference)
    return element(
        "ReqDtls",
        f"<Ref>{references}</Ref>",
        "" if request.linkage is None else f"<Lkg><Cd>{request.linkage.value}</Cd></Lkg>",
        priority(request.priority),
        "" if request.partial is None else f"<PrtlSttlmInd>{request.partial.value}</PrtlSttlmInd>",
        _hold(request.hold),
        *(_link(link) for link in request.links),
    )


def _hold(asked: bool | None) -> str:
    if asked:
        return hold(Hold.PARTY)
    return element("HldInd", yes_no("Ind", asked))


def _link(link: LinkTo) -> str:
    return element(
        "Lnkgs",
        coded("PrcgPos", link.kind, _POSITIONS),
        element("Ref", text("SctiesSttlmTxId", link.reference)),
    )
