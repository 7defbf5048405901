"""Decides batches whose policy needs all items, and closes those whose items have all ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.db import Database, Transaction
from counterfoil.orchestration import Message, publish
from counterfoil.processes.batching.store import SQL, Policy
from counterfoil.processes.errors import CANCELLED
from counterfoil.processes.issuance.placed import tell_ended

MESSAGE = "batch.decided"


@dataclass(frozen=True, slots=True)
class StandingItem:
    """An item of a batch in which every item is ready or rejected."""

    position: int
    request_id: UUID
    ready: bool
    group: str
    isin: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an item goes; if not, the position of the item that holds it back."""

    item: StandingItem
    go: bool
    failed_position: int | None = None


def decide(policy: Policy, items: Sequence[StandingItem]) -> list[Decision]:
    """A decision for each ready item, in input order.

    An item whose ISIN or reference stands at an earlier ready item has failed too.
    """
    failed: dict[int, str] = {}
    seen: set[tuple[str, str]] = set()
    for item in items:
        names = {("isin", item.isin or ""), ("reference", item.reference or "")} - {
            ("isin", ""),
            ("reference", ""),
        }
        if not item.ready or names & seen:
            failed[item.position] = item.group
        seen |= names
    first = min(failed, default=None)
    first_of_group: dict[str, int] = {}
    for position in sorted(failed, reverse=True):
        first_of_group[failed[position]] = position
    decisions = []
    for item in items:
        if not item.ready:
            continue
        holder: int | None = item.position if item.position in failed else None
        if policy is Policy.ATOMIC or (
            policy is Policy.STOP and first is not None and first <= item.position
        ):
            holder = first
        elif policy is Policy.GROUPED:
            holder = first_of_group.get(item.group)
        decisions.append(Decision(item, holder is None, holder))
    return decisions


def sweep(database: Database, now: datetime) -> int:
    """Decide and close what can be, and end the items whose process an operator has cancelled.

    How many batches are still running. Any number of workers may call it.
    """
    with database.transaction() as tx:
        for batch_id, policy in tx.rows(SQL.undecided):
            _publish(tx, batch_id, Policy(policy), now)
        tx.execute(SQL.end_cancelled, refusals=json.dumps([CANCELLED().as_dict()]), now=now)
        tx.execute(SQL.finish)
        return int(tx.value(SQL.running))


def follow_placements(database: Database, now: datetime) -> int:
    """Let the processes go on whose placements have settled or were cancelled. How many are waiting still.

    It looks at all that wait, so whoever calls it again and again rests in proportion to what it takes.
    """
    with database.transaction() as tx:
        return tell_ended(tx, now)


def _publish(tx: Transaction, batch_id: UUID, policy: Policy, now: datetime) -> None:
    items = [StandingItem(*row) for row in tx.rows(SQL.standing_items, id=batch_id)]
    decisions = decide(policy, items)
    publish(
        tx,
        [
            Message(MESSAGE, str(d.item.request_id), {"go": d.go, "failed_position": d.failed_position})
            for d in decisions
        ],
        now=now,
    )
    tx.execute(SQL.decide, id=batch_id, now=now)
