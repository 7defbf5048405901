"""A process model as the engine sees it: plain, immutable, checked at deployment.

Names are those of BPMN 2.0 (OMG formal/2013-12-09); task types, mappings and conditions are Zeebe's extension
elements, so that the same file also deploys to a Camunda 8 cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class ElementType(StrEnum):
    """Every flow node that the engine runs. Anything else is refused at deployment."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    INTERMEDIATE_CATCH_EVENT = "intermediateCatchEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    SERVICE_TASK = "serviceTask"
    SEND_TASK = "sendTask"
    USER_TASK = "userTask"
    RECEIVE_TASK = "receiveTask"
    CALL_ACTIVITY = "callActivity"
    SUB_PROCESS = "subProcess"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"


class Expression(Protocol):
    """A compiled FEEL expression. `source` is what stood in the model, without the leading `=`."""

    source: str

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value over these variables; raises `FeelError` where FEEL has no answer."""


class EventKind(StrEnum):
    """What an event waits for or raises."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    ERROR = "error"
    TERMINATE = "terminate"


class TimerKind(StrEnum):
    """BPMN's three timer definitions, written in ISO 8601."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer definition. The expression yields an ISO 8601 text, or a datetime or timedelta."""

    kind: TimerKind
    expression: Expression


@dataclass(frozen=True, slots=True)
class Message:
    """A message by name. The key decides which instance it reaches; None on a message start event."""

    name: str
    correlation_key: Expression | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """One input or output mapping of Zeebe's `ioMapping`: `target` = `source` over the scope's variables."""

    source: Expression
    target: str


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Loop characteristics: one child per entry of the collection, in parallel or one after the other."""

    sequential: bool
    input_collection: Expression
    input_element: str | None
    output_collection: str | None
    output_element: Expression | None
    completion_condition: Expression | None


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """An arrow. `condition` is None when it is always taken."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node. Which of the optional parts are set follows from `type` and `event`."""

    id: str
    name: str
    type: ElementType
    scope: str
    """Id of the enclosing sub-process, or of the process itself."""
    incoming: tuple[SequenceFlow, ...] = ()
    outgoing: tuple[SequenceFlow, ...] = ()
    default_flow: str | None = None
    event: EventKind = EventKind.NONE
    task_type: str | None = None
    retries: int = 3
    headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()
    timer: Timer | None = None
    message: Message | None = None
    error_code: str | None = None
    """Error thrown (end event) or caught (boundary event; None catches every code)."""
    attached_to: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    """Ids of the boundary events attached to this activity."""
    multi_instance: MultiInstance | None = None
    called_process: str | None = None
    propagate_all_variables: bool = True
    candidate_groups: tuple[str, ...] = ()
    assignee: Expression | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """An executable process: all its flow nodes by id, those of sub-processes included."""

    id: str
    name: str
    elements: Mapping[str, Element]
    starts: Mapping[str, tuple[str, ...]]
    """Start events by scope id; the process's own under its id."""
    mendable: frozenset[str] = frozenset()
    """Variables that persons may mend while it runs; no others."""

    def element(self, element_id: str) -> Element:
        """The element; KeyError if the model has none of that id."""
        return self.elements[element_id]
