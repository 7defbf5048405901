"""Batches of either kind: handed in, followed to their ends, resumed where they are stuck, read item by item."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response, StreamingResponse

from counterfoil.console import errors
from counterfoil.console.batch_kinds import (
    ISSUANCE,
    KINDS,
    NEWEST,
    ORDERS,
    BatchKind,
    Kind,
    Outcome,
    Wanted,
    place_of,
    require_kind,
    streamed,
)
from counterfoil.console.corrections import CORRECTABLE, Refusals, to_correct
from counterfoil.console.fields import BLANK, choices
from counterfoil.console.finding import Found, id_of
from counterfoil.console.forms_of_files import form_of
from counterfoil.console.listing import PAGE, Listing, Order, cut
from counterfoil.console.live import Lives, stream
from counterfoil.console.marking import marked
from counterfoil.console.pace import Pace
from counterfoil.console.places import Place
from counterfoil.console.rendering import Renderer
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.faces import MEDIA, as_file, paged, seen_submitter, spooled
from counterfoil.faces import PAGE as READ_AT_ONCE
from counterfoil.processes import Policy
from counterfoil.settlement import resume_batch

router = APIRouter(prefix="/console/batches")
PLACES = (Place("/console/batches", "Batches", "batch.read", "b"),)
STREAMED = streamed("upload")
Name = Annotated[str, Query(max_length=300)]
Key = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
Day = Annotated[date | None, Query(alias="business_date"), BLANK]
Placement = Literal["to_place", "waiting", "placed", "incomplete"]


def _ids(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """The batch of an id."""
    id_ = id_of(text)
    if id_ is None:
        return []
    return [
        Found(
            f"batch of {kind.name}", str(id_), f"{one[kind.size]} {kind.item.lower()}s", f"{kind.path}/{id_}"
        )
        for kind in KINDS.values()
        if visit.may(kind.reads)
        for one in kind.batches(tx, submitter=seen_submitter(visit.actor), after=place_of(id_), limit=1)
        if one["id"] == id_
    ]


FINDERS = (_ids,)


@router.get("")
def index() -> Response:
    """The batches of issuance."""
    return RedirectResponse(ISSUANCE.path, 303)


@router.get("/{kind}")
def listed(
    visit: Who,
    kind: Kind,
    sort: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Batches, newest first or as asked; a party sees its own."""
    visit.require(kind.reads)
    order = Order.read(sort, ORDERS, NEWEST)
    with visit.services.transaction() as tx:
        found = kind.batches(
            tx, submitter=seen_submitter(visit.actor), by_size=order.name == "size", descending=order.descending,
            after=after, limit=PAGE + 1,
        )  # fmt: skip
    listing = Listing(visit.request, "batches", "Batches", kind.columns, *cut(found, "place"), str(order))
    return visit.page(
        "batches/index.html", kind=kind, kinds=[k for k in KINDS.values() if visit.may(k.reads)], listing=listing,
        policies=list(Policy), key=new_id(), may_upload=visit.may(kind.submits),
    )  # fmt: skip


@router.post("/{kind}/upload")
async def upload(
    visit: Who,
    kind: Kind,
    request: Request,
    name: Name,
    key: Key,
    policy: Policy = Policy.CONTINUE,
    business_day: Day = None,
) -> Response:
    """Hand in a batch: the body is the file, its name says the form. The same page hands in the same batch once."""
    visit.require(kind.submits)
    form, wanted = form_of(name), Wanted(key, policy, business_day)

    def take(file: IO[bytes]) -> tuple[UUID, int]:
        require_kind(kind, file, form)
        return kind.take(visit.services, visit.actor, file, form, wanted)

    with await spooled(request.stream()) as file:
        id_, count = await run_in_threadpool(take, file)
    return visit.done(f"{kind.path}/{id_}", f"The batch of {count} {kind.item.lower()}s is received.")


