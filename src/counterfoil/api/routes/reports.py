"""Reports on accounts as ISO 20022 messages: camt.054, semt.017, semt.002."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.access import require
from counterfoil.api.services import Here, Who
from counterfoil.core.errors import Refused
from counterfoil.ledger import UNKNOWN_ACCOUNT, accounts_by_number
from counterfoil.messages import NO_REPORT, ReportKind, report

router = APIRouter(prefix="/reports", tags=["messages"])
_DAY = timedelta(days=1)
Moment = Annotated[datetime | None, Query(description="With an offset from UTC: 2026-11-23T18:00:00Z.")]


@router.get("/{kind}", response_class=Response, responses={200: {"content": {"application/xml": {}}}})
def show(
    here: Here,
    actor: Who,
    kind: ReportKind,
    account: Annotated[str, Query(max_length=35)],
    start: Moment = None,
    until: Moment = None,
    page: Annotated[int, Query(ge=1, description="X-Page-Count says how many there are.")] = 1,
) -> Response:
    """A report on an account of one's own: `cash` (camt.054, a message for each currency) and `postings` (semt.017)
    of a period, the last day unless it is said; `holdings` (semt.002) at `until`. One page is one message; a time
    without an offset is UTC.
    """
    require(actor, "account.read")
    now = here.clock.now()
    end = _utc(until, now)
    with here.transaction() as tx:
        found = accounts_by_number(tx, [account]).get(account)
        if found is None or not (actor.sees_everything or found.owner_lei == actor.lei):
            raise Refused(UNKNOWN_ACCOUNT("/account", account=account))
        require(actor, "account.read", lei=found.owner_lei)
        pages = report(tx, kind, found, _utc(start, end - _DAY), end, now=now)
    if pages and page > len(pages):
        raise Refused(NO_REPORT("/page", reason=f"It has {len(pages)} pages"))
    if not pages:
        raise Refused(NO_REPORT("/start", reason="Nothing was booked in that time"))
    return Response(pages[page - 1], media_type="application/xml", headers={"X-Page-Count": str(len(pages))})


def _utc(moment: datetime | None, otherwise: datetime) -> datetime:
    if moment is None:
        return otherwise
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=otherwise.tzinfo)
