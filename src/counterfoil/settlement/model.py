"""Types of settlement, after ISO 20022 (sese.023 and following) and T2S."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import Any
from uuid import UUID, uuid5

_KEYS = UUID("6b6f9a0e-3a55-5a66-9d9e-0d6f1d6c8f10")


class Movement(StrEnum):
    """Which way the securities go, seen from the instructing party (ReceiveDelivery1Code)."""

    DELIVER = "DELI"
    RECEIVE = "RECE"


class Payment(StrEnum):
    """Against or free of payment (DeliveryReceiptType2Code)."""

    AGAINST = "APMT"
    FREE = "FREE"


class CashDirection(StrEnum):
    """Whether the instructing party gets the cash or pays it (CreditDebitCode)."""

    CREDIT = "CRDT"
    DEBIT = "DBIT"


class Partial(StrEnum):
    """Whether it may settle in parts (PartialSettlement2Code). The thresholds are the depository's."""

    ALLOWED = "PART"
    NOT_ALLOWED = "NPAR"
    QUANTITY_THRESHOLD = "PARQ"
    CASH_THRESHOLD = "PARC"


class Hold(IntFlag):
    """Four independent flags: a transaction settles when neither leg has any."""

    NONE = 0
    PARTY = 1
    CSD = 2
    VALIDATION = 4
    COSD = 8


class LinkKind(StrEnum):
    """How an instruction depends on another of the same party (LinkageType3Code and its position)."""

    BEFORE = "BEFO"
    AFTER = "AFTE"
    WITH = "WITH"
    INFORMATION = "INFO"


class State(StrEnum):
    """Where an instruction stands."""

    UNMATCHED = "unmatched"
    PENDING = "pending"
    FAILING = "failing"
    PARTIAL = "partial"
    SETTLED = "settled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Link:
    """`reference` is the instructing party's own reference of the other instruction."""

    kind: LinkKind
    reference: str


@dataclass(frozen=True, slots=True)
class Pool:
    """All or none: settles when `size` instructions that name the same pool are matched."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """One party's side, as it hands it in. Accounts are numbers, parties LEIs; `quantity` is in the issue's unit,
    `amount` in major units of `currency`. A quantity of zero against payment moves cash alone (PFoD).
    """

    id: UUID
    party_lei: str
    reference: str
    movement: Movement
    payment: Payment
    isin: str
    quantity: Decimal
    account: str
    counterparty_lei: str
    trade_date: date
    intended_date: date
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

    @property
    def depends_on_others(self) -> bool:
        """Whether it has a pool, or links that are for more than information."""
        return self.pool is not None or any(link.kind is not LinkKind.INFORMATION for link in self.links)

    @property
    def match_key(self) -> UUID:
        """The same on both sides exactly where every mandatory and additional field agrees (DOMAIN section 3.2): what
        must be equal stands in it as it is, what must be opposite as the deliverer has it.
        """
        delivers = self.movement is Movement.DELIVER
        parties = (
            (self.party_lei, self.counterparty_lei) if delivers else (self.counterparty_lei, self.party_lei)
        )
        cash = (
            ""
            if self.cash_direction is None
            else str((self.cash_direction is CashDirection.CREDIT) == delivers)
        )
        fields = (
            self.payment, self.isin, self.trade_date.isoformat(), f"{self.quantity.normalize():f}",
            self.intended_date.isoformat(), *parties, self.currency or "", cash, str(self.opt_out), self.ex_cum or "",
        )  # fmt: skip
        return uuid5(_KEYS, "|".join(fields))


@dataclass(frozen=True, slots=True)
class Blocking:
    """What a transaction waits for. `code` is ISO 20022's reason; `account`, `asset`, `held` and `needed` name the
    position where one is short; `remedy` says what would free it, `who` the parties (LEI) or "CSD" that can. `also`
    are further reasons, which would still stand in its way.
    """

    code: str
    detail: str
    remedy: str
    who: tuple[str, ...]
    account: str | None = None
    asset: str | None = None
    held: Decimal | None = None
    needed: Decimal | None = None
    also: tuple["Blocking", ...] = ()

    @classmethod
    def of(cls, reasons: Iterable["Blocking"]) -> "Blocking | None":
        """The first of some reasons with the others behind it; None of none."""
        found = tuple(reasons)
        return replace(found[0], also=found[1:]) if found else None

    def as_dict(self) -> dict[str, Any]:
        """The form that the API and the database use."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found |= {"who": list(self.who), "also": [other.as_dict() for other in self.also] or None}
        return {name: value for name, value in found.items() if value is not None}
