"""Simple types of ISO 20022, from text: each function returns the value or raises `ValueError` that says why not."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.money import AMOUNT_DECIMALS_MAX, AMOUNT_DIGITS_MAX, digits
from counterfoil.parties import is_bic, is_lei

_WHITE = " \t\r\n"
_LONGEST_NUMBER = 100
# The characters that every ISO 20022 network carries: references written in others could not be sent back.
_TEXT_35 = re.compile(r"[0-9A-Za-z/\-?:().,'+ ]{1,35}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_CURRENCY = re.compile(r"[A-Z]{3}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}")
_THREE_DIGITS = re.compile(r"[0-9]{3}")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_SIX_DIGITS = re.compile(r"[0-9]{1,6}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def text35(text: str) -> str:
    """Max35Text, in the characters that every network carries."""
    if (
        text.isalnum() and text.isascii() and len(text) <= 35
    ):  # the usual case, told apart without the pattern
        return text
    if _TEXT_35.fullmatch(text) is None:
        raise ValueError(f"is {text[:60]!r}, not 1 to 35 letters, digits and / - ? : ( ) . , ' + or spaces")
    return text


def text34(text: str) -> str:
    """Max34Text: an account at a bank."""
    if len(text) > 34:
        raise ValueError(f"is {text[:60]!r}, longer than 34 characters")
    return text35(text)


def decimal(text: str, total: int, decimals: int) -> Decimal:
    """A number of at most `total` digits, `decimals` of them after the point, not negative."""
    bare = text.strip(_WHITE)
    if len(bare) > _LONGEST_NUMBER or _DECIMAL.fullmatch(bare) is None:
        raise ValueError(f"is {text[:60]!r}, not a number")
    value = Decimal(bare)
    if value < 0:
        raise ValueError(f"is {bare}, less than zero")
    if len(bare) > total or len(bare.partition(".")[2]) > decimals:
        has, after_point = digits(value)
        if has > total or after_point > decimals:
            raise ValueError(f"is {bare}, of more than {total} digits or more than {decimals} decimals")
    return value.copy_abs()  # abs() would round to the 28 digits of the thread's context


def amount(text: str) -> Decimal:
    """ActiveCurrencyAndAmount."""
    return decimal(text, AMOUNT_DIGITS_MAX, AMOUNT_DECIMALS_MAX)


def units(text: str) -> Decimal:
    """DecimalNumber."""
    return decimal(text, 18, 17)


def face_amount(text: str) -> Decimal:
    """ImpliedCurrencyAndAmount."""
    return decimal(text, 18, 5)


def tokens(text: str) -> Decimal:
    """Max30DecimalNumber."""
    return decimal(text, 30, 29)


def iso_date(text: str) -> date:
    """ISODate, without a time zone."""
    bare = text.strip(_WHITE)
    if _DATE.fullmatch(bare) is None:
        raise ValueError(f"is {text[:60]!r}, not a date YYYY-MM-DD")
    try:
        return date.fromisoformat(bare)
    except ValueError:
        raise ValueError(f"is {bare}, not a day of the calendar") from None


def iso_time(text: str) -> datetime:
    """ISODateTime, as UTC; without a zone it is taken for UTC."""
    found = _TIME.fullmatch(text.strip(_WHITE))
    if found is None:
        raise ValueError(f"is {text[:60]!r}, not a time YYYY-MM-DDThh:mm:ssZ")
    try:
        when = datetime.fromisoformat(found[1] + (found[2] or "")[:7] + (found[3] or "Z"))
        return when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"is {text[:60]!r}, not a time of the calendar") from None


def date_of_time(text: str) -> date:
    """The date of an ISODateTime, as written."""
    iso_time(text)
    return iso_date(text.strip(_WHITE)[:10])


def boolean(text: str) -> bool:
    """YesNoIndicator."""
    found = _BOOLEANS.get(text.strip(_WHITE))
    if found is None:
        raise ValueError(f"is {text[:60]!r}, neither true nor false")
    return found


def isin(text: str) -> str:
    """ISINOct2015Identifier: the form; whether it exists is for settlement to say."""
    return _matching(_ISIN, text, "an ISIN")


def currency(text: str) -> str:
    """ActiveCurrencyCode."""
    return _matching(_CURRENCY, text, "a currency code")


def iban(text: str) -> str:
    """IBAN2007Identifier."""
    return _matching(_IBAN, text, "an IBAN")


def bic(text: str) -> str:
    """AnyBICDec2014Identifier."""
    if not is_bic(text):
        raise ValueError(f"is {text[:60]!r}, not a BIC")
    return text


def lei(text: str) -> str:
    """LEIIdentifier, with its check digits."""
    if not is_lei(text):
        raise ValueError(f"is {text[:60]!r}, not a LEI with correct check digits")
    return text


def priority(text: str) -> int:
    """Exact4NumericText, 0001 to 0004."""
    value = int(_matching(_FOUR_DIGITS, text, "four digits"))
    if not 1 <= value <= 4:
        raise ValueError(f"is {text}, not 0001 (reserved), 0002 (top), 0003 (high) or 0004 (normal)")
    return value


def option_number(text: str) -> int:
    """Exact3NumericText from 001 on."""
    value = int(_matching(_THREE_DIGITS, text, "three digits"))
    if value == 0:
        raise ValueError(f"is {text}, and options count from 001")
    return value


def count(text: str) -> int:
    """Max6NumericText."""
    return int(_matching(_SIX_DIGITS, text, "one to six digits"))


class CodeOf:
    """One of some codes; `codes` maps each to its value."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes: Mapping[str, Any] = {str(code): code for code in codes}

    def __call__(self, text: str) -> Any:
        """The code, or the member of the enumeration that `codes` are."""
        found = self.codes.get(text)
        if found is None:
            raise ValueError(f"is {text[:60]!r}, none of {' '.join(self.codes)}")
        return found


def anything(text: str) -> str:
    """Text that is only compared or passed on."""
    return text


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"is {text[:60]!r}, not {what}")
    return text
