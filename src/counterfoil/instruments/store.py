"""Instruments and the versions of their terms, as stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.core.places import place, read_place

SQL = queries(__file__)
_INSTRUMENT = ("isin", "class", "issuer_lei", "name", "currency", "wkn", "cfi", "fisn", "entered_at")
_EARLIEST, _LATEST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """One version of an instrument's terms. `canonical` is the exact text whose SHA-256 is `hash`."""

    isin: str
    version: int
    hash: bytes
    canonical: str


@dataclass(frozen=True, slots=True)
class NewInstrument:
    """What a first version of terms brings into the tables."""

    isin: str
    class_: str
    issuer_lei: str
    name: str
    currency: str
    wkn: str | None
    cfi: str
    fisn: str
    terms_hash: bytes
    canonical: str


def known_isins(tx: Transaction, isins: Sequence[str]) -> set[str]:
    """Those of `isins` that an instrument already has."""
    return {isin for (isin,) in tx.rows(SQL.known, isins=list(isins))} if isins else set()


def insert_instruments(tx: Transaction, batch: Iterable[NewInstrument], recorded_at: datetime) -> None:
    """Deposit new instruments with version 1 of their terms. Raises `Conflict` for an ISIN that is taken."""
    batch = list(batch)
    tx.copy(
        "instruments.instrument",
        ("isin", "class", "issuer_lei", "name", "currency", "wkn", "cfi", "fisn", "entered_at"),
        ("text", "text", "text", "text", "text", "text", "text", "text", "timestamptz"),
        (
            (i.isin, i.class_, i.issuer_lei, i.name, i.currency, i.wkn, i.cfi, i.fisn, recorded_at)
            for i in batch
        ),
    )
    _copy_terms(tx, ((TermsVersion(i.isin, 1, i.terms_hash, i.canonical), None) for i in batch), recorded_at)


def amend_instruments(
    tx: Transaction, batch: Sequence[tuple[TermsVersion, str, str, str, str]], recorded_at: datetime
) -> None:
    """Add further versions: (version, effect class, name, CFI, FISN) each.

    Raises `Conflict` where another amendment took the version number first.
    """
    _copy_terms(tx, ((version, effect) for version, effect, *_ in batch), recorded_at)
    tx.execute(
        SQL.rename,
        isins=[version.isin for version, *_ in batch],
        names=[name for _, _, name, _, _ in batch],
        cfis=[cfi for *_, cfi, _ in batch],
        fisns=[fisn for *_, fisn in batch],
    )


def current_terms(tx: Transaction, isins: Sequence[str]) -> Mapping[str, TermsVersion]:
    """The newest version of each; an ISIN without an instrument is missing."""
    return {row[0]: TermsVersion(*row) for row in tx.rows(SQL.current_terms, isins=list(isins))}


def terms_of(tx: Transaction, isin: str, version: int | None = None) -> dict[str, Any] | None:
    """One version (the newest without a number) with its effect class and time, or None."""
    row = tx.row(SQL.terms_version, isin=isin, version=version)
    names = ("version", "hash", "canonical", "effect", "recorded_at")
    return None if row is None else dict(zip(names, row, strict=True))


def terms_versions(tx: Transaction, isin: str) -> list[dict[str, Any]]:
    """Number, hash, effect class and time of every version."""
    names = ("version", "hash", "effect", "recorded_at")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.versions, isin=isin)]


def page_of_instruments(
    tx: Transaction,
    *,
    after: str = "",
    issuer: str | None = None,
    class_: str | None = None,
    prefix: str = "",
    wkn: str = "",
    descending: bool = False,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Instruments in order of ISIN, from behind `after`: all, from their end if `descending`, or by the beginning of
    the ISIN or of the WKN.
    """
    parameters: dict[str, object] = {"after": after, "issuer": issuer, "class": class_, "limit": limit}
    if prefix:
        rows = tx.rows(SQL.by_prefix, prefix=prefix, **parameters)
    elif wkn:
        rows = tx.rows(SQL.by_wkn, wkn=wkn, **parameters)
    else:
        rows = tx.rows(SQL.page_back if descending else SQL.page, **parameters)
    return [dict(zip(_INSTRUMENT, row, strict=True)) for row in rows]


def instruments_by_entry(
    tx: Transaction, *, after: str | None = None, descending: bool = False, limit: int = 100
) -> list[dict[str, Any]]:
    """Instruments in the order in which they were entered, or the latest first, each with its `place`; from behind
    the place `after`. Raises `Refused` (COR-004).
    """
    at, isin = read_place(after, datetime, str) if after else (_LATEST if descending else _EARLIEST, "")
    rows = tx.rows(SQL.by_entry_back if descending else SQL.by_entry, at=at, after=isin, limit=limit)
    found = [dict(zip(_INSTRUMENT, row, strict=True)) for row in rows]
    return [{**one, "place": place(one["entered_at"], one["isin"])} for one in found]


def _copy_terms(
    tx: Transaction, batch: Iterable[tuple[TermsVersion, str | None]], recorded_at: datetime
) -> None:
    tx.copy(
        "instruments.terms",
        ("isin", "version", "hash", "canonical", "effect", "recorded_at"),
        ("text", "int4", "bytea", "text", "text", "timestamptz"),
        ((t.isin, t.version, t.hash, t.canonical, effect, recorded_at) for t, effect in batch),
    )
