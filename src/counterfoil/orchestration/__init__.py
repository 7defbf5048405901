"""Runs BPMN models; knows nothing of securities."""

from counterfoil.orchestration.bpmn import parse
from counterfoil.orchestration.engine.comparison import Change, Difference, compare
from counterfoil.orchestration.engine.definitions import (
    Deployment,
    definition_xml,
    definitions,
    deploy,
    model_elements,
)
from counterfoil.orchestration.engine.errors import UNKNOWN_PROCESS, UNKNOWN_TASK
from counterfoil.orchestration.engine.heat import STANDING_COUNTED, heat_map
from counterfoil.orchestration.engine.operations import (
    assign_user_tasks,
    cancel,
    checks,
    complete_user_tasks,
    migrate,
    release_user_tasks,
    retry,
    set_instance_variables,
)
from counterfoil.orchestration.engine.overview import (
    COUNTED,
    InFlight,
    InFlightByProcess,
    Open,
    in_flight,
    oldest_open,
    open_incidents,
    open_user_tasks,
)
from counterfoil.orchestration.engine.reading import (
    STATES,
    incidents,
    incidents_of,
    instance,
    instances,
    interventions,
    passed,
    user_task,
    user_tasks,
    visits,
)
from counterfoil.orchestration.engine.starting import Message, NewInstance, publish, start
from counterfoil.orchestration.engine.tasks import BpmnError, Done, Job, Outcome, Snooze, TaskContext, Tasks
from counterfoil.orchestration.engine.worker import Worker

__all__ = [
    "COUNTED",
    "STANDING_COUNTED",
    "STATES",
    "UNKNOWN_PROCESS",
    "UNKNOWN_TASK",
    "BpmnError",
    "Change",
    "Deployment",
    "Difference",
    "Done",
    "InFlight",
    "InFlightByProcess",
    "Job",
    "Message",
    "NewInstance",
    "Open",
    "Outcome",
    "Snooze",
    "TaskContext",
    "Tasks",
    "Worker",
    "assign_user_tasks",
    "cancel",
    "checks",
    "compare",
    "complete_user_tasks",
    "definition_xml",
    "definitions",
    "deploy",
    "heat_map",
    "in_flight",
    "incidents",
    "incidents_of",
    "instance",
    "instances",
    "interventions",
    "migrate",
    "model_elements",
    "oldest_open",
    "open_incidents",
    "open_user_tasks",
    "parse",
    "passed",
    "publish",
    "release_user_tasks",
    "retry",
    "set_instance_variables",
    "start",
    "user_task",
    "user_tasks",
    "visits",
]
