"""Whether the entries of one issue hold together, computed anew from what is stored."""

from dataclasses import dataclass

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
MOST = 100_000
"""Entries of an issue that are computed while somebody waits; `checks` computes any number."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """How the chain of an issue stands. `broken_at` is the first entry that is missing or wrong, `fault` what is
    wrong there; `is_computed` is False where there are too many entries to compute it at once.
    """

    entries: int
    is_computed: bool = True
    broken_at: int | None = None
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether every entry was computed anew and found right."""
        return self.is_computed and self.broken_at is None and self.entries > 0


def chain_state(tx: Transaction, isin: str, *, most: int = MOST) -> ChainState:
    """Numbers from 1 without a gap up to the issue's last, each hash that of its content, each naming the one before.

    It looks at this issue alone: blocks, and their chain over all issues, are for `checks`.
    """
    entries = tx.value(SQL.entries_up_to, isin=isin, most=most)
    if entries > most:
        return ChainState(entries, is_computed=False)
    fault = tx.row(SQL.first_fault, isin=isin)
    return ChainState(entries) if fault is None else ChainState(entries, True, *fault)
