"""Refusals of the register."""

from counterfoil.core.errors import rule

UNKNOWN_ISSUE = rule(
    "REG-001", "Not registered", "{isin} is not registered.", "Correct the ISIN.", status=404
)
ALREADY_REGISTERED = rule(
    "REG-002", "Already registered", "{isin} is registered already.", "Use another ISIN."
)
NOT_ACTIVE = rule(
    "REG-003", "Issue not active", "{isin} is {state}; its register entry cannot change.", "Nothing."
)
ABOVE_AUTHORISED = rule(
    "REG-004",
    "Above the authorised volume",
    "{isin}: {issued} issued and {quantity} more would exceed the authorised {authorised}.",
    "Issue less, or amend the authorised volume first.",
)
UNITS_NOT_FREE = rule(
    "REG-005",
    "Units not free",
    "{isin}: {quantity} are to be taken back, but the issuer's account holds {free}.",
    "Take back less, or wait until the units have returned to the issuer's account.",
)
UNITS_SOLD = rule(
    "REG-006",
    "Units have left the issuer",
    "{isin}: {issued} are issued, but only {free} stand on the issuer's account.",
    "An issue can be cancelled only while all its units are with the issuer.",
)
BELOW_ISSUED = rule(
    "REG-007",
    "Below the issued volume",
    "{isin}: the authorised volume {authorised} would lie below the issued {issued}.",
    "Decrease the issue first.",
)
NO_CONSENT = rule(
    "REG-008",
    "Consent of the issuer missing",
    "{isin}: the change needs the issuer's consent (eWpG section 14(1)).",
    "Send issuer_consent true, or submit with the issuer's own token.",
)
OTHER_ISSUER = rule(
    "REG-009", "Not the issuer", "{isin} was issued by {issuer}, not by {other}.", "Correct the issuer."
)
NO_QUANTITY = rule(
    "REG-010",
    "Not a quantity",
    "{isin}: {quantity} is no quantity of securities: above zero, at most 30 digits, 18 of them after the point.",
    "Send a positive quantity.",
)
STALE_TERMS = rule(
    "REG-011",
    "Terms have changed meanwhile",
    "{isin}: version {version} of the terms is registered already.",
    "Look at the current terms, then send the amendment again.",
    status=409,
)
ACCOUNT_BARRED = rule(
    "REG-013",
    "Account of the issue blocked",
    "{isin}: {account} is {state}, so nothing is issued into it and nothing is taken back from it.",
    "Have the depository unblock the account.",
    status=409,
)
UNITS_OUT = rule(
    "REG-014",
    "Units have not come home",
    "{isin}: {issued} are issued, but only {free} stand on the issuer's account.",
    "An issue is redeemed once all its units have been taken back.",
    status=409,
)
REQUEST_REUSED = rule(
    "REG-012",
    "Request already used",
    "Request {request} has already led to entry {entry_no} ({kind}) of {isin}.",
    "Send another instruction under an id of its own.",
    status=409,
)
