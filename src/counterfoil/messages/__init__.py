"""ISO 20022: messages in and out. The names of the door are many because each message has a type of its own."""

from counterfoil.messages.codecs.decoding import LARGEST, decode
from counterfoil.messages.model import Header, PartyId, QuantityForm, Reason
from counterfoil.messages.received import (
    MessageRefused,
    Received,
    ReceivedCancellation,
    ReceivedInstruction,
    ReceivedModification,
)

__all__ = [
    "LARGEST",
    "Header",
    "MessageRefused",
    "PartyId",
    "QuantityForm",
    "Reason",
    "Received",
    "ReceivedCancellation",
    "ReceivedInstruction",
    "ReceivedModification",
    "decode",
]
