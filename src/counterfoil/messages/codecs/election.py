"""seev.033.001.13: a holder exercises, or chooses between options."""

from counterfoil.messages import errors
from counterfoil.messages.codecs import codes as lists
from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.blocks import (
    SAFEKEEPING_FORM,
    SECURITY,
    coded,
    date_or_time,
    party_id,
    quantity,
    reference_owner,
)
from counterfoil.messages.codecs.leaves import HARMLESS, flag, leaf, not_served
from counterfoil.messages.codecs.reading import Fault, Group, Values, choice, many, maybe, one, sequence
from counterfoil.messages.corporate_actions import OptionChosen
from counterfoil.messages.model import PartyId, QuantityForm
from counterfoil.messages.received import ReceivedElection

_ROOT = "/CorpActnInstr"
_REPLACES = not_served("OTHR", "changing or cancelling an instruction about an event")
_OWNERS = not_served("OTHR", "instructing for beneficial owners by name")
_WORDS = not_served("OTHR", "instructions in words")
_OWN_OPTION = not_served("OPTY", "options of one's own")

_SECURITY = sequence(
    maybe("FinInstrmId", SECURITY),
    *(
        maybe(name, HARMLESS)
        for name in (
            "PlcOfListg", "DayCntBsis", "ClssfctnTp", "DnmtnCcy", "NxtCpnDt", "XpryDt", "FltgRateFxgDt", "MtrtyDt",
            "IsseDt", "NxtCllblDt", "PutblDt", "DtdDt", "ConvsDt", "PrvsFctr", "NxtFctr", "IntrstRate",
            "NxtIntrstRate", "MinNmnlQty", "CtrctSz",
        )
    ),
)  # fmt: skip

_EVENT = sequence(
    one("CorpActnEvtId", leaf("event", forms.text35, "EVNM")),
    maybe("OffclCorpActnEvtId", HARMLESS),
    one(
        "EvtTp",
        coded(
            leaf("kind", forms.CodeOf(sorted(lists.INSTRUCTED_EVENTS)), "INTV"),
            not_served("INTV", "events of one's own"),
        ),
    ),
    maybe("UndrlygScty", _SECURITY),
)

_ACCOUNT = sequence(
    maybe("SfkpgAcct", leaf("account", forms.text35, "SAFE")),
    maybe("BlckChainAdrOrWllt", not_served("SAFE", "holding in a wallet by message")),
    maybe("AcctOwnr", Group("account_owner", reference_owner("SAFE"))),
    maybe("SfkpgPlc", Group("place", SAFEKEEPING_FORM)),
    maybe("Bal", HARMLESS),
)

_QUANTITY = choice(
    one(
        "SctiesQty",
        sequence(
            maybe("CondlQty", not_served("DQUA", "conditional quantities")),
            one(
                "InstdQty",
                choice(
                    one("Cd", leaf("all", forms.CodeOf(("QALL",)), "DQUA")),
                    one("OrgnlAndCurFaceAmt", not_served("DQUA", "amortised values")),
                    one("Qty", Group("quantity", quantity("DQUA"))),
                ),
            ),
            maybe("AddtlRndUpQty", not_served("DQUA", "rounding up")),
        ),
    ),
    one("InstdAmt", not_served("DQAM", "instructing an amount of money")),
)

_CHOICE = sequence(
    one(
        "OptnNb",
        choice(
            one("Nb", leaf("number", forms.option_number, "OPNM")), one("Cd", not_served("OPNM", "no option"))
        ),
    ),
    one(
        "OptnTp",
        coded(leaf("option", forms.CodeOf(sorted(lists.INSTRUCTED_OPTIONS)), "OPTY"), _OWN_OPTION),
    ),
    maybe("OptnFeatrs", not_served("OPTY", "features of options")),
    maybe("FrctnDspstn", not_served("OTHR", "a choice of what becomes of fractions")),
    many("ChngTp", not_served("OTHR", "changing how securities are held")),
    maybe("ElgblForCollInd", HARMLESS),
    maybe("SlctnDealrFeeInd", flag("OTHR", refused=True, what="solicitation fees")),
    maybe("CcyToBuy", not_served("OTHR", "foreign exchange")),
    maybe("CcyToSell", not_served("OTHR", "foreign exchange")),
    maybe("CcyOptn", not_served("OTHR", "a choice of currencies")),
    maybe("SctyId", not_served("OTHR", "a choice of securities")),
    one("SctiesQtyOrInstdAmt", _QUANTITY),
    maybe("ExctnReqdDtTm", date_or_time("day", "OTHR")),
    maybe("RateAndAmtDtls", not_served("OTHR", "rates of one's own")),
    maybe("PricDtls", not_served("OTHR", "prices of one's own")),
    maybe("ShrhldrNb", HARMLESS),
    maybe("AddtlInf", _WORDS),
)

ELECTION = sequence(
    maybe("ChngInstrInd", flag("OTHR", refused=True, what="changing an instruction about an event")),
    maybe("CancInstrId", _REPLACES),
    maybe("InstrCxlReqId", _REPLACES),
    many("OthrDocId", HARMLESS),
    many("EvtsLkg", HARMLESS),
    one("CorpActnGnlInf", _EVENT),
    one("AcctDtls", _ACCOUNT),
    many("BnfclOwnrDtls", _OWNERS),
    one("CorpActnInstr", _CHOICE),
    maybe("PrtctInstr", not_served("OTHR", "protection")),
    maybe("AddtlInf", _WORDS),
    many("SplmtryData", not_served("OTHR", "data outside the schema")),
)
"""CorporateActionInstructionV13."""


def build(values: Values, faults: list[Fault]) -> ReceivedElection | None:
    """The instruction; None where `faults` have grown."""
    for key, path, iso in (("account", "AcctDtls/SfkpgAcct", "SAFE"), ("isin", "CorpActnGnlInf", "DSEC")):
        if key not in values:
            name = "SfkpgAcct" if key == "account" else "ISIN"
            reason = "what is instructed is found by it"
            faults.append(Fault(iso, errors.NEEDED(f"{_ROOT}/{path}", iso=iso, element=name, reason=reason)))
    if faults:
        return None
    form, value = next(iter(values.get("quantity", {}).items()), (None, None))
    place = values.get("place", {}).get("bic")
    return ReceivedElection(
        event=values["event"],
        kind=values["kind"],
        isin=values["isin"],
        account=values["account"],
        option=OptionChosen(values["number"], values["option"]),
        quantity=value,
        quantity_form=None if form is None else QuantityForm(form),
        day=values.get("day"),
        account_owner=party_id(values.get("account_owner")),
        place=PartyId(bic=place) if place else None,
    )
