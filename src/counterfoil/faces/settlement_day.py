"""A settlement day at somebody's wish: one event of it, or all that is left."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from counterfoil.access import Actor, require, require_everywhere
from counterfoil.core.db import Transaction
from counterfoil.faces.services import Services, repeated
from counterfoil.settlement import cycles, days, do_event, event_of, open_day

_SEEN_BY_ALL = ("business_date", "state", "opened_at", "closed_at")


def days_seen(
    tx: Transaction, actor: Actor, *, before: date | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """The days that were opened, the latest first; what their ends did in the whole house is told the depository
    alone. Raises `Refused` (ACC-403).
    """
    require(actor, "settlement.read")
    found = days(tx, before=before, limit=limit)
    return found if actor.sees_everything else [{name: day[name] for name in _SEEN_BY_ALL} for day in found]


def cycles_seen(
    tx: Transaction, actor: Actor, *, before: UUID | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """What cycles have done, the latest first: totals of the whole house, told the depository alone. A party reads
    what became of its instructions from these. Raises `Refused` (ACC-403).
    """
    require_everywhere(actor, "settlement.read")
    return cycles(tx, before=before, limit=limit)


def do_one_event(
    services: Services, actor: Actor, day: date, name: str, *, simulated: bool
) -> dict[str, Any]:
    """Do what one event of an open day is for, once: what came of it. `simulated`: at its own time, as if the clock
    stood there, where that is still to come. Raises `Refused` as `do_event` does.
    """

    def work() -> dict[str, Any]:
        with services.transaction() as tx:
            event = event_of(tx, day, name)
            now = services.clock.now()
            return do_event(tx, event, now=max(event.at, now) if simulated else now, actor=actor.label)

    return repeated(work)


def do_rest_of_day(
    services: Services, actor: Actor, day: date, told: Callable[[dict[str, Any]], None]
) -> None:
    """Open a day where it is not, and do all that is left of it, in order, each event at its own time and in a
    transaction of its own; what came of each is `told` at once. Raises `Refused` as `open_day` and `do_event` do.
    """
    with services.transaction() as tx:
        opened = open_day(tx, day, now=services.clock.now())
    for event in opened.events:
        if event.done_at is None:
            told(do_one_event(services, actor, day, event.name, simulated=True))
