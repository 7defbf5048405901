"""Why an instruction is not accepted, changed or cancelled. `iso` gives the reason code of ISO 20022 for each."""

from counterfoil.core.errors import Rule, rule

UNKNOWN_SECURITY = rule(
    "SET-001", "Unknown security", "{isin} is not registered here.", "Check the ISIN; the issue must be registered first.",
)  # fmt: skip
SECURITY_NOT_ACTIVE = rule(
    "SET-002", "Security cannot settle", "The issue {isin} is {state}.", "Wait until the issue is active again.",
)  # fmt: skip
SECURITIES_ACCOUNT = rule(
    "SET-003", "Not your securities account", "{account} is not an open account of {party}.",
    "Name an account that the instructing party owns.",
)  # fmt: skip
CASH_ACCOUNT = rule(
    "SET-004", "Not your cash account", "{account} is not an open account of {party}.",
    "Name an account that the instructing party owns; money may also go to its paying or issuing agent's.",
)  # fmt: skip
UNKNOWN_COUNTERPARTY = rule(
    "SET-005", "Unknown counterparty", "{party} is not a party of this depository.",
    "Check the LEI or BIC of the counterparty.",
)  # fmt: skip
REFERENCE_USED = rule(
    "SET-006", "Reference used before", "{party} has used the reference {reference} before.",
    "Give every instruction a reference of its own.", status=409,
)  # fmt: skip
QUANTITY = rule(
    "SET-007", "Quantity cannot settle", "A quantity of {quantity} is not positive, or has more digits than allowed.",
    "Send a positive quantity with at most 28 digits, or zero against payment to move cash alone.",
)  # fmt: skip
NOT_A_MULTIPLE = rule(
    "SET-008", "Quantity not in denominations", "{quantity} is no multiple of {denomination} of {isin}.",
    "Settle whole units, or multiples of the denomination.",
)  # fmt: skip
BELOW_MINIMUM = rule(
    "SET-009", "Quantity below the minimum", "{quantity} is less than the smallest unit {denomination} of {isin}.",
    "Settle at least one unit or denomination.",
)  # fmt: skip
AMOUNT = rule(
    "SET-010", "Amount cannot settle", "{amount} is not positive, or has more decimals than {currency} allows.",
    "Send a positive amount in the currency's minor units.",
)  # fmt: skip
CURRENCY = rule(
    "SET-011", "Unknown currency", "{currency} is not a currency in which the depository settles.",
    "Send an ISO 4217 code.",
)  # fmt: skip
PAYMENT_INCOMPLETE = rule(
    "SET-012", "Payment incomplete", "Against payment, currency, amount, direction and cash account are all needed; "
    "free of payment, none of them.", "Complete the cash side or instruct free of payment.",
)  # fmt: skip
TRADE_DATE = rule(
    "SET-013", "Trade date", "The trade date {trade_date} is after {limit}.",
    "Send the date of the trade, no later than today and the intended settlement date.",
)  # fmt: skip
INTENDED_DATE = rule(
    "SET-014", "Intended settlement date", "{intended_date} is no settlement day, or further away than allowed.",
    "Choose a day on which TARGET is open, at most one year from now.",
)  # fmt: skip
OWN_COUNTERPARTY = rule(
    "SET-015", "Same account on both sides", "{account} cannot deliver to itself.", "Name two accounts.",
)  # fmt: skip
POOL = rule(
    "SET-016", "Pool incomplete", "A pool has a name and a size of at least two.", "State both.",
)  # fmt: skip
LINKED_TO_ITSELF = rule(
    "SET-017", "Linked to itself", "{reference} cannot be linked to itself.", "Name another instruction.",
)  # fmt: skip
UNKNOWN_INSTRUCTION = rule(
    "SET-018", "Unknown instruction", "There is no such instruction of {party}.", "Check the reference.", status=404,
)  # fmt: skip
ALREADY_SETTLED = rule(
    "SET-019", "Already settled", "The instruction has settled: it is final.", "Instruct a return instead.", status=409,
)  # fmt: skip
ALREADY_CANCELLED = rule(
    "SET-020", "Already cancelled", "The instruction was cancelled.", "Nothing is left to do.", status=409,
)  # fmt: skip
NOT_YOUR_HOLD = rule(
    "SET-021", "Not your hold", "{party} may set and lift the party hold only.", "Ask the depository.", status=403,
)  # fmt: skip
PRIORITY = rule(
    "SET-022", "Priority reserved", "Priority {priority} is not for {party}.", "Use 2 (top), 3 (high) or 4 (normal).",
)  # fmt: skip
FIELD = rule("SET-025", "Field of the wrong form", "{reason}.", "See the schema in the API's manual.")
LINK_CIRCLE = rule(
    "SET-024", "Links in a circle", "{reference} would have to settle before itself.", "Take out one of the links.",
)  # fmt: skip
LINKED_TWICE = rule(
    "SET-091", "Linked twice", "The link {kind} with {reference} is stated twice.", "State each link once.",
)  # fmt: skip
LINKED_TO_ENDED = rule(
    "SET-070", "Linked to what has ended", "{reference} {ended}: nothing can depend on it any more.",
    "Link an instruction that is open, or for information only (INFO).",
)  # fmt: skip
NOT_LINKED = rule(
    "SET-071", "Not linked", "There is no link with {reference}.", "Take a reference from the instruction's links.",
)  # fmt: skip
PARTIAL_RELEASE = rule(
    "SET-072", "Cannot be released in part", "{quantity} cannot be released: {reason}.",
    "Release a part of a matched, held delivery that both sides let settle in parts.",
)  # fmt: skip
LINKED_TOO_FAR = rule(
    "SET-073", "Too much linked together", "More than {most} links and pools hang together with {reference}.",
    "Link fewer instructions.",
)  # fmt: skip
FOREIGN_PARTY = rule(
    "SET-074", "Not your party", "Whoever handed this in may not instruct for {party}.",
    "Instruct for your own party, or leave `party` out.", status=403,
)  # fmt: skip
UNKNOWN_BATCH = rule(
    "SET-075", "Unknown batch", "There is no batch {batch} of instructions.", "Check the id.", status=404,
)  # fmt: skip
UNKNOWN_ROW = rule(
    "SET-089", "Unknown row", "The batch {batch} of instructions has no row {position}.", "Check the position.",
    status=404,
)  # fmt: skip
KEY_REUSED = rule(
    "SET-076", "Idempotency key reused", 'The key "{key}" belongs to a batch with another body.',
    "Use a new key for a new batch.", status=409,
)  # fmt: skip
NOT_JSON = rule(
    "SET-077", "Not an instruction", "This is no JSON object: {reason}.", "Send one JSON object a line.",
)  # fmt: skip
EXCHANGE_RATE = rule(
    "SET-078", "No exchange rate", "{rate} is no positive number of EUR for one unit of a currency.",
    "Send what one unit is worth in EUR.",
)  # fmt: skip
NOT_STUCK = rule(
    "SET-079", "Not set aside", "The batch {batch} is {state}: nothing keeps it.", "Follow it.", status=409,
)  # fmt: skip
CLOSED_DAY = rule(
    "SET-040", "No settlement day", "{business_date} is no settlement day.", "Choose a day on which TARGET is open.",
)  # fmt: skip
OTHER_DAY_OPEN = rule(
    "SET-041", "Another day is open", "The settlement day {business_date} is open.", "End that day first.", status=409,
)  # fmt: skip
DAY_OVER = rule(
    "SET-042", "Day is over", "{business_date} has ended: the last settlement day was {last}.",
    "Open a later day.", status=409,
)  # fmt: skip
UNKNOWN_DAY = rule(
    "SET-043", "Unknown settlement day", "{business_date} was not opened.", "Open the day first.", status=404,
)  # fmt: skip
UNKNOWN_DAY_EVENT = rule(
    "SET-044", "Unknown event", "{business_date} has no event {name}.", "Take a name from the day's events.", status=404,
)  # fmt: skip
EVENT_OVER = rule(
    "SET-045", "Event is over", "{name} of {business_date} has passed.", "Shift an event that is still to come.",
    status=409,
)  # fmt: skip
SHIFT = rule(
    "SET-046", "Cannot be shifted there", "{name} of {business_date} cannot be at {at}: {reason}.",
    "Choose a time to come, after the event before it and before the next day's real-time settlement.",
)  # fmt: skip
NOT_DUE = rule(
    "SET-047", "Event is not due", "{name} of {business_date} is due at {at}.", "Wait until then, or shift it.",
    status=409, transient=True,
)  # fmt: skip
EVENT_LEFT = rule(
    "SET-048", "An earlier event is left", "{left} of {business_date} comes before {name} and is not done.",
    "Do the day's events in order.", status=409, transient=True,
)  # fmt: skip
DAY_ORDER = rule(
    "SET-049", "Events out of order", "{name} would be at {at}, before {before}.",
    "Mend the timetable or choose another start of the night.",
)  # fmt: skip
NO_CYCLE_NOW = rule(
    "SET-050", "No cycle now", "{business_date} is in the phase {phase}; its next cycle is {event} at {at}.",
    "Wait for it; the depository may shift what is still to come.", status=409, transient=True,
)  # fmt: skip
DAY_NOT_ENDED = rule(
    "SET-051", "Day has not ended", "{business_date} has no report yet.", "Wait for its end, or run the day.", status=404,
)  # fmt: skip
PRICE = rule(
    "SET-052", "Reference price cannot be read", "{reason}",
    "Send isin, business_date, price and currency; quotation (unit, percent), liquid and asset_class if need be. "
    "Nothing of the file was stored.",
)  # fmt: skip
RATE = rule(
    "SET-053", "Rate cannot be stored", "{reason}", "Send an ISO 4217 code and a rate within its bounds."
)
TIMETABLE = rule(
    "SET-054", "Timetable cannot be used", "{reason}",
    "Send every event of the day in order, valid from a settlement day that was not opened yet.",
)  # fmt: skip
NO_SUCH_ORDER = rule(
    "SET-090", "Not in that order", "Instructions with these filters cannot be had in the order {order}.",
    "Leave the order out, or some of the filters.",
)  # fmt: skip

