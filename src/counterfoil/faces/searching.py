"""Instruments by what is known of them, with the state of their issues."""

from dataclasses import dataclass
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.instruments import page_of_instruments
from counterfoil.register import issues

SQL = queries(__file__)
LOOK = 20_000
"""Instruments that one search by words or by state looks through: it stays quick however many there are."""
_NAMES = ("isin", "class", "issuer_lei", "name", "currency", "wkn", "cfi", "fisn", "entered_at")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: beginnings of ISIN and WKN, a part of the name, issuer, class, state of the issue."""

    prefix: str = ""
    wkn: str = ""
    words: str = ""
    issuer: str | None = None
    class_: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class FoundInstruments:
    """A page. `next` is the ISIN to go on after; `until` how far it was looked where the page is not full of it."""

    rows: list[dict[str, Any]]
    next: str | None
    until: str | None = None


def find_instruments(
    tx: Transaction, wanted: Wanted, *, after: str = "", limit: int, look: int = LOOK
) -> FoundInstruments:
    """Instruments in order of ISIN from behind `after`, each with the `state` of its issue ("" without one)."""
    if wanted.words or wanted.state:
        found = _look_through(tx, wanted, after, limit, look)
    else:
        rows = page_of_instruments(
            tx, after=after, issuer=wanted.issuer, class_=wanted.class_, prefix=wanted.prefix, wkn=wanted.wkn,
            limit=limit + 1,
        )  # fmt: skip
        found = FoundInstruments(rows[:limit], rows[limit - 1]["isin"] if len(rows) > limit else None)
    stand = issues(tx, [row["isin"] for row in found.rows])
    for row in found.rows:
        row["state"] = stand[row["isin"]].state if row["isin"] in stand else ""
    return found


def _look_through(tx: Transaction, wanted: Wanted, after: str, limit: int, look: int) -> FoundInstruments:
    rows = tx.rows(
        SQL.search, after=after, prefix=wanted.prefix, wkn=wanted.wkn, words=wanted.words, issuer=wanted.issuer,
        **{"class": wanted.class_}, state=wanted.state, limit=limit + 1, look=look,
    )  # fmt: skip
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows if row[1] is not None]
    if len(found) > limit:
        return FoundInstruments(found[:limit], found[limit - 1]["isin"])
    until = next((row[0] for row in rows if row[1] is None), None)
    return FoundInstruments(found, until, until)
