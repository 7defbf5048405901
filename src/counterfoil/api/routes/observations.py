"""Observations: entered by sources, confirmed by a second person or source, disputed, read."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from counterfoil.access import Actor, require
from counterfoil.api import errors
from counterfoil.api.services import Here, Id, Services, Who, repeated
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import loads
from counterfoil.processes import payloads
from counterfoil.servicing import (
    NewObservation,
    ObservationKind,
    add_source,
    confirm,
    dispute,
    end_dispute,
    enter_observations,
    observations_in,
    read_observation,
    sources,
)

router = APIRouter(prefix="/observations", tags=["observations"])
_MOST = 10_000
_ITEM = {"type": "object"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ITEM}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One observation a line."}},
            "text/csv": {"schema": {"type": "string", "description": "Columns are fields."}},
        },
    }
}
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@router.post("", status_code=201, openapi_extra=_BODY)
async def enter(here: Here, actor: Who, request: Request) -> dict[str, Any]:
    """Enter up to 10,000 observations as a JSON array, NDJSON or CSV. Each is taken or refused by itself."""
    require(actor, "observation.enter")
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    return await run_in_threadpool(_enter, here, actor, body, content_type)


def _enter(here: Services, actor: Actor, body: bytes, content_type: str) -> dict[str, Any]:
    read = [_read(here, payload) for payload in payloads([body], content_type)]
    if len(read) > _MOST:
        raise Refused(errors.MALFORMED(reason=f"At most {_MOST} observations are sent at once"))
    sound = [found for found in read if isinstance(found, NewObservation)]

    def work() -> list[Any]:
        with here.transaction() as tx:
            return enter_observations(tx, sound, now=here.clock.now(), actor=actor.label)

    entered = iter(repeated(work) if sound else [])
    items = []
    for found in read:
        outcome = next(entered) if isinstance(found, NewObservation) else found
        if isinstance(outcome, Refusal):
            outcome = [outcome]
        if isinstance(outcome, list):
            items.append({"errors": [refusal.as_dict() for refusal in outcome]})
        else:
            items.append({"observation": outcome.id, "version": outcome.version, "new": outcome.is_new})
    return {"items": items}


def _read(here: Services, payload: bytes) -> NewObservation | list[Refusal]:
    try:
        raw = loads(payload)
    except Refused as refused:
        return list(refused.refusals)
    if not isinstance(raw, dict):
        return [errors.MALFORMED(reason="An observation is a JSON object")]
    return read_observation(raw, now=here.clock.now())


@router.get("")
def index(
    here: Here,
    actor: Who,
    kind: ObservationKind,
    subject: Annotated[str, Query(min_length=1, max_length=120)],
    first: Annotated[date, Query(alias="from")] = date.min,
    last: Annotated[date, Query(alias="to")] = date.max,
) -> dict[str, Any]:
    """What is stored of a subject and how it stands: unconfirmed, contradicted, disputed, in window, or it counts."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        found = observations_in(tx, (kind.value, subject, first, last), now=here.clock.now())
    return {"items": found}


class Ids(BaseModel, extra="forbid"):
    """Observations."""

    observations: Annotated[list[Id], Field(min_length=1, max_length=1000)]


@router.post("/confirmations", status_code=201)
def confirmation(here: Here, actor: Who, these: Ids) -> dict[str, Any]:
    """Confirm what another person has entered."""
    require(actor, "observation.confirm")
    with here.transaction() as tx:
        outcomes = confirm(tx, these.observations, now=here.clock.now(), actor=actor.label)
    refused = [refusal for refusal in outcomes if refusal is not None]
    if refused:
        raise Refused(*refused)
    return {"confirmed": len(outcomes)}


class Reason(BaseModel, extra="forbid"):
    """Why."""

    reason: Text


class Verdict(Reason):
    """Whether the dispute is upheld, which discards the observation."""

    upheld: bool


@router.post("/{id_}/disputes", status_code=201)
def raise_dispute(here: Here, actor: Who, id_: Id, why: Reason) -> dict[str, Any]:
    """Keep an observation from being used until the dispute ends."""
    require(actor, "account.operate")
    with here.transaction() as tx:
        return {"dispute": dispute(tx, id_, why.reason, now=here.clock.now(), actor=actor.label)}


@router.post("/disputes/{id_}/verdict", status_code=201)
def verdict(here: Here, actor: Who, id_: Id, said: Verdict) -> dict[str, Any]:
    """Decide a dispute that another has raised."""
    require(actor, "servicing.operate")
    with here.transaction() as tx:
        end_dispute(tx, id_, upheld=said.upheld, reason=said.reason, now=here.clock.now(), actor=actor.label)
    return {"dispute": id_, "upheld": said.upheld}


class NewSource(BaseModel, extra="forbid"):
    """How long what the source says may be disputed before it counts."""

    dispute_window_s: Annotated[int, Field(ge=0, le=30 * 86_400)] = 0


@router.put("/sources/{name}")
def put_source(
    here: Here,
    actor: Who,
    name: Annotated[str, Path(min_length=1, max_length=35, pattern=r"^[!-~]+$")],
    source: NewSource,
) -> dict[str, Any]:
    """Name a source, or change its window."""
    require(actor, "servicing.operate")
    window = timedelta(seconds=source.dispute_window_s)
    with here.transaction() as tx:
        add_source(tx, name, window, now=here.clock.now(), actor=actor.label)
    return {"name": name, "dispute_window_s": source.dispute_window_s}


@router.get("/sources")
def source_index(here: Here, actor: Who) -> list[dict[str, Any]]:
    """Every source."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        return sources(tx)
