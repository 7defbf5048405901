"""What a transaction offers beside plain statements."""

from contextlib import suppress

from counterfoil.core.db import Database


def test_plans_are_kept_within_the_block_and_no_longer(shared_database: Database) -> None:
    mode = "SHOW plan_cache_mode"
    with shared_database.transaction() as tx:
        with tx.kept_plans():
            assert tx.value(mode) == "force_generic_plan"
        assert tx.value(mode) == "auto"
        with suppress(ZeroDivisionError), tx.savepoint(), tx.kept_plans():
            raise ZeroDivisionError
        assert tx.value(mode) == "auto"


def test_a_round_of_many_statements_stays_planned(shared_database: Database) -> None:
    with shared_database.transaction() as tx:
        for _ in range(10):
            for n in range(200):
                tx.value(f"SELECT {n} AS round")
        kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%% AS round'"
        assert tx.value(kept) == 200
