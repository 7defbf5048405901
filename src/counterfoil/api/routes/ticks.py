"""Price ticks: taken in as they come or by the file; which barriers they have touched."""

from collections.abc import Iterator
from itertools import islice
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from counterfoil.access import Actor, require
from counterfoil.api import errors
from counterfoil.api.services import Here, Services, Who, repeated
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import loads
from counterfoil.faces import chunks_of, spooled
from counterfoil.processes import numbered_items
from counterfoil.servicing import NewTick, TickEntered, TicksTaken, enter_ticks, read_tick, touches_of

router = APIRouter(prefix="/ticks", tags=["observations"])
_TOGETHER = 5_000
"""Ticks of one transaction."""
_SHOWN = 1_000
"""Refusals and knock-outs that an answer names; it counts all."""
_ITEM = {"type": "object"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ITEM}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One tick a line."}},
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "Columns: underlying, source, at, price; close, sequence, reason if need be.",
                }
            },
        },
    }
}


@router.post("", status_code=201, openapi_extra=_BODY)
async def enter(here: Here, actor: Who, request: Request) -> dict[str, Any]:
    """Take in prices as a JSON array, NDJSON or CSV, optionally gzipped; each is taken or refused by itself. What two
    sources, or a source and a second person, have seen touched is knocked out when this answers: suspended, and its
    end under way.

    A tick is what it is by underlying, source, instant and sequence. Sent again it changes nothing, so after an
    interruption the whole file is sent again; with another price it is a correction, without one a withdrawal, and
    needs a reason.
    """
    require(actor, "observation.enter")
    content_type = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    with await spooled(request.stream()) as file:
        return await run_in_threadpool(_enter, here, actor, file, content_type, encoding)


def _enter(here: Services, actor: Actor, file: IO[bytes], content_type: str, encoding: str) -> dict[str, Any]:
    said: dict[str, Any] = {"received": 0, "entered": 0, "repeated": 0, "refused": 0, "touched": 0}
    refused: list[dict[str, Any]] = []
    knocked_out: list[dict[str, Any]] = []
    count = 0
    items = numbered_items(chunks_of(file), content_type, encoding)
    while part := list(islice(items, _TOGETHER)):
        read = [(line, _read(payload)) for line, payload in part]
        taken = _take(here, actor, [tick for _, tick in read if isinstance(tick, NewTick)])
        outcomes = list(_by_line(read, taken))
        bad = [(line, found) for line, found in outcomes if not isinstance(found, TickEntered)]
        new = sum(found.is_new for _, found in outcomes if isinstance(found, TickEntered))
        said["received"] += len(part)
        said["entered"] += new
        said["repeated"] += len(part) - new - len(bad)
        said["refused"] += len(bad)
        said["touched"] += taken.touched
        count += len(taken.knocked_out)
        refused += [{"line": line, "errors": found} for line, found in bad[: _SHOWN - len(refused)]]
        shown = taken.knocked_out[: _SHOWN - len(knocked_out)]
        knocked_out += [{"isin": event.isin, "event": event.id, "day": event.day} for event in shown]
    return {**said, "knocked_out": count, "refusals": refused, "knock_outs": knocked_out}


def _take(here: Services, actor: Actor, ticks: list[NewTick]) -> TicksTaken:
    if not ticks:
        return TicksTaken([], 0, [])

    def work() -> TicksTaken:
        with here.transaction() as tx:
            return enter_ticks(tx, ticks, now=here.clock.now(), actor=actor.label)

    return repeated(work)


def _by_line(
    read: list[tuple[int, NewTick | list[Refusal]]], taken: TicksTaken
) -> Iterator[tuple[int, TickEntered | list[dict[str, Any]]]]:
    """What became of each line: taken, or why not."""
    entered = iter(taken.outcomes)
    for line, found in read:
        outcome = next(entered) if isinstance(found, NewTick) else found
        if isinstance(outcome, TickEntered):
            yield line, outcome
        else:
            several = [outcome] if isinstance(outcome, Refusal) else outcome
            yield line, [refusal.as_dict() for refusal in several]


def _read(payload: bytes) -> NewTick | list[Refusal]:
    try:
        raw = loads(payload)
    except Refused as refused:
        return list(refused.refusals)
    if not isinstance(raw, dict):
        return [errors.MALFORMED(reason="A tick is a JSON object")]
    return read_tick(raw)


@router.get("/touches")
def touches(
    here: Here,
    actor: Who,
    isin: Annotated[str, Query(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")],
) -> dict[str, Any]:
    """By which prices the barriers of a security were touched: price, level, source, instant, version of terms."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        return {"items": touches_of(tx, isin)}
