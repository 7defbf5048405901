"""The canonical form of terms (RFC 8785) and its hash.

Decimals are texts without exponent and trailing zeros, so that equal terms have equal bytes; names are ASCII, so
sorting by code point is RFC 8785's order.
"""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256

from counterfoil.core.json import loads
from counterfoil.core.money import decimal_text
from counterfoil.instruments.terms import MODELS, Envelope


def canonical(terms: Envelope) -> str:
    """The canonical text: every field that has a value, defaults included."""
    return _encoder.encode(terms.model_dump(by_alias=True, exclude_none=True))


def terms_hash(text: str) -> bytes:
    """SHA-256 of the canonical text in UTF-8: 32 bytes."""
    return sha256(text.encode()).digest()


def from_canonical(text: str) -> Envelope:
    """The terms that a stored canonical text holds."""
    raw = loads(text)
    return MODELS[raw["class"]].model_validate(raw)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
