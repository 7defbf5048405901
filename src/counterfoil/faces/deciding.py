"""Who may see and decide a task for persons."""

from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.access import Actor, require, require_everywhere, require_four_eyes
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.orchestration import UNKNOWN_TASK, complete_user_tasks, user_task
from counterfoil.processes import MENDING, TOKEN_MAKING, carry_out_mending, make_token, requesters


def task_of(tx: Transaction, actor: Actor, id_: UUID) -> dict[str, Any]:
    """An open task, where the actor may see it. Raises `Refused` (ACC-403, ORC-203)."""
    require_everywhere(actor, "process.read")
    found = user_task(tx, id_)
    if found is None:
        raise Refused(UNKNOWN_TASK(task=id_))
    return found


def require_second_person(tx: Transaction, actor: Actor, task: dict[str, Any]) -> None:
    """Raises `Refused` unless the actor decides tasks (ACC-403) and has not made the request itself (ACC-405).

    Who has made it is stored where nobody changes it, never a variable of the process.
    """
    require(actor, "task.complete")
    for requester in requesters(tx, [task])[0]:
        require_four_eyes(actor, requester)


def decide_task(
    tx: Transaction, actor: Actor, id_: UUID, *, approved: bool, reason: str, now: datetime
) -> None:
    """Approve or refuse. Raises `Refused` (ACC-403, ACC-405, ORC-203), and what keeps a mending or the making
    of a token from being carried out, which it is with its approval.
    """
    require(actor, "task.complete")
    task = task_of(tx, actor, id_)
    require_second_person(tx, actor, task)
    if approved and task["process_id"] == MENDING:
        carry_out_mending(tx, task, now=now, approver=actor.label)
    if approved and task["process_id"] == TOKEN_MAKING:
        make_token(tx, task, now=now, approver=actor.label)
    answer = {"approved": approved, "reason": reason, "approver": actor.label}
    complete_user_tasks(tx, [id_], answer, actor=actor.label, now=now)
