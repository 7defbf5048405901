"""Versions of the timetable: each is valid for the settlement days from its date on, until the next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.settlement import errors
from counterfoil.settlement.day import last_day
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.timetable import EventKind, TimetableEntry, lay_out

SQL = queries(__file__)
_ONCE = frozenset(EventKind) - {EventKind.NIGHT_CYCLE, EventKind.PARTIAL_WINDOW}


def timetables(tx: Transaction) -> list[dict[str, Any]]:
    """Every version with its entries in order, the latest first."""
    versions: dict[date, list[dict[str, Any]]] = {}
    names = ("name", "kind", "on_eve", "local_time", "lasts")
    for valid_from, *entry in tx.rows(SQL.versions):
        versions.setdefault(valid_from, []).append(dict(zip(names, entry, strict=True)))
    return [{"valid_from": since, "entries": entries} for since, entries in versions.items()]


def add_timetable(tx: Transaction, valid_from: date, entries: Sequence[TimetableEntry]) -> None:
    """Store a version for days that were not opened yet. Raises `Refused` (SET-049, SET-054)."""
    problems = [errors.TIMETABLE("/entries", reason=reason) for reason in _broken_rules(entries)]
    last = last_day(tx)
    if last is not None and valid_from <= last.business_date:
        reason = f"{last.business_date} was opened with the version before"
        problems.append(errors.TIMETABLE("/valid_from", reason=reason))
    if any(version["valid_from"] == valid_from for version in timetables(tx)):
        problems.append(errors.TIMETABLE("/valid_from", reason=f"there is a version of {valid_from}"))
    if problems:
        raise Refused(*problems)
    lay_out(entries, adjust(valid_from, Convention.FOLLOWING, CALENDAR))
    tx.copy(
        "settlement.timetable",
        ("valid_from", "name", "kind", "ordinal", "on_eve", "local_time", "lasts"),
        ("date", "text", "text", "int2", "bool", "time", "interval"),
        (
            (valid_from, e.name, e.kind.value, n, e.on_eve, e.local_time, e.lasts)
            for n, e in enumerate(entries, start=1)
        ),
    )


def _broken_rules(entries: Sequence[TimetableEntry]) -> Iterator[str]:
    kinds = Counter(e.kind for e in entries)
    wrong = sorted(kind.value for kind in _ONCE if kinds[kind] != 1)
    if wrong:
        yield f"a day has each of these once: {', '.join(wrong)}"
    if not kinds[EventKind.NIGHT_CYCLE]:
        yield "a day has a night cycle"
    if entries and (entries[0].kind, entries[-1].kind) != (EventKind.START, EventKind.END):
        yield "a day begins with its start and ends with its end"
    if len({e.name for e in entries}) != len(entries):
        yield "two events have one name"
    if any(e.lasts is not None and e.kind is not EventKind.PARTIAL_WINDOW for e in entries):
        yield "only a partial window lasts"
