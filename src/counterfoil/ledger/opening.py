"""Opens accounts for parties under numbers that say whose they are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import MIRRORS, Account, AccountKind, insert_missing
from counterfoil.parties import UNKNOWN_PARTY, Entity, entities

_NAMES = {
    AccountKind.OWN: "OWN",
    AccountKind.ISSUER: "ISSUER",
    AccountKind.CLIENT_OMNIBUS: "OMNIBUS",
    AccountKind.CLIENT_SEGREGATED: "SEGREGATED",
    AccountKind.DEALER: "DEALER",
    AccountKind.PAYING_AGENT: "PAYING",
}
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,34}")
"""ISO 20022 allows 35 characters; these need no escaping anywhere."""
_OF_LEI = re.compile(r"([A-Z0-9]{18}[0-9]{2})-(.*)")
_OF_DEPOSITORY = "CSD-"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that a party (LEI) is to have. Without a number it gets the one proposed for its kind and suffix."""

    owner_lei: str
    kind: AccountKind
    number: str | None = None
    suffix: str = ""


def proposed_number(owner_lei: str, kind: AccountKind, suffix: str = "") -> str:
    """The owner's LEI, the kind, and a suffix that tells several of one kind apart.

    >>> proposed_number("529900T8BM49AURSDO55", AccountKind.CLIENT_SEGREGATED, "07")
    '529900T8BM49AURSDO55-SEGREGATED-07'
    """
    return "-".join(part for part in (owner_lei, _NAMES[kind], suffix) if part)


def open_for_parties(
    tx: Transaction, wanted: Sequence[NewAccount], *, opened_at: datetime, actor: str
) -> list[Account | tuple[Refusal, ...]]:
    """Open accounts: each one's outcome, in order, with every broken rule. What is open already stays as it is."""
    if not wanted:
        return []
    known = entities(tx, [new.owner_lei for new in wanted])
    refusals = [tuple(_broken_rules(new, known)) for new in wanted]
    keys = [_key(new) if not broken else None for new, broken in zip(wanted, refusals, strict=True)]
    opened = insert_missing(tx, [key for key in keys if key], opened_at, actor)
    outcomes: list[Account | tuple[Refusal, ...]] = []
    for key, broken in zip(keys, refusals, strict=True):
        if key is None:
            outcomes.append(broken)
            continue
        number, kind, owner = key
        account = opened[number]
        if (account.kind, account.owner_lei) != (kind, owner):
            outcomes.append((errors.NUMBER_TAKEN("/number", account=number),))
        elif account.closed:
            outcomes.append((errors.CLOSED("/number", account=number),))
        else:
            outcomes.append(account)
    return outcomes


def _key(new: NewAccount) -> tuple[str, AccountKind, str]:
    number = new.number or proposed_number(new.owner_lei, new.kind, new.suffix)
    return number, new.kind, new.owner_lei


def _broken_rules(new: NewAccount, known: Mapping[str, Entity]) -> Iterable[Refusal]:
    entity = known.get(new.owner_lei)
    if entity is None:
        yield UNKNOWN_PARTY("/owner", lei=new.owner_lei)
    elif entity.entity_status != "ACTIVE":
        yield errors.MAY_NOT_HOLD("/owner", lei=new.owner_lei, reason=f"the entity is {entity.entity_status}")
    if new.kind in MIRRORS:
        yield errors.NOT_OF_PARTIES("/kind", account=new.number or new.owner_lei, kind=new.kind.value)
        return
    number = _key(new)[0]
    if not _NUMBER.fullmatch(number):
        yield errors.NUMBER_FORM("/number" if new.number else "/suffix", account=number)
        return
    holder = _kept_for(number, new)
    if holder:
        yield errors.NUMBER_RESERVED("/number", account=number, holder=holder)


def _kept_for(number: str, new: NewAccount) -> str:
    """For whom a number is kept, where not for this account: others find their accounts by such numbers."""
    if number.startswith(_OF_DEPOSITORY):
        return "the depository"
    named = _OF_LEI.fullmatch(number)
    if named is None:
        return ""
    lei, rest = named.groups()
    if lei != new.owner_lei:
        return str(lei)
    others = (k for k, name in _NAMES.items() if k is not new.kind and f"{rest}-".startswith(f"{name}-"))
    return next((f"kind {kind.value}" for kind in others), "")
