"""What is announced is taken once, in order, and never lost."""

from counterfoil.core.db import Database
from counterfoil.core.outbox import announce, take


def taken(database: Database, *topics: str, limit: int = 10) -> list[tuple[str, str]]:
    with database.transaction() as tx:
        return take(tx, topics, limit=limit)


def test_what_is_announced_is_taken_once_and_in_order(database: Database):
    with database.transaction() as tx:
        announce(tx, "a", ["2", "1"])
        announce(tx, "b", [3])
        announce(tx, "a", [])
    assert taken(database, "a", "b", limit=2) == [("a", "2"), ("a", "1")]
    assert taken(database, "a", "b") == [("b", "3")]
    assert taken(database, "a", "b") == []


def test_other_topics_are_left(database: Database):
    with database.transaction() as tx:
        announce(tx, "a", ["1"])
    assert taken(database, "b") == []
    assert taken(database, "a") == [("a", "1")]


def test_what_was_taken_in_vain_is_there_again(database: Database):
    with database.transaction() as tx:
        announce(tx, "a", ["1"])
    try:
        with database.transaction() as tx:
            assert take(tx, ["a"], limit=1) == [("a", "1")]
            raise KeyError
    except KeyError:
        pass
    assert taken(database, "a") == [("a", "1")]
