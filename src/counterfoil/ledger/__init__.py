"""The only place that moves a balance: securities and cash, double entry."""

from counterfoil.ledger.accounts import (
    Account,
    AccountKind,
    accounts_by_id,
    accounts_by_number,
    open_accounts,
    page_of_accounts,
)
from counterfoil.ledger.balances import positions, positions_as_of, quantities, statement
from counterfoil.ledger.booking import EXACT, Booked, Booking, Posting, Short, SubBalance, book
from counterfoil.ledger.checks import checks
from counterfoil.ledger.errors import NUMBER_TAKEN, UNKNOWN_ACCOUNT
from counterfoil.ledger.funding import fund
from counterfoil.ledger.staging import (
    Delivery,
    Net,
    book_staged,
    clear_staged,
    debits,
    deliveries,
    nets,
    shortages,
    stage,
    unstage,
)

__all__ = [
    "EXACT",
    "NUMBER_TAKEN",
    "UNKNOWN_ACCOUNT",
    "Account",
    "AccountKind",
    "Booked",
    "Booking",
    "Delivery",
    "Net",
    "Posting",
    "Short",
    "SubBalance",
    "accounts_by_id",
    "accounts_by_number",
    "book",
    "book_staged",
    "checks",
    "clear_staged",
    "debits",
    "deliveries",
    "fund",
    "nets",
    "open_accounts",
    "page_of_accounts",
    "positions",
    "positions_as_of",
    "quantities",
    "shortages",
    "stage",
    "statement",
    "unstage",
]
