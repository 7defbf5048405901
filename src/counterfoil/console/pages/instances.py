"""Process instances and incidents: where each stands, how it came there, and what an operator does about it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from counterfoil.console import errors
from counterfoil.console.durations import spoken
from counterfoil.console.fields import BLANK, Reason
from counterfoil.console.finding import Found, id_of
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.pages.processes import file_path, model_path, read_everything
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads
from counterfoil.orchestration import (
    cancel,
    definitions,
    incidents,
    incidents_of,
    instance,
    instances,
    interventions,
    migrate,
    model_elements,
    passed,
    retry,
    set_instance_variables,
    visits,
)
from counterfoil.processes import start_mending

router = APIRouter(prefix="/console/processes")
_INSTANCES = (
    Column("Choose"), Column("Instance"), Column("Business key"), Column("Process"), Column("Version", numeric=True),
    Column("State"), Column("Started"), Column("Ended"),
)  # fmt: skip
_INCIDENTS = (
    Column("Choose"), Column("Raised"), Column("Process"), Column("Element"), Column("Instance"), Column("Cause"),
)  # fmt: skip
_WAY = (
    Column("Element"), Column("Outcome"), Column("Entered"), Column("Left"), Column("Took", numeric=True),
)  # fmt: skip
_ACTS = (Column("When"), Column("What"), Column("By"), Column("Reason"), Column("Details"))
_MOST_CHOSEN = PAGE
Chosen = Annotated[list[UUID], Form(min_length=1, max_length=_MOST_CHOSEN)]
State = Annotated[str, Query(pattern="^(active|completed|cancelled)?$")]


def instance_path(id_: UUID) -> str:
    """The address of an instance."""
    return f"/console/processes/instances/{id_}"


def _by_id(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """The instance of an id."""
    id_ = id_of(text)
    if id_ is None or visit.party is not None or not visit.may("process.read"):
        return []
    try:
        found = instance(tx, id_)
    except Refused:
        return []
    return [Found("instance", str(id_), f"{found['process_id']}, {found['state']}", instance_path(id_))]


FINDERS = (_by_id,)


@router.get("/instances")
def index(
    visit: Who,
    process: Annotated[str, Query(max_length=100)] = "",
    version: Annotated[int | None, BLANK] = None,
    element: Annotated[str, Query(max_length=100)] = "",
    state: State = "",
    key: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[UUID | None, BLANK] = None,
) -> Response:
    """Instances: the latest first, or those that stand at an element, the oldest first."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        found = instances(
            tx, process_id=process.strip() or None, version=version, state=state or None,
            element_id=element.strip() or None, business_key=key.strip() or None, after=after or UUID(int=0),
            descending=True, limit=PAGE + 1,
        )  # fmt: skip
    listing = Listing(visit.request, "instances", "Instances", _INSTANCES, *cut(found, "id"))
    return visit.page("processes/instances.html", listing=listing, everything=urlencode(listing.filters))


@router.post("/instances/cancellation")
def cancel_chosen(visit: Who, ids: Chosen, reason: Reason) -> Response:
    """End the chosen instances."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        count = cancel(tx, ids, actor=visit.actor.label, now=visit.services.clock.now(), reason=reason)
    return visit.done("/console/processes/instances", f"{count} instances are cancelled.")


@router.post("/instances/migration")
def migrate_chosen(
    visit: Who,
    ids: Chosen,
    reason: Reason,
    process: Annotated[str, Form(min_length=1, max_length=100)],
    version: Annotated[int, Form(ge=1)],
) -> Response:
    """Move the chosen instances to another version of their process."""
    visit.require("process.operate")
    now = visit.services.clock.now()
    with visit.services.transaction() as tx:
        count = migrate(tx, ids, process, version, actor=visit.actor.label, now=now, reason=reason)
    return visit.done(
        f"/console/processes/instances?process={process}", f"{count} instances are of version {version} now."
    )


@router.get("/instances/{id_}")
def one(visit: Who, id_: UUID, after: Annotated[str, Query(max_length=60)] = "") -> Response:
    """An instance: its path through the diagram, variables, history, incidents, and what can be done."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        found = instance(tx, id_)
        way, following = cut(visits(tx, id_, after=after or None, limit=PAGE + 1), "place")
        gone = passed(tx, id_)
        open_ = incidents_of(tx, id_, resolved=False, limit=PAGE)
        acts = interventions(tx, id_)
        names = {e["id"]: e["name"] for e in model_elements(tx, found["process_id"], found["version"])}
        versions = [d["version"] for d in definitions(tx) if d["process_id"] == found["process_id"]]
    for step in way:
        step["name"] = names.get(step["element_id"], step["element_id"])
        ended = step["left_at"]
        step["took"] = spoken((ended - step["entered_at"]).total_seconds()) if ended else ""
    model = model_path(found["process_id"], found["version"])
    return visit.page(
        "processes/instance.html", found=found, incidents=open_, names=names, model=model,
        file=file_path(found["process_id"], found["version"]), marks=dumps(_marks(gone, found, open_, names)),
        variables=[(name, dumps(value)) for name, value in sorted(found["variables"].items())],
        way=Listing(visit.request, "way", "Its way through the model", _WAY, way, following),
        acts=Listing(visit.request, "acts", "What persons have done", _ACTS, acts),
        versions=[v for v in versions if v > found["version"]],
        may_act=visit.may("process.operate") and found["state"] == "active",
    )  # fmt: skip


