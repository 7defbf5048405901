"""The chain of one issue, computed anew: what holds, and where it breaks."""

from datetime import timedelta

import pytest

from counterfoil.core.db import Database
from counterfoil.register import ChainState, chain_state, history
from tests.register.entering import NOON, instruction, record_now

SET = "UPDATE register.entry SET "
DROP = "DELETE FROM register.entry WHERE isin = 'DE1' AND "
FORGE = (
    SET + "content = replace(content, {what}), hash = sha256(convert_to(replace(content, {what}), 'UTF8'))"
)
ONE = " WHERE isin = 'DE1' AND entry_no = "
FAULTS = {
    DROP + "entry_no = 1": (1, "missing"),
    DROP + "entry_no = 3": (3, "missing"),
    DROP + "entry_no = 5": (5, "missing"),
    DROP + "true": (1, "missing"),
    SET + "hash = sha256('')" + ONE + "2": (2, "not what was hashed"),
    SET + "content = 'null'" + ONE + "4": (4, "not what was hashed"),
    FORGE.format(what="'DE1', 'DE7'") + ONE + "3": (3, "shown otherwise than it was hashed"),
    SET + "issued_after = 77" + ONE + "2": (2, "shown otherwise than it was hashed"),
    SET + "kind = 'AMEND'" + ONE + "2": (2, "shown otherwise than it was hashed"),
    FORGE.format(what="'units', 'grams'") + ONE + "2": (3, "not linked to the entry before"),
    FORGE.format(what="'units', 'grams'") + ONE + "5": (5, "not the one that the issue stands by"),
    FORGE.format(what="'units', repeat(chr(92), 1) || 'u0000'") + ONE + "3": (
        3,
        "not linked to the entry before",
    ),
    SET + "content = 'x', hash = sha256('x')" + ONE + "2": (2, "not linked to the entry before"),
}


def _registered(database: Database) -> None:
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40), instruction("NEW", "DE2", 5)])
    for hour in range(1, 5):
        with database.transaction() as tx:
            record_now(tx, [instruction("TOP_UP", quantity=2)], NOON + timedelta(hours=hour))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_chain_is_broken_where_it_first_parts_from_what_was_entered(database: Database, fault: str) -> None:
    _registered(database)
    with database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # switches the triggers off
        tx.execute(fault)
    with database.transaction() as tx:
        found = chain_state(tx, "DE1")
        assert (found.broken_at, found.fault, found.holds) == (*FAULTS[fault], False)
        assert chain_state(tx, "DE2").holds, "another issue is not touched by it"


def test_a_chain_holds_or_is_not_computed_or_is_not_there(database: Database) -> None:
    _registered(database)
    with database.transaction() as tx:
        assert chain_state(tx, "DE1") == ChainState(5)
        assert chain_state(tx, "DE1", most=5).holds
        long = chain_state(tx, "DE1", most=4)
        assert (long.is_computed, long.holds) == (False, False)
        assert not chain_state(tx, "DE9").holds


def test_a_history_goes_on_behind_a_number(database: Database) -> None:
    _registered(database)
    with database.transaction() as tx:
        whole = history(tx, "DE1")
        assert [e["entry_no"] for e in history(tx, "DE1", after=2, limit=2)] == [3, 4]
        assert history(tx, "DE1", after=4) == whole[4:]
