"""From what a message says to bytes: a business application header and a document under one root."""

from collections.abc import Callable
from typing import Any

from counterfoil.messages.codecs.allegement import write_allegement
from counterfoil.messages.codecs.cash import write_cash_notification
from counterfoil.messages.codecs.confirmation import write_confirmation
from counterfoil.messages.codecs.decoding import NAMESPACE
from counterfoil.messages.codecs.election_status import write_election_status
from counterfoil.messages.codecs.event_movements import (
    write_movement_confirmation,
    write_movement_reversal,
    write_preliminary_advice,
)
from counterfoil.messages.codecs.event_notices import write_event_cancellation, write_notification
from counterfoil.messages.codecs.holdings import write_holdings
from counterfoil.messages.codecs.market_claims import write_market_claim
from counterfoil.messages.codecs.parts import institution
from counterfoil.messages.codecs.postings import write_postings
from counterfoil.messages.codecs.request_statuses import write_cancellation_status, write_modification_status
from counterfoil.messages.codecs.status import write_status
from counterfoil.messages.codecs.writing import element, moment, narrative, text, yes_no
from counterfoil.messages.corporate_actions import (
    CorporateActionMessage,
    ElectionStatus,
    EventCancellation,
    EventNotification,
    MarketClaim,
    MovementConfirmation,
    MovementReversal,
    PreliminaryAdvice,
)
from counterfoil.messages.model import (
    Allegement,
    CancellationStatus,
    CashNotification,
    Confirmation,
    Header,
    Holdings,
    ModificationStatus,
    Postings,
    RejectedMessage,
    StatusAdvice,
)

_HEADER = "head.001.001.04"

OutgoingMessage = (
    StatusAdvice
    | Confirmation
    | CancellationStatus
    | ModificationStatus
    | Allegement
    | CashNotification
    | Postings
    | Holdings
    | RejectedMessage
    | CorporateActionMessage
)


def _write_rejection(rejected: RejectedMessage) -> str:
    """MessageRejectV01."""
    reason = element(
        "Rsn",
        text("RjctgPtyRsn", rejected.reason),
        moment("RjctnDtTm", rejected.at),
        narrative("ErrLctn", rejected.location, 350),
        narrative("RsnDesc", rejected.description, 350),
        narrative("AddtlData", rejected.details, 20_000),
    )
    return element("RltdRef", text("Ref", rejected.reference)) + reason


WRITERS: dict[type, tuple[str, str, Callable[[Any], str]]] = {
    StatusAdvice: ("sese.024.001.13", "SctiesSttlmTxStsAdvc", write_status),
    Confirmation: ("sese.025.001.12", "SctiesSttlmTxConf", write_confirmation),
    CancellationStatus: ("sese.027.001.08", "SctiesTxCxlReqStsAdvc", write_cancellation_status),
    ModificationStatus: ("sese.031.001.10", "SctiesSttlmCondModStsAdvc", write_modification_status),
    Allegement: ("sese.028.001.11", "SctiesSttlmTxAllgmtNtfctn", write_allegement),
    CashNotification: ("camt.054.001.13", "BkToCstmrDbtCdtNtfctn", write_cash_notification),
    Postings: ("semt.017.001.13", "SctiesTxPstngRpt", write_postings),
    Holdings: ("semt.002.001.12", "SctiesBalCtdyRpt", write_holdings),
    EventNotification: ("seev.031.001.15", "CorpActnNtfctn", write_notification),
    PreliminaryAdvice: ("seev.035.001.16", "CorpActnMvmntPrlimryAdvc", write_preliminary_advice),
    MovementConfirmation: ("seev.036.001.16", "CorpActnMvmntConf", write_movement_confirmation),
    MovementReversal: ("seev.037.001.16", "CorpActnMvmntRvslAdvc", write_movement_reversal),
    EventCancellation: ("seev.039.001.13", "CorpActnCxlAdvc", write_event_cancellation),
    MarketClaim: ("seev.050.001.03", "MktClmCre", write_market_claim),
    ElectionStatus: ("seev.034.001.15", "CorpActnInstrStsAdvc", write_election_status),
    RejectedMessage: ("admi.002.001.01", "admi.002.001.01", _write_rejection),
}
"""The messages that are sent: definition, root element, writer."""


def encode(message: OutgoingMessage, header: Header) -> bytes:
    """A message in UTF-8, its header before it under the root BizMsg; valid by its schema.

    The header's definition is the message's, whatever it says. Raises `Refused` (MSG-040) for what the message has no
    place for: nothing is cut or changed but texts for people.
    """
    definition, root, write = WRITERS[type(message)]
    document = write(message)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<BizMsg>{_header(header, definition)}'
        f'<Document xmlns="{NAMESPACE}{definition}"><{root}>{document}</{root}></Document></BizMsg>'
    ).encode()


def _header(header: Header, definition: str) -> str:
    """BusinessApplicationHeaderV04."""
    parts = "".join(
        (
            element("Fr", element("FIId", institution(header.sender))),
            element("To", element("FIId", institution(header.receiver))),
            text("BizMsgIdr", header.id),
            text("MsgDefIdr", definition),
            text("BizSvc", header.business_service),
            moment("CreDt", header.created_at),
            yes_no("PssblDplct", True if header.possible_duplicate else None),
        )
    )
    return f'<AppHdr xmlns="{NAMESPACE}{_HEADER}">{parts}</AppHdr>'


def definition_of(message: OutgoingMessage) -> str:
    """The definition under which a message is sent: sese.024.001.13 ..."""
    return WRITERS[type(message)][0]
