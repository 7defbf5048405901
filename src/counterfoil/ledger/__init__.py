"""The only place that moves a balance: securities and cash, double entry."""

from counterfoil.ledger.accounts import Account, AccountKind, accounts, open_accounts
from counterfoil.ledger.balances import positions, positions_as_of, quantities, statement
from counterfoil.ledger.booking import EXACT, Booked, Booking, Posting, Short, SubBalance, book
from counterfoil.ledger.checks import checks

__all__ = [
    "EXACT",
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
