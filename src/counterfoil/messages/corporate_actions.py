"""What messages say of corporate actions, free of XML: of events from announcement to reversal, and of instructions.

Amounts and quantities are not negative: a direction says where they go, as the account owner sees it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from counterfoil.messages.model import Amount, PartyId, Quantity, Reason
from counterfoil.settlement import CashDirection


class Participation(StrEnum):
    """Whether holders have a say (CAMV): none, a choice of what they get, or whether they take part."""

    MANDATORY = "MAND"
    CHOICE = "CHOS"
    VOLUNTARY = "VOLU"


class EventProcessing(StrEnum):
    """What becomes of the holding: it stays, something is distributed on it, or it is exchanged."""

    GENERAL = "GENL"
    DISTRIBUTION = "DISN"
    REORGANISATION = "REOR"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """An event. `id` is ours (CORP), `official_id` the market's (COAF), `kind` ISO 20022's code (CAEV: INTR ...)."""

    id: str
    kind: str
    isin: str
    participation: Participation = Participation.MANDATORY
    official_id: str | None = None
    processing: EventProcessing | None = None
    record_date: date | None = None
    ex_date: date | None = None


@dataclass(frozen=True, slots=True)
class EventStatus:
    """Whether all details are known (COMP or INCO), and whether the event takes place for certain (CONF or UCON)."""

    is_complete: bool
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class EligibleBalance:
    """What an account holds of the security and what counts for the event; with the owner where it is said."""

    account: str
    quantity: Quantity | None = None
    owner: PartyId | None = None


@dataclass(frozen=True, slots=True)
class Percentage:
    """A rate in per cent of the nominal."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class PerUnit:
    """An amount for one unit, in `currency`."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Price:
    """What is paid in `currency` for a quantity."""

    value: Decimal
    currency: str
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class AnnouncedCash:
    """Money that an option brings or costs. A payment date that is None is not known yet."""

    direction: CashDirection
    payment_date: date | None = None
    interest: Percentage | PerUnit | None = None
    redemption: Price | None = None


@dataclass(frozen=True, slots=True)
class AnnouncedSecurities:
    """Securities that an option brings (credit) or takes: `new` units for each `old` ones of the holding."""

    isin: str
    direction: CashDirection
    payment_date: date | None = None
    new: Decimal | None = None
    old: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OptionChosen:
    """An option of the event by number (1 to 999) and kind (CASH, SECU, EXER, LAPS ...)."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of the outcomes; what happens by default if nobody says otherwise. `deadline`: until when to instruct."""

    chosen: OptionChosen
    is_default: bool
    cash: tuple[AnnouncedCash, ...] = ()
    securities: tuple[AnnouncedSecurities, ...] = ()
    deadline: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None


class NotificationKind(StrEnum):
    """What a notification is to the receiver."""

    NEW = "NEWM"
    REPLACEMENT = "REPL"
    REMINDER = "RMDR"


@dataclass(frozen=True, slots=True)
class EventNotification:
    """seev.031. Without accounts it is for all of the receiver's. `change` says what of the security changes (NAME,
    TERM ...). The interest period is [first, last].
    """

    reference: str
    kind: NotificationKind
    action: CorporateAction
    status: EventStatus
    accounts: tuple[EligibleBalance, ...] = ()
    options: tuple[Option, ...] = ()
    previous: str | None = None
    announced_at: datetime | None = None
    fixing_date: date | None = None
    effective_date: date | None = None
    payment_date: date | None = None
    interest_period: tuple[date, date] | None = None
    change: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CashMovement:
    """Money for one account: `net` is booked on it. Gross less tax is net; gross is interest and principal."""

    net: Amount
    account: str | None = None
    gross: Decimal | None = None
    interest: Decimal | None = None
    principal: Decimal | None = None
    tax: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SecuritiesMovement:
    """Securities that come to the account (credit) or leave it."""

    isin: str
    quantity: Quantity
    direction: CashDirection


@dataclass(frozen=True, slots=True)
class PreliminaryAdvice:
    """seev.035: what an account is to get and when, before it gets it."""

    reference: str
    action: CorporateAction
    balance: EligibleBalance
    option: OptionChosen
    payment_date: date | None
    cash: tuple[CashMovement, ...] = ()
    securities: tuple[SecuritiesMovement, ...] = ()
    notification: str | None = None
    previous: str | None = None
    """The reference of the advice that this one replaces."""


@dataclass(frozen=True, slots=True)
class MovementConfirmation:
    """seev.036: what was booked on an account. The balance has a quantity."""

    reference: str
    action: CorporateAction
    balance: EligibleBalance
    option: OptionChosen
    posted_at: datetime
    value_date: date | None = None
    payment_date: date | None = None
    cash: tuple[CashMovement, ...] = ()
    securities: tuple[SecuritiesMovement, ...] = ()
    notification: str | None = None
    advice: str | None = None
    instruction: str | None = None


@dataclass(frozen=True, slots=True)
class MovementReversal:
    """seev.037: what was booked by the confirmation of that reference is booked back: directions are those of the
    reversal.
    """

    confirmation: str
    action: CorporateAction
    balance: EligibleBalance
    option: OptionChosen
    posted_at: datetime
    originally_posted_at: datetime | None = None
    cash: tuple[CashMovement, ...] = ()
    securities: tuple[SecuritiesMovement, ...] = ()
    reason: str | None = None
    reason_text: str | None = None


class CancellationCause(StrEnum):
    """Why an event is cancelled: it was withdrawn, or announced in error."""

    WITHDRAWN = "WITH"
    PROCESSING = "PROC"


@dataclass(frozen=True, slots=True)
class EventCancellation:
    """seev.039. Without accounts it is for all of the receiver's."""

    action: CorporateAction
    cause: CancellationCause
    status: EventStatus
    accounts: tuple[EligibleBalance, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class MarketClaim:
    """seev.050: of the quantity of an instruction (by its party's reference) a payment is passed on. `amount` goes to
    the account (credit) or comes from it; `is_reverse` where a buyer without a right to the payment gives it back.
    """

    reference: str
    action: CorporateAction
    instruction: str
    quantity: Quantity
    account: str
    owner: PartyId
    amount: Amount
    payment_date: date | None
    is_reverse: bool


class InstructionOutcome(StrEnum):
    """What became of an instruction about an event: the element of each."""

    ACCEPTED = "AccptdForFrthrPrcg"
    PENDING = "Pdg"
    REJECTED = "Rjctd"
    CANCELLED = "Canc"


@dataclass(frozen=True, slots=True)
class ElectionStatus:
    """seev.034. `instruction` is the id in the header of the message that it answers."""

    instruction: str
    event: str
    kind: str
    outcome: InstructionOutcome
    reasons: tuple[Reason, ...] = ()
    option: OptionChosen | None = None
    isin: str | None = None
    account: str | None = None
    owner: PartyId | None = None
    quantity: Quantity | None = None


CorporateActionMessage = (
    EventNotification
    | PreliminaryAdvice
    | MovementConfirmation
    | MovementReversal
    | EventCancellation
    | MarketClaim
    | ElectionStatus
)
