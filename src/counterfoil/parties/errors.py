"""Refusals about parties."""

from counterfoil.core.errors import rule

UNREADABLE = rule(
    "PTY-001",
    "Unreadable party file",
    "The file cannot be read as {format}: {reason}.",
    "Send GLEIF's golden copy JSON, or its LEI-BIC CSV.",
    status=400,
)
BAD_RECORD = rule(
    "PTY-002",
    "Record left out",
    "Record {number} is no usable LEI record: {reason}.",
    "Correct the record, or report it to GLEIF.",
)
UNKNOWN_PARTY = rule(
    "PTY-003", "Unknown party", "There is no party {lei}.", "Import its GLEIF record.", status=404
)
UNKNOWN_ROLE = rule(
    "PTY-004",
    "Unknown role",
    'The role "{role}" is not known.',
    "Use issuer, issuing_agent, paying_agent, dealer, custodian or csd_operator.",
)
