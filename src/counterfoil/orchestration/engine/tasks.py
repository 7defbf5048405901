"""What a process model's tasks are to Python: functions over batches of jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.clock import Clock
from counterfoil.core.db import Transaction
from counterfoil.core.errors import ensure


@dataclass(frozen=True, slots=True)
class Job:
    """One element instance that wants a task done. `attempt` counts from 1."""

    instance_id: UUID
    element_instance_id: UUID
    business_key: str | None
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    attempt: int


@dataclass(frozen=True, slots=True)
class Done:
    """The task is done; `variables` go to the scope."""

    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BpmnError:
    """A business error: caught by an error boundary event with this code, or one that catches all."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not yet: ask again after `delay`. Counts as no attempt."""

    delay: timedelta


Outcome = Done | BpmnError | Snooze


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What a task may know besides its jobs. `now` is the time of the stretch."""

    now: datetime
    clock: Clock


TaskFunction = Callable[[Transaction, Sequence[Job], TaskContext], Sequence[Outcome]]


class Tasks:
    """The functions by task type."""

    def __init__(self) -> None:
        self._functions: dict[str, TaskFunction] = {}

    def add(self, task_type: str, function: TaskFunction) -> None:
        """Register the function of a task type; each type has one."""
        ensure(task_type not in self._functions, f"task type {task_type} has two functions")
        self._functions[task_type] = function

    def function(self, task_type: str) -> TaskFunction:
        """The function of a task type. Raises `LookupError`, which becomes an incident of the instance."""
        try:
            return self._functions[task_type]
        except KeyError:
            raise LookupError(f'no function is registered for task type "{task_type}"') from None

    def types(self) -> set[str]:
        """Every registered task type."""
        return set(self._functions)
