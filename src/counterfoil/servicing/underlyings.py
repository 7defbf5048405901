"""On what live securities rest: so that those on an underlying are found without reading the terms of all."""

from collections.abc import Sequence

from counterfoil.core.db import Transaction, queries
from counterfoil.instruments import Structured, Terms, TermsVersion

SQL = queries(__file__)


def note_underlyings(tx: Transaction, several: Sequence[tuple[TermsVersion, Terms]]) -> None:
    """Note the underlyings of current terms, by ISIN and by symbol, in place of those of earlier terms."""
    if amended := [version.isin for version, _ in several if version.version > 1]:
        forget_underlyings(tx, amended)
    named = [(name, version.isin) for version, terms in several for name in sorted(names_of(terms))]
    if named:
        tx.execute(SQL.note, underlyings=[name for name, _ in named], isins=[isin for _, isin in named])


def forget_underlyings(tx: Transaction, isins: Sequence[str]) -> None:
    """These securities have ended, or rest on something else."""
    tx.execute(SQL.forget, isins=list(isins))


def names_of(terms: Terms) -> set[str]:
    """ISINs and symbols of the underlyings."""
    members = terms.underlyings if isinstance(terms, Structured) else ()
    return {name for u in members for name in (u.isin, u.symbol) if name}
