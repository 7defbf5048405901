"""Reads observations as they are handed in (JSON, or a row of a file) strictly: all that is wrong at once."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.errors import Refusal
from counterfoil.servicing import errors
from counterfoil.servicing.observations import Content, NewObservation, ObservationKind
from counterfoil.servicing.ticks import NewTick

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?", re.ASCII)
_REQUIRED = ("kind", "subject", "day", "source")
_VALUES = {
    ObservationKind.PRICE: ({"value"}, {"low", "high"}),
    ObservationKind.RATE: ({"value"}, set()),
    ObservationKind.FX: ({"value"}, set()),
    ObservationKind.BARRIER: (set(), {"hit_on"}),
    ObservationKind.CREDIT_EVENT: (set(), {"value"}),
    ObservationKind.STRIKE: ({"value"}, set()),
    ObservationKind.UNWINDING: ({"value"}, set()),
    ObservationKind.CHOICE: ({"choice"}, set()),
}
"""What each kind needs and what it may have beside."""


def read_observation(raw: Mapping[str, Any], *, now: datetime) -> NewObservation | list[Refusal]:
    """One observation, or everything that is wrong with it. `observed_at` is now if absent."""
    fields = {name: value for name, value in raw.items() if value is not None}
    read: dict[str, Any] = {}
    kind = fields.get("kind")
    needed, possible = _VALUES.get(kind, (set(), set())) if isinstance(kind, str) else (set(), set())  # type: ignore[call-overload]
    refusals = [
        errors.OBSERVATION_FIELD(f"/{name}", wanted="missing, but needed")
        for name in (*_REQUIRED, *sorted(needed))
        if name not in fields
    ]
    allowed = {*_REQUIRED, *needed, *possible, "observed_at", "reason"}
    for name, value in fields.items():
        if name not in allowed:
            refusals.append(errors.OBSERVATION_FIELD(f"/{name[:60]}", wanted="no field of this kind"))
            continue
        good, wanted = _READERS[name](value)
        if wanted:
            refusals.append(errors.OBSERVATION_FIELD(f"/{name}", wanted=f"not {wanted}"))
        read[name] = good
    if not refusals:
        refusals += _odd(read)
    if refusals:
        return refusals
    content = Content(*(read.get(name) for name in ("value", "low", "high", "hit_on", "choice")))
    return NewObservation(
        read["kind"], read["subject"], read["day"], read["source"], content, read.get("observed_at", now),
        read.get("reason"),
    )  # fmt: skip


def read_tick(raw: Mapping[str, Any]) -> NewTick | list[Refusal]:
    """One price tick, or everything that is wrong with it. A tick without a price withdraws the one before."""
    refusals = [
        errors.TICK_FIELD(f"/{name}", wanted="missing, but needed")
        for name in ("underlying", "source", "at")
        if raw.get(name) is None
    ]
    read: dict[str, Any] = {}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        if (reader := _OF_TICKS.get(name)) is None:
            refusals.append(errors.TICK_FIELD(f"/{name[:60]}", wanted="no field of a tick"))
            continue
        read[name], wanted = reader(value)
        if wanted:
            refusals.append(errors.TICK_FIELD(f"/{name}", wanted=f"not {wanted}"))
        elif name == "price" and read[name] < 0:
            refusals.append(errors.TICK_FIELD("/price", wanted="below zero"))
    if refusals:
        return refusals
    return NewTick(
        read["underlying"], read["source"], read["at"], read.get("price"), read.get("close", False),
        read.get("sequence", 0), read.get("reason"),
    )  # fmt: skip


def _odd(read: Mapping[str, Any]) -> list[Refusal]:
    """What no single field shows."""
    found = []
    low, high, value = read.get("low"), read.get("high"), read.get("value")
    if low is not None and high is not None and low > high:
        found.append(errors.OBSERVATION_FIELD("/low", wanted="above the high"))
    if (
        read["kind"] in (ObservationKind.PRICE, ObservationKind.CREDIT_EVENT)
        and value is not None
        and value < 0
    ):
        found.append(errors.OBSERVATION_FIELD("/value", wanted="below zero"))
    if low is not None and low < 0:
        found.append(errors.OBSERVATION_FIELD("/low", wanted="below zero"))
    if (hit_on := read.get("hit_on")) is not None and hit_on > read["day"]:
        found.append(errors.OBSERVATION_FIELD("/hit_on", wanted="after the day of the observation"))
    return found


def _text(longest: int) -> Callable[[Any], tuple[Any, str]]:
    def read(value: Any) -> tuple[Any, str]:
        good = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
        return value, "" if good else f"a text of 1 to {longest} printable characters"

    return read


def _kind(value: Any) -> tuple[Any, str]:
    if isinstance(value, str) and value in set(ObservationKind):
        return ObservationKind(value), ""
    return value, f"one of {', '.join(ObservationKind)}"


def _number(value: Any) -> tuple[Any, str]:
    wanted = "a number of at most 18 digits before and 12 after the point"
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return value, wanted
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return (Decimal(text), "") if _NUMBER.fullmatch(text) else (value, wanted)


def _day(value: Any) -> tuple[Any, str]:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value), ""
    except ValueError:
        pass
    return value, "a date, YYYY-MM-DD"


def _instant(value: Any) -> tuple[Any, str]:
    try:
        if isinstance(value, str) and (at := datetime.fromisoformat(value)).tzinfo is not None:
            return at.astimezone(UTC), ""
    except (ValueError, OverflowError):
        pass
    return value, "an instant with an offset (ISO 8601)"


def _choice(value: Any) -> tuple[Any, str]:
    return value, "" if value in ("cash", "physical") else "cash or physical"


_READERS: dict[str, Callable[[Any], tuple[Any, str]]] = {
    "kind": _kind, "subject": _text(120), "day": _day, "source": _text(35), "value": _number, "low": _number,
    "high": _number, "hit_on": _day, "choice": _choice, "observed_at": _instant, "reason": _text(200),
}  # fmt: skip


def _flag(value: Any) -> tuple[Any, str]:
    texts = {True: True, False: False, "true": True, "false": False}
    return texts.get(value, value) if isinstance(value, bool | str) else value, (
        "" if isinstance(value, bool) or value in ("true", "false") else "true or false"
    )


def _sequence(value: Any) -> tuple[Any, str]:
    wanted = "a whole number of at most 18 digits"
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value, wanted
    text = str(value)
    return (int(text), "") if re.fullmatch("[0-9]{1,18}", text, re.ASCII) else (value, wanted)


_OF_TICKS: dict[str, Callable[[Any], tuple[Any, str]]] = {
    "underlying": _text(120), "source": _text(35), "at": _instant, "price": _number, "close": _flag,
    "sequence": _sequence, "reason": _text(200),
}  # fmt: skip
