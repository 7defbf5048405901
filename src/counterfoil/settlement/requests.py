"""Instructions as data: every field that is missing, unknown or of the wrong form is named."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from counterfoil.core.days import IsoDate
from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_id
from counterfoil.settlement import errors
from counterfoil.settlement.model import (
    CashDirection,
    Hold,
    Instruction,
    Link,
    LinkKind,
    Movement,
    Partial,
    Payment,
    Pool,
)

# The characters that every ISO 20022 network carries.
Text35 = Annotated[str, Field(min_length=1, max_length=35, pattern=r"^[0-9A-Za-z/\-?:().,'+ ]+$")]
Lei = Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
Number = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=40)]


class LinkRequest(BaseModel):
    """Another instruction of the same party, by its reference."""

    model_config = ConfigDict(extra="forbid")
    kind: LinkKind
    reference: Text35


class PoolRequest(BaseModel):
    """All or none of `size` instructions."""

    model_config = ConfigDict(extra="forbid")
    name: Text35
    size: Annotated[int, Field(ge=2, le=999)]


def _links(value: object) -> object:
    """A cell of a table holds links as `BEFO:REF;WITH:REF2`."""
    if not isinstance(value, str):
        return value
    pairs = (text.strip().partition(":") for text in value.split(";") if text.strip())
    return [{"kind": kind.strip(), "reference": reference.strip()} for kind, _, reference in pairs]


def _pool(value: object) -> object:
    """A cell of a table holds a pool as `NAME/3`."""
    if not isinstance(value, str):
        return value
    name, _, size = value.rpartition("/")
    return {"name": name, "size": size}


class InstructionRequest(BaseModel):
    """One side of a trade. Without `payment`, an amount makes it against payment; cash goes the other way than the
    securities and over the same account, unless it is said otherwise.
    """

    model_config = ConfigDict(extra="forbid")
    reference: Text35
    party: Lei | None = None
    movement: Movement
    payment: Payment | None = None
    isin: Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]
    quantity: Number
    account: Text35
    counterparty: Lei
    counterparty_account: Text35 | None = None
    trade_date: IsoDate
    intended_date: IsoDate
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    amount: Number | None = None
    cash_direction: CashDirection | None = None
    cash_account: Text35 | None = None
    transaction_type: Annotated[str, Field(pattern=r"^[A-Z]{4}$")] = "TRAD"
    common_reference: Text35 | None = None
    client: Text35 | None = None
    counterparty_client: Text35 | None = None
    opt_out: bool = False
    ex_cum: Annotated[str, Field(pattern=r"^(CCPN|XCPN)$")] | None = None
    hold: bool = False
    priority: Annotated[int, Field(ge=1, le=4)] = 4
    partial: Partial = Partial.ALLOWED
    links: Annotated[list[LinkRequest], Field(max_length=20), BeforeValidator(_links)] = []
    pool: Annotated[PoolRequest | None, BeforeValidator(_pool)] = None


def read_instruction(data: Mapping[str, Any], party: str | None) -> Instruction | list[Refusal]:
    """The instruction, or every field that is wrong. `party` (LEI) instructs where the data name none."""
    try:
        request = InstructionRequest.model_validate(data)
    except ValidationError as error:
        return [
            errors.FIELD("".join(f"/{part}" for part in e["loc"]), reason=e["msg"]) for e in error.errors()
        ]
    lei = request.party or party
    if lei is None:
        return [errors.FIELD("/party", reason="The depository names the party that it instructs for")]
    against = request.payment is Payment.AGAINST or (request.payment is None and request.amount is not None)
    usual = CashDirection.CREDIT if request.movement is Movement.DELIVER else CashDirection.DEBIT
    return Instruction(
        id=new_id(),
        party_lei=lei,
        payment=Payment.AGAINST if against else Payment.FREE,
        cash_direction=request.cash_direction or (usual if against else None),
        cash_account=request.cash_account or (request.account if against else None),
        counterparty_lei=request.counterparty,
        holds=Hold.PARTY if request.hold else Hold.NONE,
        links=tuple(Link(link.kind, link.reference) for link in request.links),
        pool=Pool(request.pool.name, request.pool.size) if request.pool else None,
        **{name: getattr(request, name) for name in _SAME},
    )


_SAME = (
    "reference", "movement", "isin", "quantity", "account", "counterparty_account", "trade_date", "intended_date",
    "currency", "amount", "transaction_type", "common_reference", "client", "counterparty_client", "opt_out",
    "ex_cum", "priority", "partial",
)  # fmt: skip
