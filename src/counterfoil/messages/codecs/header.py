"""The business application header (head.001), versions 01 to 04: who sends what to whom."""

from counterfoil.core.errors import Refused
from counterfoil.messages import errors
from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.leaves import HARMLESS, leaf
from counterfoil.messages.codecs.reading import (
    Block,
    Element,
    Fault,
    Field,
    Group,
    Take,
    Values,
    choice,
    many,
    maybe,
    one,
    sequence,
)
from counterfoil.messages.model import Header, PartyId

VERSIONS = tuple(f"head.001.001.0{n}" for n in range(1, 5))
_COPIES = frozenset({"COPY", "CODU"})


def _left(*names: str) -> list[Field]:
    return [maybe(name, HARMLESS) for name in names]


def _party() -> Block:
    """Party51Choice and its forerunners: an organisation or a financial institution, by BIC or LEI."""
    organisation = sequence(
        *_left("Nm", "PstlAdr"),
        maybe(
            "Id",
            choice(
                one(
                    "OrgId",
                    sequence(
                        maybe("AnyBIC", leaf("bic", forms.bic, "OTHR")),
                        maybe("BICOrBEI", leaf("bic", forms.bic, "OTHR")),
                        maybe("LEI", leaf("lei", forms.lei, "OTHR")),
                        many("Othr", HARMLESS),
                    ),
                ),
                one("PrvtId", HARMLESS),
            ),
        ),
        *_left("CtryOfRes", "CtctDtls"),
    )
    institution = sequence(
        one(
            "FinInstnId",
            sequence(
                maybe("BICFI", leaf("bic", forms.bic, "OTHR")),
                *_left("ClrSysMmbId"),
                maybe("LEI", leaf("lei", forms.lei, "OTHR")),
                *_left("Nm", "PstlAdr", "Othr"),
            ),
        ),
        *_left("BrnchId"),
    )
    return choice(one("OrgId", organisation), one("FIId", institution))


HEADER = sequence(
    *_left("CharSet"),
    one("Fr", Group("sender", _party())),
    one("To", Group("receiver", _party())),
    one("BizMsgIdr", leaf("id", forms.text35, "OTHR")),
    one("MsgDefIdr", leaf("definition", forms.text35, "OTHR")),
    maybe("BizSvc", leaf("business_service", forms.anything, "OTHR")),
    *_left("MktPrctc"),
    one("CreDt", leaf("created_at", forms.iso_time, "OTHR")),
    *_left("BizPrcgDt"),
    maybe("CpyDplct", leaf("copy", forms.CodeOf(("CODU", "COPY", "DUPL")), "OTHR")),
    maybe("PssblDplct", leaf("possible_duplicate", forms.boolean, "OTHR")),
    *_left("Prty", "Sgntr"),
    many("Rltd", HARMLESS),
)
"""BusinessApplicationHeaderV04; the versions before it are parts of it. A signature is not checked here."""

_WALKS: dict[str, Take] = {}


def read_header(element: Element, namespace: str) -> Header:
    """The header of a message. Raises `Refused`."""
    walk = _WALKS.get(namespace)
    if walk is None:
        walk = _WALKS[namespace] = HEADER.compile(namespace)
    values: Values = {}
    faults: list[Fault] = []
    walk(element, values, faults)
    if faults:
        raise Refused(*(f.refusal for f in faults))
    copy = values.get("copy")
    if copy in _COPIES:
        raise Refused(errors.COPY("/AppHdr/CpyDplct", code=copy))
    return Header(
        sender=_named(values, "sender", "Fr"),
        receiver=_named(values, "receiver", "To"),
        id=values["id"],
        definition=values["definition"],
        created_at=values["created_at"],
        possible_duplicate=values.get("possible_duplicate", False) or copy == "DUPL",
        business_service=values.get("business_service"),
    )


def _named(values: Values, key: str, element: str) -> PartyId:
    found = values[key]
    if not found:
        reason = "parties are known by BIC or LEI"
        raise Refused(errors.NEEDED(f"/AppHdr/{element}", iso="OTHR", element=element, reason=reason))
    return PartyId(found.get("lei"), found.get("bic"))
