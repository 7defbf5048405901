"""seev.050.001.03: a payment is passed on between those who traded."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import isin, party_choice
from counterfoil.messages.codecs.writing import coded, day, element, inexpressible, money, quantity, text
from counterfoil.messages.corporate_actions import MarketClaim
from counterfoil.messages.model import QuantityForm

_KINDS = {False: "MKTC", True: "RVMC"}


def write_market_claim(claim: MarketClaim) -> str:
    """MarketClaimCreationV03. A claim is about interest in cash: its event's only option."""
    action = claim.action
    if claim.quantity.form is QuantityForm.TOKENS:
        raise inexpressible(
            "RltdSttlmQty", claim.quantity.form.value, "claims are for units or a face amount"
        )
    cash = element(
        "CshMvmntDtls",
        f"<CdtDbtInd>{claim.amount.direction.value}</CdtDbtInd>",
        money("EntitldAmt", claim.amount.value, claim.amount.currency),
        element("PmtDt", day("Dt", claim.payment_date) or "<DtCd><Cd>UKWN</Cd></DtCd>"),
    )
    return "".join(
        (
            element("TxRef", text("AcctSvcrTxId", claim.reference)),
            element(
                "CorpActnGnlInf",
                text("CorpActnEvtId", action.id),
                coded("EvtTp", action.kind, codes.CLAIMED_EVENTS),
                isin(action.isin),
            ),
            element(
                "RltdSttlmInstrDtls",
                text("RltdSttlmInstrId", claim.instruction),
                element("RltdSttlmQty", quantity(claim.quantity)),
            ),
            element("AcctDtls", text("SfkpgAcct", claim.account), party_choice("AcctOwnr", claim.owner)),
            element("CorpActnDtls", day("RcrdDt", action.record_date), day("ExDvddDt", action.ex_date)),
            f"<MktClmTp>{_KINDS[claim.is_reverse]}</MktClmTp>",
            element("MktClmDtls", "<OptnNb>001</OptnNb><OptnTp><Cd>CASH</Cd></OptnTp>", cash),
        )
    )
