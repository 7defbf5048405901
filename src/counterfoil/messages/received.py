"""What is received, as the sender says it: nothing is looked up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.messages.corporate_actions import OptionChosen
from counterfoil.messages.model import ConditionsRequest, Header, PartyId, QuantityForm, Reason
from counterfoil.settlement import CashDirection, Hold, Link, Movement, Partial, Payment, Pool


@dataclass(frozen=True, slots=True)
class ReceivedInstruction:
    """sese.023: the fields of `settlement.Instruction` with parties as the sender names them, for the caller to
    resolve. `party` is the sender's own side and `account_owner` the owner of the account: where they are named, both
    must be the party that sends. `places` are the depositories and places of safekeeping it names: all must be this
    depository. `quantity_form` must be that of the issue.
    """

    reference: str
    movement: Movement
    payment: Payment
    isin: str
    quantity: Decimal
    quantity_form: QuantityForm
    account: str
    counterparty: PartyId
    trade_date: date
    intended_date: date
    party: PartyId | None = None
    account_owner: PartyId | None = None
    places: tuple[PartyId, ...] = ()
    currency: str | None = None
    amount: Decimal | None = None
    cash_direction: CashDirection | None = None
    cash_account: str | None = None
    counterparty_account: str | None = None
    transaction_type: str = "TRAD"
    common_reference: str | None = None
    client: str | None = None
    counterparty_client: str | None = None
    opt_out: bool = False
    ex_cum: str | None = None
    holds: Hold = Hold.NONE
    priority: int = 4
    partial: Partial = Partial.ALLOWED
    links: tuple[Link, ...] = ()
    pool: Pool | None = None


@dataclass(frozen=True, slots=True)
class ReceivedCancellation:
    """sese.020: the sender's reference of the instruction, or the depository's, and what it says of it."""

    reference: str
    movement: Movement
    payment: Payment
    depository_reference: str | None = None
    account_owner: PartyId | None = None
    account: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReceivedModification:
    """sese.030: changes of one or more instructions, in order."""

    requests: tuple[ConditionsRequest, ...]
    account_owner: PartyId | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ReceivedElection:
    """seev.033: what a holder does about an event. `event` is the depository's id of it, `kind` its code (CAEV).
    Without a quantity it is about all that the account holds. `day`: when it is to be carried out. `place` must be
    this depository.
    """

    event: str
    kind: str
    isin: str
    account: str
    option: OptionChosen
    quantity: Decimal | None = None
    quantity_form: QuantityForm | None = None
    day: date | None = None
    account_owner: PartyId | None = None
    place: PartyId | None = None


ReceivedMessage = ReceivedInstruction | ReceivedCancellation | ReceivedModification | ReceivedElection


@dataclass(frozen=True, slots=True)
class Received:
    """A message and the header that it came with, if any."""

    definition: str
    message: ReceivedMessage
    header: Header | None = None


class MessageRefused(Refused):
    """A message was not taken. `reasons` stand beside `refusals`, one each.

    With a `reference` the message could be read, and a status message answers it (sese.024 and `reference` for an
    instruction); without one it could not, and `RejectedMessage` (admi.002) answers it.
    """

    def __init__(
        self,
        refusals: tuple[Refusal, ...],
        reasons: tuple[Reason, ...],
        *,
        definition: str | None = None,
        header: Header | None = None,
        reference: str | None = None,
    ) -> None:
        super().__init__(*refusals)
        ensure(len(reasons) == len(refusals), "every refusal has its reason")
        self.reasons = reasons
        self.definition = definition
        self.header = header
        self.reference = reference
