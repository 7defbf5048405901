"""Takers of single elements: values, codes and indicators, and what is not served."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from counterfoil.core.errors import ensure
from counterfoil.messages import errors
from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.reading import Element, Fault, Take, Values, fault, unknown

HARMLESS = None
"""An element that changes nothing of what is done with the instruction: it is left unread."""


def mark(key: str) -> Take:
    """Not read, but that it is there is noted under `key`."""

    def take(_element: Element, values: Values, _faults: list[Fault]) -> None:
        values[key] = True

    return take


def not_served(iso: str, what: str) -> Take:
    """Refused wherever it stands: `what` is asked for is not served."""

    def take(element: Element, _values: Values, faults: list[Fault]) -> None:
        faults.append(fault(errors.NOT_SERVED, iso, element, what=what))

    return take


def leaf(key: str, convert: Callable[[str], Any], iso: str) -> Take:
    """The text of an element without children, converted, under `key`."""
    # Most leaves are codes: their value is looked up without a call.
    members = dict(convert.codes) if isinstance(convert, forms.CodeOf) else {}

    def take(element: Element, values: Values, faults: list[Fault]) -> None:
        if len(element):
            raise unknown(element[0])
        text = element.text or ""
        if text in members:
            values[key] = members[text]
            return
        try:
            value = convert(text)
        except ValueError as wrong:
            faults.append(fault(errors.FIELD, iso, element, reason=wrong))
        else:
            values[key] = value

    return take


def codes(
    key: str,
    iso: str,
    *,
    read: Collection[str] = (),
    left: Collection[str] = (),
    refused: Mapping[str, str] | None = None,
) -> Take:
    """A code of a list: `read` ones are listed under `key`, `left` ones do no harm, `refused` ones say why."""
    listed, harmless, not_taken = frozenset(read), frozenset(left), dict(refused or {})
    ensure(not (listed & harmless or (listed | harmless) & not_taken.keys()), "a code has one meaning")

    def take(element: Element, values: Values, faults: list[Fault]) -> None:
        if len(element):
            raise unknown(element[0])
        code = element.text or ""
        if code in listed:
            values.setdefault(key, []).append(code)
        elif code in not_taken:
            faults.append(fault(errors.NOT_SERVED, iso, element, what=not_taken[code]))
        elif code not in harmless:
            faults.append(fault(errors.FIELD, iso, element, reason=f"is {code!r}, no known code"))

    return take


def flag(iso: str, *, refused: bool, what: str) -> Take:
    """An indicator that may say only one thing: `refused` is the other."""

    def take(element: Element, _values: Values, faults: list[Fault]) -> None:
        if len(element):
            raise unknown(element[0])
        try:
            is_refused = forms.boolean(element.text or "") is refused
        except ValueError as wrong:
            faults.append(fault(errors.FIELD, iso, element, reason=wrong))
            return
        if is_refused:
            faults.append(fault(errors.NOT_SERVED, iso, element, what=what))

    return take


def money_amount(element: Element, values: Values, faults: list[Fault]) -> None:
    """An amount with its currency, under `amount` and `currency`."""
    if len(element):
        raise unknown(element[0])
    try:
        values["amount"] = forms.amount(element.text or "")
    except ValueError as wrong:
        faults.append(fault(errors.FIELD, "DMON", element, reason=wrong))
    try:
        values["currency"] = forms.currency(element.get("Ccy", ""))
    except ValueError as wrong:
        faults.append(fault(errors.FIELD, "NCRR", element, reason=wrong))
