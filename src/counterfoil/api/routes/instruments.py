"""Instruments: terms, schedule, payoff, versions, units on demand."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from counterfoil.access import Actor, require
from counterfoil.api.services import OBJECT, Here, Limit, Services, StrictObject, Who, page
from counterfoil.core.errors import Refused
from counterfoil.core.json import loads_stored
from counterfoil.instruments import (
    MODELS,
    UNKNOWN_CLASS,
    from_canonical,
    json_schema,
    page_of_instruments,
    recompute_payoff,
    schedule_of,
    terms_of,
    terms_versions,
)
from counterfoil.ledger import holders
from counterfoil.processes import UNKNOWN_ISIN
from counterfoil.register import issues

router = APIRouter(prefix="/instruments", tags=["instruments"])


def stored_terms(here: Services, actor: Actor, isin: str, version: int | None = None) -> dict[str, Any]:
    """The terms of an instrument. They are accessible to anyone with a token (eWpG section 5)."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        found = terms_of(tx, isin, version)
    if found is None:
        raise Refused(UNKNOWN_ISIN(isin=isin))
    return found


@router.get("")
def index(
    here: Here,
    actor: Who,
    after: str = "",
    issuer: str | None = None,
    class_: Annotated[str | None, Query(alias="class")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Instruments in order of ISIN."""
    require(actor, "instrument.read")
    with here.transaction() as tx:
        found = page_of_instruments(tx, after=after, issuer=issuer, class_=class_, limit=limit)
    return page(found, limit, "isin")


@router.get("/schema")
def schema(actor: Who, class_: Annotated[str | None, Query(alias="class")] = None) -> dict[str, Any]:
    """JSON Schema of the terms of one class, or of all."""
    require(actor, "instrument.read")
    if class_ is not None and class_ not in MODELS:
        raise Refused(UNKNOWN_CLASS("", value=class_))
    return json_schema(class_)


@router.get("/{isin}")
def show(here: Here, actor: Who, isin: str) -> dict[str, Any]:
    """An instrument: its terms, what is issued, and the first 1,000 positions (`/holdings` has all of them; a party
    sees every position of its own issues, and else its own).
    """
    found = stored_terms(here, actor, isin)
    terms = loads_stored(found["canonical"])
    with here.transaction() as tx:
        issue = issues(tx, [isin]).get(isin)
        held = holders(tx, isin, owner=_whose(actor, terms))
    return {
        "isin": isin, "terms_version": found["version"], "terms_hash": found["hash"].hex(), "terms": terms,
        "register": None if issue is None else {
            "state": issue.state, "mode": issue.mode, "authorised": issue.authorised, "issued": issue.issued,
            "entry_no": issue.entry_no, "entry_hash": issue.entry_hash.hex(),
        },
        "positions": held,
    }  # fmt: skip


@router.get("/{isin}/holdings")
def holdings_of(
    here: Here,
    actor: Who,
    isin: str,
    at: Annotated[datetime | None, Query(alias="as_of", description="Now if absent.")] = None,
    after: Annotated[str, Query(max_length=60)] = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Who holds it, over all accounts: an issuer sees all of its own issues, another party its own accounts.

    Zeros are left out, and so is the control account.
    """
    terms = loads_stored(stored_terms(here, actor, isin)["canonical"])
    account, _, sub_balance = after.partition("/")
    moment = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    with here.transaction() as tx:
        found = holders(
            tx, isin, at=moment, owner=_whose(actor, terms), after=(account, sub_balance), limit=limit
        )
    last = found[-1] if len(found) == limit else None
    return {"items": found, "next": last and f"{last['account']}/{last['sub_balance']}"}


def _whose(actor: Actor, terms: dict[str, Any]) -> str | None:
    """The only owner whose positions the actor sees; None for everyone's."""
    return None if actor.sees_everything or actor.lei == terms["issuer"] else actor.lei or ""


@router.get("/{isin}/terms")
def terms(here: Here, actor: Who, isin: str, version: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """The canonical text of the terms, byte for byte as it was hashed; the hash is the ETag."""
    found = stored_terms(here, actor, isin, version)
    return Response(
        found["canonical"], media_type="application/json", headers={"ETag": f'"{found["hash"].hex()}"'}
    )


@router.get("/{isin}/versions")
def versions(here: Here, actor: Who, isin: str) -> list[dict[str, Any]]:
    """Every version of the terms with its hash and effect class."""
    stored_terms(here, actor, isin)
    with here.transaction() as tx:
        return [{**version, "hash": version["hash"].hex()} for version in terms_versions(tx, isin)]


@router.get("/{isin}/schedule")
def schedule(here: Here, actor: Who, isin: str) -> list[dict[str, Any]]:
    """Every event to maturity, from the terms."""
    return schedule_of(from_canonical(stored_terms(here, actor, isin)["canonical"]))


@router.post("/{isin}/payoff", openapi_extra=OBJECT)
def payoff(here: Here, actor: Who, isin: str, observations: StrictObject) -> dict[str, Any]:
    """Recompute a redemption from the stored terms and these observations, step by step."""
    found = stored_terms(here, actor, isin)
    return {
        "terms_hash": found["hash"].hex(),
        **recompute_payoff(from_canonical(found["canonical"]), observations),
    }
