"""Instruments by what is known of them, with the state of their issues."""

from dataclasses import dataclass
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.core.words import words_query
from counterfoil.instruments import instruments_by_entry, page_of_instruments
from counterfoil.register import issues

SQL = queries(__file__)
LOOK = 20_000
"""Instruments that one search by state looks through: it stays quick however many there are."""
_LOOK_FOR_WORDS = 4_000
"""So many are looked through for words; where that does not fill a page they are rare, and their index finds them."""
_NAMES = ("isin", "class", "issuer_lei", "name", "currency", "wkn", "cfi", "fisn", "entered_at")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: beginnings of ISIN, WKN and of words of the name; issuer, class, state of the issue."""

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


def orders_of_instruments(wanted: Wanted) -> frozenset[str]:
    """The orders that indexes carry from both ends: by ISIN those of an issuer or a class, all of them by when
    they were entered too. Whatever is wanted comes by ISIN.
    """
    if wanted == Wanted():
        return frozenset({"isin", "entered"})
    plain = Wanted(issuer=wanted.issuer, class_=wanted.class_)
    return frozenset({"isin"} if wanted == plain else ())


def find_instruments(
    tx: Transaction,
    wanted: Wanted,
    *,
    by_entry: bool = False,
    descending: bool = False,
    after: str = "",
    limit: int,
    look: int = LOOK,
) -> FoundInstruments:
    """Instruments in order of ISIN from behind `after`, each with the `state` of its issue ("" without one); in
    another order where `orders_of_instruments` offers it. Raises `Refused` (COR-004).
    """
    offered = orders_of_instruments(wanted)
    if by_entry and "entered" in offered:
        rows = instruments_by_entry(tx, after=after or None, descending=descending, limit=limit + 1)
        found = FoundInstruments(rows[:limit], rows[limit - 1]["place"] if len(rows) > limit else None)
    elif wanted.words:
        found = _by_words(tx, wanted, after, limit, min(look, _LOOK_FOR_WORDS))
    elif wanted.state:
        found = _look_through(tx, wanted, after, limit, look)
    else:
        rows = page_of_instruments(
            tx, after=after, issuer=wanted.issuer, class_=wanted.class_, prefix=wanted.prefix, wkn=wanted.wkn,
            descending=descending and "isin" in offered, limit=limit + 1,
        )  # fmt: skip
        found = _page(rows, limit)
    stand = issues(tx, [row["isin"] for row in found.rows])
    for row in found.rows:
        row["state"] = stand[row["isin"]].state if row["isin"] in stand else ""
    return found


def _page(rows: list[dict[str, Any]], limit: int) -> FoundInstruments:
    return FoundInstruments(rows[:limit], rows[limit - 1]["isin"] if len(rows) > limit else None)


def _by_words(tx: Transaction, wanted: Wanted, after: str, limit: int, look: int) -> FoundInstruments:
    """Common words fill a page from the first instruments looked at, or further on; rare ones are found by their
    index.
    """
    query = words_query(wanted.words)
    if not query:
        return FoundInstruments([], None)
    found = _look_through(tx, wanted, after, limit, look, query)
    if found.until is None:
        return found
    with tx.fresh_plans():
        few = tx.value(SQL.matches, words=query, after=after, most=_LOOK_FOR_WORDS) < _LOOK_FOR_WORDS
        rows = tx.rows(SQL.by_words if few else SQL.onwards, **_parameters(wanted, after, limit, query))
    return _page([dict(zip(_NAMES, row, strict=True)) for row in rows], limit)


def _look_through(
    tx: Transaction, wanted: Wanted, after: str, limit: int, look: int, query: str = ""
) -> FoundInstruments:
    rows = tx.rows(SQL.search, look=look, **_parameters(wanted, after, limit, query))
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows if row[1] is not None]
    if len(found) > limit:
        return _page(found, limit)
    until = next((row[0] for row in rows if row[1] is None), None)
    return FoundInstruments(found, until, until)


def _parameters(wanted: Wanted, after: str, limit: int, query: str) -> dict[str, object]:
    return {
        "after": after, "prefix": wanted.prefix, "wkn": wanted.wkn, "words": query, "issuer": wanted.issuer,
        "class": wanted.class_, "state": wanted.state, "limit": limit + 1,
    }  # fmt: skip
