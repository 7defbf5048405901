"""Process models, instances, incidents and tasks."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from counterfoil.access import Actor, require, require_everywhere
from counterfoil.api.services import FIRST, Here, Id, Limit, Services, Who, page
from counterfoil.core.errors import Refused
from counterfoil.faces import decide_task, proposal_of, task_of
from counterfoil.orchestration import (
    UNKNOWN_PROCESS,
    assign_user_tasks,
    cancel,
    definition_xml,
    definitions,
    deploy,
    heat_map,
    incidents,
    incidents_of,
    instance,
    instances,
    interventions,
    migrate,
    release_user_tasks,
    retry,
    set_instance_variables,
    user_tasks,
    visits,
)
from counterfoil.processes import start_mending

router = APIRouter(tags=["processes"])


class Ids(BaseModel, extra="forbid"):
    """Which ones."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)]
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""


class Migration(Ids):
    """Where to, and which elements are called otherwise there."""

    process_id: str
    version: int
    mapping: dict[str, str] = {}


class Mending(BaseModel, extra="forbid"):
    """Which instances, and what their variables are to be."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    variables: Annotated[dict[str, Any], Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class Variables(Ids):
    """What to set."""

    variables: dict[str, Any]


def _by(here: Services, actor: Actor, these: Ids) -> dict[str, Any]:
    return {"actor": actor.label, "now": here.clock.now(), "reason": these.reason}


class Completion(BaseModel, extra="forbid"):
    """A person's answer."""

    approved: bool
    reason: Annotated[str, Field(max_length=500)] = ""


@router.get("/definitions")
def definition_index(here: Here, actor: Who) -> list[dict[str, Any]]:
    """Every deployed version of every process."""
    require(actor, "process.read")
    with here.transaction() as tx:
        return definitions(tx)


@router.post("/definitions", status_code=201)
async def definition_deploy(
    here: Here, actor: Who, request: Request, resource: str = "upload.bpmn"
) -> list[dict[str, Any]]:
    """Deploy a BPMN file; refused with everything that is wrong with it."""
    require(actor, "process.deploy")
    xml = await request.body()
    with here.transaction() as tx:
        deployed = deploy(tx, xml, resource=resource, now=here.clock.now(), actor=actor.label)
    return [
        {"id": d.id, "process_id": d.process_id, "version": d.version, "created": d.created} for d in deployed
    ]


@router.get("/definitions/{process_id}/xml")
def definition_file(here: Here, actor: Who, process_id: str, version: int | None = None) -> Response:
    """The model as it was deployed."""
    require(actor, "process.read")
    with here.transaction() as tx:
        xml = definition_xml(tx, process_id, version)
    if xml is None:
        raise Refused(UNKNOWN_PROCESS(process=process_id))
    return Response(xml, media_type="application/xml")


@router.get("/definitions/{process_id}/versions/{version}/heat-map")
def definition_heat_map(here: Here, actor: Who, process_id: str, version: int) -> dict[str, Any]:
    """How often and how long each element was visited, and what stands where now."""
    require_everywhere(actor, "process.read")
    with here.transaction() as tx:
        return heat_map(tx, process_id, version)


