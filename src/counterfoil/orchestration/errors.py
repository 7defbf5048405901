"""The catalogue entries of orchestration: ORC-1xx deployment and expressions, ORC-2xx the running engine."""

from counterfoil.core.errors import rule

_ELEMENT = "Open the model in a modeller, correct the element and deploy again."

# --- the file ---------------------------------------------------------------------------------------------
MODEL_UNREADABLE = rule(
    "ORC-100", "Model unreadable", "The model cannot be read as XML: {reason}.",
    "Export the model again as BPMN 2.0 XML in UTF-8, without a document type declaration.", status=400,
)  # fmt: skip
NOT_BPMN = rule(
    "ORC-101", "Not a BPMN model", "The root element is {found}; BPMN 2.0 definitions are expected.",
    "Send a BPMN 2.0 file; the namespace is that of OMG formal/2011-01-03.", status=400,
)  # fmt: skip
NO_PROCESS = rule(
    "ORC-102", "No executable process", "The model holds no executable process{detail}.",
    "Mark at least one process as executable.",
)  # fmt: skip
MODEL_TOO_LARGE = rule(
    "ORC-103", "Model too large", "The model has {count} {what}; at most {limit} are allowed.",
    "Split the model; call activities connect the parts.", status=413,
)  # fmt: skip
EXPRESSION_MALFORMED = rule(
    "ORC-104", "Malformed expression", "The FEEL expression is malformed at position {position}: {reason}.",
    "Correct the expression; docs/bpmn.md lists what FEEL offers here.",
)  # fmt: skip

# --- identity ---------------------------------------------------------------------------------------------
ID_MISSING = rule(
    "ORC-110", "Id missing", "A {type} {element} has no usable id: {reason}.", _ELEMENT,
)  # fmt: skip
ID_DUPLICATE = rule(
    "ORC-111", "Duplicate id", "The id of {type} {element} stands more than once in the model.", _ELEMENT,
)  # fmt: skip
ELEMENT_UNSUPPORTED = rule(
    "ORC-112", "Element not supported", "{type} {element} is not supported{hint}.",
    "Use the elements listed in docs/bpmn.md.",
)  # fmt: skip
EVENT_UNSUPPORTED = rule(
    "ORC-113", "Event not supported", "{type} {element} has the event definition {event}, not supported here.",
    "Use the events listed in docs/bpmn.md.",
)  # fmt: skip
EXTENSION_UNSUPPORTED = rule(
    "ORC-114", "Extension not supported", "{type} {element} carries the extension {extension}, not supported here.",
    "Use the extension elements listed in docs/bpmn.md.",
)  # fmt: skip
REFERENCE_UNKNOWN = rule(
    "ORC-115", "Unknown reference", "{type} {element} refers to {reference}, but the model has no such {wanted}.",
    _ELEMENT,
)  # fmt: skip
ATTRIBUTE_UNSUPPORTED = rule(
    "ORC-116", "Attribute not supported", "{type} {element} has {attribute}={value}, not supported here.",
    "Use the elements and attributes listed in docs/bpmn.md.",
)  # fmt: skip

