"""sese.025.001.12: what has settled."""

from decimal import Decimal

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import (
    account,
    cash_account,
    conditions,
    ex_or_cum,
    intended_date,
    isin,
    movement,
    owner,
    partial,
    priority,
    sides,
    trade_date,
)
from counterfoil.messages.codecs.writing import (
    amount,
    coded,
    element,
    inexpressible,
    moment_of,
    quantity,
    text,
)
from counterfoil.messages.model import Amount, Confirmation, Quantity


def write_confirmation(confirmation: Confirmation) -> str:
    """SecuritiesSettlementTransactionConfirmationV12."""
    side = confirmation.transaction
    quantities = _quantities(confirmation)  # first: the numbers are checked before they are compared
    references = element(
        "TxIdDtls",
        text("AcctOwnrTxId", confirmation.reference),
        text("AcctSvcrTxId", confirmation.depository_reference),
        movement(side),
        text("CmonId", side.common_reference),
        text("PoolId", side.pool),
    )
    dates = element(
        "TradDtls",
        trade_date(side),
        intended_date(side),
        element("FctvSttlmDt", moment_of("Dt", confirmation.settled_at)),
        ex_or_cum(side),
    )
    parameters = element(
        "SttlmParams",
        priority(side.priority),
        coded("SctiesTxTp", side.transaction_type, codes.TYPES),
        conditions(side),
        partial(side),
    )
    return "".join(
        (
            references,
            _part(confirmation),
            dates,
            isin(side.isin),
            quantities,
            parameters,
            *sides(side),
            amount("SttldAmt", confirmation.settled_amount),
        )
    )


def _part(confirmation: Confirmation) -> str:
    """PAIN while more is to come, PARC for the last of several parts."""
    kind = "PAIN" if confirmation.remaining > 0 else "PARC" if confirmation.previously > 0 else None
    return element(
        "AddtlParams",
        f"<PrtlSttlm>{kind}</PrtlSttlm>" if kind else "",
        text("PrvsPrtlConfId", confirmation.previous_confirmation),
    )


def _quantities(confirmation: Confirmation) -> str:
    side = confirmation.transaction
    form = confirmation.settled.form
    previous = remaining = ""
    if confirmation.previously or confirmation.remaining:
        previous = element("PrevslySttldQty", quantity(Quantity(confirmation.previously, form)))
        remaining = element("RmngToBeSttldQty", quantity(Quantity(confirmation.remaining, form)))
    return element(
        "QtyAndAcctDtls",
        element("SttldQty", element("Qty", quantity(confirmation.settled))),
        previous,
        remaining,
        _rest("PrevslySttldAmt", confirmation, confirmation.previously_amount),
        _rest("RmngToBeSttldAmt", confirmation, confirmation.remaining_amount),
        owner("AcctOwnr", side.party),
        account(side.account),
        cash_account(side.cash_account),
    )


def _rest(name: str, confirmation: Confirmation, value: Decimal | None) -> str:
    """An amount of the same currency and direction as what has settled."""
    if value is None:
        return ""
    settled = confirmation.settled_amount or confirmation.transaction.amount
    if settled is None:
        raise inexpressible(name, value, "the currency of a free transaction is not known")
    return amount(name, Amount(value, settled.currency, settled.direction))
