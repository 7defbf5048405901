"""What may settle by itself at an instant, and when the rest is next tried.

While a settlement day is open, its phases bind (`timetable`): whatever settles one by one looks them up once for its
batch. A cycle is an event of the day and asks nobody. Without an open day the house settles around the clock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.settlement.day import current_day, first_cycle_after
from counterfoil.settlement.model import Blocking, Payment
from counterfoil.settlement.pending import Pending
from counterfoil.settlement.timetable import CENTRAL_BANK_OPERATION, ZONE, Day, DayEvent, EventKind, Phase

SQL = queries(__file__)
_DEPOSITORY = "CSD"
_BRING_THE_SET = (EventKind.NIGHT_CYCLE, EventKind.REAL_TIME)


@dataclass(frozen=True, slots=True)
class Hours:
    """What holds while something settles. Without a `phase` everything may; `next_cycle` is tried by everything that
    is ready by then.
    """

    in_parts: bool
    now: datetime | None = None
    day: Day | None = None
    phase: Phase | None = None
    next_cycle: DayEvent | None = None

    def has_ended_for(self, payment: Payment, transaction_type: str = "TRAD") -> bool:
        """Whether such a transaction settles on this day no more."""
        if self.day is None or self.now is None:
            return False
        return self.day.is_past_cut_off(payment, self.now, transaction_type)


def hours_at(tx: Transaction, *, now: datetime) -> Hours:
    """What holds for instant settlement at `now`."""
    day = current_day(tx)
    if day is None:
        return Hours(in_parts=True, now=now)
    phase = day.phase(now)
    left = [e for e in day.events if e.kind in _BRING_THE_SET and e.done_at is None]
    late = day.is_past_cut_off(Payment.AGAINST, now)
    following = first_cycle_after(tx, day.business_date) if late or not left else left[0]
    return Hours(phase.in_parts, now, day, phase, following)


def shut_out(tx: Transaction, hours: Hours, found: Collection[Pending]) -> dict[UUID, Blocking]:
    """Those of the given transactions that may not settle now, each with what it waits for."""
    phase, day, now = hours.phase, hours.day, hours.now
    if phase is None or day is None or now is None:
        return {}
    barred = [p for p in found if not phase.allows(p.payment)]
    late = [p.id for p in barred if day.is_past_cut_off(p.payment, now)]
    told = {row[0]: row[1:] for row in tx.rows(SQL.late, ids=late)} if late else {}
    blockings: dict[UUID, Blocking] = {}
    for p in barred:
        later, central_bank = told.get(p.id, ("", False))
        kind = CENTRAL_BANK_OPERATION if central_bank else "TRAD"
        if phase.allows(p.payment, kind):
            continue
        cut_off = day.cut_off(p.payment, now, kind)
        blockings[p.id] = _waits(p, hours) if cut_off is None else _late(p, hours, cut_off, later)
    return blockings


def _waits(p: Pending, hours: Hours) -> Blocking:
    """Nothing stands against it but the time. Pending reasons have no code of their own for that, failing ones do."""
    failing = hours.day is not None and p.intended_date < hours.day.business_date
    name = "" if hours.phase is None else hours.phase.name.value.replace("_", " ")
    return Blocking(
        "CYCL" if failing else "OTHR",
        f"It is ready; the day's phase is {name}, in which nothing settles by itself.",
        f"It {_next(hours)}. The depository may shift that.",
        (_DEPOSITORY,),
    )


def _late(p: Pending, hours: Hours, cut_off: DayEvent, later: str) -> Blocking:
    when = f"The {cut_off.name} of {cut_off.business_date} was at {_clock(cut_off.at)}"
    remedy = f"It {_next(hours)}. A cut-off that has passed is not shifted."
    if p.matched_at < cut_off.at:
        return Blocking("CYCL", f"{when}: what it waited for came too late.", remedy, (_DEPOSITORY,))
    return Blocking("LATE", f"{when}: {later} instructed after it.", remedy, (later,))


def _next(hours: Hours) -> str:
    event = hours.next_cycle
    return (
        ""
        if event is None
        else f"settles next in {event.name} of {event.business_date}, at {_clock(event.at)}"
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M %Z}"
