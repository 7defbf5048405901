"""Money comes in from the central bank and goes back there."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.money import fits_amount, minor_units
from counterfoil.ledger import errors
from counterfoil.ledger.accounts import Account, AccountKind, accounts_by_number, open_accounts
from counterfoil.ledger.booking import Booking, Posting, Short, book

SQL = queries(__file__)
_FUNDINGS = UUID("e2f1bb5f-4f0a-5b7d-8a45-52f4a0a5f2c1")
_CENTRAL_BANK = "CENTRAL-BANK"


def central_bank_account(currency: str) -> str:
    """Number of the account that mirrors the depository's money at the central bank, with the opposite sign."""
    return f"RTGS-{currency}"


def fund(
    tx: Transaction, number: str, currency: str, amount: Decimal, *, reference: str, now: datetime, actor: str
) -> Account:
    """Bring money to an account, or back to the central bank where the amount is negative. The same reference again
    changes nothing. Raises `Refused` (LED-001, 002, 004, 005); `Conflict` where two move one position: repeat.
    """
    decimals = minor_units(currency)
    if decimals is None or not fits_amount(amount) or not amount or amount != round(amount, decimals):
        raise Refused(errors.FUNDING("/amount", amount=amount, currency=currency))
    account = accounts_by_number(tx, [number]).get(number)
    if account is None:
        raise Refused(errors.UNKNOWN_ACCOUNT(account=number))
    id_ = uuid5(_FUNDINGS, f"{number} {reference}")
    before = tx.row(SQL.funded, id=id_, account=account.id)
    if before is not None:
        if before != (currency, amount):
            raise Refused(errors.REFERENCE_USED("/reference", reference=reference, account=number))
        return account
    wanted = (central_bank_account(currency), AccountKind.CENTRAL_BANK, _CENTRAL_BANK)
    central = open_accounts(tx, [wanted], now)[wanted[0]]
    postings = (Posting(central, currency, -amount), Posting(account, currency, amount))
    (outcome,) = book(tx, [Booking(id_, "funding", id_, postings)], booked_at=now, actor=actor)
    if isinstance(outcome, Short):
        lack = outcome.lacks[0]
        raise Refused(
            errors.INSUFFICIENT("/amount", account=number, held=lack.held, asset=currency, needed=lack.needed)
        )
    return account
