"""sese.030.001.10: a request to change the conditions of instructions."""

from counterfoil.messages import errors
from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.blocks import (
    PARTIAL,
    account,
    coded,
    owner,
    party_id,
    reference_owner,
)
from counterfoil.messages.codecs.instruction_table import HOLD, PRIORITY
from counterfoil.messages.codecs.leaves import HARMLESS, codes, leaf, mark, not_served
from counterfoil.messages.codecs.reading import Fault, Group, Values, choice, many, maybe, one, sequence
from counterfoil.messages.model import ConditionsRequest, Linkage, LinkTo
from counterfoil.messages.received import ReceivedModification
from counterfoil.settlement import LinkKind

_ROOT = "/SctiesSttlmCondsModReq"
_WALLET = not_served("SAFE", "settlement on a distributed ledger by message")
_FOREIGN = mark("foreign")

_REFERENCES = sequence(
    maybe("AcctOwnrTxId", leaf("reference", forms.text35, "REFE")),
    maybe("AcctSvcrTxId", leaf("depository_reference", forms.text35, "REFE")),
    maybe("MktInfrstrctrTxId", HARMLESS),
    maybe("CtrPtyMktInfrstrctrTxId", HARMLESS),
    maybe("PrcrTxId", HARMLESS),
    maybe("PoolId", HARMLESS),
    maybe("CmonId", HARMLESS),
    maybe("TradId", HARMLESS),
    maybe("UnqTxIdr", HARMLESS),
)

_LINKAGE = sequence(
    maybe(
        "PrcgPos",
        coded(
            leaf("position", forms.CodeOf((LinkKind.AFTER, LinkKind.BEFORE, LinkKind.WITH)), "INVL"),
            not_served("INVL", "a position of one's own"),
        ),
    ),
    maybe("MsgNb", HARMLESS),
    one(
        "Ref",
        choice(
            one("SctiesSttlmTxId", leaf("reference", forms.text35, "INVL")),
            *(
                one(name, _FOREIGN)
                for name in (
                    "IntraPosMvmntId", "IntraBalMvmntId", "AcctSvcrTxId", "MktInfrstrctrTxId",
                    "CtrPtyMktInfrstrctrTxId", "PoolId", "CmonId", "TradId", "UnqTxIdr", "OthrTxId",
                )
            ),
        ),
    ),
    maybe("RefOwnr", Group("owner", reference_owner("INVL"))),
)  # fmt: skip

_REQUEST = sequence(
    one("Ref", _REFERENCES),
    many("RstrctnRef", not_served("INVB", "settlement from a part of a balance")),
    maybe("AutomtcBrrwg", not_served("OTHR", "automatic borrowing")),
    maybe("RtnInd", not_served("OTHR", "retaining an instruction")),
    maybe(
        "Lkg",
        coded(
            codes("linkage", "INVL", read=("LINK", "UNLK"), refused={"SOFT": "soft links"}),
            not_served("INVL", "links of one's own"),
        ),
    ),
    maybe("Prty", PRIORITY),
    many("OthrPrcg", not_served("OTHR", "processing of one's own")),
    maybe("PrtlSttlmInd", PARTIAL),
    maybe("SctiesRTGS", not_served("RTGS", "a choice between settlement in real time and in batches")),
    maybe("HldInd", HOLD),
    maybe("MtchgDnl", not_served("OTHR", "undoing a match")),
    maybe("UnltrlSplt", not_served("OTHR", "splitting an instruction")),
    many("Lnkgs", Group("links", _LINKAGE, listed=True)),
)

MODIFICATION = sequence(
    maybe("AcctOwnr", Group("account_owner", owner("SAFE"))),
    maybe("SfkpgAcct", account("account", "SAFE")),
    maybe("BlckChainAdrOrWllt", _WALLET),
    many("ReqDtls", Group("requests", _REQUEST, listed=True), least=1),
    many("AddtlInf", not_served("OTHR", "finding an instruction by its details")),
    many("SplmtryData", not_served("OTHR", "data outside the schema")),
)
"""SecuritiesSettlementConditionsModificationRequestV10."""


def build(values: Values, faults: list[Fault]) -> ReceivedModification | None:
    """The requests; None where `faults` have grown."""
    requests = tuple(_request(n, found, faults) for n, found in enumerate(values["requests"]))
    if faults:
        return None
    return ReceivedModification(requests, party_id(values.get("account_owner")), values.get("account"))


def _request(number: int, found: Values, faults: list[Fault]) -> ConditionsRequest:
    path = f"{_ROOT}/ReqDtls/{number}"
    if "reference" not in found and "depository_reference" not in found:
        reason = "the instruction is found by it"
        faults.append(Fault("REFE", errors.NEEDED(path, iso="REFE", element="AcctOwnrTxId", reason=reason)))
    linkage = Linkage(found["linkage"][0]) if "linkage" in found else None
    links = tuple(_link(path, linkage, link, faults) for link in found.get("links", ()))
    if (linkage is None) is not (not links):
        faults.append(_contradiction(path, "a linkage code and links come together"))
    request = ConditionsRequest(
        reference=found.get("reference"),
        depository_reference=found.get("depository_reference"),
        hold=found.get("hold"),
        priority=found.get("priority"),
        partial=found.get("partial"),
        linkage=linkage,
        links=links,
    )
    if not faults and (request.hold, request.priority, request.partial, linkage) == (None, None, None, None):
        reason = "nothing is to change"
        faults.append(Fault("OTHR", errors.CONTRADICTION(path, iso="OTHR", reason=reason)))
    return request


def _link(path: str, linkage: Linkage | None, found: Values, faults: list[Fault]) -> LinkTo:
    kind = found.get("position")
    if "foreign" in found or "owner" in found:
        faults.append(_contradiction(path, "links name the party's own reference (SctiesSttlmTxId)"))
    elif linkage is Linkage.LINK and kind is None:
        faults.append(_contradiction(path, "a link has a position (PrcgPos)"))
    return LinkTo(found.get("reference", ""), kind)


def _contradiction(path: str, reason: str) -> Fault:
    return Fault("INVL", errors.CONTRADICTION(f"{path}/Lnkgs", iso="INVL", reason=reason))