@router.get("/{kind}/{id_}")
def one(
    visit: Who,
    kind: Kind,
    id_: UUID,
    outcome: Annotated[Outcome | None, BLANK] = None,
    placement: Annotated[Placement | None, BLANK] = None,
    after: Annotated[int, Query(ge=0), BLANK] = 0,
) -> Response:
    """A batch: how far it is, and what became of its items."""
    found = kind.one(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        rows = kind.results(
            tx, id_, now=visit.services.clock.now(), after=after or 0, limit=PAGE + 1, outcome=outcome,
            placement=placement,
        )  # fmt: skip
    listing = Listing(visit.request, "items", f"{kind.item}s", kind.item_columns, *cut(rows, "position"))
    return visit.page(
        "batches/batch.html", kind=kind, batch=found, progress=kind.progress(found), listing=listing, pace="–",
        here=f"{kind.path}/{id_}",
        outcomes=choices(kind.outcomes), forms=tuple(MEDIA),
        may_resume=kind.resumes is not None and visit.may(kind.resumes),
    )  # fmt: skip


@router.get("/{kind}/{id_}/board")
def board(visit: Who, kind: Kind, id_: UUID) -> Response:
    """How far it is, again whenever it is further."""
    kind.one(visit.services, visit.actor, id_)
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives

    pace = Pace()

    def look() -> str:
        found = kind.progress(kind.one(visit.services, visit.actor, id_))
        told = pace.told(found.ended, found.total)
        return renderer.fragment(
            "batches/board.html", kind=kind, progress=found, here=f"{kind.path}/{id_}", pace=told
        )

    return stream(visit.request, lives.of(f"batch {id_}", look))


@router.post("/{kind}/{id_}/resume")
def resume(visit: Who, kind: Kind, id_: UUID) -> Response:
    """Have a batch go on that is stuck."""
    if kind.resumes is None:
        raise Refused(errors.NOT_FOUND(path=visit.request.url.path))
    visit.require(kind.resumes)
    with visit.services.transaction() as tx:
        resume_batch(tx, id_)
    return visit.done(f"{kind.path}/{id_}", "The batch goes on.")


@router.get("/{kind}/{id_}/reasons")
def reasons(visit: Who, kind: Kind, id_: UUID) -> Response:
    """How often each rule refused an item."""
    kind.one(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        found = kind.rejections(tx, id_)
    return visit.page("batches/reasons.html", reasons=found)


@router.get("/{kind}/{id_}/items/{position}")
def item(visit: Who, kind: Kind, id_: UUID, position: int) -> Response:
    """An item as it was handed in, the refused fields marked."""
    kind.one(visit.services, visit.actor, id_)
    with visit.services.transaction() as tx:
        payload = kind.payload(tx, id_, position)
        found = kind.results(tx, id_, now=visit.services.clock.now(), after=position - 1, limit=1)
    waiting: Mapping[str, Any] = {"outcome": "waiting"}
    result = next((row for row in found if row["position"] == position), waiting)
    refusals = result.get(kind.reasons) or []
    return visit.page(
        "batches/item.html", kind=kind, title=f"{kind.item} {position}", back=f"{kind.path}/{id_}", result=result,
        refusals=refusals, lines=marked(payload, refusals),
    )  # fmt: skip


@router.get("/{kind}/{id_}/results.{form}")
def download(
    visit: Who,
    kind: Kind,
    id_: UUID,
    form: Literal["ndjson", "csv", "xlsx"],
    outcome: Annotated[Outcome | None, BLANK] = None,
) -> StreamingResponse:
    """What became of the items, as a file."""
    kind.one(visit.services, visit.actor, id_)
    found = as_file(form, paged(_reader(visit, kind, id_, outcome)), kind.fields, reasons=kind.reasons)
    return attached(found, f"{kind.name}-{id_}.{form}", MEDIA[form])


@router.get("/{kind}/{id_}/rejected.{form}")
def rejected(visit: Who, kind: Kind, id_: UUID, form: Literal["ndjson", "csv"]) -> StreamingResponse:
    """The rejected items as they were handed in: to be corrected, and handed in again."""
    kind.one(visit.services, visit.actor, id_)

    def items() -> Iterator[tuple[bytes, Refusals]]:
        for page in paged(_reader(visit, kind, id_, "rejected")):
            with visit.services.transaction() as tx:
                found = kind.payloads(tx, id_, [row["position"] for row in page])
            yield from ((found[row["position"]], row.get(kind.reasons) or ()) for row in page)

    return attached(to_correct(form, items), f"{kind.name}-{id_}-rejected.{form}", CORRECTABLE[form])


def _reader(visit: Visit, kind: BatchKind, id_: UUID, outcome: Outcome | None) -> Any:
    """What reads the results from behind a position, in a transaction of its own."""
    services = visit.services

    def read(after: int) -> list[dict[str, Any]]:
        with services.transaction() as tx:
            return kind.results(
                tx, id_, now=services.clock.now(), after=after, limit=READ_AT_ONCE, outcome=outcome
            )

    return read


def attached(content: Iterator[bytes], name: str, media_type: str) -> StreamingResponse:
    """A file that the browser keeps rather than shows."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)
