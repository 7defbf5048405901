"""Tasks that wait for a person: what is asked for, what it would change, and the decision of a second person."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from counterfoil.access import require_everywhere
from counterfoil.console.fields import BLANK, Reason
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.places import Place
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import dumps
from counterfoil.faces import Proposal, decide_task, proposal_of, require_second_person, task_of
from counterfoil.orchestration import assign_user_tasks, release_user_tasks, user_tasks

router = APIRouter(prefix="/console/tasks")
PLACES = (Place("/console/tasks", "Tasks", "process.read", "k", everywhere=True),)
_TASKS = (
    Column("Since"), Column("Task"), Column("Process"), Column("Concerns"), Column("Asked for by"),
    Column("Taken by"),
)  # fmt: skip


@router.get("")
def index(
    visit: Who,
    process: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[UUID | None, BLANK] = None,
) -> Response:
    """Open tasks, the oldest first."""
    require_everywhere(visit.actor, "process.read")
    with visit.services.transaction() as tx:
        found = user_tasks(tx, process_id=process.strip() or None, after=after or UUID(int=0), limit=PAGE + 1)
    listing = Listing(visit.request, "tasks", "Open tasks", _TASKS, *cut(found, "id"))
    return visit.page("tasks/index.html", listing=listing)


@router.get("/{id_}")
def one(visit: Who, id_: UUID) -> Response:
    """A task: what is asked for, beside what stands; and whether the visitor may decide."""
    with visit.services.transaction() as tx:
        task = task_of(tx, visit.actor, id_)
        proposal = proposal_of(tx, task, now=visit.services.clock.now())
        barred = _barred(tx, visit, task)
    return visit.page(
        "tasks/task.html", task=task, barred=barred, proposal=proposal, changes=_changes(visit, proposal),
        variables=[(name, dumps(value)) for name, value in sorted(task["variables"].items())],
    )  # fmt: skip


@router.post("/{id_}/assignment")
def assign(visit: Who, id_: UUID, wanted: Annotated[Literal["take", "give back"], Form()]) -> Response:
    """Take a task, so that others leave it alone, or give it back. It stays open to whoever may decide it."""
    visit.require("task.complete")
    with visit.services.transaction() as tx:
        task_of(tx, visit.actor, id_)
        if wanted == "take":
            done = assign_user_tasks(tx, [id_], actor=visit.actor.label)
        else:
            done = release_user_tasks(tx, [id_], actor=visit.actor.label)
    told = (
        "Somebody else has taken it."
        if not done
        else "It is yours."
        if wanted == "take"
        else "It is free again."
    )
    return visit.done(f"/console/tasks/{id_}", told)


@router.post("/{id_}/decision")
def decide(
    visit: Who, id_: UUID, reason: Reason, decision: Annotated[Literal["approve", "refuse"], Form()]
) -> Response:
    """Approve or refuse. Whoever asked for it may not."""
    approved = decision == "approve"
    with visit.services.transaction() as tx:
        decide_task(tx, visit.actor, id_, approved=approved, reason=reason, now=visit.services.clock.now())
    return visit.done("/console/tasks", "Approved; the process goes on." if approved else "Refused.")


def _barred(tx: Transaction, visit: Visit, task: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Why the visitor may not decide."""
    try:
        require_second_person(tx, visit.actor, dict(task))
    except Refused as refused:
        return refused.refusals
    return ()


def _changes(visit: Visit, proposal: Proposal | None) -> Listing | None:
    """What would change, line by line."""
    if proposal is None:
        return None
    columns = (Column("What"), *(Column(heading) for heading in proposal.headings))
    return Listing(visit.request, "changes", "What would change", columns, proposal.lines)
