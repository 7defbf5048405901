"""One message on its way through the intake, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.core.errors import Refusal
from counterfoil.messages.codecs.encoding import OutgoingMessage
from counterfoil.messages.incoming import Incoming
from counterfoil.messages.model import Reason
from counterfoil.settlement import iso_reason


class Outcome(StrEnum):
    """What became of a message. PARTLY: some of its requests were carried out; PENDING: another party must agree."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    PENDING = "pending"
    REJECTED = "rejected"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not done: our refusal, and ISO 20022's code for it."""

    refusal: Refusal
    iso: str

    @property
    def reason(self) -> Reason:
        """As a message says it: our code beside the text."""
        return Reason(self.iso, f"{self.refusal.code} {self.refusal.detail}")

    def as_dict(self) -> dict[str, Any]:
        """The form that the API and the database use."""
        return {**self.refusal.as_dict(), "iso": self.iso}


def problems_of(refusals: Sequence[Refusal]) -> list[Problem]:
    """Refusals of settlement with their codes."""
    return [Problem(refusal, iso_reason(refusal.code)) for refusal in refusals]


@dataclass(slots=True)
class Case:
    """A message of a known `sender` (LEI), unless that is None: then nobody can be answered. `repeats` is the message
    that it repeats, which has been answered; `claims_id` says that its id is taken by it.
    """

    incoming: Incoming
    sender: str | None
    outcome: Outcome | None = None
    claims_id: bool = False
    repeats: UUID | None = None
    instruction: UUID | None = None
    problems: list[Problem] = field(default_factory=list)
    answers: list[OutgoingMessage] = field(default_factory=list)
    open_cancellations: list[UUID] = field(default_factory=list)

    @property
    def business_id(self) -> str | None:
        """The sender's id of the message (BizMsgIdr)."""
        header = self.incoming.header
        return header.id if header else None

    @property
    def name(self) -> str:
        """How answers refer to the message: the sender's id, or ours where it gave none."""
        return self.business_id or self.incoming.id.hex

    def reject(self, problems: Sequence[Problem], *answers: OutgoingMessage) -> None:
        """End it: nothing is done, for these reasons."""
        self.outcome = Outcome.REJECTED
        self.problems += problems
        self.answers += answers
