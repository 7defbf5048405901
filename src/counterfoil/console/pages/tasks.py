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
from counterfoil.core.json import dumps, loads
from counterfoil.faces import decide_task, require_second_person, task_of
from counterfoil.instruments import terms_of
from counterfoil.orchestration import user_tasks
from counterfoil.processes import item_payload

router = APIRouter(prefix="/console/tasks")
PLACES = (Place("/console/tasks", "Tasks", "process.read", "k", everywhere=True),)
_TASKS = (
    Column("Since"), Column("Task"), Column("Process"), Column("Concerns"), Column("Asked for by"),
    Column("Taken by"),
)  # fmt: skip
_CHANGES = (Column("Field"), Column("As it stands"), Column("As it would be"))


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
        asked = _asked_for(tx, task["variables"])
        changes = _changes(tx, asked)
        barred = _barred(tx, visit, task)
    return visit.page(
        "tasks/task.html", task=task, barred=barred, asked=asked,
        changes=Listing(visit.request, "changes", "What would change", _CHANGES, changes),
        variables=[(name, dumps(value)) for name, value in sorted(task["variables"].items())],
    )  # fmt: skip


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


def _asked_for(tx: Transaction, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it was handed in, or what a process of servicing says of itself."""
    if "batch" not in variables or "position" not in variables:
        return {}
    found = loads(item_payload(tx, UUID(variables["batch"]), int(variables["position"])))
    return found if isinstance(found, dict) else {}


def _changes(tx: Transaction, asked: Mapping[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """Field by field what an amendment replaces (RFC 7396); of anything else, every field that it brings."""
    wanted = asked.get("changes")
    stands: Mapping[str, Any] = {}
    if isinstance(wanted, dict) and isinstance(asked.get("isin"), str):
        terms = terms_of(tx, asked["isin"])
        stands = loads(terms["canonical"].encode()) if terms else {}
    else:
        wanted = asked.get("instrument", asked)
    return [
        (name, _told(stands.get(name)), _told(value)) for name, value in sorted(dict(wanted or {}).items())
    ]


def _told(value: object) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else dumps(value)
