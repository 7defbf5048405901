"""The only place that moves a balance: securities and cash, double entry."""

from counterfoil.ledger.accounts import Account, AccountKind, accounts, open_accounts
from counterfoil.ledger.booking import Booked, Booking, Posting, Short, SubBalance, book
from counterfoil.ledger.checks import checks
from counterfoil.ledger.positions import positions, positions_as_of, quantities, statement

__all__ = [
    "Account",
    "AccountKind",
    "Booked",
    "Booking",
    "Posting",
    "Short",
    "SubBalance",
    "accounts",
    "book",
    "checks",
    "open_accounts",
    "positions",
    "positions_as_of",
    "quantities",
    "statement",
]
