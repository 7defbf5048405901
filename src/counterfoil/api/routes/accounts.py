"""Accounts: opening, funding, balances, statements."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from counterfoil.access import Actor, require
from counterfoil.api import errors
from counterfoil.api.services import OBJECT, Here, Limit, Services, StrictObject, Who, page
from counterfoil.core.clock import business_date
from counterfoil.core.errors import Refused
from counterfoil.ledger import (
    NUMBER_TAKEN,
    UNKNOWN_ACCOUNT,
    Account,
    AccountKind,
    accounts_by_number,
    fund,
    open_accounts,
    page_of_accounts,
    positions,
    statement,
)
from counterfoil.parties import UNKNOWN_PARTY, entities
from counterfoil.settlement import resume

router = APIRouter(prefix="/accounts", tags=["accounts"])
_OF_PARTIES = ("own", "client_omnibus", "client_segregated", "dealer", "paying_agent", "issuer")


class NewAccount(BaseModel, extra="forbid"):
    """Whose account, and what it is for. Without a number it is named after owner and kind."""

    owner: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
    kind: Annotated[str, Field(pattern=f"^({'|'.join(_OF_PARTIES)})$")] = "own"
    number: Annotated[str, Field(pattern=r"^[0-9A-Z\-]{1,35}$")] | None = None


@router.post("", status_code=201)
def open_one(here: Here, actor: Who, new: NewAccount) -> dict[str, Any]:
    """Open an account for a party; it may hold securities and money. The same again changes nothing."""
    require(actor, "account.open")
    number = new.number or f"{new.owner}-{new.kind.upper().replace('_', '-')[:14]}"
    with here.transaction() as tx:
        if new.owner not in entities(tx, [new.owner]):
            raise Refused(UNKNOWN_PARTY("/owner", lei=new.owner))
        kind = AccountKind(new.kind)
        known = accounts_by_number(tx, [number]).get(number)
        if known is not None and (known.kind, known.owner_lei) != (kind, new.owner):
            raise Refused(NUMBER_TAKEN("/number", account=number))
        account = open_accounts(tx, [(number, kind, new.owner)], here.clock.now())[number]
    return {"number": account.number, "kind": account.kind.value, "owner": account.owner_lei}


@router.get("")
def index(
    here: Here,
    actor: Who,
    owner: str | None = None,
    after: Annotated[str, Query(max_length=35)] = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Accounts by number: one's own, or for the depository everyone's."""
    require(actor, "account.read")
    wanted = owner if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        return page(page_of_accounts(tx, owner=wanted, after=after, limit=limit), limit, "number")


def _account(here: Services, actor: Actor, number: str) -> Account:
    """The account, where the actor may see it. Raises `Refused` (LED-002), whether it is unknown or another's."""
    require(actor, "account.read")
    with here.transaction() as tx:
        account = accounts_by_number(tx, [number]).get(number)
    if account is None or not (actor.sees_everything or account.owner_lei == actor.lei):
        raise Refused(UNKNOWN_ACCOUNT(account=number))
    return account


@router.get("/{number}/balances")
def balances(here: Here, actor: Who, number: str) -> list[dict[str, Any]]:
    """What an account holds of each security and currency, by sub-balance."""
    _account(here, actor, number)
    with here.transaction() as tx:
        return positions(tx, account=number)


@router.get("/{number}/statement")
def statement_of(
    here: Here,
    actor: Who,
    number: str,
    asset: Annotated[str, Query(max_length=12, description="ISIN or currency")],
    start: Annotated[datetime, Query(alias="from")],
    until: Annotated[datetime | None, Query(alias="to", description="Now if absent.")] = None,
) -> dict[str, Any]:
    """Opening balance, every movement, closing balance."""
    _account(here, actor, number)
    with here.transaction() as tx:
        return statement(tx, number, asset, _utc(start), _utc(until or here.clock.now()))


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


@router.post("/{number}/fundings", status_code=201, openapi_extra=OBJECT)
def fund_one(here: Here, actor: Who, number: str, body: StrictObject) -> dict[str, Any]:
    """Bring money from the central bank (`currency`, `amount`, `reference`), or back with a negative amount. What
    waited for it settles. The same reference again changes nothing.
    """
    require(actor, "account.fund")
    wanted = (body.get("currency"), body.get("amount"), body.get("reference"))
    currency, amount, reference = wanted
    if not (
        body.keys() == {"currency", "amount", "reference"}
        and isinstance(currency, str)
        and isinstance(reference, str)
        and 0 < len(reference) <= 35
    ):
        raise Refused(errors.MALFORMED(reason="A funding has currency, amount and reference"))
    with here.transaction() as tx:
        now, by = here.clock.now(), actor.label
        account = fund(tx, number, currency, _decimal(amount), reference=reference, now=now, actor=by)
        resume(tx, [(currency, account.id)], now=now, business_date=business_date(here.clock), actor=by)
    return {"number": number, "currency": currency, "amount": amount, "reference": reference}


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(value) if isinstance(value, str | int | Decimal) else Decimal("NaN")
    except ArithmeticError:
        return Decimal("NaN")
