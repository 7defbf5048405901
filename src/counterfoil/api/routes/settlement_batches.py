"""Instructions by the file: handed in, followed, and what became of every row."""

from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from counterfoil.access import require
from counterfoil.api.services import Here, Id, Key, Limit, Who
from counterfoil.core.json import dumps
from counterfoil.faces import (
    MEDIA,
    PAGE,
    BodyForm,
    as_file,
    check_instructions,
    instruction_batch_of,
    paged,
    spooled,
    take_instructions,
)
from counterfoil.settlement import (
    batch_results,
    rejection_reasons,
    resume_batch,
)

router = APIRouter(prefix="/settlement/batches", tags=["settlement"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "A header row with the fields of an instruction; links as `BEFO:REF;WITH:REF2`, a"
                    " pool as `NAME/3`.",
                }
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "One instruction a line."}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}
_COLUMNS = ("line", "outcome", "reference", "instruction", "pointer", "code", "iso", "detail")


def _form(request: Request) -> BodyForm:
    return BodyForm(
        request.headers.get("content-type", ""), request.headers.get("content-encoding", "").strip().lower()
    )


@router.post("", status_code=202, openapi_extra=_BODY)
async def submit(
    here: Here, actor: Who, request: Request, response: Response, key: Key = None
) -> dict[str, Any]:
    """Hand in up to 1,000,000 instructions as CSV, NDJSON or JSON, optionally gzipped. The file is stored whole or
    not at all, and then taken in row by row, each accepted or rejected by itself.

    The same file again (or the same `Idempotency-Key`) gives the batch that is there; a key with another file is
    refused.
    """
    require(actor, "settlement.instruct")
    form = _form(request)
    with await spooled(request.stream()) as file:
        is_new, progress = await run_in_threadpool(take_instructions, here, actor, file, form, key)
    response.headers["Location"] = f"/settlement/batches/{progress['id']}"
    if not is_new:
        response.status_code = 200
    return {**progress, "created": is_new}


@router.post("/validation", openapi_extra=_BODY)
async def validate(here: Here, actor: Who, request: Request) -> StreamingResponse:
    """Say what would become of each row now, without taking any in: one NDJSON line a row, in order."""
    require(actor, "settlement.instruct")
    form = _form(request)

    def results(file: IO[bytes]) -> list[str]:
        return [dumps(result) + "\n" for result in check_instructions(here, actor, file, form)]

    with await spooled(request.stream()) as file:
        lines = await run_in_threadpool(results, file)
    return StreamingResponse(iter(lines), media_type="application/x-ndjson")


@router.get("/{id_}")
def show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """How far a file has come: `running`, `done`, or `stuck` with the `failure` that keeps it."""
    return instruction_batch_of(here, actor, id_)


@router.post("/{id_}/resumption")
def resume(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """Have a file go on that is `stuck`, once what its `failure` names is mended. For the depository."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        return resume_batch(tx, id_)


@router.get("/{id_}/reasons")
def reasons(here: Here, actor: Who, id_: Id) -> list[dict[str, Any]]:
    """How often each error code refused a row."""
    instruction_batch_of(here, actor, id_)
    with here.transaction() as tx:
        return rejection_reasons(tx, id_)


@router.get("/{id_}/results")
def results(
    here: Here,
    actor: Who,
    id_: Id,
    after: Annotated[int, Query(ge=0, description="Behind this position.")] = 0,
    limit: Limit = 1000,
    outcome: Literal["rejected"] | None = None,
) -> dict[str, Any]:
    """What became of the rows, in the order of the file: every reason with line, field, code and ISO 20022 reason."""
    instruction_batch_of(here, actor, id_)
    with here.transaction() as tx:
        found = batch_results(tx, id_, after=after, limit=limit, rejected_only=outcome is not None)
    return {"items": found, "next": found[-1]["position"] if len(found) == limit else None}


@router.get("/{id_}/results.{form}")
def download(
    here: Here,
    actor: Who,
    id_: Id,
    form: Literal["csv", "ndjson", "xlsx"],
    outcome: Literal["rejected"] | None = None,
) -> StreamingResponse:
    """The results as a file. In tables a row that was refused for several reasons stands there as often."""
    instruction_batch_of(here, actor, id_)

    def read(after: int) -> list[dict[str, Any]]:
        with here.transaction() as tx:
            return batch_results(tx, id_, after=after, limit=PAGE, rejected_only=outcome is not None)

    return StreamingResponse(as_file(form, paged(read), _COLUMNS, reasons="errors"), media_type=MEDIA[form])
