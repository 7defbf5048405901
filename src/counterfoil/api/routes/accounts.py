"""Accounts: opened, blocked and closed; funded; balances, statements, movements between sub-balances."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from counterfoil.access import Actor, may_for_all, require
from counterfoil.api import errors
from counterfoil.api.services import OBJECT, Here, Limit, Services, StrictObject, Who, page, repeated
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.faces import FORMS, MEDIA, account_of, change_account, statement_file
from counterfoil.ledger import (
    Account,
    AccountKind,
    AccountState,
    Funding,
    Move,
    NewAccount,
    Place,
    StateChange,
    Step,
    SubBalance,
    account_events,
    fund,
    holdings,
    move,
    open_for_parties,
    page_of_accounts,
    statement,
)
from counterfoil.settlement import current_business_date, resume

router = APIRouter(prefix="/accounts", tags=["accounts"])
_OF_PARTIES = ("own", "client_omnibus", "client_segregated", "dealer", "paying_agent", "issuer")
_REQUESTS = UUID("e2f1bb5f-4f0a-5b7d-8a45-52f4a0a5f2c1")
Cursor = Annotated[str, Query(max_length=100, description="`next` of the page before.")]
Asset = Annotated[str, Query(max_length=12, description="ISIN or currency.")]


def _shown(tx: Transaction, number: str) -> dict[str, Any]:
    (found,) = page_of_accounts(tx, number=number, limit=1)
    return {**found, "events": account_events(tx, number)}


class NewAccountBody(BaseModel, extra="forbid"):
    """Whose account, and what it is for. Without a number it is named after owner, kind and suffix."""

    owner: Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
    kind: Annotated[str, Field(pattern=f"^({'|'.join(_OF_PARTIES)})$")] = "own"
    number: Annotated[str, Field(pattern=r"^[0-9A-Z\-]{1,35}$")] | None = None
    suffix: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,10}$")] = ""


@router.post("", status_code=201)
def open_one(here: Here, actor: Who, new: NewAccountBody) -> dict[str, Any]:
    """Open an account for a party; it may hold securities and money. The same again changes nothing."""
    require(actor, "account.open")
    wanted = NewAccount(new.owner, AccountKind(new.kind), new.number, new.suffix)
    with here.transaction() as tx:
        (outcome,) = open_for_parties(tx, [wanted], opened_at=here.clock.now(), actor=actor.label)
        if isinstance(outcome, tuple):
            raise Refused(*outcome)
        return _shown(tx, outcome.number)


@router.get("")
def index(
    here: Here,
    actor: Who,
    owner: str | None = None,
    kind: AccountKind | None = None,
    state: AccountState | None = None,
    after: Annotated[str, Query(max_length=35)] = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Accounts by number: one's own, or for the depository everyone's."""
    require(actor, "account.read")
    wanted = owner if actor.sees_everything else actor.lei or ""
    with here.transaction() as tx:
        found = page_of_accounts(tx, owner=wanted, kind=kind, state=state, after=after, limit=limit)
    return page(found, limit, "number")


@router.get("/{number}")
def one(here: Here, actor: Who, number: str) -> dict[str, Any]:
    """An account, what is blocked on whose word, and what has become of it since it was opened."""
    with here.transaction() as tx:
        return _shown(tx, account_of(tx, actor, number).number)


