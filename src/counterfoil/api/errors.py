"""Refusals of requests as such."""

from counterfoil.core.errors import rule

MALFORMED = rule("API-001", "Malformed request", "{reason}", "Compare the request with the OpenAPI document.")
NOT_FOUND = rule(
    "API-002", "Not found", "There is nothing at {path}.", "Look at /docs for what there is.", status=404
)
METHOD = rule("API-003", "Method not allowed", "{method} is not possible here.", "Look at /docs.", status=405)
TOO_LARGE = rule(
    "API-004",
    "Request too large",
    "The body is larger than {limit} bytes.",
    "Send a batch to /batches.",
    status=413,
)
MEDIA_TYPE = rule(
    "API-005",
    "Unsupported media type",
    "The body must be {wanted}.",
    "Set Content-Type accordingly.",
    status=415,
)
DISK_FULL = rule(
    "API-507", "Disk almost full", "The database has {free} MiB left; it needs {floor}.",
    "Make room on the disk; nothing else is to be done.", status=503, transient=True,
)  # fmt: skip
UNAVAILABLE = rule(
    "API-503",
    "Not available now",
    "The database does not answer; nothing was done.",
    "Try again in a moment.",
    status=503,
    transient=True,
)
BUG = rule(
    "API-500",
    "Internal error",
    "An unexpected error occurred; its id is {id}.",
    "Report the id to the operator.",
    status=500,
)
NO_SUCH_CODE = rule(
    "API-006", "Unknown error code", "There is no error code {code}.", "GET /errors lists all.", status=404
)
CONFLICT = rule(
    "API-409",
    "Conflict",
    "Another request changed the same thing at the same time.",
    "Look at the present state and try again.",
    status=409,
    transient=True,
)
EXPIRED = rule(
    "API-007", "Wrong header", "The header {header} is not {wanted}.", "Correct the header.", status=400
)
