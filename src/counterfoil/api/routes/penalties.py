"""Cash penalties, and the data they are worked out from."""

from datetime import date
from decimal import Decimal
from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from counterfoil.access import Actor, require, require_everywhere
from counterfoil.api import errors
from counterfoil.api.services import Here, Limit, Services, Who
from counterfoil.core.calendar import last_day_of_month
from counterfoil.core.days import IsoDate
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import loads
from counterfoil.faces import chunks_of, spooled
from counterfoil.processes import numbered_items
from counterfoil.settlement import (
    PRICE,
    AssetClass,
    ReferencePrice,
    declare_insolvent,
    insolvencies,
    month_cycle,
    net_penalties,
    overnight_rates,
    penalties_charged,
    penalty_rates,
    prices,
    read_prices,
    set_overnight_rate,
    set_penalty_rate,
    set_prices,
)

router = APIRouter(prefix="/settlement", tags=["penalties"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string", "description": "One price a line."}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "text/csv": {
                "schema": {"type": "string", "description": "isin,business_date,price,currency,..."}
            },
        },
    }
}
_SHOWN = 100
Month = Annotated[str, Path(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


def _whose(actor: Actor, party: str | None) -> str | None:
    """The party whose penalties the actor may see: its own, or for the depository any."""
    require(actor, "settlement.read")
    return party if actor.sees_everything else actor.lei or ""


@router.get("/penalties")
def index(
    here: Here,
    actor: Who,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    party: str | None = None,
    after: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
    limit: Limit = 1000,
) -> dict[str, Any]:
    """Penalties charged on the days of a period, paid or received: one's own, or for the depository everyone's."""
    wanted = _whose(actor, party)
    with here.transaction() as tx:
        found = penalties_charged(tx, first, last, party=wanted, after=_place(after), limit=limit)
    key = ("charged_on", "transaction", "business_date", "kind", "debtor", "basis")
    cursor = "/".join(str(found[-1][name]) for name in key) if len(found) == limit else None
    return {"items": found, "next": cursor}


def _place(cursor: str) -> tuple[date, UUID, date, str, str, str] | None:
    if not cursor:
        return None
    try:
        charged_on, transaction, day, kind, debtor, basis = cursor.split("/")
        return date.fromisoformat(charged_on), UUID(transaction), date.fromisoformat(day), kind, debtor, basis
    except ValueError:
        raise _not_a_cursor() from None


def _not_a_cursor() -> Refused:
    return Refused(errors.MALFORMED(reason="`after` is not the `next` of a page"))


@router.get("/penalties/months/{month}")
def month_of(here: Here, actor: Who, month: Month, party: str | None = None) -> dict[str, Any]:
    """A month's penalties, net for each party and currency (negative: it pays), and the penalty business days until
    which it may be appealed against, on which it is reported and paid.
    """
    wanted = _whose(actor, party)
    first = date.fromisoformat(f"{month}-01")
    with here.transaction() as tx:
        net = net_penalties(
            tx, first, first.replace(day=last_day_of_month(first.year, first.month)), party=wanted
        )
    return {"month": month, **month_cycle(first.year, first.month), "parties": net}


@router.post("/prices", status_code=201, openapi_extra=_BODY)
async def upload_prices(here: Here, actor: Who, request: Request) -> dict[str, Any]:
    """Store reference prices: NDJSON, CSV or a JSON array, optionally gzipped; all of them or none. A price of the
    same issue and day is replaced.
    """
    require(actor, "settlement.operate")
    content_type = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "")
    with await spooled(request.stream()) as file:
        return await run_in_threadpool(_store_prices, here, file, content_type, encoding)


def _store_prices(here: Services, file: IO[bytes], content_type: str, encoding: str) -> dict[str, Any]:
    items = numbered_items(chunks_of(file), content_type, encoding)
    rows = [_row(n, item) for n, (_, item) in enumerate(items)]
    found = read_prices(rows)
    refusals = [r for r in found if isinstance(r, Refusal)]
    if refusals:
        raise Refused(*refusals[:_SHOWN])
    read = [p for p in found if isinstance(p, ReferencePrice)]
    with here.transaction() as tx:
        set_prices(tx, read)
    return {"stored": len(read)}


def _row(number: int, item: bytes) -> dict[str, Any]:
    value = loads(item)
    if not isinstance(value, dict):
        raise Refused(PRICE(f"/{number}", reason="it is no object"))
    return value


@router.get("/prices")
def index_prices(
    here: Here,
    actor: Who,
    isin: Annotated[str | None, Query(max_length=12)] = None,
    day: Annotated[date | None, Query(alias="business_date")] = None,
    after: Annotated[str, Query(max_length=30, description="`next` of the page before.")] = "",
    limit: Limit = 1000,
) -> dict[str, Any]:
    """Reference prices, by day and ISIN."""
    require(actor, "settlement.read")
    place = _price_place(after)
    with here.transaction() as tx:
        found = prices(tx, isin=isin, business_date=day, after=place, limit=limit)
    last = found[-1] if len(found) == limit else None
    return {"items": found, "next": last and f"{last['business_date']}/{last['isin']}"}


def _price_place(cursor: str) -> tuple[date, str]:
    if not cursor:
        return date.min, ""
    try:
        day, isin = cursor.split("/")
        return date.fromisoformat(day), isin
    except ValueError:
        raise _not_a_cursor() from None


class OvernightRate(BaseModel, extra="forbid"):
    """The central bank's rate for overnight credit, in per cent a year."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    valid_from: IsoDate
    rate_percent: Annotated[Decimal, Field(ge=-100, le=1000, max_digits=12)]
    day_basis: Literal[360, 365] = 360


@router.get("/overnight-rates")
def index_overnight_rates(here: Here, actor: Who) -> list[dict[str, Any]]:
    """What a lack of cash costs, by currency and date."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        return overnight_rates(tx)


@router.put("/overnight-rates")
def put_overnight_rate(here: Here, actor: Who, new: OvernightRate) -> list[dict[str, Any]]:
    """Store a rate from its date on; one of the same date is replaced. Penalties charged before stay."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        set_overnight_rate(tx, new.currency, new.valid_from, new.rate_percent, day_basis=new.day_basis)
        return overnight_rates(tx)


class PenaltyRate(BaseModel, extra="forbid"):
    """A class's rate a day, as a fraction: 0.0001 is one basis point."""

    asset_class: AssetClass
    valid_from: IsoDate
    rate: Annotated[Decimal, Field(ge=0, le=1, max_digits=12)]


@router.get("/penalty-rates")
def index_penalty_rates(here: Here, actor: Who) -> list[dict[str, Any]]:
    """What a lack of securities costs a day, by asset class and date."""
    require(actor, "settlement.read")
    with here.transaction() as tx:
        return penalty_rates(tx)


@router.put("/penalty-rates")
def put_penalty_rate(here: Here, actor: Who, new: PenaltyRate) -> list[dict[str, Any]]:
    """Store a rate from its date on; one of the same date is replaced. Penalties charged before stay."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        set_penalty_rate(tx, new.asset_class, new.valid_from, new.rate)
        return penalty_rates(tx)


class Insolvency(BaseModel, extra="forbid"):
    """Over whom it was opened, and when."""

    party: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
    opened_on: IsoDate


@router.get("/insolvencies")
def index_insolvencies(here: Here, actor: Who) -> list[dict[str, Any]]:
    """The parties over which insolvency was opened: their fails cost nobody anything."""
    require_everywhere(actor, "settlement.read")
    with here.transaction() as tx:
        return insolvencies(tx)


@router.post("/insolvencies", status_code=201)
def add_insolvency(here: Here, actor: Who, new: Insolvency) -> list[dict[str, Any]]:
    """Record that insolvency was opened over a party. Its first record stays."""
    require(actor, "settlement.operate")
    with here.transaction() as tx:
        declare_insolvent(tx, new.party, new.opened_on, now=here.clock.now(), actor=actor.label)
        return insolvencies(tx)
