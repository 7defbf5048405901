"""Who has asked for what a person is to decide, from where it is stored for good."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.processes.servicing.sweeping import CORRECTION
from counterfoil.servicing import Process, askers

ABOUT_EVENTS = frozenset({CORRECTION, *(process.value for process in Process)})
"""The processes whose instances are each about one event."""


def requesters(tx: Transaction, tasks: Sequence[Mapping[str, Any]]) -> list[frozenset[str]]:
    """Whoever may not decide these user tasks, in order: who asked for the instance, and where it is about an event,
    who asked for that or declared what it pays.
    """
    events = [_event(task) for task in tasks]
    known = askers(tx, [event for event in events if event is not None])
    return [
        frozenset(filter(None, [task["asked_by"]]))
        | (known.get(event, frozenset()) if event else frozenset())
        for task, event in zip(tasks, events, strict=True)
    ]


def _event(task: Mapping[str, Any]) -> UUID | None:
    """Said when the instance was started, and never mended (PRC-060). Other models may call anything so."""
    return UUID(task["variables"]["event"]) if task["process_id"] in ABOUT_EVENTS else None