@router.post("/instances/{id_}/variables")
def mend(
    visit: Who,
    id_: UUID,
    reason: Reason,
    name: Annotated[str, Form(min_length=1, max_length=100)],
    value: Annotated[str, Form(min_length=1, max_length=100_000)],
) -> Response:
    """Set one variable to a JSON value: at once where the model says so, else once a second person has approved."""
    visit.require("process.operate")
    read, now = {name: _read(value)}, visit.services.clock.now()
    with visit.services.transaction() as tx:
        if name in instance(tx, id_)["mendable"]:
            set_instance_variables(tx, [id_], read, actor=visit.actor.label, now=now, reason=reason)
            return visit.done(instance_path(id_), f"{name} is mended. Retry what had stopped for it.")
        start_mending(tx, [id_], read, reason, now=now, requester=visit.actor.label)
    return visit.done(instance_path(id_), f"{name} will be mended once an approver has agreed, under Tasks.")


@router.post("/instances/mending")
def mend_chosen(
    visit: Who,
    ids: Chosen,
    reason: Reason,
    name: Annotated[str, Form(min_length=1, max_length=100)],
    value: Annotated[str, Form(min_length=1, max_length=100_000)],
) -> Response:
    """Set one variable of all that are chosen, once a second person has approved."""
    visit.require("process.operate")
    read, now = {name: _read(value)}, visit.services.clock.now()
    with visit.services.transaction() as tx:
        start_mending(tx, ids, read, reason, now=now, requester=visit.actor.label)
    told = f"{name} of {len(ids)} instances will be mended once an approver has agreed, under Tasks."
    return visit.done("/console/processes/instances", told)


def _read(value: str) -> Any:
    """A JSON value that stands alone. Raises `Refused` (CON-422)."""
    try:
        return loads(value)
    except Refused:
        why = 'The value is not one JSON value; a text stands in quotes: "like this".'
        raise Refused(errors.MALFORMED("/value", reason=why)) from None


@router.get("/incidents")
def stopped(
    visit: Who,
    process: Annotated[str, Query(max_length=100)] = "",
    element: Annotated[str, Query(max_length=100)] = "",
    version: Annotated[int | None, BLANK] = None,
    after: Annotated[UUID | None, BLANK] = None,
) -> Response:
    """Everything that has stopped, the oldest first."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        found = incidents(
            tx, process_id=process.strip() or None, version=version, element_id=element.strip() or None,
            after=after or UUID(int=0), limit=PAGE + 1,
        )  # fmt: skip
    listing = Listing(visit.request, "incidents", "Open incidents", _INCIDENTS, *cut(found, "id"))
    return visit.page("processes/incidents.html", listing=listing, everything=urlencode(listing.filters))


@router.post("/incidents/retry")
def retry_chosen(
    visit: Who, ids: Chosen, reason: Reason, back: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Have the chosen incidents' elements tried again."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        count = retry(tx, ids, actor=visit.actor.label, now=visit.services.clock.now(), reason=reason)
    instance_id = id_of(back)
    path = instance_path(instance_id) if instance_id else "/console/processes/incidents"
    return visit.done(path, f"{count} incidents are tried again.")


def _marks(
    gone: Sequence[str],
    found: Mapping[str, Any],
    open_: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """The elements that it has passed, where it stands, and where it has stopped."""
    marks = {id_: {"tone": "passed", "label": f"passed {names.get(id_, id_)}"} for id_ in gone}
    for element in found["elements"]:
        id_ = element["element_id"]
        marks[id_] = {"tone": "here", "badge": "here", "label": f"stands at {names.get(id_, id_)}"}
    for incident in open_:
        id_ = incident["element_id"]
        marks[id_] = {"tone": "bad", "bad": "!", "bad_label": f"stopped at {names.get(id_, id_)}"}
    return marks