# --- flow -------------------------------------------------------------------------------------------------
START_MISSING = rule(
    "ORC-120", "Start event missing", "{type} {element} has no {wanted}start event.", _ELEMENT,
)  # fmt: skip
START_AMBIGUOUS = rule(
    "ORC-121", "Several start events", "{type} {element} has {count} {kind} start events; only one is allowed.",
    _ELEMENT,
)  # fmt: skip
FLOW_DANGLING = rule(
    "ORC-122", "Dangling sequence flow", "Sequence flow {element} has no {end}: {reason}.", _ELEMENT,
)  # fmt: skip
FLOW_CROSSES_SCOPES = rule(
    "ORC-123", "Sequence flow crosses scopes",
    "Sequence flow {element} leads from {source} to {target}, which lie in different (sub-)processes.",
    "Flows stay inside one (sub-)process; use the sub-process's own start, end and boundary events.",
)  # fmt: skip
ELEMENT_UNREACHABLE = rule(
    "ORC-124", "Element unreachable", "{type} {element} cannot be reached from a start event.", _ELEMENT,
)  # fmt: skip
FLOW_FORBIDDEN = rule(
    "ORC-125", "Sequence flow not allowed", "{type} {element} may not have {direction} sequence flows.", _ELEMENT,
)  # fmt: skip
CONDITION_MISSING = rule(
    "ORC-126", "Condition missing", "Sequence flow {flow} of {type} {element} has neither a condition nor is it "
    "the default.", _ELEMENT,
)  # fmt: skip
CONDITION_FORBIDDEN = rule(
    "ORC-127", "Condition not allowed", "Sequence flow {flow} of {type} {element} has a condition: {reason}.",
    _ELEMENT,
)  # fmt: skip
DEFAULT_WRONG = rule(
    "ORC-128", "Wrong default flow", "The default flow {flow} of {type} {element} is wrong: {reason}.", _ELEMENT,
)  # fmt: skip
GATEWAY_TRIVIAL = rule(
    "ORC-129", "Gateway without purpose", "{type} {element} neither joins nor splits: {reason}.",
    "Remove the gateway or draw the missing flow.",
)  # fmt: skip
EVENT_GATEWAY_TARGET = rule(
    "ORC-130", "Event-based gateway", "{type} {element}: {reason}.",
    "Let it lead to two or more message or timer catch events or receive tasks, which no other flow enters.",
)  # fmt: skip
LOOP_WITHOUT_WAIT = rule(
    "ORC-131", "Endless loop", "{type} {element} stands on a loop of flows that passes no activity and no wait.",
    "Put a task or a timer on the loop, or break it.",
)  # fmt: skip

# --- content ----------------------------------------------------------------------------------------------
TASK_TYPE_MISSING = rule(
    "ORC-140", "Task type missing", "{type} {element} names no task type.",
    "Add zeebe:taskDefinition with a type.",
)  # fmt: skip
TASK_SETTING_WRONG = rule(
    "ORC-141", "Wrong task setting", "{type} {element}: {setting} is {value}; {wanted}.", _ELEMENT,
)  # fmt: skip
EXPRESSION_INVALID = rule(
    "ORC-142", "Invalid expression", "{type} {element}: {where} is malformed at position {position}: {reason}.",
    "Correct the expression; docs/bpmn.md lists what FEEL offers here.",
)  # fmt: skip
EXPRESSION_MISSING = rule(
    "ORC-143", "Expression missing", "{type} {element}: {where} needs an expression that begins with '='.",
    _ELEMENT,
)  # fmt: skip
MAPPING_WRONG = rule(
    "ORC-144", "Wrong mapping", "{type} {element}: a mapping has {reason}.",
    "A mapping needs a source and a target; a target is the name of one variable.",
)  # fmt: skip
MESSAGE_WRONG = rule(
    "ORC-145", "Wrong message", "{type} {element}: {reason}.",
    "Reference a message with a name and, but at a process's start event, a zeebe:subscription correlationKey.",
)  # fmt: skip
TIMER_WRONG = rule(
    "ORC-146", "Wrong timer", "{type} {element}: {reason}.",
    "Give exactly one timeDate, timeDuration or timeCycle in ISO 8601 (PT15M, R3/PT10S) or as an expression.",
)  # fmt: skip
ERROR_WRONG = rule(
    "ORC-147", "Wrong error", "{type} {element}: {reason}.", "Reference an error with an error code.",
)  # fmt: skip
BOUNDARY_WRONG = rule(
    "ORC-148", "Wrong boundary event", "{type} {element}: {reason}.", _ELEMENT,
)  # fmt: skip
CALLED_PROCESS_MISSING = rule(
    "ORC-149", "Called process missing", "{type} {element} names no process to call.",
    "Add zeebe:calledElement with a static processId.",
)  # fmt: skip
MULTI_INSTANCE_WRONG = rule(
    "ORC-150", "Wrong multi-instance", "{type} {element}: {reason}.", _ELEMENT,
)  # fmt: skip
