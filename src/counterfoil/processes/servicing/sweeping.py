"""What the clock does for servicing: it lays out what the register has entered, has holders told of what is to come,
releases what accounts can take again, has payments passed on to who has a claim to them, and starts what is due.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.orchestration import NewInstance, start
from counterfoil.servicing import (
    Action,
    Process,
    ServicingEvent,
    announce_upcoming,
    announce_windows,
    is_time_to_lay_out,
    knock_out_hits,
    lay_out_new,
    make_claims,
    payment_moment,
    record_moment,
    release_unblocked,
    request_adjustment,
    request_release,
    start_of_day,
    take_due,
)
from counterfoil.settlement import current_business_date

ADJUSTMENT, CORRECTION, RELEASE = "adjustment", "correction", "release"
_ACTOR = "servicing"


def sweep_events(database: Database, now: datetime) -> int:
    """One round; how much was done. Any number of workers may call it. What is due is started before what follows."""
    with database.transaction() as tx:
        done = lay_out_new(tx, now=now) if is_time_to_lay_out(tx, now=now) else 0
    with database.transaction() as tx:
        done += announce_upcoming(tx, now.date()) + announce_windows(tx, now.date())
    with database.transaction() as tx:
        done += len(knock_out_hits(tx, now=now))
    with database.transaction() as tx:
        done += start_due(tx, now=now)
    with database.transaction() as tx:
        done += release_unblocked(tx, now=now, actor=_ACTOR)
    with database.transaction() as tx:
        return done + make_claims(tx, current_business_date(tx, now=now), now=now, actor=_ACTOR)


def start_due(tx: Transaction, *, now: datetime, limit: int = 1000) -> int:
    """Start the process of each event that is due today: an instance of the event's own id, so never twice."""
    return start_events(tx, take_due(tx, now.date(), limit), now=now)


def start_events(tx: Transaction, due: Sequence[tuple[ServicingEvent, Process]], *, now: datetime) -> int:
    """Start these events' processes; how many."""
    by_process: dict[Process, list[NewInstance]] = {}
    for event, process in due:
        by_process.setdefault(process, []).append(
            NewInstance(event.id, _variables(event), event.isin, asked_by=event.particulars.get("called_by"))
        )
    return sum(start(tx, process.value, instances, now=now) for process, instances in by_process.items())


def start_correction(
    tx: Transaction, event_id: UUID, isin: str, reason: str, *, now: datetime, requester: str
) -> UUID:
    """Have a paid event decided and paid anew once another person has approved; the instance."""
    instance = new_id()
    said = {"event": str(event_id), "isin": isin, "because": reason}
    start(tx, CORRECTION, [NewInstance(instance, said, isin, asked_by=requester)], now=now)
    return instance


def start_adjustment(tx: Transaction, action: Action, reason: str, *, now: datetime, requester: str) -> UUID:
    """Have every security on an underlying adjusted from a day on once another person has approved; the adjustment,
    whose id the process has too.
    """
    id_ = request_adjustment(tx, action, reason, now=now, actor=requester)
    said = {
        "adjustment": str(id_), "underlying": action.underlying, "factor": f"{action.factor:f}", "because": reason,
        "effective_at": start_of_day(action.ex_day).isoformat(),
    }  # fmt: skip
    start(tx, ADJUSTMENT, [NewInstance(id_, said, action.underlying, asked_by=requester)], now=now)
    return id_


def start_release(
    tx: Transaction, event_id: UUID, account: str, into: str, reason: str, *, now: datetime, requester: str
) -> UUID:
    """Have what a closed account is owed released to another one of its owner once another person has approved; the
    request, whose id the process has too.
    """
    id_ = request_release(tx, event_id, account, into, reason, now=now, actor=requester)
    said = {"release": str(id_), "event": str(event_id), "account": account, "into": into, "because": reason}
    start(tx, RELEASE, [NewInstance(id_, said, account, asked_by=requester)], now=now)
    return id_


def _variables(event: ServicingEvent) -> dict[str, Any]:
    """Ids and times only: everything else is read where it is needed."""
    recorded, paid = event.record_date or event.day, event.payment or event.day
    return {
        "event": str(event.id),
        "isin": event.isin,
        "kind": event.kind,
        "record_at": record_moment(recorded).isoformat(),
        "payment_at": payment_moment(paid).isoformat(),
    }
