"""How the engine stands, at the same cost however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.sampling import sample_of

SQL = queries(__file__)
COUNTED = 1000
"""Incidents and tasks are counted up to here."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """Where the living instances of a process stand: moving, waiting for something, or stuck in an incident."""

    process_id: str
    name: str
    moving: Decimal
    waiting: Decimal
    stuck: Decimal


@dataclass(frozen=True, slots=True)
class InFlightByProcess:
    """All that is alive, by process. Not `exact`: estimated from a part of it."""

    processes: Sequence[InFlight]
    exact: bool


@dataclass(frozen=True, slots=True)
class Open:
    """What waits for a person: how many (`COUNTED` and more once it is as many), and since when the oldest."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that waits for a person: an element or a task, and its cause or whom it waits for. An incident has
    no `task_id`.
    """

    process_id: str
    what: str
    detail: str
    since: datetime
    instance_id: UUID
    task_id: UUID | None


def in_flight(tx: Transaction) -> InFlightByProcess:
    """Elements at which instances stand now, by process."""
    sample = sample_of(tx, "orchestration.element_instance")
    processes = [
        InFlight(process_id, name, *(sample.scaled(count).quantize(Decimal(1)) for count in counts))
        for process_id, name, *counts in tx.rows(SQL.in_flight, percent=sample.percent)
    ]
    return InFlightByProcess(processes, sample.is_whole)


def open_incidents(tx: Transaction) -> Open:
    """Incidents that nobody has resolved."""
    return Open(*(tx.row(SQL.open_incidents, limit=COUNTED) or (0, None)))


def open_user_tasks(tx: Transaction) -> Open:
    """Tasks that nobody has completed."""
    return Open(*(tx.row(SQL.open_user_tasks, limit=COUNTED) or (0, None)))


def oldest_open(tx: Transaction, limit: int) -> list[Standing]:
    """The oldest open incidents, then the oldest open tasks: so many of each at most."""
    return [Standing(*row) for row in tx.rows(SQL.oldest, limit=limit)]
