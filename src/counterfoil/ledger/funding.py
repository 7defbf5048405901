"""Money comes in from the central bank and goes back there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal
from counterfoil.core.money import fits_amount, minor_units
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import MIRRORS, Account, AccountKind, accounts_by_number, open_accounts
from counterfoil.ledger.booking import Booked, Booking, Posting
from counterfoil.ledger.orders import Order, book_once, is_reference

KIND = "funding"
_CENTRAL_BANK = "CENTRAL-BANK"


class Funding(NamedTuple):
    """Money for an account (number), in major units; a negative amount goes back to the central bank."""

    number: str
    currency: str
    amount: Decimal
    reference: str
    request_id: UUID


def central_bank_account(currency: str) -> str:
    """Number of the account that mirrors the depository's money at the central bank, with the opposite sign."""
    return f"CSD-RTGS-{currency}"


def fund(
    tx: Transaction, fundings: Sequence[Funding], *, booked_at: datetime, actor: str
) -> list[Booked | Refusal]:
    """Bring money to accounts, or back: one outcome for each, in order. The same request again changes nothing.

    Raises `Conflict` where two transactions book one request, or open one position, at the same time: repeat.
    """
    if not fundings:
        return []
    known = accounts_by_number(tx, [funding.number for funding in fundings])
    broken = [_broken_rule(funding, known.get(funding.number)) for funding in fundings]
    currencies = {f.currency for f, refusal in zip(fundings, broken, strict=True) if refusal is None}
    wanted = [(central_bank_account(c), AccountKind.CENTRAL_BANK, _CENTRAL_BANK) for c in sorted(currencies)]
    central = open_accounts(tx, wanted, booked_at, actor) if wanted else {}
    orders = [refusal or _order(f, central, known) for f, refusal in zip(fundings, broken, strict=True)]
    return book_once(tx, orders, booked_at=booked_at, actor=actor)


def _broken_rule(funding: Funding, account: Account | None) -> Refusal | None:
    amount, decimals = funding.amount, minor_units(funding.currency)
    if decimals is None or not fits_amount(amount) or not amount or amount != round(amount, decimals):
        return errors.FUNDING("/amount", amount=amount, currency=funding.currency)
    if not is_reference(funding.reference):
        return errors.REFERENCE_FORM("/reference")
    if account is None:
        return errors.UNKNOWN_ACCOUNT("/number", account=funding.number)
    if account.kind in MIRRORS:
        return errors.NOT_OF_PARTIES("/number", account=account.number, kind=account.kind.value)
    return None


def _order(funding: Funding, central: Mapping[str, Account], known: Mapping[str, Account]) -> Order:
    source, target = central[central_bank_account(funding.currency)], known[funding.number]
    postings = (
        Posting(source, funding.currency, funding.amount.copy_negate()),
        Posting(target, funding.currency, funding.amount),
    )
    id_ = funding.request_id
    return Order(Booking(id_, KIND, id_, postings), funding.number, funding.reference)
