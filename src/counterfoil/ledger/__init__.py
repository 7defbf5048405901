"""The only place that moves a balance: securities and cash, double entry."""

from counterfoil.ledger.accounts import (
    Account,
    AccountKind,
    AccountState,
    accounts_by_id,
    accounts_by_number,
    accounts_of,
    open_accounts,
    page_of_accounts,
)
from counterfoil.ledger.balances import (
    Place,
    holdings,
    positions,
    positions_as_of,
    quantities,
    restricted_quantities,
    statement,
)
from counterfoil.ledger.booking import EXACT, Barred, Booked, Booking, Lack, Posting, Short, SubBalance, book
from counterfoil.ledger.checks import checks
from counterfoil.ledger.errors import UNKNOWN_ACCOUNT
from counterfoil.ledger.funding import Funding, central_bank_account, fund
from counterfoil.ledger.legs import book_legs, short_legs, stage_legs
from counterfoil.ledger.moving import Move, move
from counterfoil.ledger.opening import NewAccount, open_for_parties, proposed_number
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
from counterfoil.ledger.states import Changed, StateChange, Step, account_events, change_states
from counterfoil.ledger.whole_accounts import (
    AssetStatement,
    Movement,
    account_holdings,
    account_statements,
)

__all__ = [
    "EXACT",
    "UNKNOWN_ACCOUNT",
    "Account",
    "AccountKind",
    "AccountState",
    "AssetStatement",
    "Barred",
    "Booked",
    "Booking",
    "Changed",
    "Delivery",
    "Funding",
    "Lack",
    "Move",
    "Movement",
    "Net",
    "NewAccount",
    "Place",
    "Posting",
    "Short",
    "StateChange",
    "Step",
    "SubBalance",
    "account_events",
    "account_holdings",
    "account_statements",
    "accounts_by_id",
    "accounts_by_number",
    "accounts_of",
    "book",
    "book_legs",
    "book_staged",
    "central_bank_account",
    "change_states",
    "checks",
    "clear_staged",
    "debits",
    "deliveries",
    "fund",
    "holdings",
    "move",
    "nets",
    "open_accounts",
    "open_for_parties",
    "page_of_accounts",
    "positions",
    "positions_as_of",
    "proposed_number",
    "quantities",
    "restricted_quantities",
    "short_legs",
    "shortages",
    "stage",
    "stage_legs",
    "statement",
    "unstage",
]
