"""sese.020 and sese.030: requests to cancel, and to change conditions."""

import pytest
from lxml import etree

from counterfoil.messages import (
    ConditionsRequest,
    Linkage,
    LinkTo,
    MessageRefused,
    PartyId,
    ReceivedCancellation,
    ReceivedModification,
    decode,
)
from counterfoil.messages.codecs.cancellation import REASONS
from counterfoil.settlement import LinkKind, Movement, Partial, Payment
from tests.messages.conftest import Schema
from tests.messages.samples import CANCELLATION, MODIFICATION, RICH_MODIFICATION, changed


def reasons(message: bytes) -> list[tuple[str, str]]:
    """Code and ISO reason of everything that a message is refused for."""
    with pytest.raises(MessageRefused) as caught:
        decode(message)
    return [(r.code, why.code) for r, why in zip(caught.value.refusals, caught.value.reasons, strict=True)]


def test_a_cancellation_names_an_instruction_and_a_reason() -> None:
    assert decode(CANCELLATION.encode()).message == ReceivedCancellation(
        reference="SI1",
        movement=Movement.DELIVER,
        payment=Payment.AGAINST,
        depository_reference="CSD1",
        account_owner=PartyId(bic="BANKDEFFXXX"),
        account="SAC1",
        reason="CANI",
    )


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_to_cancel_is_read(code: str) -> None:
    message = decode(changed(CANCELLATION, {"CxlRsn/Cd/Cd": f"<Cd>{code}</Cd>"})).message
    assert isinstance(message, ReceivedCancellation)
    assert message.reason == code


@pytest.mark.parametrize("what", ["SctiesFincgTxId", "IntraPosMvmntId", "OthrTxId"])
def test_only_instructions_are_cancelled(what: str) -> None:
    message = changed(CANCELLATION, {"AcctOwnrTxId/SctiesSttlmTxId": f"<{what}/>"})
    assert reasons(message) == [("MSG-031", "REFE")]


def test_every_condition_can_be_changed() -> None:
    assert decode(RICH_MODIFICATION.encode()).message == ReceivedModification(
        requests=(
            ConditionsRequest(
                reference="SI1",
                depository_reference="CSD1",
                hold=True,
                priority=3,
                partial=Partial.NOT_ALLOWED,
                linkage=Linkage.LINK,
                links=(LinkTo("SI2", LinkKind.AFTER), LinkTo("SI3", LinkKind.WITH)),
            ),
            ConditionsRequest(depository_reference="CSD4", linkage=Linkage.UNLINK, links=(LinkTo("SI5"),)),
        ),
        account_owner=PartyId(bic="BANKDEFFXXX"),
    )


ASKED = {
    "release": ("<HldInd><Ind>false</Ind></HldInd>", ConditionsRequest("SI1", hold=False)),
    "hold": ("<HldInd><Ind>true</Ind></HldInd>", ConditionsRequest("SI1", hold=True)),
    "priority": ("<Prty><Nmrc>0002</Nmrc></Prty>", ConditionsRequest("SI1", priority=2)),
    **{
        partial.name: (f"<PrtlSttlmInd>{partial}</PrtlSttlmInd>", ConditionsRequest("SI1", partial=partial))
        for partial in Partial
    },
    **{
        kind.name: (
            (
                f"<Lkg><Cd>LINK</Cd></Lkg><Lnkgs><PrcgPos><Cd>{kind}</Cd></PrcgPos>"
                "<Ref><SctiesSttlmTxId>SI2</SctiesSttlmTxId></Ref></Lnkgs>"
            ),
            ConditionsRequest("SI1", linkage=Linkage.LINK, links=(LinkTo("SI2", kind),)),
        )
        for kind in (LinkKind.BEFORE, LinkKind.AFTER, LinkKind.WITH)
    },
}


@pytest.mark.parametrize(("xml", "request_"), ASKED.values(), ids=ASKED)
def test_one_condition_is_changed_alone(xml: str, request_: ConditionsRequest, schema: Schema) -> None:
    message = changed(MODIFICATION, {"ReqDtls/HldInd": xml})
    schema("sese.030.001.10").assertValid(etree.fromstring(message))
    assert decode(message).message == ReceivedModification(
        (request_,), PartyId(bic="BANKDEFFXXX"), account="SAC1"
    )


LINK = "<Lnkgs><Ref><SctiesSttlmTxId>SI2</SctiesSttlmTxId></Ref></Lnkgs>"
NOT_DONE = {
    "nothing": ("", ("MSG-033", "OTHR")),
    "a soft link": (f"<Lkg><Cd>SOFT</Cd></Lkg>{LINK}", ("MSG-031", "INVL")),
    "a link without position": (f"<Lkg><Cd>LINK</Cd></Lkg>{LINK}", ("MSG-033", "INVL")),
    "links without a linkage": (LINK, ("MSG-033", "INVL")),
    "a linkage without links": ("<Lkg><Cd>LINK</Cd></Lkg>", ("MSG-033", "INVL")),
    "somebody else's link": (
        LINK.replace("</Ref>", "</Ref><RefOwnr><AnyBIC>BNKBDEFF</AnyBIC></RefOwnr>").replace(
            "<Lnkgs>", "<Lkg><Cd>UNLK</Cd></Lkg><Lnkgs>"
        ),
        ("MSG-033", "INVL"),
    ),
    "the depository's hold": (
        "<HldInd><Ind>true</Ind><Rsn><Cd><Cd>CSDH</Cd></Cd></Rsn></HldInd>",
        ("MSG-031", "OTHR"),
    ),
    "a part of a balance": (
        "<RstrctnRef><Cd>ADDS</Cd><Id>X</Id></RstrctnRef>",
        ("MSG-031", "INVB"),
    ),
    "undoing a match": ("<MtchgDnl><Cd>UNMT</Cd></MtchgDnl>", ("MSG-031", "OTHR")),
    "splitting": ("<UnltrlSplt><Cd>TRAD</Cd></UnltrlSplt>", ("MSG-031", "OTHR")),
    "batch settlement": ("<SctiesRTGS><Ind>false</Ind></SctiesRTGS>", ("MSG-031", "RTGS")),
    "borrowing": ("<AutomtcBrrwg><Cd>YBOR</Cd></AutomtcBrrwg>", ("MSG-031", "OTHR")),
}


@pytest.mark.parametrize(("xml", "reason"), NOT_DONE.values(), ids=NOT_DONE)
def test_what_cannot_be_changed_is_refused(xml: str, reason: tuple[str, str]) -> None:
    assert reason in reasons(changed(MODIFICATION, {"ReqDtls/HldInd": xml}))


def test_a_request_names_its_instruction() -> None:
    message = changed(MODIFICATION, {"ReqDtls/Ref/AcctOwnrTxId": "<PoolId>P1</PoolId>"})
    assert reasons(message) == [("MSG-032", "REFE")]
