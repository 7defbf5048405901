"""Who exists: legal entities by LEI and BIC, and what they may do for each other."""

from counterfoil.parties.correspondence import correspondents, enter_correspondents, parties_by_bic
from counterfoil.parties.errors import UNKNOWN_PARTY
from counterfoil.parties.identifiers import is_bic, is_lei, lei_check_digits
from counterfoil.parties.legal_entities import (
    ROLES,
    Entity,
    ImportResult,
    Standing,
    agents_of,
    entities,
    grant_mandates,
    import_bics,
    import_gleif,
    mandates_of,
    page_of_entities,
    parties_in_role,
    principals_of,
    read_gleif,
    standing,
)

__all__ = [
    "ROLES",
    "UNKNOWN_PARTY",
    "Entity",
    "ImportResult",
    "Standing",
    "agents_of",
    "correspondents",
    "enter_correspondents",
    "entities",
    "grant_mandates",
    "import_bics",
    "import_gleif",
    "is_bic",
    "is_lei",
    "lei_check_digits",
    "mandates_of",
    "page_of_entities",
    "parties_by_bic",
    "parties_in_role",
    "principals_of",
    "read_gleif",
    "standing",
]
