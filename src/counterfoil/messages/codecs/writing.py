"""Writes elements, each with its value checked: what the schema would refuse is refused here (MSG-040).

Elements are text: a message is written once, front to back, and text is several times faster than a tree. What is
empty or None leaves its element out.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal

from counterfoil.core.errors import Refused, ensure
from counterfoil.core.money import AMOUNT_DECIMALS_MAX, AMOUNT_DIGITS_MAX, decimal_text, digits
from counterfoil.messages import errors
from counterfoil.messages.model import Amount, Quantity, QuantityForm

_DIGITS = {
    QuantityForm.UNITS: (18, 17),
    QuantityForm.FACE_AMOUNT: (18, 5),
    QuantityForm.TOKENS: (30, 29),
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_FOUR = re.compile(r"[a-zA-Z0-9]{4}")
_SPECIAL = re.compile(r"[&<>]")


def element(name: str, *content: str) -> str:
    """An element with what it holds; nothing where it holds nothing."""
    inner = "".join(content)
    return f"<{name}>{inner}</{name}>" if inner else ""


def inexpressible(name: str, value: object, reason: str) -> Refused:
    """The refusal of a value that `name` cannot carry."""
    return Refused(errors.INEXPRESSIBLE(f"/{name}", element=name, value=value, reason=reason))


def text(name: str, value: str | None, longest: int = 35) -> str:
    """A reference, number or name: as it is, or not at all."""
    if value is None:
        return ""
    if not 0 < len(value) <= longest:
        raise inexpressible(name, repr(value), f"1 to {longest} characters are allowed")
    if not value.isprintable():
        raise inexpressible(name, repr(value), "it has characters that cannot be printed")
    return f"<{name}>{_escaped(value)}</{name}>"


def narrative(name: str, value: str | None, longest: int) -> str:
    """What a person reads: cut where it is too long, with blanks for what cannot be printed."""
    if not value:
        return ""
    short = value if len(value) <= longest else value[: longest - 3] + "..."
    if not short.isprintable():
        short = "".join(c if c.isprintable() else " " for c in short)
    return f"<{name}>{_escaped(short)}</{name}>"


def matching(name: str, value: str | None, pattern: re.Pattern[str], what: str) -> str:
    """A value of a certain form, in letters and digits."""
    if value is None:
        return ""
    if pattern.fullmatch(value) is None:
        raise inexpressible(name, repr(value), f"it is not {what}")
    return f"<{name}>{value}</{name}>"


def code(name: str, value: str | None, allowed: Collection[str]) -> str:
    """One of the codes that the schema lists for the element."""
    if value is None:
        return ""
    if value not in allowed:
        raise inexpressible(name, repr(value), f"it is none of {' '.join(sorted(allowed))}")
    return f"<{name}>{value}</{name}>"


def coded(name: str, value: str | None, allowed: Collection[str]) -> str:
    """A code of the message's list or, where it is none, one of ISO 20022's other lists as one of our own."""
    if value is None:
        return ""
    if value in allowed:
        return f"<{name}><Cd>{value}</Cd></{name}>"
    if _FOUR.fullmatch(value) is None:
        raise inexpressible(name, repr(value), "it is no code of four letters or digits")
    return f"<{name}><Prtry><Id>{value}</Id><Issr>ISO20022</Issr></Prtry></{name}>"


def four_letters(name: str, value: str) -> str:
    """A code of an external list, which the schema does not know."""
    return matching(name, value, _FOUR, "a code of four letters or digits")


def page(number: int, *, is_last: bool) -> str:
    """Pagination1."""
    if not 0 <= number <= 99_999:
        raise inexpressible("PgNb", number, "pages have up to five digits")
    return element("Pgntn", f"<PgNb>{number}</PgNb>", yes_no("LastPgInd", is_last))


def currency(name: str, value: str) -> str:
    """ActiveOrHistoricCurrencyCode."""
    return matching(name, value, _CURRENCY, "a currency code")


def yes_no(name: str, value: bool | None) -> str:
    """YesNoIndicator."""
    return "" if value is None else f"<{name}>{'true' if value else 'false'}</{name}>"


def moment(name: str, value: datetime | None) -> str:
    """ISODateTime in UTC, to the millisecond."""
    if value is None:
        return ""
    ensure(value.tzinfo is UTC or value.utcoffset() == UTC.utcoffset(None), "times are UTC")
    return f"<{name}>{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z</{name}>"


def day(name: str, value: date | None) -> str:
    """DateAndDateTime2Choice with a date."""
    return "" if value is None else f"<{name}><Dt>{value.isoformat()}</Dt></{name}>"


def plain_day(name: str, value: date | None) -> str:
    """ISODate."""
    return "" if value is None else f"<{name}>{value.isoformat()}</{name}>"


def moment_of(name: str, value: datetime | None) -> str:
    """DateAndDateTime2Choice with a time."""
    return element(name, moment("DtTm", value))


def number(name: str, value: Decimal, total: int, decimals: int) -> str:
    """The digits of a number that is not negative, of at most `total` digits."""
    if not value.is_finite() or value < 0:
        raise inexpressible(name, value, "it is no number from zero up")
    has, after_point = digits(value)
    if has > total or after_point > decimals:
        raise inexpressible(name, value, f"{total} digits, {decimals} of them decimals, are allowed")
    return decimal_text(value)


def quantity(value: Quantity) -> str:
    """FinancialInstrumentQuantity33Choice."""
    name = value.form.value
    return f"<{name}>{number(name, value.value, *_DIGITS[value.form])}</{name}>"


def balance(value: Quantity) -> tuple[str, str]:
    """A quantity that may be negative: SHOR or LONG, and the quantity."""
    if not value.value.is_finite():
        raise inexpressible(value.form.value, value.value, "it is no number")
    sign = "<ShrtLngInd>SHOR</ShrtLngInd>" if value.value < 0 else "<ShrtLngInd>LONG</ShrtLngInd>"
    return sign, quantity(Quantity(value.value.copy_abs(), value.form))


def money(name: str, value: Decimal, currency: str, decimals: int = AMOUNT_DECIMALS_MAX) -> str:
    """An amount with its currency."""
    if _CURRENCY.fullmatch(currency) is None:
        raise inexpressible(name, repr(currency), "it is no currency code")
    shown = number(name, value, AMOUNT_DIGITS_MAX, decimals)
    return f'<{name} Ccy="{currency}">{shown}</{name}>'


def amount(name: str, value: Amount | None, direction: str = "CdtDbtInd") -> str:
    """An amount and its direction."""
    if value is None:
        return ""
    return element(
        name,
        money("Amt", value.value, value.currency),
        f"<{direction}>{value.direction.value}</{direction}>",
    )


def _escaped(value: str) -> str:
    if _SPECIAL.search(value) is None:
        return value
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
