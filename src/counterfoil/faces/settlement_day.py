"""A settlement day at somebody's wish: one event of it, or all that is left."""

from collections.abc import Callable
from datetime import date
from typing import Any

from counterfoil.access import Actor
from counterfoil.faces.services import Services, repeated
from counterfoil.settlement import do_event, event_of, open_day


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
