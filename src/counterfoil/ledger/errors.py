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
    "LED-005", "Reference used for another funding", "{reference} has moved another amount on {account}.",
    "Give every funding a reference of its own.", status=409,
)  # fmt: skip