class Reason(BaseModel, extra="forbid"):
    """Why. The depository may act on the word of the party (PARTY); a party always acts on its own."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    authority: Literal["PARTY", "CSD"] | None = None


class Blocking(Reason):
    """Which side is meant."""

    side: Literal["debit", "credit", "both"] = "both"


@router.post("/{number}/block")
def block(here: Here, actor: Who, number: str, wanted: Blocking) -> dict[str, Any]:
    """Let an account give (debit) or take (credit) no more. It takes effect between two bookings."""
    return _change(here, actor, number, Step.BLOCK, wanted, wanted.side)


@router.post("/{number}/unblock")
def unblock(here: Here, actor: Who, number: str, wanted: Blocking) -> dict[str, Any]:
    """Lift a block; each is lifted by whoever has set it. What waited for it is tried at once."""
    return _change(here, actor, number, Step.UNBLOCK, wanted, wanted.side)


@router.post("/{number}/close")
def close(here: Here, actor: Who, number: str, wanted: Reason) -> dict[str, Any]:
    """Close an open account that holds nothing, for good."""
    return _change(here, actor, number, Step.CLOSE, wanted, "both")


def _change(
    here: Services, actor: Actor, number: str, step: Step, wanted: Reason, side: str
) -> dict[str, Any]:
    depository = may_for_all(actor, "account.operate")
    by_party = not depository or wanted.authority == "PARTY"
    change = StateChange(number, step, wanted.reason, debit=side != "credit", credit=side != "debit")
    with here.transaction() as tx:
        account_of(tx, actor, number, "account.operate")
    if wanted.authority == "CSD" and not depository:
        raise Refused(errors.MALFORMED("/authority", reason="Only the depository acts on its own word"))
    change_account(here, actor, change, by_party=by_party)
    with here.transaction() as tx:
        return _shown(tx, number)


@router.get("/{number}/balances")
def balances_of(
    here: Here,
    actor: Who,
    number: str,
    at: Annotated[datetime | None, Query(alias="as_of", description="Now if absent.")] = None,
    after: Cursor = "",
    limit: Limit = 1000,
) -> dict[str, Any]:
    """What an account holds of each security and currency, by sub-balance."""
    asset, _, sub_balance = after.partition("/")
    with here.transaction() as tx:
        account_of(tx, actor, number)
        moment = None if at is None else _utc(at)
        found = holdings(tx, number, at=moment, after=(asset, sub_balance), limit=limit)
    last = found[-1] if len(found) == limit else None
    return {"items": found, "next": last and f"{last['asset']}/{last['sub_balance']}"}


@router.get("/{number}/statement")
def statement_of(
    here: Here,
    actor: Who,
    number: str,
    asset: Asset,
    start: Annotated[datetime, Query(alias="from")],
    until: Annotated[
        datetime | None, Query(alias="to", description="Up to before this; now if absent.")
    ] = None,
    sub_balance: SubBalance | None = None,
    after: Cursor = "",
    limit: Limit = 1000,
) -> dict[str, Any]:
    """Opening balance, movements, closing balance. Both balances are those of the whole period on every page."""
    with here.transaction() as tx:
        account_of(tx, actor, number)
        told = statement(
            tx, number, asset, _utc(start), _utc(until or here.clock.now()),
            sub_balance=sub_balance, after=_place(after), limit=limit,
        )  # fmt: skip
    place: Place | None = told["next"]
    return told | {"next": place and f"{place.booked_at.isoformat()}/{place.booking}/{place.leg}"}


@router.get("/{number}/statement/file", response_class=StreamingResponse)
def statement_as_file(
    here: Here,
    actor: Who,
    number: str,
    asset: Asset,
    start: Annotated[datetime, Query(alias="from")],
    form: Annotated[str, Query(pattern=f"^({'|'.join(FORMS)})$")] = "csv",
    until: Annotated[
        datetime | None, Query(alias="to", description="Up to before this; now if absent.")
    ] = None,
    sub_balance: SubBalance | None = None,
) -> StreamingResponse:
    """All movements of a period as CSV or NDJSON, streamed."""
    begin, end = _utc(start), _utc(until or here.clock.now())
    with here.transaction() as tx:
        account_of(tx, actor, number)
        statement(tx, number, asset, begin, end, limit=1)
    found = statement_file(here, form, number, asset, begin, end, sub_balance=sub_balance)
    return StreamingResponse(found, media_type=MEDIA[form])


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        booked_at, booking, leg = cursor.split("/")
        return Place(_utc(datetime.fromisoformat(booked_at)), UUID(booking), int(leg))
    except ValueError:
        raise Refused(errors.MALFORMED(reason="`after` is not the `next` of a page")) from None


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


@router.post("/{number}/fundings", status_code=201, openapi_extra=OBJECT)
def fund_one(here: Here, actor: Who, number: str, body: StrictObject) -> dict[str, Any]:
    """Bring money from the central bank (`currency`, `amount`, `reference`), or back with a negative amount. What
    waited for it settles. The same reference again changes nothing.
    """
    require(actor, "account.fund")
    currency, reference = _texts(body, ("currency", "reference"), beside=("amount",))
    amount = _decimal(body["amount"])

    def work() -> Account:
        with here.transaction() as tx:
            account = account_of(tx, actor, number, "account.fund")
            request = uuid5(_REQUESTS, f"{number} {reference}")
            now, by = here.clock.now(), actor.label
            (outcome,) = fund(
                tx, [Funding(number, currency, amount, reference, request)], booked_at=now, actor=by
            )
            if isinstance(outcome, Refusal):
                raise Refused(outcome)
            return account

    _resume(here, actor, currency, repeated(work))
    return {"number": number, "currency": currency, "amount": amount, "reference": reference}


@router.post("/{number}/movements", status_code=201, openapi_extra=OBJECT)
def move_one(here: Here, actor: Who, number: str, body: StrictObject) -> dict[str, Any]:
    """Move `quantity` of `asset` `from` one sub-balance (available, earmarked, blocked, pledged) `to` another, with
    `reason` and `reference`. The owner frees what is earmarked, the depository everything. What waited for it is
    tried at once. The same reference again changes nothing.
    """
    names = ("asset", "from", "to", "reason", "reference")
    asset, source, target, reason, reference = _texts(body, names, beside=("quantity",))
    quantity = _decimal(body["quantity"])
    request = uuid5(_REQUESTS, f"{number} {reference} sub-balance")
    wanted = Move(
        number, asset, quantity, _sub_balance("from", source), _sub_balance("to", target), reference, reason,
        request,
    )  # fmt: skip

    def work() -> Account:
        with here.transaction() as tx:
            account = account_of(tx, actor, number, "account.operate")
            by_party = not may_for_all(actor, "account.operate")
            now, by = here.clock.now(), actor.label
            (outcome,) = move(tx, [wanted], by_party=by_party, booked_at=now, actor=by)
            if isinstance(outcome, Refusal):
                raise Refused(outcome)
            return account

    _resume(here, actor, asset, repeated(work))
    return {**body, "number": number, "quantity": quantity}


def _resume(here: Services, actor: Actor, asset: str, account: Account) -> None:
    """Try what waited for a position, in a transaction of its own: settling takes its locks in its own order."""

    def work() -> None:
        with here.transaction() as tx:
            now = here.clock.now()
            today = current_business_date(tx, now=now)
            resume(tx, [(asset, account.id)], now=now, business_date=today, actor=actor.label)

    repeated(work)


def _texts(body: dict[str, Any], names: tuple[str, ...], *, beside: tuple[str, ...]) -> list[str]:
    """The texts of a body that has exactly these and the others' names. Raises `Refused` (API-001)."""
    found = [body.get(name) for name in names]
    texts = [value for value in found if isinstance(value, str)]
    if body.keys() != {*names, *beside} or len(texts) < len(names):
        raise Refused(errors.MALFORMED(reason=f"Send {', '.join([*names, *beside])}"))
    return texts


def _sub_balance(name: str, value: str) -> SubBalance:
    try:
        return SubBalance(value)
    except ValueError:
        reason = f"A sub-balance is one of {', '.join(SubBalance)}"
        raise Refused(errors.MALFORMED(f"/{name}", reason=reason)) from None


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(value) if isinstance(value, str | int | Decimal) else Decimal("NaN")
    except ArithmeticError:
        return Decimal("NaN")
