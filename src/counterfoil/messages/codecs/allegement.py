"""sese.028.001.11: somebody instructed, and the recipient has not."""

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
    sides,
    trade_date,
)
from counterfoil.messages.codecs.writing import amount, coded, element, quantity, text, yes_no
from counterfoil.messages.model import Allegement


def write_allegement(allegement: Allegement) -> str:
    """SecuritiesSettlementTransactionAllegementNotificationV11."""
    side = allegement.transaction
    accounts = element(
        "QtyAndAcctDtls",
        element("SttlmQty", quantity(side.quantity)),
        owner("AcctOwnr", side.party),
        account(side.account),
        cash_account(side.cash_account),
    )
    parameters = element(
        "SttlmParams",
        yes_no("HldInd", True if side.holds else None),
        coded("SctiesTxTp", side.transaction_type, codes.ALLEGED_TYPES),
        conditions(side),
        partial(side),
    )
    return "".join(
        (
            text("TxId", allegement.reference),
            element("SttlmTpAndAddtlParams", movement(side), text("CmonId", side.common_reference)),
            text("CtrPtyMktInfrstrctrTxId", allegement.counterparty_reference),
            element("TradDtls", trade_date(side), intended_date(side), ex_or_cum(side)),
            isin(side.isin),
            accounts,
            parameters,
            *sides(side),
            amount("SttlmAmt", side.amount),
        )
    )
