"""ISO 20022 messages: handed in alone or as a file, read from one's mailbox, looked up with what came of them."""

import zlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterfoil.access import Actor, may_for_all, require
from counterfoil.api import errors
from counterfoil.api.services import Here, Id, Limit, Services, Who, repeated
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps
from counterfoil.messages import Incoming, Receipt, correspond, inbox, message, read, take_in, unpack
from counterfoil.settlement import current_business_date

router = APIRouter(prefix="/messages", tags=["messages"])
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a body, before and after it is unpacked."""
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/xml": {
                "schema": {
                    "type": "string",
                    "description": "A business message (AppHdr and Document under one root, or a Document), or a"
                    " file of up to 5,000: head.002.001.01 Xchg with one in each Pyld. May be gzipped.",
                }
            }
        },
    }
}


@router.post("", status_code=201, response_class=Response, openapi_extra=_BODY)
async def send(here: Here, actor: Who, request: Request) -> Response:
    """Hand in one message or a file of many: sese.023, sese.020, sese.030. Each is acted on and answered by itself;
    all of a file is stored, or none. A message that is sent again gets the same receipt again, and changes nothing.
    """
    require(actor, "message.send", lei=actor.lei or "")
    body = await _body(request)
    answer = await run_in_threadpool(_take_in, here, actor, body)
    return Response(answer, status_code=201, media_type="application/json")


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_FILE:
            raise Refused(errors.TOO_LARGE(limit=LARGEST_FILE))
        parts.append(chunk)
    body = b"".join(parts)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused(errors.EXPIRED(header="Content-Encoding", wanted="gzip or absent"))
    return await run_in_threadpool(_inflated, body)


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        found = inflater.decompress(body, LARGEST_FILE)
    except zlib.error as error:
        raise Refused(errors.MALFORMED(reason=f"The body is not gzip: {error}")) from None
    if inflater.unconsumed_tail:
        raise Refused(errors.TOO_LARGE(limit=LARGEST_FILE))
    if not inflater.eof or inflater.unused_data:
        raise Refused(errors.MALFORMED(reason="The body is not one whole gzip member"))
    return found


def _take_in(here: Services, actor: Actor, body: bytes) -> bytes:
    """The receipts, written here and not by the framework, which would hold up every other request meanwhile."""
    messages = read(unpack(body))
    party = None if may_for_all(actor, "message.send") else actor.lei

    def work() -> list[Receipt]:
        return _stored(here, messages, party, actor.label, here.clock.now())

    return dumps({"messages": [receipt.as_dict() for receipt in repeated(work)]}).encode()


def _stored(
    here: Services, messages: list[Incoming], party: str | None, label: str, now: datetime
) -> list[Receipt]:
    with here.transaction() as tx:
        today = current_business_date(tx, now=now)
        return take_in(tx, messages, party=party, now=now, business_date=today, actor=label)


@router.get("/outgoing")
def outgoing(
    here: Here,
    actor: Who,
    after: Annotated[int, Query(ge=0, description="The number of the last message that was seen.")] = 0,
    party: Annotated[
        str | None, Query(description="LEI; the depository names whose messages it reads.")
    ] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """One's own messages in order, with their text. Ask again from `next`: none appears before one that was seen."""
    require(actor, "message.read")
    receiver = party if party is not None and may_for_all(actor, "message.read") else actor.lei or ""
    with here.transaction() as tx:
        found = inbox(tx, receiver, after=after, limit=limit)
    return {"items": found, "next": found[-1]["number"] if found else after}


class NewCorrespondent(BaseModel, extra="forbid"):
    """A party that is to be told by messages, and the BIC that it uses."""

    lei: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
    bic: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")] | None = None


@router.post("/correspondents", status_code=201)
def enter(here: Here, actor: Who, new: NewCorrespondent) -> dict[str, Any]:
    """Have a party told by messages what happens to its instructions. Who sends one is, from then on."""
    require(actor, "message.send", lei=new.lei)
    with here.transaction() as tx:
        bic = correspond(tx, new.lei, new.bic, now=here.clock.now(), actor=actor.label)
    return {"lei": new.lei, "bic": bic}


@router.get("/{id_}")
def show(here: Here, actor: Who, id_: Id) -> dict[str, Any]:
    """A message that was received or sent, as it was, what came of it, and the messages that answered it."""
    require(actor, "message.read")
    with here.transaction() as tx:
        found = message(tx, id_)
    if not may_for_all(actor, "message.read"):
        require(actor, "message.read", lei=found["party"] or "")
    return found
