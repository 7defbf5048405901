"""The register: extracts and histories."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from counterfoil.access import require
from counterfoil.api.services import Here, Services, Who
from counterfoil.core.errors import Refused
from counterfoil.faces import require_own
from counterfoil.register import UNKNOWN_ISSUE, extract, history, issues

router = APIRouter(prefix="/register", tags=["register"])
At = Annotated[datetime | None, Query(alias="as_of", description="ISO 8601 with offset; now if absent.")]


def _may_read(here: Services, actor: Who, isin: str) -> None:
    require(actor, "register.read")
    with here.transaction() as tx:
        issue = issues(tx, [isin]).get(isin)
    require_own(actor, None if issue is None else issue.issuer_lei, UNKNOWN_ISSUE(isin=isin))


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


@router.get("/{isin}/extract")
def extract_of(here: Here, actor: Who, isin: str, at: At = None) -> dict[str, Any]:
    """All items of eWpG section 13 together, now or as of a past moment, with the hashes to check them."""
    _may_read(here, actor, isin)
    with here.transaction() as tx:
        found = extract(tx, isin, _utc(at))
    if found is None:
        raise Refused(UNKNOWN_ISSUE(isin=isin))
    return found


@router.get("/{isin}/entries")
def entries(here: Here, actor: Who, isin: str, at: At = None) -> list[dict[str, Any]]:
    """Every entry of the issue, in order, with its place in the chain."""
    _may_read(here, actor, isin)
    with here.transaction() as tx:
        return history(tx, isin, _utc(at))
