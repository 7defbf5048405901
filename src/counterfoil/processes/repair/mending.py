"""Variables that a model does not let be mended are mended once a second person has approved.

The process only waits for that person: what is approved is carried out with the approval itself, or the approval is
refused, because an instance has gone on or a value is no longer what the approver was shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.orchestration import (
    OWN_INSTANCE,
    NewInstance,
    instances_by_id,
    mend,
    start,
    values_to_mend,
)
from counterfoil.processes import errors
from counterfoil.processes.servicing.asking import ABOUT_EVENTS, requesters

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

    Raises `Refused` (ORC-201, 205, 212), and (PRC-060) for what says which event an instance is about: who asked for
    that event is looked up by it.
    """
    before = values_to_mend(tx, ids, list(variables))
    about = [one for one in instances_by_id(tx, ids) if one["process_id"] in ABOUT_EVENTS]
    if about and "event" in variables:
        raise Refused(
            *(
                errors.NAMES_ITS_EVENT(
                    "/variables/event", variable="event", instance=one["id"], process=one["process_id"]
                )
                for one in about
            )
        )
    said = {
        "instances": [str(id_) for id_ in ids], "before": {str(id_): was for id_, was in before.items()},
        "after": dict(variables), "because": reason,
    }  # fmt: skip
    id_ = new_id()
    key = str(ids[0]) if len(ids) == 1 else None
    start(tx, MENDING, [NewInstance(id_, said, key, asked_by=requester)], now=now)
    return id_


def carry_out_mending(tx: Transaction, task: Mapping[str, Any], *, now: datetime, approver: str) -> None:
    """What the task asks for, as it is approved. Raises `Refused` (ORC-201, 205, 212 to 214): then it is not.

    Whoever might not decide a task of one of the instances does not approve this either.
    """
    said = task["variables"]
    mended = instances_by_id(tx, [UUID(id_) for id_ in said["before"]])
    own = [
        one["id"] for one, askers in zip(mended, requesters(tx, mended), strict=True) if approver in askers
    ]
    if own:
        raise Refused(*(OWN_INSTANCE(instance=id_) for id_ in own))
    mend(
        tx, {UUID(id_): was for id_, was in said["before"].items()}, said["after"], asked_by=task["asked_by"],
        approver=approver, reason=said["because"], now=now,
    )  # fmt: skip
