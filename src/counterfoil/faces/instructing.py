"""Instructions of many requests, taken in by one transaction."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from counterfoil.core.clock import Clock
from counterfoil.core.db import Database
from counterfoil.settlement import (
    Accepted,
    Instruction,
    Rejected,
    current_business_date,
    find_instructions,
    instruct,
)

TOGETHER = 60
"""Instructions of different requests that share a transaction at most: one waits for all."""


class Given(NamedTuple):
    """An instruction, and who hands it in."""

    instruction: Instruction
    actor: str


class Taken(NamedTuple):
    """What became of it, and how it stands then; a rejected one stands nowhere."""

    outcome: Accepted | Rejected
    status: dict[str, Any] | None


def take_all(database: Database, clock: Clock, given: Sequence[Given]) -> list[Taken]:
    """Take in, match and settle what can be: one answer for each, in order. Raises `Conflict` as `instruct` does."""
    instructions = [one.instruction for one in given]
    with database.transaction() as tx:
        now = clock.now()
        today = current_business_date(tx, now=now)
        actors = {one.instruction.id: one.actor for one in given}
        outcomes = instruct(tx, instructions, now=now, business_date=today, actor=actors)
        accepted = [outcome.id for outcome in outcomes if isinstance(outcome, Accepted)]
        told = find_instructions(tx, business_date=today, now=now, ids=accepted, limit=len(given))
    standing = {status["id"]: status for status in told}
    return [Taken(outcome, standing.get(outcome.id)) for outcome in outcomes]
