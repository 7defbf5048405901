"""Single issue requests."""

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterfoil.access import require
from counterfoil.api import errors
from counterfoil.api.services import OBJECT, Here, Id, Key, Services, Who
from counterfoil.core.clock import stopwatch
from counterfoil.core.days import IsoDate
from counterfoil.core.errors import Refused
from counterfoil.faces import submission_of
from counterfoil.processes import Policy, accept, item_results

router = APIRouter(prefix="/issuances", tags=["issuances"])
_PREFER = re.compile(r"wait=(\d{1,3})")
_WAIT_S = 60


@router.post("", status_code=202, openapi_extra=OBJECT)
async def submit(
    here: Here,
    actor: Who,
    request: Request,
    response: Response,
    business_day: Annotated[IsoDate | None, Query(alias="business_date")] = None,
    key: Key = None,
    prefer: Annotated[str | None, Header(max_length=100)] = None,
) -> dict[str, Any]:
    """Hand in one request. With `Prefer: wait=n` the answer waits up to n seconds for the result.

    201: done. 422: rejected, with every reason. 202: still under way; look at the `Location`.
    """
    require(actor, "issuance.submit")
    wait_s = _wait_s(prefer)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(errors.MEDIA_TYPE(wanted="application/json"))
    body = await request.body()

    def store() -> Any:
        submission = submission_of(here, actor, Policy.CONTINUE, key, business_day)
        with here.transaction() as tx:
            payload = b" ".join(body.split(b"\n"))
            return accept(tx, [payload], submission, content_type="application/x-ndjson", now=here.clock.now)

    receipt = await run_in_threadpool(store)
    response.headers["Location"] = f"/batches/{receipt.id}"
    result = await _result(here, receipt.id, wait_s)
    if result["outcome"] == "done":
        response.status_code = 201
        response.headers["Location"] = f"/instruments/{result['isin']}"
    elif result["outcome"] == "rejected":
        response.status_code = 422
    return {"batch": receipt.id, **result}


def _wait_s(prefer: str | None) -> float:
    if prefer is None:
        return 0.0
    match = _PREFER.search(prefer)
    if match is None:
        return 0.0
    return float(min(int(match[1]), _WAIT_S))


async def _result(here: Services, batch_id: Id, wait_s: float) -> dict[str, Any]:
    """The item's result, looked at more and more rarely until it has ended or the time is up."""
    started, pause = stopwatch(), 0.01

    def look() -> dict[str, Any]:
        with here.transaction() as tx:
            return item_results(tx, batch_id, now=here.clock.now(), limit=1)[0]

    while True:
        result = await run_in_threadpool(look)
        left = wait_s - (stopwatch() - started)
        if result["outcome"] in ("done", "rejected", "waiting") or left <= 0:
            return result
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, 0.25)
