"""Readers of the fields of a request: each gives the value and, where it is wrong, what is wanted of it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from counterfoil.core.errors import Refusal
from counterfoil.instruments import Series, is_isin
from counterfoil.parties import is_lei
from counterfoil.processes import errors

Reader = Callable[[object], tuple[object, str]]
_MAXIMUM = Decimal(10) ** 18
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,5})?", re.ASCII)
"""`Decimal` would also read blanks, underscores, exponents and the digits of other scripts."""
_ACCOUNT = re.compile(r"[0-9A-Za-z-]{1,35}", re.ASCII)
_NETWORK_TEXT = re.compile(r"[0-9A-Za-z/\-?:().,'+ ]{1,35}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_fields(
    raw: Mapping[str, Any],
    readers: Mapping[str, Reader],
    required: frozenset[str],
    kind: str,
    pointer: str = "",
) -> tuple[dict[str, Any], list[Refusal]]:
    """The values of an object's fields, and each field that is missing, unknown or wrong, with its pointer."""
    refusals = [
        errors.MISSING_FIELD(f"{pointer}/{name}", kind=kind, name=name)
        for name in sorted(required - raw.keys())
    ]
    refusals += [
        errors.UNKNOWN_FIELD(f"{pointer}/{_escape(name)}", kind=kind, name=name)
        for name in sorted(raw.keys() - readers.keys())
    ]
    values: dict[str, Any] = {}
    for name in sorted(raw.keys() & readers.keys()):
        value, wanted = readers[name](raw[name])
        if wanted:
            refusals.append(errors.WRONG_FIELD(f"{pointer}/{name}", wanted=wanted))
        values[name] = value
    return values, refusals


def text(value: object) -> tuple[object, str]:
    """A name of the submitter's own."""
    good = isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable()
    return value, "" if good else "a text of 1 to 64 printable characters"


def network_text(value: object) -> tuple[object, str]:
    """A reference that every ISO 20022 network carries."""
    good = isinstance(value, str) and _NETWORK_TEXT.fullmatch(value) and value.strip() == value
    return value, "" if good else "a text of 1 to 35 characters that ISO 20022 networks carry"


def isin(value: object) -> tuple[object, str]:
    """An ISIN."""
    good = isinstance(value, str) and is_isin(value)
    return value, "" if good else "an ISIN (ISO 6166) with a right check digit"


def lei(value: object) -> tuple[object, str]:
    """A legal entity."""
    good = isinstance(value, str) and is_lei(value)
    return value, "" if good else "an LEI (ISO 17442) with right check digits"


def account(value: object) -> tuple[object, str]:
    """The number of an account."""
    good = isinstance(value, str) and _ACCOUNT.fullmatch(value)
    return value, "" if good else "the number of an account"


def quantity(value: object) -> tuple[object, str]:
    """A quantity, price or amount."""
    wanted = "a positive number of at most 18 digits before and 5 after the point"
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return value, wanted
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return value, wanted
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    good = isinstance(exponent, int) and exponent >= -5 and 0 < number < _MAXIMUM
    return number, "" if good else wanted


def day(value: object) -> tuple[object, str]:
    """A date; `date.fromisoformat` alone would also read 20261201 and week dates."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value), ""
        except ValueError:
            pass
    return value, "a date as YYYY-MM-DD"


def numbering(value: object) -> tuple[object, str]:
    """The series that an ISIN is taken from."""
    if value in ("DE", "XS"):
        return Series(str(value)), ""
    return value, "DE or XS"


def flag(value: object) -> tuple[object, str]:
    """Yes or no."""
    # 1 equals True in Python, not in JSON.
    good = isinstance(value, bool) or (isinstance(value, str) and value in ("true", "false"))
    return value is True or value == "true", "" if good else "true or false"


def structure(value: object) -> tuple[object, str]:
    """An object that another reader looks into."""
    return value, "" if isinstance(value, dict) else "an object"


def _escape(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")
