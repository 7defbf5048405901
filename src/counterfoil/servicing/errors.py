"""Refusals of servicing."""

from counterfoil.core.errors import rule

UNKNOWN_EVENT = rule("SRV-001", "Unknown event", "There is no event {event}.", "Check the id.", status=404)
RANGE = rule(
    "SRV-002", "Range of days", "The range from {first} to {last} is empty or longer than {most} days.",
    "Ask for fewer days, the first not after the last.",
)  # fmt: skip
