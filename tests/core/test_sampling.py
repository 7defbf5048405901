"""A small table is read whole, of a large one no more pages than allowed, and its sums stand for the whole."""

from decimal import Decimal

from counterfoil.core.db import Database
from counterfoil.core.sampling import Sample, sample_of

COUNT = "SELECT count(*), sum(n) FROM core.many TABLESAMPLE SYSTEM (%(percent)s::real) REPEATABLE (1)"


def test_a_sample_stands_for_the_whole(database: Database):
    with database.transaction() as tx:
        tx.execute("CREATE TABLE core.many AS SELECT n::numeric FROM generate_series(1, 200000) AS n")
        whole, part = sample_of(tx, "core.many"), sample_of(tx, "core.many", pages=100)
        assert whole.is_whole
        assert tx.row(COUNT, percent=whole.percent) == (200_000, 200_000 * 200_001 // 2)
        assert not part.is_whole
        rows, total = tx.row(COUNT, percent=part.percent) or (0, 0)
        assert rows < 60_000
        assert 0.7 < part.scaled(rows) / 200_000 < 1.3
        assert tx.row(COUNT, percent=part.percent) == (rows, total), "the same part each time"


def test_an_empty_table_is_read_whole(database: Database):
    with database.transaction() as tx:
        tx.execute("CREATE TABLE core.none (n integer)")
        assert sample_of(tx, "core.none") == Sample(100.0, Decimal(1))
