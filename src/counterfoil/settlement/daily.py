"""What the depository itself does at each event of a settlement day."""

from datetime import datetime
from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.settlement.cycle import run_cycle
from counterfoil.settlement.day import mark_done
from counterfoil.settlement.end_of_day import run_end_of_day
from counterfoil.settlement.instructions import lock_all
from counterfoil.settlement.on_demand import mark_down
from counterfoil.settlement.pending import take_turn
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
        take_turn(tx)
        taken_back = mark_down(tx, now=now, actor=actor)
        end = run_end_of_day(tx, event.business_date, now=now, actor=actor)
        return told | {
            "marked_down": len(taken_back),
            "failing": end.failing,
            "expired": end.expired_unmatched + end.expired_matched,
            "penalties": end.penalties,
            "unpriced": list(end.unpriced),
            "mismatches": len(end.integrity.mismatches),
        }
    if mark_done(tx, event.business_date, event.name, now=now) and event.kind in _CYCLES:
        cycle = run_cycle(
            tx, now=now, business_date=event.business_date, actor=actor, in_parts=_CYCLES[event.kind]
        )
        told |= {"settled": cycle.settled, "in_parts": cycle.in_parts}
    return told
