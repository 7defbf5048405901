"""Refusals of the ledger."""

from counterfoil.core.errors import rule

INSUFFICIENT = rule(
    "LED-001", "Balance too small", "{account} holds {held} {asset}; {needed} are needed.",
    "Take out less, or bring in what is missing first.", status=409,
)  # fmt: skip
UNKNOWN_ACCOUNT = rule(
    "LED-002", "Unknown account", "There is no account {account}.", "Check the number.", status=404
)
"""Also what is said of an account that is somebody else's."""
NUMBER_TAKEN = rule(
    "LED-003", "Account number taken", "{account} is open for another owner or purpose.",
    "Choose another number, or leave it out.", status=409,
)  # fmt: skip
FUNDING = rule(
    "LED-004", "Amount cannot be funded", "{amount} {currency} is no amount of a known currency other than zero.",
    "Send an ISO 4217 currency and an amount in its minor units.",
)  # fmt: skip
REFERENCE_USED = rule(
    "LED-005", "Reference used before", "{reference} has moved something else on {account}.",
    "Give every funding and every movement a reference of its own.", status=409,
)  # fmt: skip
BLOCKED = rule(
    "LED-006", "Account blocked", "{account} is blocked.", "Have it unblocked by whoever blocked it.", status=409,
)  # fmt: skip
CLOSED = rule(
    "LED-007", "Account closed", "{account} is closed, for good.", "Open another account.", status=409,
)  # fmt: skip
NUMBER_FORM = rule(
    "LED-008", "Not an account number", "{account} is no account number: 1 to 35 of A-Z, 0-9 and hyphens.",
    "Choose another number, or leave it out.",
)  # fmt: skip
NUMBER_RESERVED = rule(
    "LED-009", "Account number reserved", "{account} is kept for an account of {holder}.",
    "Choose another number, or leave it out.",
)  # fmt: skip
NOT_OF_PARTIES = rule(
    "LED-010", "Not an account of a party", "{account}: {kind} accounts move with what they mirror only.",
    "Name an account of a party.",
)  # fmt: skip
DEPOSITORY_ONLY = rule(
    "LED-011", "For the depository only", "{account}: only the depository blocks and closes {kind} accounts.",
    "Ask the depository.", status=403,
)  # fmt: skip
REASON = rule(
    "LED-012", "Reason missing", "A reason of 1 to {longest} printable characters is needed.", "Say why.",
)  # fmt: skip
NOT_BLOCKED = rule(
    "LED-013", "Not blocked by you", "{account}: what is to be unblocked is not blocked on your word; what is: {standing}.",
    "Ask whoever has blocked it.", status=409,
)  # fmt: skip
NOT_EMPTY = rule(
    "LED-014", "Account not empty", "{account} still holds {count} positions.", "Bring all of them to zero first.",
    status=409,
)  # fmt: skip
STAYS_OPEN = rule(
    "LED-015", "Account stays open", "{account}: {kind} accounts are never closed.", "Nothing.", status=409,
)  # fmt: skip
MOVEMENT = rule(
    "LED-016", "Quantity cannot be moved", "{quantity} {asset} is not positive, or has more digits than it may have.",
    "Send a positive quantity, or an amount in the currency's minor units.",
)  # fmt: skip
SAME_SUB_BALANCE = rule(
    "LED-017", "Moves nowhere", "The movement begins and ends in {sub_balance}.", "Name two sub-balances.",
)  # fmt: skip
NOT_YOURS_TO_RELEASE = rule(
    "LED-018", "Not yours to release", "Only the depository moves anything from {source} to {target}.",
    "Ask the depository.", status=403,
)  # fmt: skip
REFERENCE_FORM = rule(
    "LED-019", "Reference of the wrong form", "A reference has 1 to 35 printable characters.", "Send another one.",
)  # fmt: skip
PERIOD = rule(
    "LED-021", "Not a period", "From {start} to {end} is no period that a statement can cover.",
    "Name a first day that is not behind the last, and a last day before 9999-12-31.",
)  # fmt: skip
MAY_NOT_HOLD = rule(
    "LED-020", "No account for this party", "{lei}: {reason}.", "Open an account for a legal entity that is active.",
)  # fmt: skip
UNKNOWN_BOOKING = rule(
    "LED-022", "Unknown booking", "There is no booking {booking} with a leg of yours.",
    "Take its id and that of its batch from a statement.", status=404,
)  # fmt: skip
