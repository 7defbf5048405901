"""A database is brought to the current structure once, and one of another version is left alone."""

import pytest

from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.migrations import migrate


def test_what_is_applied_is_not_applied_again(database: Database) -> None:
    assert migrate(database) == []


def test_data_of_another_version_are_refused_with_what_to_do(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("UPDATE public.migration SET sha256 = 'x' WHERE name = '0004_ledger'")
    with pytest.raises(Refused) as refused:
        migrate(database)
    (refusal,) = refused.value.refusals
    assert (refusal.code, "0004_ledger" in refusal.detail) == ("COR-013", True)
