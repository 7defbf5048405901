"""Proposes a Financial Instrument Short Name (ISO 18774): issuer of at most 15 characters, slash, description."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from counterfoil.instruments.eusipa import CLASSES
from counterfoil.instruments.terms import Bond, CommercialPaper, Envelope

_LENGTH, _ISSUER = 35, 15
_LEGAL_FORMS = re.compile(
    r"\b(AG|SE|GMBH|CO|KG|KGAA|AKTIENGESELLSCHAFT|GESELLSCHAFT|SA|S A|SPA|NV|PLC|LTD|LIMITED|INC|BV|EG|EV|MBH|UND)\b"
)
_OTHER = re.compile(r"[^A-Z0-9 .\-/]+")
_SPACES = re.compile(r" +")
_LETTERS = str.maketrans(
    {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "Ø": "O", "Ł": "L", "Æ": "AE", "&": " "}
)


@lru_cache(maxsize=4096)
def issuer_short_name(legal_name: str) -> str:
    """The issuer's part: capital letters, legal form left out, cut at a word where one ends in time.

    >>> issuer_short_name("Erste Group Bank AG")
    'ERSTE GROUP'
    """
    text = _SPACES.sub(
        " ", _LEGAL_FORMS.sub(" ", _plain(legal_name).replace("/", " ").replace(".", " "))
    ).strip()
    if len(text) <= _ISSUER:
        return text or "ISSUER"
    words = text[: _ISSUER + 1].rsplit(" ", 1)
    return (words[0] if len(words[0]) >= 5 else text[:_ISSUER])[:_ISSUER].strip()


def propose(terms: Envelope, issuer_name: str) -> str:
    """The short name of an instrument of this issuer, 35 characters at most."""
    issuer = issuer_short_name(issuer_name)
    return f"{issuer}/{_description(terms)}"[:_LENGTH].rstrip()


def _description(terms: Envelope) -> str:
    if isinstance(terms, CommercialPaper):
        return f"ZERO CP {_day(terms.maturity_date)}"
    if isinstance(terms, Bond):
        rate = getattr(terms.interest, "rate_percent", None)
        kind = "ZERO" if terms.interest.kind == "zero" else f"{rate:f}" if rate is not None else "VAR"
        return f"{kind} {'BD' if terms.class_ == 'bond' else 'MTN'} {_day(terms.maturity_date)}"
    underlyings = getattr(terms, "underlyings", ())
    asset = _plain(underlyings[0].name).replace("/", " ")[:6].strip() if underlyings else "CREDIT"
    level = next(
        (v for n in ("strike", "cap", "bonus_level", "financing_level") if (v := getattr(terms, n, None))),
        None,
    )
    end = getattr(terms, "final_valuation_date", None)
    parts = [CLASSES[terms.class_].short, asset, f"{level:f}" if level else "", _day(end) if end else "OE"]
    return " ".join(part for part in parts if part)


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Capital letters A to Z, digits and a few signs; accents are dropped."""
    text = unicodedata.normalize("NFKD", text.upper().translate(_LETTERS))
    return _SPACES.sub(" ", _OTHER.sub("", text.replace("\u0308", ""))).strip()
