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
UNKNOWN_ITEM = rule(
    "PRC-026", "Unknown item", "The batch {batch} has no item {position}.", "Check the position.", status=404,
)
OVERSOLD = rule(
    "PRC-050", "More sold than there is", "The distribution adds up to {total}; the issue has at most {volume}.",
    "Sell no more than the authorised volume.",
)
UNKNOWN_BUYER = rule(
    "PRC-051", "Unknown buyer", "{lei} is not a party of this depository.", "Correct the LEI, or import its GLEIF record.",
)
BUYER_ACCOUNT = rule(
    "PRC-052", "Not the buyer's account", "{account} is not an open account of {lei}.",
    "Name an open account of the buyer, or have one opened.",
)
NOT_IN_LOTS = rule(
    "PRC-053", "Quantity not in denominations", "{quantity} is no multiple of {unit}.",
    "Sell whole units, or multiples of the denomination.",
)
PRICE_AND_AMOUNT = rule(
    "PRC-054", "Price and amount", "An allotment has a price or an amount, not both.", "Leave one of them out.",
)
PROCEEDS = rule(
    "PRC-055", "Amount cannot be paid",
    "{amount} {currency} is not positive, too large, or has more decimals than the currency.",
    "Correct the price or amount.",
)
PAYMENT_DAY = rule(
    "PRC-056", "Not a day to settle on", "{day} is no settlement day, before {business_date}, or more than a year away.",
    "Choose a day on which TARGET is open.",
)
OWN_BUYER = rule(
    "PRC-057", "Sold to the issuer", "{lei} issues and cannot buy.", "Leave unsold units out of the distribution.",
)
PROCEEDS_ACCOUNT = rule(
    "PRC-058", "Not an account for the proceeds",
    "{account} is not an open account of {lei} or of its paying or issuing agent.",
    "Name such an account, leave the field out for the issuer's account, or have the issuer grant a mandate.",
)
NOTHING_SOLD = rule(
    "PRC-059", "Nothing is sold", "Proceeds need a distribution.", "Add the distribution, or remove the field.",
)
# fmt: on
DUPLICATE_IN_BATCH = rule(
    "PRC-015",
    "Stands twice in its batch",
    "An earlier item of the batch brings the same ISIN or reference.",
    "Send each instrument once, with a reference of its own.",
)  # fmt: skip
NAMES_ITS_EVENT = rule(
    "PRC-060",
    "Says what the process is about",
    'The variable "{variable}" says which event the instance {instance} of "{process}" is about.',
    "Cancel the instance, and have what you mean begun anew.",
    status=409,
)  # fmt: skip
