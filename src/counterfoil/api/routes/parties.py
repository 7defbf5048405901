"""Parties and mandates."""

import io
import tempfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from counterfoil.access import require
from counterfoil.api.services import Here, Limit, Services, Who, page
from counterfoil.faces import party_of
from counterfoil.parties import (
    grant_mandates,
    import_bics,
    import_gleif,
    mandates_of,
    page_of_entities,
)

router = APIRouter(prefix="/parties", tags=["parties"])
Role = Literal["issuer", "issuing_agent", "paying_agent", "dealer", "custodian", "csd_operator"]


@router.get("")
def index(
    here: Here,
    actor: Who,
    after: str = "",
    name: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Parties in order of LEI."""
    require(actor, "party.read")
    with here.transaction() as tx:
        return page(page_of_entities(tx, after=after, name=name, limit=limit), limit, "lei")


@router.get("/{lei}")
def show(here: Here, actor: Who, lei: str) -> dict[str, Any]:
    """A party, whether it may issue, and its mandates."""
    require(actor, "party.read")
    with here.transaction() as tx:
        return party_of(tx, lei)


@router.post("/imports")
async def upload(
    here: Here, actor: Who, request: Request, kind: Annotated[Literal["gleif", "bic"], Query()] = "gleif"
) -> dict[str, Any]:
    """Import GLEIF's golden copy (JSON), or its LEI-BIC map (CSV, `kind=bic`); as large as it is."""
    require(actor, "party.import")
    with tempfile.TemporaryFile() as file:
        async for chunk in request.stream():
            file.write(chunk)
        file.seek(0)
        return await run_in_threadpool(_import, here, file, kind)


def _import(here: Services, file: Any, kind: str) -> dict[str, Any]:
    with here.transaction() as tx:
        if kind == "gleif":
            result = import_gleif(tx, file, now=here.clock.now())
        else:
            text = io.TextIOWrapper(file, encoding="utf-8", errors="replace")
            try:
                result = import_bics(tx, text)
            finally:
                text.detach()  # the file is its owner's to close
    return {
        "added": result.added, "changed": result.changed, "unchanged": result.unchanged,
        "refused": [r.as_dict() for r in result.refused],
    }  # fmt: skip


class NewMandate(BaseModel, extra="forbid"):
    """A role, for one principal or as such."""

    role: Role
    principal_lei: Annotated[str, Field(pattern=r"^([A-Z0-9]{18}[0-9]{2})?$")] = ""


@router.post("/{lei}/mandates", status_code=201)
def grant(here: Here, actor: Who, lei: str, new: NewMandate) -> list[dict[str, Any]]:
    """Give a party a role; an issuer may give mandates over itself."""
    if actor.lei is not None and actor.lei == new.principal_lei:
        require(actor, "issuance.submit")  # nobody passes on a right that its own token lacks
    else:
        require(actor, "party.import")
    with here.transaction() as tx:
        grant_mandates(tx, [(lei, new.role, new.principal_lei)], actor=actor.label, now=here.clock.now())
        return mandates_of(tx, lei)
