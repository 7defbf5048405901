"""Parties that are told by ISO 20022 messages, and the parties that BICs stand for."""

from collections.abc import Collection, Mapping
from datetime import datetime

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
_HEAD_OFFICE = "XXX"
_SHORT = 8


def enter_correspondents(
    tx: Transaction, names: Mapping[str, str | None], *, now: datetime, actor: str
) -> None:
    """Have parties (LEI, and the BIC that they use or None) told by messages from now on. Who is told already keeps
    its entry.
    """
    if names:
        tx.execute(SQL.enter, leis=list(names), bics=list(names.values()), now=now, actor=actor)


def correspondents(tx: Transaction, leis: Collection[str] | None = None) -> dict[str, str | None]:
    """Of the given parties, or of all, those that are told by messages, with the BIC that they use."""
    return dict(tx.rows(SQL.all) if leis is None else tx.rows(SQL.named, leis=list(leis)))


def parties_by_bic(tx: Transaction, bics: Collection[str]) -> dict[str, str]:
    """The party (LEI) of each BIC; a BIC that is nobody's, or of more than one party, is missing."""
    full = {bic: bic + _HEAD_OFFICE if len(bic) == _SHORT else bic for bic in bics}
    found: dict[str, str] = dict(tx.rows(SQL.by_bic, bics=sorted(set(full.values()))))
    return {bic: found[name] for bic, name in full.items() if name in found}
