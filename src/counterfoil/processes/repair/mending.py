"""Variables that a model does not let be mended are mended once a second person has approved.

The process only waits for that person: what is approved is carried out with the approval itself, or the approval is
refused, because an instance has gone on or a value is no longer what the approver was shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.ids import new_id
from counterfoil.orchestration import NewInstance, mend, start, values_to_mend

MENDING = "mending"


def start_mending(
    tx: Transaction,
    ids: Sequence[UUID],
    variables: Mapping[str, Any],
    reason: str,
    *,
    now: datetime,
    requester: str,
) -> UUID:
    """Have variables of active instances set once another person has approved; the instance that waits for it.

    Raises `Refused` (ORC-201, 205, 212).
    """
    before = values_to_mend(tx, ids, list(variables))
    said = {
        "instances": [str(id_) for id_ in ids], "before": {str(id_): was for id_, was in before.items()},
        "after": dict(variables), "because": reason,
    }  # fmt: skip
    id_ = new_id()
    key = str(ids[0]) if len(ids) == 1 else None
    start(tx, MENDING, [NewInstance(id_, said, key, asked_by=requester)], now=now)
    return id_


def carry_out_mending(tx: Transaction, task: Mapping[str, Any], *, now: datetime, approver: str) -> None:
    """What the task asks for, as it is approved. Raises `Refused` (ORC-201, 205, 212 to 214): then it is not."""
    said = task["variables"]
    mend(
        tx, {UUID(id_): was for id_, was in said["before"].items()}, said["after"], asked_by=task["asked_by"],
        approver=approver, reason=said["because"], now=now,
    )  # fmt: skip
