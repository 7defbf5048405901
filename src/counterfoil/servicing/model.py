"""What servicing speaks of: events, the processes that deal with them, how they end."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.instruments import EventKind


class Process(StrEnum):
    """Who deals with an event: the id of a process model."""

    COUPON = "coupon"
    AUTOCALL = "autocall"
    REDEMPTION = "redemption"
    EARLY_REDEMPTION = "early-redemption"
    EXERCISE = "exercise"
    KNOCK_OUT = "knock-out"


class CalledFor(StrEnum):
    """Kinds of events that no schedule knows: somebody calls for them."""

    EARLY_REDEMPTION = "early_redemption"
    PARTIAL_REDEMPTION = "partial_redemption"
    EXERCISE = "exercise"
    KNOCK_OUT = "knock_out"
    ADJUSTMENT = "adjustment"  # of the terms, for a corporate action on an underlying


class Ending(StrEnum):
    """How an event ends."""

    PAID = "paid"
    NOTHING = "nothing"  # it was decided, and nobody gets anything
    APPLIED = "applied"  # the terms are adjusted
    LAPSED = "lapsed"  # the security ended before
    SUPERSEDED = "superseded"  # other terms have replaced it
    WITHDRAWN = "withdrawn"  # a person refused it


PROCESS_OF: dict[str, Process] = {
    EventKind.COUPON: Process.COUPON,
    EventKind.OBSERVATION: Process.AUTOCALL,
    EventKind.REDEMPTION: Process.REDEMPTION,
    CalledFor.EARLY_REDEMPTION: Process.EARLY_REDEMPTION,
    CalledFor.PARTIAL_REDEMPTION: Process.EARLY_REDEMPTION,
    CalledFor.EXERCISE: Process.EXERCISE,
    CalledFor.KNOCK_OUT: Process.KNOCK_OUT,
}
"""Events that something must be done about; the others are dates and rights."""


@dataclass(frozen=True, slots=True)
class ServicingEvent:
    """An event as stored. `kind` is an `EventKind` or `CalledFor`; `particulars` what a request says beside."""

    id: UUID
    isin: str
    terms_version: int
    kind: str
    day: date
    payment: date | None
    record_date: date | None
    pointer: str
    issuer_lei: str
    currency: str
    particulars: dict[str, Any] = field(default_factory=dict)

    @property
    def starts_on(self) -> date:
        """The first day on which there is something to do."""
        return self.day if self.record_date is None else min(self.day, self.record_date)
