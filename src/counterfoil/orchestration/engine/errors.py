"""Refusals of the engine's operations."""

from counterfoil.core.errors import rule

UNKNOWN_PROCESS = rule(
    "ORC-200",
    "Unknown process",
    'No process "{process}" is deployed.',
    "Deploy it, or correct the id.",
    status=404,
)
UNKNOWN_INSTANCE = rule(
    "ORC-201", "Unknown instance", "There is no process instance {instance}.", "Check the id.", status=404
)
UNKNOWN_INCIDENT = rule(
    "ORC-202",
    "Unknown incident",
    "There is no open incident {incident}.",
    "Check the id; it may be resolved.",
    status=404,
)
UNKNOWN_TASK = rule(
    "ORC-203",
    "Unknown task",
    "There is no open task {task}.",
    "Check the id; it may be completed.",
    status=404,
)
UNKNOWN_VERSION = rule(
    "ORC-204",
    "Unknown version",
    'The process "{process}" has no version {version}.',
    "List the versions.",
    status=404,
)
NOT_ACTIVE = rule(
    "ORC-205",
    "Instance has ended",
    "The instance {instance} is {state}.",
    "Only active instances can be changed.",
    status=409,
)
NO_COUNTERPART = rule(
    "ORC-206",
    "Cannot be migrated",
    'The element "{element}" has no counterpart of the same type and scope in version {version}.',
    "Map it to one, or move the instance on first.",
    status=409,
)
NO_NONE_START = rule(
    "ORC-207",
    "Cannot be started so",
    'The process "{process}" starts only by a message or a timer.',
    "Publish the message.",
    status=409,
)
