"""Strict JSON (RFC 8259) for input from outside, and one compact form for output.

Numbers are read as `int` or `Decimal`, never as float; NaN, Infinity, duplicate names, absurd numbers, NUL, half
surrogate pairs and deep nesting are refused, because two readers of the same bytes could otherwise understand
different things, or could not store them.
"""

import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from counterfoil.core.errors import Refused, rule

MALFORMED = rule(
    "COR-001", "Malformed JSON", "The JSON text cannot be read: {reason}.",
    "Send well-formed JSON (RFC 8259) in UTF-8.", status=400,
)  # fmt: skip

_DIGITS = 60
_DEPTH = 32
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[\ud800-\udfff]")
"""What a text that cannot be stored is written with; whole surrogate pairs are found too, and let pass."""


def loads(text: bytes | str) -> Any:
    """The value of a JSON text. Raises `Refused` (COR-001)."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = _decoder.decode(text)
    except RecursionError:
        raise Refused(MALFORMED(reason="it is nested too deeply")) from None
    except UnicodeDecodeError as error:
        raise Refused(MALFORMED(reason=f"byte {error.start} is not UTF-8")) from None
    except ValueError as error:
        raise Refused(MALFORMED(reason=str(error))) from None
    if _SUSPECT.search(text) and not _storable(value):
        raise Refused(MALFORMED(reason="a text holds NUL or half a surrogate pair"))
    if text.count("[") + text.count("{") > _DEPTH and _depth(value) > _DEPTH:
        raise Refused(MALFORMED(reason=f"it is nested more than {_DEPTH} levels deep"))
    return value


def loads_stored(text: bytes | str) -> Any:
    """The value of JSON that we wrote ourselves, numbers as `int` or `Decimal`."""
    return json.loads(text, parse_float=Decimal)


def dumps(value: object) -> str:
    """Compact JSON; decimals, dates and ids become strings."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False)


def _plain(value: object) -> str | list[Any]:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _number(text: str) -> Decimal:
    if len(text) > _DIGITS:
        raise ValueError(f"a number has more than {_DIGITS} characters")
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        raise ValueError(f"the exponent of a number is beyond {_DIGITS}") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _DIGITS:
        raise ValueError(f"the exponent of a number is beyond {_DIGITS}")
    return value


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"a number has more than {_DIGITS} digits")
    return int(text)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the name "{twice[:100]}" stands twice in one object')
    return value


def _storable(value: object) -> bool:
    """Whether PostgreSQL, and any reader of UTF-8, can take every name and text."""
    layer = [value]
    while layer:
        following: list[object] = []
        for item in layer:
            if isinstance(item, str):
                if "\0" in item or _SURROGATE.search(item):
                    return False
            elif isinstance(item, dict):
                following += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                following += item
        layer = following
    return True


def _depth(value: object) -> int:
    """Depth of nesting, found without recursion."""
    level, layer = 0, [value]
    while layer:
        children = [
            child
            for item in layer
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        level += 1
        layer = [child for child in children if isinstance(child, dict | list)]
    return level


_decoder = json.JSONDecoder(
    parse_float=_number, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
)
