"""What messages say, free of XML and of the database: what is common, and what is sent.

Parties are given with their LEI and, where known, their BIC; accounts by number; times in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from counterfoil.core.errors import ensure
from counterfoil.settlement import CashDirection, Hold, LinkKind, Movement, Partial, Payment


class QuantityForm(StrEnum):
    """How a quantity is counted: the element that carries it."""

    UNITS = "Unit"
    FACE_AMOUNT = "FaceAmt"
    TOKENS = "DgtlTknUnit"


@dataclass(frozen=True, slots=True)
class PartyId:
    """A party by LEI (ISO 17442), BIC (ISO 9362, 8 or 11 characters, as written), or both."""

    lei: str | None = None
    bic: str | None = None

    def __post_init__(self) -> None:
        ensure(bool(self.lei or self.bic), "a party has a LEI or a BIC")


@dataclass(frozen=True, slots=True)
class Reason:
    """ISO 20022's four-letter reason, and what a person reads (at most 210 characters are sent)."""

    code: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in units or, as face amount, in the issue's currency."""

    value: Decimal
    form: QuantityForm = QuantityForm.UNITS


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` in major units of `currency`, not negative; `direction` as the account owner sees it."""

    value: Decimal
    currency: str
    direction: CashDirection


@dataclass(frozen=True, slots=True)
class Header:
    """The business application header (head.001). `definition` is filled in when a message is sent."""

    sender: PartyId
    receiver: PartyId
    id: str
    created_at: datetime
    definition: str = ""
    possible_duplicate: bool = False
    business_service: str | None = None


class Linkage(StrEnum):
    """What is asked of links (LinkageType1Code)."""

    LINK = "LINK"
    UNLINK = "UNLK"


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Another instruction of the same party by its reference. To unlink, the kind need not be said."""

    reference: str
    kind: LinkKind | None = None


@dataclass(frozen=True, slots=True)
class ConditionsRequest:
    """What is to change of one instruction; None stays as it is. At least one of the references is there."""

    reference: str | None = None
    depository_reference: str | None = None
    hold: bool | None = None
    priority: int | None = None
    partial: Partial | None = None
    linkage: Linkage | None = None
    links: tuple[LinkTo, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One side of a trade as its party sees it: `party` and `account` are its own. `client` and
    `counterparty_client` are a BIC, a LEI or any other text.
    """

    movement: Movement
    payment: Payment
    isin: str
    quantity: Quantity
    trade_date: date
    intended_date: date
    party: PartyId
    counterparty: PartyId
    depository: PartyId
    account: str | None = None
    amount: Amount | None = None
    cash_account: str | None = None
    counterparty_account: str | None = None
    client: str | None = None
    counterparty_client: str | None = None
    transaction_type: str = "TRAD"
    common_reference: str | None = None
    pool: str | None = None
    opt_out: bool = False
    ex_cum: str | None = None
    holds: Hold = Hold.NONE
    partial: Partial | None = None
    priority: int | None = None


class Processing(StrEnum):
    """How an instruction is processed (ProcessingStatus): the element of each."""

    ACCEPTED = "AckdAccptd"
    REJECTED = "Rjctd"
    CANCELLED = "Canc"
    PENDING_CANCELLATION = "PdgCxl"
    CANCELLATION_REQUESTED = "CxlReqd"
    MODIFICATION_REQUESTED = "ModReqd"


class Matching(StrEnum):
    """Whether it has its counterpart (MatchingStatus)."""

    MATCHED = "Mtchd"
    UNMATCHED = "Umtchd"


class Settling(StrEnum):
    """Why it has not settled (SettlementStatus): failing from the end of the intended day."""

    PENDING = "Pdg"
    FAILING = "Flng"


@dataclass(frozen=True, slots=True)
class StatusAdvice:
    """sese.024. `reference` is the party's own, `depository_reference` ours. The reasons belong to the status of the
    same name; `settling` is said of what is matched or has no matching.
    """

    reference: str
    depository_reference: str | None = None
    processing: Processing | None = None
    processing_reasons: tuple[Reason, ...] = ()
    matching: Matching | None = None
    matching_reasons: tuple[Reason, ...] = ()
    settling: Settling | None = None
    settling_reasons: tuple[Reason, ...] = ()
    common_reference: str | None = None
    transaction: Transaction | None = None
    accepted_at: datetime | None = None
    matched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """sese.025. `settled` of the transaction's quantity moved at `settled_at`, `previously` before, `remaining` is to
    come: from these follows whether it is a part with more to come (PAIN), the last part (PARC) or all at once.
    """

    reference: str
    depository_reference: str | None
    transaction: Transaction
    settled: Quantity
    settled_at: datetime
    settled_amount: Amount | None = None
    previously: Decimal = Decimal(0)
    remaining: Decimal = Decimal(0)
    previously_amount: Decimal | None = None
    remaining_amount: Decimal | None = None
    previous_confirmation: str | None = None


class CancellationOutcome(StrEnum):
    """What became of a request to cancel: the element of each."""

    CANCELLED = "Canc"
    PENDING = "PdgCxl"
    DENIED = "Dnd"
    REJECTED = "Rjctd"
    ACCEPTED = "AckdAccptd"


@dataclass(frozen=True, slots=True)
class CancellationStatus:
    """sese.027. `request_reference` is the request's own: the message's id in its header."""

    request_reference: str
    reference: str
    movement: Movement
    payment: Payment
    outcome: CancellationOutcome
    reasons: tuple[Reason, ...] = ()
    depository_reference: str | None = None
    transaction: Transaction | None = None


class ModificationOutcome(StrEnum):
    """What became of a request to change conditions: the element of each."""

    COMPLETED = "Cmpltd"
    PENDING = "Pdg"
    DENIED = "Dnd"
    REJECTED = "Rjctd"
    ACCEPTED = "AckdAccptd"


@dataclass(frozen=True, slots=True)
class ModificationStatus:
    """sese.031. `request_reference` is the message's id in its header; `request` says again what was asked."""

    request_reference: str
    request: ConditionsRequest
    outcome: ModificationOutcome
    reasons: tuple[Reason, ...] = ()
    account_owner: PartyId | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Allegement:
    """sese.028: what the counterparty has instructed, as the recipient would have to instruct it. Both references
    are the depository's: of the allegement, and of the counterparty's instruction.
    """

    reference: str
    transaction: Transaction
    counterparty_reference: str | None = None


@dataclass(frozen=True, slots=True)
class CashEntry:
    """One booking on a cash account. `family` and `sub_family` are bank transaction codes of the domain SECU."""

    reference: str
    amount: Amount
    booked_at: datetime
    value_date: date
    owner_reference: str | None = None
    depository_reference: str | None = None
    isin: str | None = None
    quantity: Quantity | None = None
    counterparty: PartyId | None = None
    reversal: bool = False
    family: str = "SETT"
    sub_family: str = "TRAD"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CashNotification:
    """camt.054: debits and credits of one cash account."""

    id: str
    created_at: datetime
    account: str
    currency: str
    entries: tuple[CashEntry, ...]
    owner: PartyId | None = None
    depository: PartyId | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One booking on a securities account. `movement` says its direction; quantities are not negative."""

    reference: str
    movement: Movement
    payment: Payment
    quantity: Quantity
    settled_at: datetime
    depository_reference: str | None = None
    amount: Amount | None = None
    trade_date: date | None = None
    intended_date: date | None = None
    transaction_type: str | None = None
    activity: str = "SETT"
    common_reference: str | None = None
    party: PartyId | None = None
    counterparty: PartyId | None = None
    depository: PartyId | None = None
    reversal: bool = False


@dataclass(frozen=True, slots=True)
class PostedSecurity:
    """The bookings of one security: opening + bookings = closing. Balances may be negative (the issue's account)."""

    isin: str
    opening: Quantity
    closing: Quantity
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Postings:
    """semt.017: what was booked on one securities account between two times, each security with at least one posting.
    `page` counts from 1.
    """

    id: str
    account: str
    start: datetime
    end: datetime
    securities: tuple[PostedSecurity, ...]
    owner: PartyId | None = None
    frequency: str | None = "DAIL"
    page: int = 1
    is_last_page: bool = True


@dataclass(frozen=True, slots=True)
class SubBalance:
    """A part of a holding by ISO 20022's type (BLOK, PLED, AWAS ...)."""

    code: str
    quantity: Quantity
    available: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One security on the account: `total` as settled, `available` of it."""

    isin: str
    total: Quantity
    available: Quantity | None = None
    parts: tuple[SubBalance, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """semt.002: what one securities account holds at a time. `page` counts from 1."""

    id: str
    account: str
    at: datetime
    holdings: tuple[Holding, ...]
    owner: PartyId | None = None
    depository: PartyId | None = None
    frequency: str = "DAIL"
    page: int = 1
    is_last_page: bool = True


@dataclass(frozen=True, slots=True)
class RejectedMessage:
    """admi.002: a message that could not be read. `reference` is the id in its header, or a name of ours for it."""

    reference: str
    reason: str
    at: datetime
    location: str | None = None
    description: str | None = None
    details: str | None = None
