"""Events by which holders learn of an adjustment that is to come, and of what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_ids
from counterfoil.core.outbox import announce
from counterfoil.instruments import Terms, TermsVersion
from counterfoil.servicing.agenda import EVENT, end_events
from counterfoil.servicing.model import CalledFor, Ending, ServicingEvent
from counterfoil.servicing.scheduling import store_events

SQL = queries(__file__)
_PAYING_AGENT = "paying_agent"


@dataclass(frozen=True, slots=True)
class Action:
    """From `ex_day` on, prices of the underlying are `factor` times what they were."""

    underlying: str
    factor: Decimal
    ex_day: date


def foretell(
    tx: Transaction,
    id_: UUID,
    action: Action,
    resting: Mapping[str, tuple[TermsVersion, Terms]],
    *,
    is_late: bool = False,
    now: datetime,
) -> dict[str, UUID]:
    """An event of each security that an approved adjustment is to move, announced; their ids. `is_late`: it is moved
    at once.
    """
    events = [
        ServicingEvent(
            event, isin, version.version, CalledFor.ADJUSTMENT.value, action.ex_day, None, None,
            f"/adjustments/{id_}", terms.issuer, terms.currency,
            {
                "underlying": action.underlying, "factor": f"{action.factor:f}", "is_late": is_late,
                "agents": sorted({a.lei for a in terms.agents if a.role == _PAYING_AGENT and a.lei}),
            },
        )
        for event, (isin, (version, terms)) in zip(new_ids(len(resting)), resting.items(), strict=True)
    ]  # fmt: skip
    store_events(tx, events, now=now)
    tx.copy(
        "servicing.adjustment_event", ("adjustment_id", "isin", "event_id"), ("uuid", "text", "uuid"),
        ((id_, e.isin, e.id) for e in events),
    )  # fmt: skip
    announce(tx, EVENT, [e.id for e in events])
    return {e.isin: e.id for e in events}


def end_foretold(
    tx: Transaction,
    id_: UUID,
    action: Action,
    moved: Mapping[str, tuple[TermsVersion, Terms]],
    *,
    now: datetime,
) -> None:
    """Of what was moved the event ends as applied (what nobody was told of before has one now); of what has ended
    before the ex day, it lapses.
    """
    open_ = {isin: (event, is_live) for isin, event, is_live in tx.rows(SQL.foretold, id=id_)}
    events = {isin: event for isin, (event, _) in open_.items()}
    late = {isin: found for isin, found in moved.items() if isin not in events}
    events |= foretell(tx, id_, action, late, is_late=True, now=now)
    ends = [(events[isin], Ending.APPLIED) for isin in moved]
    ends += [
        (event, Ending.LAPSED)
        for isin, (event, is_live) in open_.items()
        if not is_live and isin not in moved
    ]
    end_events(tx, ends, now=now)
