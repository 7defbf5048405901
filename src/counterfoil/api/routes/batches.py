"""Batches: handed in as a stream, followed by events, read item by item."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from counterfoil.access import require
from counterfoil.api.services import Here, Id, Key, Limit, Who
from counterfoil.core.days import IsoDate
from counterfoil.core.json import dumps
from counterfoil.faces import (
    BodyForm,
    batch_of,
    check_batch,
    seen_submitter,
    spooled,
    submission_of,
    take_batch,
)
from counterfoil.processes import (
    Policy,
    Receipt,
    batches,
    item_results,
    placement_totals,
    rejection_reasons,
)

router = APIRouter(prefix="/batches", tags=["batches"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string", "description": "One request a line."}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "text/csv": {"schema": {"type": "string", "description": "Columns are paths of fields."}},
        },
    }
}
_LAST = Id(int=2**128 - 1)


def _form(request: Request) -> BodyForm:
    encoding = request.headers.get("content-encoding", "").strip().lower()
    return BodyForm(request.headers.get("content-type", ""), encoding)


@router.post("", status_code=202, openapi_extra=_BODY)
async def submit(
    here: Here,
    actor: Who,
    request: Request,
    response: Response,
    policy: Policy = Policy.CONTINUE,
    business_day: Annotated[IsoDate | None, Query(alias="business_date")] = None,
    key: Key = None,
) -> dict[str, Any]:
    """Hand in a batch of requests as NDJSON, JSON or CSV, optionally gzipped. It is stored whole or not at all.

    The same `Idempotency-Key` with the same body returns the batch that is there; with another it is refused.
    """
    require(actor, "issuance.submit")
    form = _form(request)

    def store(file: IO[bytes]) -> Receipt:
        return take_batch(here, submission_of(here, actor, policy, key, business_day), file, form)

    with await spooled(request.stream()) as file:
        receipt = await run_in_threadpool(store, file)
    response.headers["Location"] = f"/batches/{receipt.id}"
    if not receipt.created:
        response.status_code = 200
    return {"batch": receipt.id, "received": receipt.item_count, "created": receipt.created}


@router.post("/validation", openapi_extra=_BODY)
async def validate(
    here: Here,
    actor: Who,
    request: Request,
    business_day: Annotated[IsoDate | None, Query(alias="business_date")] = None,
) -> StreamingResponse:
    """Validate a batch without issuing anything: one NDJSON line an item, in input order."""
    require(actor, "issuance.submit")
    form = _form(request)
    submission = submission_of(here, actor, Policy.CONTINUE, None, business_day)

    def results(file: IO[bytes]) -> list[str]:
        return [dumps(result) + "\n" for result in check_batch(here, submission, file, form)]

    with await spooled(request.stream()) as file:
        lines = await run_in_threadpool(results, file)
    return StreamingResponse(iter(lines), media_type="application/x-ndjson")


@router.get("")
def index(here: Here, actor: Who, before: Id = _LAST, limit: Limit = 50) -> dict[str, Any]:
    """Batches, newest first; a party sees its own."""
    require(actor, "batch.read")
    with here.transaction() as tx:
        found = batches(tx, submitter=seen_submitter(actor), after=str(before), limit=limit)
    return {"items": found, "next": str(found[-1]["id"]) if len(found) == limit else None}


@router.get("/{id_}")
def show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """A batch with its progress."""
    return batch_of(here, actor, id_)


@router.get("/{id_}/items")
def items(
    here: Here,
    actor: Who,
    id_: Id,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Limit = 1000,
    outcome: Literal["done", "rejected"] | None = None,
    placement: Literal["to_place", "waiting", "placed", "incomplete"] | None = None,
) -> dict[str, Any]:
    """Results of the items in input order, from behind position `after`; `placement` says of what is sold how far it
    is, what waits and for what.
    """
    batch_of(here, actor, id_)
    with here.transaction() as tx:
        found = item_results(
            tx, id_, now=here.clock.now(), after=after, limit=limit, outcome=outcome, placement=placement
        )
    return {"items": found, "next": found[-1]["position"] if len(found) == limit else None}


@router.get("/{id_}/reasons")
def reasons(here: Here, actor: Who, id_: Id) -> list[dict[str, Any]]:
    """How often each error code refused an item."""
    batch_of(here, actor, id_)
    with here.transaction() as tx:
        return rejection_reasons(tx, id_)


@router.get("/{id_}/placements")
def placements(here: Here, actor: Who, id_: Id) -> list[dict[str, Any]]:
    """What the batch has sold and what came of it, by issuer and currency, the largest proceeds first."""
    batch_of(here, actor, id_)
    with here.transaction() as tx:
        return placement_totals(tx, id_)


@router.get("/{id_}/events")
async def events(here: Here, actor: Who, id_: Id) -> StreamingResponse:
    """Progress as server-sent events, until the batch has ended."""
    await run_in_threadpool(batch_of, here, actor, id_)

    async def progress() -> AsyncIterator[str]:
        number = 0
        while True:
            found = await run_in_threadpool(batch_of, here, actor, id_)
            number += 1
            data = {"state": found["state"], **found["progress"], "finished_at": found["finished_at"]}
            yield f"id: {number}\nevent: progress\ndata: {dumps(data)}\n\n"
            if found["state"] != "RUNNING":
                return
            await asyncio.sleep(0.2)

    return StreamingResponse(progress(), media_type="text/event-stream")
