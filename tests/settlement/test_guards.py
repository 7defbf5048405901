"""The database refuses what would settle more than was instructed, whoever asks."""

import contextlib

import pytest

from counterfoil.core.db import Conflict, Database
from tests.settlement.market import ANNA, BERT, CORA, FIXED, Market, opened

# Pending is a trade of 20 of which 5 have settled, and one of 4; an instruction waits for its counterpart.
SETTLED = """INSERT INTO settlement.settled
    SELECT {transaction}, {part}, {quantity}, NULL, {remaining}, gen_random_uuid(), now()
    FROM settlement.pending AS p WHERE part_no = {stands_at}"""
MATCHED = """INSERT INTO settlement.transaction
    SELECT gen_random_uuid(), {deliverer}, gen_random_uuid(), {quantity}, NULL, now()
    FROM settlement.unmatched AS u"""


def settled(
    part: int, quantity: int, remaining: int, *, stands_at: int = 1, of: str = "p.transaction_id"
) -> str:
    return SETTLED.format(
        transaction=of, part=part, quantity=quantity, remaining=remaining, stands_at=stands_at
    )


def matched(quantity: str, deliverer: str = "u.instruction_id") -> str:
    return MATCHED.format(quantity=quantity, deliverer=deliverer)


ATTACKS = {
    "a transaction is of more than was instructed": ("transaction_as_instructed", matched("4")),
    "a transaction is of less than was instructed": ("transaction_as_instructed", matched("2")),
    "a transaction is of no number": ("transaction_as_instructed", matched("'NaN'")),
    "a transaction is of what nobody instructed": (
        "transaction_as_instructed", matched("3", "gen_random_uuid()"),
    ),
    "a transaction gets another quantity": (
        "append_only", "UPDATE settlement.transaction SET quantity = quantity + 1",
    ),
    "more settles than was instructed": ("settled_once", settled(1, 5, 0)),
    "less settles and nothing is left": ("settled_once", settled(1, 3, 0)),
    "more is left than was": ("settled_once", settled(1, 4, 4)),
    "what settles was never matched": ("settled_once", settled(1, 4, 0, of="gen_random_uuid()")),
    "a second part comes before the first": ("settled_once", settled(2, 4, 0)),
    "a second part settles the whole": ("settled_once", settled(2, 20, 0, stands_at=2)),
    "a first part settles again": ("settled_pkey", settled(1, 20, 0, stands_at=2)),
    "a part is left out": ("settled_once", settled(3, 15, 0, stands_at=2)),
}  # fmt: skip
HONEST = {
    "a transaction": matched("3"),
    "a whole": settled(1, 4, 0),
    "a rest": settled(2, 15, 0, stands_at=2),
}


@pytest.fixture(scope="module")
def busy(shared_database: Database) -> Market:
    """A market with something half settled, something pending and something unmatched."""
    market = opened(shared_database)
    market.give(ANNA, 5, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 20, None))
    market.submit(*market.trade(ANNA, CORA, FIXED, 4, None))
    market.submit(market.side("DELI", BERT, CORA, FIXED, 3, None))
    return market


class Undone(Exception):
    pass


@pytest.mark.parametrize("attack", ATTACKS)
def test_settling_beyond_what_was_instructed_is_refused(busy: Market, attack: str):
    constraint, statement = ATTACKS[attack]
    with pytest.raises(Conflict) as refused, busy.database.transaction() as tx:
        tx.execute(statement)
    assert refused.value.constraint == constraint


@pytest.mark.parametrize("honest", HONEST)
def test_the_honest_form_of_each_attack_is_taken(busy: Market, honest: str):
    with contextlib.suppress(Undone), busy.database.transaction() as tx:
        assert tx.execute(HONEST[honest]) == 1
        raise Undone
