"""Who is meant: parties named by BIC or LEI, and the depository's own names."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.messages import errors
from counterfoil.messages.model import PartyId
from counterfoil.parties import (
    correspondents,
    enter_correspondents,
    entities,
    parties_by_bic,
    parties_in_role,
)

ROLE = "csd_operator"
"""The party that has it is this depository."""
UNNAMED = PartyId(bic="CFOIDEFFXXX")
"""How the depository is called while no party operates it."""
_HEAD_OFFICE = "XXX"
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Addresses:
    """Names resolved at one moment. `depository` is how messages name us."""

    depository: PartyId
    own: frozenset[str]
    by_bic: Mapping[str, str]
    known: Collection[str]

    def lei(self, party: PartyId) -> str | None:
        """The party's LEI; None where it is unknown here, or its two names are of different parties."""
        named = None if party.bic is None else self.by_bic.get(party.bic)
        lei = named if party.lei is None else party.lei
        if lei not in self.known or (named is not None and named != lei):
            return None
        return lei

    def is_depository(self, party: PartyId) -> bool:
        """Whether every name that is given is the depository's."""
        return all(_full(name) in self.own for name in (party.lei, party.bic) if name)


def name_of(party: PartyId) -> str:
    """What a person reads."""
    return party.bic or party.lei or ""


def addresses(tx: Transaction, named: Iterable[PartyId]) -> Addresses:
    """The given parties looked up, as far as they are known."""
    parties = set(named)
    by_bic = parties_by_bic(tx, [p.bic for p in parties if p.bic])
    known = entities(tx, [*by_bic.values(), *(p.lei for p in parties if p.lei)])
    operators = parties_in_role(tx, ROLE)
    if not operators:
        return Addresses(UNNAMED, frozenset({UNNAMED.bic or ""}), by_bic, known)
    own = frozenset(_full(name) for o in operators for name in (o.lei, *o.bics))
    bic = next(iter(operators[0].bics), None)
    return Addresses(PartyId(operators[0].lei, bic), own, by_bic, known)


def as_they_name_themselves(tx: Transaction, leis: Collection[str]) -> dict[str, PartyId]:
    """How messages name the given parties."""
    bics = correspondents(tx, leis)
    return {lei: PartyId(lei, bics.get(lei)) for lei in leis}


def correspond(tx: Transaction, lei: str, bic: str | None, *, now: datetime, actor: str) -> str | None:
    """Have a party told by messages; the BIC that it is told under. Raises `Refused` (MSG-113)."""
    if lei not in entities(tx, [lei]):
        raise Refused(errors.NO_CORRESPONDENT("/lei", lei=lei))
    enter_correspondents(tx, {lei: bic}, now=now, actor=actor)
    return correspondents(tx, [lei])[lei]


def _full(name: str) -> str:
    return name + _HEAD_OFFICE if len(name) == _SHORT else name
