"""`verify` notices a message without an answer, a gap in a mailbox, and what was told wrongly."""

import psycopg
import pytest

from counterfoil.core.db import Database
from counterfoil.messages import advise, checks
from counterfoil.settlement import Hold
from tests.messages.conftest import Schema
from tests.messages.exchange import ANNA, BERT, Exchange, exchange
from tests.settlement.market import FIXED


@pytest.fixture
def market(database: Database, schema: Schema) -> Exchange:
    found = exchange(database, schema)
    found.market.give(ANNA, 10, FIXED)
    found.instruct(
        *found.market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY),
        *found.market.trade(ANNA, BERT, FIXED, 4, None),
        found.market.side("DELI", ANNA, BERT, FIXED, 3, None),
    )
    return found


def failing(market: Exchange) -> set[str]:
    with market.market.database.transaction() as tx:
        return {check.name for check in checks(tx) if not check.holds}


def broken(market: Exchange, statement: str) -> None:
    with psycopg.connect(market.market.database.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)


def test_what_is_announced_may_still_be_untold(market: Exchange):
    assert failing(market) == set()
    with market.market.database.transaction() as tx:
        advise(tx, now=market.market.now)
    assert failing(market) == set()


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("DELETE FROM messages.outgoing WHERE number = 1", "messages.answered"),
        ("DELETE FROM messages.outgoing WHERE number = 1", "messages.numbered"),
        ("UPDATE messages.mailbox SET last_number = 99", "messages.numbered"),
        ("UPDATE messages.advised SET parts = parts + 1", "messages.true"),
        ("UPDATE messages.advised SET status = 'Mtchd Pdg LACK' WHERE status <> ''", "messages.true"),
    ],
)
def test_what_is_broken_is_noticed(market: Exchange, statement: str, check: str):
    with market.market.database.transaction() as tx:
        advise(tx, now=market.market.now)
    broken(market, statement)
    assert check in failing(market)


@pytest.mark.parametrize("table", ["received", "outgoing"])
def test_messages_are_kept_as_they_are(market: Exchange, table: str):
    with psycopg.connect(market.market.database.url) as connection, pytest.raises(psycopg.IntegrityError):
        connection.execute(f"UPDATE messages.{table} SET content = ''")