@router.get("/instances")
def instance_index(
    here: Here,
    actor: Who,
    process_id: str | None = None,
    state: str | None = None,
    element_id: str | None = None,
    business_key: str | None = None,
    after: Id = FIRST,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Process instances in order of id."""
    require_everywhere(actor, "process.read")
    with here.transaction() as tx:
        found = instances(
            tx, process_id=process_id, state=state, element_id=element_id, business_key=business_key, after=after,
            limit=limit,
        )  # fmt: skip
    return page(found, limit, "id")


@router.get("/instances/{id_}")
def instance_show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """One instance: variables, where it stands, its way so far, its incidents."""
    require_everywhere(actor, "process.read")
    with here.transaction() as tx:
        return {
            **instance(tx, id_),
            "visits": visits(tx, id_),
            "incidents": incidents_of(tx, id_),
            "interventions": interventions(tx, id_),
        }


@router.get("/instances/{id_}/visits")
def instance_visits(
    here: Here, actor: Who, id_: Id, after: Annotated[str, Query(max_length=60)] = "", limit: Limit = 100
) -> dict[str, Any]:
    """Its way through the model, in the order in which it left the elements, page by page."""
    require_everywhere(actor, "process.read")
    with here.transaction() as tx:
        instance(tx, id_)
        return page(visits(tx, id_, after=after or None, limit=limit), limit, "place")


@router.post("/instances/cancellations")
def instance_cancel(here: Here, actor: Who, these: Ids) -> dict[str, int]:
    """End instances."""
    require(actor, "process.operate")
    with here.transaction() as tx:
        return {"cancelled": cancel(tx, these.ids, **_by(here, actor, these))}


@router.post("/instances/migrations")
def instance_migrate(here: Here, actor: Who, these: Migration) -> dict[str, int]:
    """Move instances to another version of their process."""
    require(actor, "process.operate")
    with here.transaction() as tx:
        by = _by(here, actor, these)
        return {"migrated": migrate(tx, these.ids, these.process_id, these.version, these.mapping, **by)}


@router.post("/instances/variables")
def instance_variables(here: Here, actor: Who, these: Variables) -> dict[str, int]:
    """Mend variables of instances."""
    require(actor, "process.operate")
    with here.transaction() as tx:
        set_instance_variables(tx, these.ids, these.variables, **_by(here, actor, these))
    return {"changed": len(these.ids)}


@router.post("/instances/mendings", status_code=202)
def instance_mend(here: Here, actor: Who, these: Mending) -> dict[str, Any]:
    """Have any variables of active instances mended once another person has approved: the same in all of them."""
    require(actor, "process.operate")
    with here.transaction() as tx:
        return {
            "instance": start_mending(
                tx, these.ids, these.variables, these.reason, now=here.clock.now(), requester=actor.label
            )
        }


@router.get("/incidents")
def incident_index(
    here: Here,
    actor: Who,
    process_id: str | None = None,
    version: int | None = None,
    resolved: bool = False,
    after: Id = FIRST,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Open incidents, and resolved ones if asked for."""
    require_everywhere(actor, "process.read")
    with here.transaction() as tx:
        found = incidents(
            tx, process_id=process_id, version=version, resolved=resolved, after=after, limit=limit
        )
    return page(found, limit, "id")


@router.post("/incidents/retries")
def incident_retry(here: Here, actor: Who, these: Ids) -> dict[str, int]:
    """Have what stopped tried again."""
    require(actor, "process.operate")
    with here.transaction() as tx:
        return {"retried": retry(tx, these.ids, **_by(here, actor, these))}


@router.get("/tasks")
def task_index(
    here: Here,
    actor: Who,
    group: Annotated[list[str] | None, Query()] = None,
    after: Id = FIRST,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Open tasks for persons."""
    require(actor, "process.read")
    groups = group if actor.sees_everything else []
    with here.transaction() as tx:
        return page(user_tasks(tx, groups=groups, after=after, limit=limit), limit, "id")


@router.get("/tasks/{id_}")
def task_show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """One open task, with what it proposes beside what stands."""
    with here.transaction() as tx:
        task = task_of(tx, actor, id_)
        proposal = proposal_of(tx, task, now=here.clock.now())
    return {**task, "proposal": None if proposal is None else asdict(proposal)}


@router.post("/tasks/{id_}/assignment")
def task_assign(here: Here, actor: Who, id_: Id) -> dict[str, int]:
    """Take a task."""
    require(actor, "task.complete")
    with here.transaction() as tx:
        return {"assigned": assign_user_tasks(tx, [id_], actor=actor.label)}


@router.delete("/tasks/{id_}/assignment")
def task_release(here: Here, actor: Who, id_: Id) -> dict[str, int]:
    """Give a task back that one has taken."""
    require(actor, "task.complete")
    with here.transaction() as tx:
        return {"released": release_user_tasks(tx, [id_], actor=actor.label)}


@router.post("/tasks/{id_}/completion")
def task_complete(here: Here, actor: Who, id_: Id, answer: Completion) -> dict[str, int]:
    """Approve or refuse. Whoever made the request may not."""
    with here.transaction() as tx:
        decide_task(tx, actor, id_, approved=answer.approved, reason=answer.reason, now=here.clock.now())
    return {"completed": 1}
