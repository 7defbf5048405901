"""What is told of a party."""

from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.parties import UNKNOWN_PARTY, entities, mandates_of, standing


def party_of(tx: Transaction, lei: str) -> dict[str, Any]:
    """A party, whether it may issue, and its mandates. Raises `Refused` (PTY-002) for an unknown one."""
    entity = entities(tx, [lei]).get(lei)
    if entity is None:
        raise Refused(UNKNOWN_PARTY(lei=lei))
    found = standing(entity)
    return {
        "lei": entity.lei, "legal_name": entity.legal_name, "country": entity.country, "bics": list(entity.bics),
        "entity_status": entity.entity_status, "registration_status": entity.registration_status,
        "next_renewal_on": entity.next_renewal_on, "may_issue": found.may_issue,
        "reason": found.reason or None, "warning": found.warning or None, "mandates": mandates_of(tx, lei),
    }  # fmt: skip
