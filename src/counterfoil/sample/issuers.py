"""Fictional issuers: a sample needs no file from outside. Their LEIs have right check digits and no owner."""

from counterfoil.core.json import dumps
from counterfoil.parties import lei_check_digits

_NAMES = (
    "Musterbank AG", "Hanseatische Emissionsbank AG", "Rheinische Zertifikate GmbH", "Alpenländische Bank AG",
    "Nordlicht Securities SE", "Mainufer Handelsbank AG", "Elbe Strukturierte Produkte GmbH",
    "Isar Investmentbank AG", "Spree Finanz SE", "Weser Landesbank AöR",
)  # fmt: skip


def fictional_issuers() -> list[tuple[str, str]]:
    """LEI and legal name of each."""
    bodies = [f"0000CFSAMPLE{number:06d}" for number in range(1, len(_NAMES) + 1)]
    return [(body + lei_check_digits(body), name) for body, name in zip(bodies, _NAMES, strict=True)]


def gleif_document() -> bytes:
    """The issuers in the form of GLEIF's golden copy."""
    records = [
        {
            "LEI": {"$": lei},
            "Entity": {
                "LegalName": {"@xml:lang": "de", "$": name},
                "LegalAddress": {"Country": {"$": "DE"}},
                "EntityStatus": {"$": "ACTIVE"},
            },
            "Registration": {
                "RegistrationStatus": {"$": "ISSUED"},
                "NextRenewalDate": {"$": "2099-12-31T00:00:00Z"},
            },
        }
        for lei, name in fictional_issuers()
    ]
    return dumps({"records": records}).encode()
