"""sese.020.001.08: a request to cancel an instruction."""

from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.blocks import account, coded, owner, party_id
from counterfoil.messages.codecs.leaves import HARMLESS, flag, leaf, not_served
from counterfoil.messages.codecs.reading import Fault, Group, Values, choice, many, maybe, one, sequence
from counterfoil.messages.received import ReceivedCancellation
from counterfoil.settlement import Movement, Payment

REASONS = "SCEX OTHR CXLR BYIY CTHP CANZ CANT CSUB CANS CANI CORP".split()
"""CancelledStatusReason16Code."""
_ONLY_INSTRUCTIONS = not_served("REFE", "cancelling what is not a settlement instruction")

CANCELLATION = sequence(
    one(
        "AcctOwnrTxId",
        choice(
            one(
                "SctiesSttlmTxId",
                sequence(
                    one("TxId", leaf("reference", forms.text35, "REFE")),
                    one("SctiesMvmntTp", leaf("movement", forms.CodeOf(Movement), "REFE")),
                    one("Pmt", leaf("payment", forms.CodeOf(Payment), "REFE")),
                ),
            ),
            one("SctiesFincgTxId", _ONLY_INSTRUCTIONS),
            one("IntraPosMvmntId", _ONLY_INSTRUCTIONS),
            one("OthrTxId", _ONLY_INSTRUCTIONS),
        ),
    ),
    maybe("AcctSvcrTxId", leaf("depository_reference", forms.text35, "REFE")),
    maybe("MktInfrstrctrTxId", HARMLESS),
    maybe("PrcrTxId", HARMLESS),
    maybe("NonceId", HARMLESS),
    maybe("AcctOwnr", Group("account_owner", owner("SAFE"))),
    maybe("SfkpgAcct", account("account", "SAFE")),
    maybe("BlckChainAdrOrWllt", not_served("SAFE", "settlement on a distributed ledger by message")),
    maybe("TxDtls", HARMLESS),
    maybe(
        "CxlRsn",
        sequence(
            one("Cd", coded(leaf("reason", forms.CodeOf(REASONS), "OTHR"), HARMLESS)),
            maybe("CorpActnEvtId", HARMLESS),
        ),
    ),
    maybe(
        "FxCxl",
        choice(
            one("Ind", flag("OTHR", refused=True, what="cancelling foreign exchange")),
            one("Prtry", not_served("OTHR", "cancelling foreign exchange")),
        ),
    ),
    many("SplmtryData", not_served("OTHR", "data outside the schema")),
)
"""SecuritiesTransactionCancellationRequestV08."""


def build(values: Values, _faults: list[Fault]) -> ReceivedCancellation:
    """The request."""
    return ReceivedCancellation(
        reference=values["reference"],
        movement=values["movement"],
        payment=values["payment"],
        depository_reference=values.get("depository_reference"),
        account_owner=party_id(values.get("account_owner")),
        account=values.get("account"),
        reason=values.get("reason"),
    )
