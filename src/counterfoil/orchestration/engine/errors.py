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
NOT_MENDABLE = rule(
    "ORC-208",
    "Variable not to be mended",
    'Version {version} of "{process}" does not let the variable "{variable}" be mended.',
    "Mendable are: {mendable}. Any other is mended once an approver has agreed: POST /instances/mendings, or process mend.",
    status=409,
)
OTHER_PROCESS = rule(
    "ORC-209",
    "Another process",
    'The instance is one of "{process}" and cannot be migrated to "{target}".',
    "Migrate to a version of its own process.",
    status=409,
)
OLDER_VERSION = rule(
    "ORC-210",
    "Older version",
    "The instance is of version {version}; version {target} is older.",
    "Deploy the older model again: it becomes the latest version.",
    status=409,
)
NOT_RENAMED = rule(
    "ORC-211",
    "Not a renamed element",
    'Version {version} of "{process}" does not know the element "{old}" by the new name "{new}".',
    "Map only an element that the new version has no longer to one that the old version had not yet.",
    status=409,
)
WAITS_FOR_A_PERSON = rule(
    "ORC-212",
    "Waits for a person",
    'The instance {instance} waits for a person at "{element}".',
    "Have that decided first: who decides must see what is decided.",
    status=409,
)
CHANGED_MEANWHILE = rule(
    "ORC-213",
    "Changed in the meantime",
    "A variable of the instance {instance} is no longer what it was when the mending was asked for.",
    "Refuse it, and ask for it anew.",
    status=409,
)
OWN_INSTANCE = rule(
    "ORC-214",
    "Asked for by the approver",
    "You have asked for what the instance {instance} does.",
    "Have another person approve.",
    status=403,
)
