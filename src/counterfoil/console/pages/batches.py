"""Batches of requests: handed in, followed to their ends, read item by item."""

from collections.abc import Iterator
from datetime import date
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
from counterfoil.console.places import Place
from counterfoil.console.rendering import Renderer
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.ids import new_id
from counterfoil.faces import (
    MEDIA,
    as_file,
    batch_of,
    check_batch,
    paged,
    seen_submitter,
    spooled,
    submission_of,
    take_batch,
)
from counterfoil.faces import PAGE as READ_AT_ONCE
from counterfoil.processes import (
    Policy,
    Receipt,
    batches,
    item_payload,
    item_results,
    rejection_reasons,
)

router = APIRouter(prefix="/console/batches")
PLACES = (Place("/console/batches", "Batches", "batch.read", "b"),)
UPLOAD = "/console/batches/upload"
CHECK = "/console/batches/check"
STREAMED = (UPLOAD, CHECK)
_COLUMNS = (
    Column("Received", "received", descends=True), Column("Batch"), Column("State"),
    Column("Items", "size", numeric=True, descends=True), Column("Policy"),
    Column("Submitter"), Column("Finished"),
)  # fmt: skip
_ITEMS = (
    Column("Item", numeric=True), Column("Outcome"), Column("Kind"), Column("Reference"), Column("ISIN"),
    Column("Reasons"), Column("Placement"),
)  # fmt: skip
_OUTCOMES = (("done", "done"), ("rejected", "rejected"))
_PLACEMENTS = (
    ("to_place", "to place"), ("waiting", "waiting to settle"), ("placed", "placed"), ("incomplete", "incomplete"),
)  # fmt: skip
_FILE = ("position", "outcome", "kind", "reference", "isin", "entry_no", "pointer", "code", "detail")
Outcome = Annotated[Literal["done", "rejected"] | None, BLANK]
Placement = Annotated[Literal["to_place", "waiting", "placed", "incomplete"] | None, BLANK]


def _ids(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """The batch of an id."""
    id_ = id_of(text)
    if id_ is None or not visit.may("batch.read"):
        return []
    found = batches(tx, submitter=seen_submitter(visit.actor), after=place_of(id_), limit=1)
    return [
        Found("batch", str(one["id"]), f"{one['item_count']} items", f"/console/batches/{one['id']}")
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
    """Batches, newest first or as asked; a party sees its own."""
    visit.require("batch.read")
    order = Order.read(sort, ORDERS, NEWEST)
    with visit.services.transaction() as tx:
        found = batches(
            tx, submitter=seen_submitter(visit.actor), by_size=order.name == "size", descending=order.descending,
            after=after, limit=PAGE + 1,
        )  # fmt: skip
    listing = Listing(visit.request, "batches", "Batches", _COLUMNS, *cut(found, "place"), str(order))
    return visit.page(
        "batches/index.html", listing=listing, policies=list(Policy), key=new_id(), upload=UPLOAD, checks=CHECK,
        may_upload=visit.may("issuance.submit"),
    )  # fmt: skip


@router.post("/upload")
async def upload(
    visit: Who,
    request: Request,
    name: Annotated[str, Query(max_length=300)],
    key: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[!-~]+$")],
    policy: Policy = Policy.CONTINUE,
    business_day: Annotated[date | None, Query(alias="business_date"), BLANK] = None,
) -> Response:
    """Hand in a batch: the body is the file, its name says the form. The same page hands in the same batch once."""
    visit.require("issuance.submit")
    form = form_of(name)

    def store(file: IO[bytes]) -> Receipt:
        submission = submission_of(visit.services, visit.actor, policy, key, business_day)
        return take_batch(visit.services, submission, file, form)

    with await spooled(request.stream()) as file:
        receipt = await run_in_threadpool(store, file)
    return visit.done(
        f"/console/batches/{receipt.id}", f"The batch of {receipt.item_count} items is received."
    )


@router.post("/check")
async def check(
    visit: Who,
    request: Request,
    name: Annotated[str, Query(max_length=300)],
    business_day: Annotated[date | None, Query(alias="business_date"), BLANK] = None,
) -> Response:
    """Apply every rule to every item of a file, and store nothing."""
    visit.require("issuance.submit")
    form = form_of(name)

    def look(file: IO[bytes]) -> Report:
        submission = submission_of(visit.services, visit.actor, Policy.CONTINUE, None, business_day)
        return report_of(check_batch(visit.services, submission, file, form), file, form)

    with alone(visit), await spooled(request.stream()) as file:
        report = await run_in_threadpool(look, file)
    renderer: Renderer = request.app.state.renderer
    return HTMLResponse(renderer.fragment("batches/check.html", report=report, command="issue"))


@router.get("/{id_}")
def one(
    visit: Who,
    id_: UUID,
    outcome: Outcome = None,
    placement: Placement = None,
    after: Annotated[int, Query(ge=0), BLANK] = 0,
) -> Response:
    """A batch: how far it is, and what became of its items."""
    found = batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        rows = item_results(
            tx, id_, now=visit.services.clock.now(), after=after or 0, limit=PAGE + 1, outcome=outcome,
            placement=placement,
        )  # fmt: skip
    listing = Listing(visit.request, "items", "Items", _ITEMS, *cut(rows, "position"))
    return visit.page(
        "batches/batch.html", batch=found, listing=listing, outcomes=_OUTCOMES, placements=_PLACEMENTS,
        forms=tuple(MEDIA),
    )  # fmt: skip


@router.get("/{id_}/board")
def board(visit: Who, id_: UUID) -> Response:
    """How far it is, again whenever it is further."""
    batch_of(visit.services, visit.actor, id_)
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives

    def look() -> str:
        return renderer.fragment("batches/board.html", batch=batch_of(visit.services, visit.actor, id_))

    return stream(visit.request, lives.of(f"batch {id_}", look))


@router.get("/{id_}/reasons")
def reasons(visit: Who, id_: UUID) -> Response:
    """How often each rule refused an item."""
    batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        found = rejection_reasons(tx, id_)
    return visit.page("batches/reasons.html", reasons=found)


@router.get("/{id_}/items/{position}")
def item(visit: Who, id_: UUID, position: int) -> Response:
    """An item as it was handed in, the refused fields marked."""
    batch_of(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        payload = item_payload(tx, id_, position)
        (result,) = item_results(tx, id_, now=visit.services.clock.now(), after=position - 1, limit=1)
    refusals = result.get("refusals", [])
    return visit.page(
        "batches/item.html", title=f"Item {position}", back=f"/console/batches/{id_}", result=result,
        refusals=refusals, lines=marked(payload, refusals),
    )  # fmt: skip


@router.get("/{id_}/results.{form}")
def download(
    visit: Who, id_: UUID, form: Literal["ndjson", "csv", "xlsx"], outcome: Outcome = None
) -> StreamingResponse:
    """What became of the items, as a file."""
    batch_of(visit.services, visit.actor, id_)
    services = visit.services

    def read(after: int) -> list[dict[str, Any]]:
        with services.transaction() as tx:
            return item_results(
                tx, id_, now=services.clock.now(), after=after, limit=READ_AT_ONCE, outcome=outcome
            )

    found = as_file(form, paged(read), _FILE, reasons="refusals")
    return attached(found, f"batch-{id_}.{form}", MEDIA[form])


def attached(content: Iterator[bytes], name: str, media_type: str) -> StreamingResponse:
    """A file that the browser keeps rather than shows."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)
