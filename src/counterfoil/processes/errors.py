"""Refusals of requests and batches."""

from counterfoil.core.errors import rule

# fmt: off
NOT_AN_OBJECT = rule(
    "PRC-001", "Not an object", "An item is a JSON object; this one is {what}.",
    "Send one JSON object for each item.",
)
UNKNOWN_KIND = rule(
    "PRC-002", "Unknown kind of request", 'The kind "{kind}" is not one of NEW, TOP_UP, DECREASE, AMEND, CANCEL.',
    "Name one of these kinds, or leave the field out for NEW.",
)
UNKNOWN_FIELD = rule(
    "PRC-003", "Unknown field", 'A request of kind {kind} has no field "{name}".',
    "Remove the field; `counterfoil schema request` prints the permitted ones.",
)
MISSING_FIELD = rule(
    "PRC-004", "Missing field", 'A request of kind {kind} needs the field "{name}".', "Add the field.",
)
WRONG_FIELD = rule(
    "PRC-005", "Wrong value", "The value is not {wanted}.", "Send a value of the stated form.",
)
DUPLICATE_REFERENCE = rule(
    "PRC-006", "Reference used before", 'The reference "{reference}" has already been used for a request.',
    "Give each request a reference of its own. If the request was sent twice, look up the first one's result.",
    status=409,
)
DUPLICATE_ISIN = rule(
    "PRC-007", "ISIN in use", "The ISIN {isin} already belongs to an instrument.",
    "Leave the ISIN out to have one allocated, or correct it.", status=409,
)
UNKNOWN_ISIN = rule(
    "PRC-008", "Unknown ISIN", "No instrument has the ISIN {isin}.", "Correct the ISIN.", status=404,
)
MAY_NOT_ISSUE = rule(
    "PRC-009", "Party may not issue", "{lei} may not issue: {reason}.",
    "Import the party's current GLEIF record, or name another issuer.",
)
NOT_YOURS = rule(
    "PRC-010", "Not your issue", "The submitter may not act for the issuer {lei}.",
    "Submit with the issuer's own token, or have the issuer grant a mandate.", status=403,
)
NO_CHANGE = rule(
    "PRC-011", "Nothing changes", "The amendment leaves every term as it is.", "Send the fields that change.",
)
NOT_APPROVED = rule(
    "PRC-013", "Not approved", "{approver} refused the request: {reason}.",
    "Clear the matter with the approver and send the request anew.",
)
BATCH_STOPPED = rule(
    "PRC-014", "Withdrawn with its batch", "The policy {policy} lets this item go only if {condition}; item {position} failed.",
    "Correct the failing item and send the batch again.",
)
CANCELLED = rule(
    "PRC-016", "Cancelled", "An operator cancelled the processing of this item.", "Ask the operator; send it anew.",
)
EMPTY_BATCH = rule(
    "PRC-020", "Empty batch", "The body holds no item.", "Send at least one item.", status=400,
)
BATCH_TOO_LARGE = rule(
    "PRC-021", "Batch too large", "A batch holds at most {limit}.", "Split it.", status=413,
)
KEY_REUSED = rule(
    "PRC-022", "Idempotency key reused", 'The key "{key}" belongs to a batch with another body or policy.',
    "Use a new key for a new batch.", status=409,
)
UNKNOWN_BATCH = rule(
    "PRC-023", "Unknown batch", "There is no batch {batch}.", "Check the id.", status=404,
)
BROKEN_ENCODING = rule(
    "PRC-024", "Unreadable body", "The body cannot be read as {format}: {reason}.",
    "Send what the Content-Type and Content-Encoding headers say.", status=400,
)
UNKNOWN_FORMAT = rule(
    "PRC-025", "Unknown format", 'Batches are application/x-ndjson, application/json or text/csv, not "{format}".',
    "Set Content-Type to one of these.", status=415,
)
# fmt: on
DUPLICATE_IN_BATCH = rule(
    "PRC-015",
    "Stands twice in its batch",
    "An earlier item of the batch brings the same ISIN or reference.",
    "Send each instrument once, with a reference of its own.",
)  # fmt: skip
