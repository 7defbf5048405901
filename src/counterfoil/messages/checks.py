"""The invariants of messages, recomputed from the stored data."""

from collections.abc import Iterable
from uuid import UUID

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries
from counterfoil.core.outbox import announced
from counterfoil.messages.advices import codes_of, status_of
from counterfoil.servicing import EVENT
from counterfoil.settlement import INSTRUCTION, TRANSACTION, Standing, settled_parts, sides, standings

SQL = queries(__file__)
_CHUNK = 5000
_SHOWN = 5


def checks(tx: Transaction) -> list[Check]:
    """Every message was answered, mailboxes have no gaps, and parties were told the truth."""
    return [
        Check(
            "messages.answered",
            "a message of a known sender has its answer",
            tx.value(SQL.received_count),
            tuple(str(id_) for (id_,) in tx.rows(SQL.unanswered)),
        ),
        Check(
            "messages.numbered",
            "a mailbox is numbered without gaps",
            tx.value(SQL.outgoing_count),
            tuple(lei for (lei,) in tx.rows(SQL.misnumbered)),
        ),
        Check(
            "messages.true",
            "what a party was told last is how its instruction stands",
            tx.value(SQL.told_count),
            tuple(str(id_) for id_, _ in zip(_untrue(tx), range(_SHOWN), strict=False)),
        ),
        Check(
            "messages.events",
            "what was told of an event about an account is all that has become of it",
            tx.value(SQL.told_event_count),
            tuple(id_ for (id_,) in tx.rows(SQL.events_untold, coming=_coming(tx))),
        ),
    ]


def _coming(tx: Transaction) -> list[UUID]:
    """Events of which something is still to be told."""
    return [UUID(subject.partition(" ")[0]) for subject in announced(tx, EVENT)]


def _untrue(tx: Transaction) -> Iterable[UUID]:
    """Instructions of which something else was told last than is true, and nothing is announced."""
    coming = {UUID(subject) for subject in announced(tx, INSTRUCTION)}
    coming.update(sides(tx, [UUID(subject) for subject in announced(tx, TRANSACTION)]))
    rows = tx.rows(SQL.told)
    for chunk in (rows[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK)):
        told = {id_: (status, parts) for id_, status, parts in chunk if id_ not in coming}
        found = standings(tx, list(told))
        settled = settled_parts(tx, [s.transaction for s in found.values() if s.transaction is not None])
        for id_, standing in found.items():
            status, parts = told[id_]
            there = settled.get(standing.transaction, []) if standing.transaction is not None else []
            if parts != len(there) or not _agrees(standing, status):
                yield id_


def _agrees(standing: Standing, told: str) -> bool:
    """Why an instruction is unmatched depends on what others do, and is told when it changes itself."""
    advice = status_of(standing, None)
    if advice is None or standing.is_unmatched:
        return advice is None or told.partition(" ")[0] == codes_of(advice).partition(" ")[0]
    return told == codes_of(advice)
