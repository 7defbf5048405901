"""How much of a table to read so that a look at it costs the same however large it is.

A small table is read whole, of a large one the same part of its pages each time (TABLESAMPLE SYSTEM, REPEATABLE).
"""

from dataclasses import dataclass
from decimal import Decimal

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
PAGES = 1500
"""Pages read at most: 12 MB."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The part to read, in per cent, and what its counts and sums are multiplied by to stand for the whole."""

    percent: float
    factor: Decimal

    @property
    def is_whole(self) -> bool:
        """Whether nothing is estimated."""
        return self.factor == 1

    def scaled(self, value: Decimal | int) -> Decimal:
        """What a count or sum of the part stands for."""
        return Decimal(value) * self.factor


def sample_of(tx: Transaction, table: str, *, pages: int = PAGES) -> Sample:
    """The part of a table (`schema.name`) to read."""
    size = int(tx.value(SQL.size_in_pages, table=table))
    if size <= pages:
        return Sample(100.0, Decimal(1))
    return Sample(100.0 * pages / size, Decimal(size) / pages)
