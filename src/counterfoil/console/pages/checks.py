"""Files that are checked before they are handed in: how far that is, what would be refused, and why."""

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from counterfoil.console import errors
from counterfoil.console.batch_kinds import BatchKind, Kind, Wanted, streamed
from counterfoil.console.checking import Check, Checks
from counterfoil.console.corrections import CORRECTABLE, Refusals, to_correct
from counterfoil.console.fields import BLANK
from counterfoil.console.forms_of_files import form_of
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.live import Lives, stream
from counterfoil.console.marking import marked
from counterfoil.console.pace import Pace, average
from counterfoil.console.pages.batches import Day, Name, attached
from counterfoil.console.rendering import Renderer
from counterfoil.console.visit import Visit, Who
from counterfoil.core.errors import Refused
from counterfoil.faces import MEDIA, as_file, spooled
from counterfoil.processes import Policy

router = APIRouter(prefix="/console/batches/{kind}")
STREAMED = streamed("check")
_COLUMNS = (Column("Item", numeric=True), Column("Reasons"), Column("As handed in"))


def _own(visit: Visit, kind: BatchKind, id_: UUID) -> Check:
    visit.require(kind.submits)
    checks: Checks = visit.request.app.state.checks
    return checks.of(visit.actor, kind, id_)


@router.post("/check")
async def check(
    visit: Who,
    kind: Kind,
    request: Request,
    name: Name,
    policy: Policy = Policy.CONTINUE,
    business_day: Day = None,
) -> Response:
    """Apply every rule to every item of a file, and store nothing: the body is the file, its name says the form."""
    visit.require(kind.submits)
    form, checks = form_of(name), request.app.state.checks
    file = await spooled(request.stream())
    started = Check(visit.services, visit.actor, kind, name, form, Wanted(None, policy, business_day), file)
    checks.start(started)
    return visit.done(f"{kind.path}/checks/{started.id}", "")


@router.get("/checks/{id_}")
def one(
    visit: Who, kind: Kind, id_: UUID, after: Annotated[int, Query(ge=0, le=10**9), BLANK] = 0
) -> Response:
    """A check: how far it is, which rules break, and every refused item with its fields marked."""
    found = _own(visit, kind, id_)
    # Asked before the rest is read: what ends meanwhile is fetched again.
    is_over = found.is_over
    rows = [
        {**row, "lines": marked(row["payload"], row["result"]["refusals"])}
        for row in found.refused_items(after or 0, PAGE + 1)
    ]
    listing = Listing(visit.request, "items", "Items that would be rejected", _COLUMNS, *cut(rows, "n"))
    return visit.page(
        "batches/check.html", check=found, is_over=is_over, listing=listing, pace=_pace(found, None),
        forms=tuple(MEDIA), here=f"{kind.path}/checks/{id_}",
    )  # fmt: skip


def _pace(found: Check, pace: Pace | None) -> str:
    """How fast it goes, or went; what is read of the file says how much is left."""
    done = found.valid + found.refused
    if found.took_s is not None:
        return average(done, found.took_s)
    return pace.told(done, done * found.size // found.read) if pace and found.read else "–"


@router.get("/checks/{id_}/board")
def board(visit: Who, kind: Kind, id_: UUID) -> Response:
    """How far it is, again whenever it is further."""
    found, pace = _own(visit, kind, id_), Pace()
    renderer: Renderer = visit.request.app.state.renderer
    lives: Lives = visit.request.app.state.lives

    def look() -> str:
        return renderer.fragment("batches/check_board.html", check=found, pace=_pace(found, pace))

    return stream(visit.request, lives.of(f"check {id_}", look))


@router.post("/checks/{id_}/hand-in")
def hand_in(visit: Who, kind: Kind, id_: UUID) -> Response:
    """Hand in the file that was checked, as it is. The same check hands in the same batch once."""
    found = _own(visit, kind, id_)
    if not found.is_over:
        raise Refused(errors.UNDER_WAY(by=visit.actor.name))
    wanted = Wanted(f"check {id_}", found.wanted.policy, found.wanted.day)
    batch, count = found.take(wanted)
    return visit.done(f"{kind.path}/{batch}", f"The batch of {count} {kind.item.lower()}s is received.")


@router.get("/checks/{id_}/results.{form}")
def results(visit: Who, kind: Kind, id_: UUID, form: Literal["ndjson", "csv", "xlsx"]) -> StreamingResponse:
    """What was found of every item, as a file."""
    found = _own(visit, kind, id_)
    content = as_file(form, found.results(), kind.check_fields, reasons="refusals")
    return attached(content, f"check-{id_}.{form}", MEDIA[form])


@router.get("/checks/{id_}/rejected.{form}")
def rejected(visit: Who, kind: Kind, id_: UUID, form: Literal["ndjson", "csv"]) -> StreamingResponse:
    """The refused items as they came: to be corrected, and handed in."""
    found = _own(visit, kind, id_)

    def items() -> Iterator[tuple[bytes, Refusals]]:
        return ((row["payload"], row["result"]["refusals"]) for row in found.refused_items())

    return attached(to_correct(form, items), f"check-{id_}-rejected.{form}", CORRECTABLE[form])
