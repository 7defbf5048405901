"""What happened and is still to be told: a row is written with the change itself, and leaves with the telling.

Who tells it looks at how things stand then, so a row says of what to tell, not what.
"""

from collections.abc import Collection

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


def announce(tx: Transaction, topic: str, subjects: Collection[object]) -> None:
    """Have it told of each subject (an id, a date) that something happened to it."""
    if subjects:
        tx.execute(SQL.announce, topic=topic, subjects=[str(subject) for subject in subjects])


def take(tx: Transaction, topics: Collection[str], *, limit: int) -> list[tuple[str, str]]:
    """The oldest announcements (topic, subject) under the topics, removed. Only one may take at a time: what is taken
    by a transaction that rolls back is there again.
    """
    rows = tx.rows(SQL.take, topics=list(topics), limit=limit)
    return [(topic, subject) for _, topic, subject in sorted(rows)]


def announced(tx: Transaction, topic: str) -> list[str]:
    """The subjects that are still to be told of under a topic."""
    return [subject for (subject,) in tx.rows(SQL.announced, topic=topic)]
