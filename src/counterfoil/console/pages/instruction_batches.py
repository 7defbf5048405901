"""Files of instructions: handed in, followed, resumed where they are stuck, read row by row."""

from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response, StreamingResponse

from counterfoil.console.checking import Report, alone, report_of
from counterfoil.console.fields import BLANK
from counterfoil.console.finding import Found, id_of
from counterfoil.console.forms_of_files import form_of
from counterfoil.console.handed_in import NEWEST, ORDERS, place_of
from counterfoil.console.listing import PAGE, Column, Listing, Order, cut
from counterfoil.console.live import Lives, stream
from counterfoil.console.marking import marked
from counterfoil.console.pages.batches import attached
from counterfoil.console.rendering import Renderer
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.ids import new_id
from counterfoil.faces import (
    MEDIA,
    as_file,
    check_instructions,
    instruction_batch_of,
    paged,
    seen_submitter,
    spooled,
    take_instructions,
)
from counterfoil.faces import PAGE as READ_AT_ONCE
from counterfoil.settlement import (
    batch_payload,
    batch_results,
    instruction_batches,
    rejection_reasons,
    resume_batch,
)

router = APIRouter(prefix="/console/batches/instructions")
UPLOAD = "/console/batches/instructions/upload"
CHECK = "/console/batches/instructions/check"
STREAMED = (UPLOAD, CHECK)
_COLUMNS = (
    Column("Received", "received", descends=True), Column("Batch"), Column("State"),
    Column("Rows", "size", numeric=True, descends=True),
    Column("Accepted", numeric=True), Column("Rejected", numeric=True), Column("Submitted by"), Column("Finished"),
)  # fmt: skip
_ROWS = (Column("Line", numeric=True), Column("Outcome"), Column("Reference"), Column("Reasons"))
_FILE = ("line", "outcome", "reference", "instruction", "pointer", "code", "iso", "detail")
Outcome = Annotated[Literal["rejected"] | None, BLANK]


def _ids(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """The file of an id."""
    id_ = id_of(text)
    if id_ is None or not visit.may("settlement.read"):
        return []
    found = instruction_batches(tx, submitter=seen_submitter(visit.actor), after=place_of(id_), limit=1)
    return [
        Found(
            "file of instructions",
            str(id_),
            f"{one['received']} rows",
            f"/console/batches/instructions/{id_}",
        )
        for one in found
        if one["id"] == id_
    ]


FINDERS = (_ids,)


@router.get("")
def index(
    visit: Who,
    sort: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Files, newest first or as asked; a party sees its own."""
    visit.require("settlement.read")
    order = Order.read(sort, ORDERS, NEWEST)
    with visit.services.transaction() as tx:
        found = instruction_batches(
            tx, submitter=seen_submitter(visit.actor), by_size=order.name == "size", descending=order.descending,
            after=after, limit=PAGE + 1,
        )  # fmt: skip
    rows, following = cut(found, "place")
    listing = Listing(
        visit.request, "batches", "Files of instructions", _COLUMNS, rows, following, str(order)
    )
    return visit.page(
        "batches/instructions.html", listing=listing, key=new_id(), upload=UPLOAD, checks=CHECK,
        may_upload=visit.may("settlement.instruct"),
    )  # fmt: skip


@router.post("/upload")
async def upload(
    visit: Who,
    request: Request,
    name: Annotated[str, Query(max_length=300)],
    key: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[!-~]+$")],
) -> Response:
    """Hand in a file: the body is the file, its name says the form. The same page hands in the same file once."""
    visit.require("settlement.instruct")
    form = form_of(name)
    with await spooled(request.stream()) as file:
        _, found = await run_in_threadpool(take_instructions, visit.services, visit.actor, file, form, key)
    return visit.done(
        f"/console/batches/instructions/{found['id']}",
        f"The file of {found['received']} instructions is received.",
    )


@router.post("/check")
async def check(visit: Who, request: Request, name: Annotated[str, Query(max_length=300)]) -> Response:
    """Apply every rule to every row of a file, and take nothing in."""
    visit.require("settlement.instruct")
    form = form_of(name)

    def look(file: IO[bytes]) -> Report:
        return report_of(check_instructions(visit.services, visit.actor, file, form), file, form)

    with alone(visit), await spooled(request.stream()) as file:
        report = await run_in_threadpool(look, file)
    renderer: Renderer = request.app.state.renderer
    return HTMLResponse(renderer.fragment("batches/check.html", report=report, command="settlement instruct"))


@router.get("/{id_}")
def one(
    visit: Who, id_: UUID, outcome: Outcome = None, after: Annotated[int, Query(ge=0), BLANK] = 0
) -> Response:
    """A file: how far it is, and what became of its rows."""
    found = instruction_batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        rows = batch_results(tx, id_, after=after or 0, limit=PAGE + 1, rejected_only=outcome is not None)
    listing = Listing(visit.request, "items", "Rows", _ROWS, *cut(rows, "position"))
    return visit.page(
        "batches/instruction_batch.html", batch=found, listing=listing, forms=tuple(MEDIA),
        may_resume=visit.may("settlement.operate"),
    )  # fmt: skip


@router.get("/{id_}/board")
def board(visit: Who, id_: UUID) -> Response:
    """How far it is, again whenever it is further."""
    instruction_batch_of(visit.services, visit.actor, id_)
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives

    def look() -> str:
        found = instruction_batch_of(visit.services, visit.actor, id_)
        return renderer.fragment("batches/instruction_board.html", batch=found)

    return stream(visit.request, lives.of(f"instructions {id_}", look))


@router.post("/{id_}/resume")
def resume(visit: Who, id_: UUID) -> Response:
    """Have a file go on that is stuck."""
    visit.require("settlement.operate")
    with visit.services.transaction() as tx:
        resume_batch(tx, id_)
    return visit.done(f"/console/batches/instructions/{id_}", "The file goes on.")


@router.get("/{id_}/reasons")
def reasons(visit: Who, id_: UUID) -> Response:
    """How often each rule refused a row."""
    instruction_batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        found = rejection_reasons(tx, id_)
    return visit.page("batches/reasons.html", reasons=found)


@router.get("/{id_}/items/{position}")
def item(visit: Who, id_: UUID, position: int) -> Response:
    """A row as it was handed in, the refused fields marked."""
    instruction_batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        payload = batch_payload(tx, id_, position)
        found = batch_results(tx, id_, after=position - 1, limit=1)
    waiting: dict[str, Any] = {"position": position, "outcome": "waiting", "errors": []}
    result = next((row for row in found if row["position"] == position), waiting)
    refusals = result["errors"] or []
    return visit.page(
        "batches/item.html", title=f"Row {position}", back=f"/console/batches/instructions/{id_}", result=result,
        refusals=refusals, lines=marked(payload, refusals),
    )  # fmt: skip


@router.get("/{id_}/results.{form}")
def download(
    visit: Who, id_: UUID, form: Literal["ndjson", "csv", "xlsx"], outcome: Outcome = None
) -> StreamingResponse:
    """What became of the rows, as a file."""
    instruction_batch_of(visit.services, visit.actor, id_)
    services = visit.services

    def read(after: int) -> list[dict[str, Any]]:
        with services.transaction() as tx:
            return batch_results(tx, id_, after=after, limit=READ_AT_ONCE, rejected_only=outcome is not None)

    found = as_file(form, paged(read), _FILE, reasons="errors")
    return attached(found, f"instructions-{id_}.{form}", MEDIA[form])
