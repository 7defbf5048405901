"""Fictional issuers and buyers: a sample needs no file from outside. Their LEIs have right check digits, no owner."""

from collections.abc import Sequence

from counterfoil.core.json import dumps
from counterfoil.parties import lei_check_digits

_NAMES = (
    "Musterbank AG", "Hanseatische Emissionsbank AG", "Rheinische Zertifikate GmbH", "Alpenländische Bank AG",
    "Nordlicht Securities SE", "Mainufer Handelsbank AG", "Elbe Strukturierte Produkte GmbH",
    "Isar Investmentbank AG", "Spree Finanz SE", "Weser Landesbank AöR",
)  # fmt: skip
_BUYERS = (
    "Handelshaus Brückner Wertpapierhandel GmbH", "Nordsee Market Making AG", "Taunus Brokerage SE",
    "Direktbank Ostsee AG", "Sparkassenverbund Ilmtal", "Versorgungswerk der Kartographen",
    "Genossenschaftsbank Rhön eG", "Vermögensverwaltung Zauderer KG",
)  # fmt: skip


def fictional_issuers() -> list[tuple[str, str]]:
    """LEI and legal name of each."""
    return _with_leis("0000CFSAMPLE", _NAMES)


def fictional_buyers() -> list[tuple[str, str]]:
    """LEI and legal name of the dealers and investors that take new issues; the last is short of money."""
    return _with_leis("0000CFBUYERS", _BUYERS)


def _with_leis(start: str, names: Sequence[str]) -> list[tuple[str, str]]:
    bodies = [f"{start}{number:06d}" for number in range(1, len(names) + 1)]
    return [(body + lei_check_digits(body), name) for body, name in zip(bodies, names, strict=True)]


def gleif_document(parties: Sequence[tuple[str, str]] | None = None) -> bytes:
    """Parties (the issuers, unless others are given) in the form of GLEIF's golden copy."""
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
        for lei, name in parties or fictional_issuers()
    ]
    return dumps({"records": records}).encode()
