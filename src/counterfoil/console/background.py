"""What takes longer than a page may: done by a thread of its own, one of a name at a time, told as it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread

import structlog

from counterfoil.console import errors
from counterfoil.core.errors import CATALOGUE, Refusal, Refused, Rule
from counterfoil.core.ids import new_id

LOG = structlog.get_logger("counterfoil.console")
Tell = Callable[[str], None]


@dataclass(slots=True)
class Task:
    """Something under way or over: who has started it and when, what it has told, and why it broke off."""

    by: str
    started_at: datetime
    told: list[str] = field(default_factory=list)
    refusals: Sequence[Refusal] = ()
    is_over: bool = False

    @property
    def problems(self) -> list[tuple[Refusal, Rule]]:
        """What it broke off for, as pages show it."""
        return [(refusal, CATALOGUE[refusal.code]) for refusal in self.refusals]


class Background:
    """The tasks of this process, the last of each name."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._lock = Lock()

    def last(self, name: str) -> Task | None:
        """The task of a name that was started last."""
        with self._lock:
            return self._tasks.get(name)

    def start(self, name: str, work: Callable[[Tell], None], *, by: str, now: datetime) -> None:
        """Do `work` in a thread; it is given a function by which it tells how far it is. Raises `Refused` (CON-423)
        while one of the name is under way.
        """
        with self._lock:
            last = self._tasks.get(name)
            if last is not None and not last.is_over:
                raise Refused(errors.UNDER_WAY(by=last.by))
            task = self._tasks[name] = Task(by, now)
        Thread(target=_do, args=(name, task, work), name=f"console {name}", daemon=True).start()


def _do(name: str, task: Task, work: Callable[[Tell], None]) -> None:
    try:
        work(task.told.append)
    except Refused as refused:
        task.refusals = refused.refusals
    except Exception:
        id_ = str(new_id())
        LOG.exception("a task of the console failed", task=name, id=id_)
        task.refusals = (errors.BUG(id=id_),)
    finally:
        task.is_over = True