ISO_REASONS: dict[str, str] = {
    entry.code: iso
    for entry, iso in (
        (UNKNOWN_SECURITY, "DSEC"), (SECURITY_NOT_ACTIVE, "DSEC"), (SECURITIES_ACCOUNT, "SAFE"), (CASH_ACCOUNT, "CASH"),
        (UNKNOWN_COUNTERPARTY, "ICAG"), (REFERENCE_USED, "REFE"), (QUANTITY, "DQUA"), (NOT_A_MULTIPLE, "MUNO"),
        (BELOW_MINIMUM, "MINO"), (AMOUNT, "DMON"), (CURRENCY, "NCRR"), (PAYMENT_INCOMPLETE, "SETR"),
        (TRADE_DATE, "DTRD"), (INTENDED_DATE, "DDAT"), (OWN_COUNTERPARTY, "SAFE"), (POOL, "INVL"),
        (LINKED_TO_ITSELF, "INVL"), (LINKED_TWICE, "INVL"), (LINK_CIRCLE, "INVL"), (LINKED_TO_ENDED, "INVL"),
        (NOT_LINKED, "INVL"), (LINKED_TOO_FAR, "INVL"), (PRIORITY, "OTHR"), (ALREADY_SETTLED, "DSET"),
        (ALREADY_CANCELLED, "DCAN"),
    )
}  # fmt: skip
"""Reason codes of sese.024 (rejection) and sese.027/031 (denial)."""


def iso_reason(entry: Rule | str) -> str:
    """The ISO 20022 reason of a catalogue entry or its code; OTHR where there is none of its own."""
    return ISO_REASONS.get(entry if isinstance(entry, str) else entry.code, "OTHR")
