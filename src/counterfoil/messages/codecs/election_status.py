"""seev.034.001.15: what became of an instruction about an event."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.event_parts import option_booked, reference
from counterfoil.messages.codecs.parts import isin, party_choice, reasons
from counterfoil.messages.codecs.writing import coded, element, quantity, text
from counterfoil.messages.corporate_actions import ElectionStatus, InstructionOutcome

_REASONS = {
    InstructionOutcome.ACCEPTED: ("AccptdRsn", codes.ELECTION_ACCEPTED),
    InstructionOutcome.PENDING: ("PdgRsn", codes.ELECTION_PENDING),
    InstructionOutcome.REJECTED: ("RjctdRsn", codes.ELECTION_REJECTED),
    InstructionOutcome.CANCELLED: ("CxlRsn", codes.ELECTION_CANCELLED),
}


def write_election_status(status: ElectionStatus) -> str:
    """CorporateActionInstructionStatusAdviceV15."""
    name, listed = _REASONS[status.outcome]
    return "".join(
        (
            reference("InstrId", status.instruction),
            element(
                "CorpActnGnlInf",
                text("CorpActnEvtId", status.event),
                coded("EvtTp", status.kind, codes.INSTRUCTED_EVENTS),
            ),
            element(
                "InstrPrcgSts",
                element(status.outcome.value, element(name, reasons(status.reasons, listed, "RsnCd"))),
            ),
            _instructed(status),
        )
    )


def _instructed(status: ElectionStatus) -> str:
    """CorporateActionOption238: what was instructed."""
    if status.option is None:
        return ""
    asked = "" if status.quantity is None else element("StsQty", element("Qty", quantity(status.quantity)))
    return element(
        "CorpActnInstr",
        option_booked(status.option, codes.ANSWERED_OPTIONS),
        party_choice("AcctOwnr", status.owner),
        text("SfkpgAcct", status.account),
        isin(status.isin),
        asked,
    )
