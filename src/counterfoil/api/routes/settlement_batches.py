"""Instructions by the file: handed in, followed, and what became of every row."""

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from counterfoil.access import Actor, may_for_all, require
from counterfoil.api.services import Here, Id, Limit, Services, Who
from counterfoil.api.uploads import Key, chunks_of, spooled
from counterfoil.core.json import dumps
from counterfoil.processes import numbered_items
from counterfoil.settlement import (
    BatchSubmission,
    batch_progress,
    batch_results,
    rejection_reasons,
    resume_batch,
    store_batch,
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
_PAGE = 5000
_COLUMNS = ("line", "outcome", "reference", "instruction", "pointer", "code", "iso", "detail")


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
    content_type = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "").strip().lower()

    def store(file: IO[bytes]) -> tuple[Id, bool, dict[str, Any]]:
        digest = hashlib.sha256()
        for chunk in chunks_of(file):
            digest.update(chunk)
        file.seek(0)
        everyone = may_for_all(actor, "settlement.instruct")
        submission = BatchSubmission(
            submitter=actor.lei or str(actor.id), submitted_by=actor.label,
            parties=None if everyone else (actor.lei or "",), default_party=actor.lei,
            key=key or f"sha256 {digest.hexdigest()}", sha256=digest.digest(), received_at=here.clock.now(),
        )  # fmt: skip
        rows = numbered_items(chunks_of(file), content_type, encoding)
        with here.transaction() as tx:
            id_, is_new = store_batch(tx, rows, submission)
            return id_, is_new, batch_progress(tx, id_)

    with await spooled(request) as file:
        id_, is_new, progress = await run_in_threadpool(store, file)
    response.headers["Location"] = f"/settlement/batches/{id_}"
    if not is_new:
        response.status_code = 200
    return {**progress, "created": is_new}


@router.get("/{id_}")
def show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """How far a file has come: `running`, `done`, or `stuck` with the `failure` that keeps it."""
    return _visible(here, actor, id_)


@router.post("/{id_}/resumption")
def resume(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """Have a file go on that is `stuck`, once what its `failure` names is mended. For the depository."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        return resume_batch(tx, id_)


@router.get("/{id_}/reasons")
def reasons(here: Here, actor: Who, id_: Id) -> list[dict[str, Any]]:
    """How often each error code refused a row."""
    _visible(here, actor, id_)
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
    _visible(here, actor, id_)
    with here.transaction() as tx:
        found = batch_results(tx, id_, after=after, limit=limit, rejected_only=outcome is not None)
    return {"items": found, "next": found[-1]["position"] if len(found) == limit else None}


@router.get("/{id_}/results.{form}")
def download(
    here: Here,
    actor: Who,
    id_: Id,
    form: Literal["csv", "ndjson"],
    outcome: Literal["rejected"] | None = None,
) -> StreamingResponse:
    """The results as a file. In CSV a row that was refused for several reasons stands there as often."""
    _visible(here, actor, id_)
    found = _all_results(here, id_, rejected_only=outcome is not None)
    if form == "ndjson":
        lines = ("".join(dumps(row) + "\n" for row in page) for page in found)
        return StreamingResponse(lines, media_type="application/x-ndjson")
    return StreamingResponse(_as_csv(found), media_type="text/csv")


def _all_results(here: Services, id_: Id, *, rejected_only: bool) -> Iterator[list[dict[str, Any]]]:
    """Page by page, each in a transaction of its own: none is open while a client takes its time."""
    after = 0
    while True:
        with here.transaction() as tx:
            page = batch_results(tx, id_, after=after, limit=_PAGE, rejected_only=rejected_only)
        if not page:
            return
        yield page
        after = page[-1]["position"]


def _as_csv(pages: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    text = io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
    rows.writeheader()
    for page in pages:
        for row in page:
            for error in row["errors"] or [{}]:
                rows.writerow({**row, **{name: _harmless(value) for name, value in error.items()}})
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _visible(here: Services, actor: Actor, id_: Id) -> dict[str, Any]:
    require(actor, "settlement.read")
    with here.transaction() as tx:
        found = batch_progress(tx, id_)
    if not actor.sees_everything:
        require(actor, "settlement.read", lei=found["submitter"])
    return found
