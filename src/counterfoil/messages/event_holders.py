"""Whom events are told to: accounts of holders, what is due to each, and what was told of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import blake2s
from uuid import UUID

from counterfoil.messages.model import PartyId

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of an event about an account: the version in the last notification (0: undecided; None: none),
    the last record advised, how many payments and reversals, and whether it was reminded.
    """

    notified: int | None = None
    advised: int = 0
    runs: int = 0
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What a record says of an account."""

    units: Decimal = _ZERO
    interest: Decimal = _ZERO
    principal: Decimal = _ZERO
    tax: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Suspended:
    """A payment that went into suspense: when and to which account (number) it was released, if it was."""

    released_at: datetime | None
    into: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    """An account, whose it is (LEI, and as messages name it), what it holds or, from the record on, held, what is due
    to it by each record, and which payments went into suspense.
    """

    account_id: UUID
    number: str
    lei: str
    owner: PartyId
    held: Decimal
    due: Mapping[int, Due]
    suspended: Mapping[int, Suspended] = field(default_factory=dict)


def notice_name(event: UUID, version: int) -> str:
    """The reference of a notification: the same for all of its receivers."""
    return f"{event.hex}N{version}"


def movement_name(event: UUID, account: UUID, letter: str, number: int) -> str:
    """A reference for what is told of one event and one account: the same whenever it is asked for."""
    return f"{blake2s(event.bytes + account.bytes, digest_size=15).hexdigest()}{letter}{number}"
