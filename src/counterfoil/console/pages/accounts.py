"""Accounts: the list, and an account with what it holds and what has become of it."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.responses import Response, StreamingResponse

from counterfoil.access import may_for_all
from counterfoil.console import errors
from counterfoil.console.fields import BLANK, Reason, choices
from counterfoil.console.finding import MOST, Found
from counterfoil.console.listing import PAGE, Column, Listing, cut
from counterfoil.console.places import Place
from counterfoil.console.rendering import words
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.faces import FORMS, MEDIA, account_of, change_account, statement_file
from counterfoil.ledger import (
    AccountKind,
    AccountState,
    StateChange,
    Step,
    account_events,
    days_of_statement,
    holdings,
    page_of_accounts,
    statement,
)
from counterfoil.ledger import Place as StatementPlace

router = APIRouter(prefix="/console/accounts")
PLACES = (Place("/console/accounts", "Accounts", "account.read", "a"),)
_COLUMNS = (
    Column("Account", "number"), Column("Kind"), Column("Owner (LEI)"), Column("State"), Column("Opened"),
)  # fmt: skip
_MOVEMENTS = (
    Column("Booked"), Column("Kind"), Column("Reference"), Column("Sub-balance"), Column("Amount", numeric=True),
    Column("Booking"),
)  # fmt: skip
_HOLDINGS = (Column("Asset"), Column("Sub-balance"), Column("Quantity", numeric=True))


def _numbers(tx: Transaction, visit: Visit, text: str) -> list[Found]:
    """Accounts by the beginning of their numbers."""
    if not visit.may("account.read"):
        return []
    found = page_of_accounts(tx, owner=visit.party, prefix=text.upper(), limit=MOST)
    return [
        Found("account", one["number"], words(one["kind"]), f"/console/accounts/{one['number']}")
        for one in found
    ]


FINDERS = (_numbers,)


@router.get("")
def index(
    visit: Who,
    number: Annotated[str, Query(max_length=35)] = "",
    owner: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[AccountKind | None, BLANK] = None,
    state: Annotated[AccountState | None, BLANK] = None,
    sort: Annotated[str, Query(pattern="^-?number$")] = "number",
    after: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """Accounts by number: one's own, or for the depository everyone's."""
    visit.require("account.read")
    with visit.services.transaction() as tx:
        found = page_of_accounts(
            tx, owner=visit.party if visit.party is not None else owner or None, kind=kind, state=state,
            prefix=number.strip().upper(), after=after, descending=sort.startswith("-"), limit=PAGE + 1,
        )  # fmt: skip
    rows, following = cut(found, "number")
    listing = Listing(visit.request, "accounts", "Accounts", _COLUMNS, rows, following, sort)
    return visit.page(
        "accounts/index.html", listing=listing, kinds=choices(AccountKind), states=choices(AccountState)
    )


@router.get("/{number}")
def one(
    visit: Who,
    number: str,
    at: Annotated[datetime | None, BLANK] = None,
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """An account: who owns it, what it holds now or held at a moment (UTC), what is blocked on whose word."""
    asset, _, sub_balance = after.partition("/")
    moment = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    with visit.services.transaction() as tx:
        account_of(tx, visit.actor, number)
        (account,) = page_of_accounts(tx, number=number, limit=1)
        events = account_events(tx, number)
        held = holdings(tx, number, at=moment, after=(asset, sub_balance), limit=PAGE + 1)
    rows = [{**row, "place": f"{row['asset']}/{row['sub_balance']}"} for row in held]
    listing = Listing(visit.request, "holdings", "Holdings", _HOLDINGS, *cut(rows, "place"))
    return visit.page("accounts/account.html", account=account, events=events, listing=listing, at=moment)


@router.get("/{number}/statement")
def statement_of(
    visit: Who,
    number: str,
    asset: Annotated[str, Query(min_length=1, max_length=12)],
    first: Annotated[date | None, Query(alias="from"), BLANK] = None,
    last: Annotated[date | None, Query(alias="to"), BLANK] = None,
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """Opening balance, movements of some days (UTC), closing balance of one asset."""
    today = visit.services.clock.now().date()
    last = last or today
    begin, end = days_of_statement(first or last.replace(day=1), last)
    with visit.services.transaction() as tx:
        account_of(tx, visit.actor, number)
        found = statement(tx, number, asset.strip().upper(), begin, end, after=_place(after), limit=PAGE)
    following = found["next"]
    place = f"{following.booked_at.isoformat()} {following.booking} {following.leg}" if following else None
    listing = Listing(visit.request, "movements", "Movements", _MOVEMENTS, found["movements"], place)
    return visit.page(
        "accounts/statement.html", number=number, held=found["asset"], begin=begin, end=end, listing=listing,
        days=(first or last.replace(day=1), last),
        opening=found["opening"], closing=found["closing"],
    )  # fmt: skip


@router.get("/{number}/statement/file")
def statement_as_file(
    visit: Who,
    number: str,
    form: Annotated[str, Query(pattern=f"^({'|'.join(FORMS)})$")],
    asset: Annotated[str, Query(min_length=1, max_length=12)],
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> Response:
    """All movements of some days (UTC), to be kept."""
    begin, end = days_of_statement(first, last)
    with visit.services.transaction() as tx:
        account_of(tx, visit.actor, number)
    held = asset.strip().upper()
    found = statement_file(visit.services, form, number, held, begin, end)
    kept = f'attachment; filename="statement-{first}-{last}.{form}"'
    return StreamingResponse(found, media_type=MEDIA[form], headers={"Content-Disposition": kept})


def _place(text: str) -> StatementPlace | None:
    """Where the next page goes on. Raises `Refused` (CON-422) for what no page has given."""
    if not text:
        return None
    try:
        at, booking, leg = text.rsplit(" ", 2)
        return StatementPlace(datetime.fromisoformat(at), UUID(booking), int(leg))
    except ValueError:
        raise Refused(errors.MALFORMED("/after", reason="This is no place in a statement.")) from None


@router.post("/{number}/block")
def block(
    visit: Who,
    number: str,
    reason: Reason,
    side: Annotated[str, Form(pattern="^(debit|credit|both)$")] = "both",
) -> Response:
    """Let the account give (debit) or take (credit) no more."""
    _change(visit, StateChange(number, Step.BLOCK, reason, debit=side != "credit", credit=side != "debit"))
    return visit.done(f"/console/accounts/{number}", f"Account {number} is blocked.")


@router.post("/{number}/unblock")
def unblock(
    visit: Who,
    number: str,
    reason: Reason,
    side: Annotated[str, Form(pattern="^(debit|credit|both)$")] = "both",
) -> Response:
    """Lift a block, and try at once what waited for it."""
    _change(visit, StateChange(number, Step.UNBLOCK, reason, debit=side != "credit", credit=side != "debit"))
    return visit.done(f"/console/accounts/{number}", f"The block on account {number} is lifted.")


def _change(visit: Visit, change: StateChange) -> None:
    """Change one account's state: the depository on its own word, a party on its own."""
    by_party = not may_for_all(visit.actor, "account.operate")
    change_account(visit.services, visit.actor, change, by_party=by_party)
