"""What the depository itself does at each event of a settlement day."""

from datetime import datetime
from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.settlement import errors
from counterfoil.settlement.cycle import Cycle, run_cycle
from counterfoil.settlement.day import current_business_date, day, mark_done
from counterfoil.settlement.end_of_day import run_end_of_day
from counterfoil.settlement.hours import hours_at
from counterfoil.settlement.instructions import lock_all
from counterfoil.settlement.on_demand import mark_down
from counterfoil.settlement.recycling import turn_failing
from counterfoil.settlement.timetable import DayEvent, EventKind

_CYCLES = {
    EventKind.NIGHT_CYCLE: True,
    EventKind.REAL_TIME: False,
    EventKind.PARTIAL_WINDOW: True,
    EventKind.DVP_CUT_OFF: False,
}
"""At which events all that is due is settled as a set, and whether in parts too."""


def do_event(tx: Transaction, event: DayEvent, *, now: datetime, actor: str) -> dict[str, Any]:
    """Do what an event of the open day is for, once; what came of it. `now` is no earlier than the event.

    Raises `Refused` (SET-043 to SET-048) where the event is not due or one before it was not done.
    """
    told: dict[str, Any] = {"event": event.name, "at": event.at, "settled": 0, "in_parts": 0}
    if event.kind is EventKind.END:
        # Before the register's locks: whoever is settling now may still want them.
        lock_all(tx)
        is_open = day(tx, event.business_date, lock=True).is_open
        taken_back = mark_down(tx, now=now, actor=actor) if is_open else {}
        end = run_end_of_day(tx, event.business_date, now=now, actor=actor)
        return told | {
            "marked_down": len(taken_back),
            "failing": end.failing,
            "expired": end.expired_unmatched + end.expired_matched,
            "penalties": end.penalties,
            "unpriced": list(end.unpriced),
            "mismatches": end.integrity.mismatch_count,
            "suspended": list(end.suspended),
        }
    claimed = mark_done(tx, event.business_date, event.name, now=now)
    if claimed and event.kind in _CYCLES:
        cycle = run_cycle(
            tx, now=now, business_date=event.business_date, actor=actor, in_parts=_CYCLES[event.kind]
        )
        told |= {"settled": cycle.settled, "in_parts": cycle.in_parts}
    if claimed and event.kind is EventKind.DVP_CUT_OFF:
        told["failing"] = turn_failing(tx, event.business_date, now=now, actor=actor, all_kinds=False)
    return told


def run_extra_cycle(tx: Transaction, *, now: datetime, actor: str) -> Cycle:
    """A cycle beside those of the day, at the operator's wish. Raises `Refused` (SET-050) where the phase of the open
    day allows none.
    """
    lock_all(tx)
    hours = hours_at(tx, now=now)
    if hours.phase is not None and not hours.phase.allows_cycle:
        event = hours.next_cycle
        raise Refused(
            errors.NO_CYCLE_NOW(
                phase=hours.phase.name.value.replace("_", " "), business_date=hours.phase.business_date,
                event=event and event.name, at=event and event.at,
            )
        )  # fmt: skip
    today = current_business_date(tx, now=now)
    return run_cycle(tx, now=now, business_date=today, actor=actor, in_parts=hours.in_parts)
