"""What the end of a day does to instructions that are still open: some fail from now on, some have lived too long.

Unmatched instructions are cancelled after 20 business days, matched ones after 60, and unanswered requests to cancel
are dropped after 20 (DOMAIN section 3.4, T2S rule MMCS001): always in the same number of statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Transaction, json_value, queries
from counterfoil.core.ids import new_ids
from counterfoil.settlement import advice
from counterfoil.settlement.instructions import CALENDAR
from counterfoil.settlement.timetable import ZONE

SQL = queries(__file__)
UNMATCHED_DAYS, MATCHED_DAYS, REQUEST_DAYS = 20, 60, 20
"""Business days of life after the intended date or the last change."""
END_OF_LIFE = "CXLR"
"""Why they are cancelled (CancelledStatusReason16Code: EndOfLife)."""
_RULE = "MMCS001"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expired:
    """The instructions that were cancelled, and those whose request to cancel was dropped."""

    unmatched: tuple[UUID, ...]
    matched: tuple[UUID, ...]
    requests: tuple[UUID, ...]


def expires_on(intended_date: date, changed_on: date, life_days: int) -> date:
    """The business day at whose end an instruction is cancelled, unless it settles or changes before.

    >>> expires_on(date(2026, 11, 2), date(2026, 10, 30), UNMATCHED_DAYS)
    datetime.date(2026, 11, 30)
    >>> expires_on(date(2026, 11, 2), date(2026, 11, 7), UNMATCHED_DAYS)  # changed on a Saturday
    datetime.date(2026, 12, 4)
    """
    return add_business_days(max(intended_date, changed_on), life_days, CALENDAR)


def last_basis(business_date: date, life_days: int) -> date:
    """The last date on which something can have been intended or changed that expires at the end of `business_date`:
    `expires_on(d, d, n) <= business_date` exactly where `d <= last_basis(business_date, n)`.

    >>> last_basis(date(2026, 12, 4), UNMATCHED_DAYS)  # the Sunday before the business day after
    datetime.date(2026, 11, 8)
    """
    earliest_to_stay = add_business_days(add_business_days(business_date, -life_days, CALENDAR), 1, CALENDAR)
    return earliest_to_stay - _DAY


def expire(tx: Transaction, business_date: date, *, now: datetime, actor: str) -> Expired:
    """Cancel what has come to the end of its life. Nobody else may match or settle meanwhile (`lock_all`)."""
    gone = tx.rows(SQL.expire_unmatched, **_limits(business_date, UNMATCHED_DAYS))
    unmatched = len(gone)
    gone += tx.rows(SQL.expire_matched, **_limits(business_date, MATCHED_DAYS))
    ended = [id_ for _, *ids in gone for id_ in ids]
    advised = [id_ for is_advised, *ids in gone if is_advised for id_ in ids]
    tx.copy(
        "settlement.cancelled", ("instruction_id", "code", "cancelled_at", "actor"),
        ("uuid", "text", "timestamptz", "text"), ((id_, END_OF_LIFE, now, actor) for id_ in ended),
    )  # fmt: skip
    before = _limits(business_date, REQUEST_DAYS)["before"]
    dropped = [id_ for (id_,) in tx.rows(SQL.expire_requests, before=before)]
    detail = {"rule": _RULE, "business_date": business_date}
    events = [(id_, "EXPIRED", detail) for id_ in ended]
    _note(tx, [*events, *((id_, "CANCELLATION_EXPIRED", detail) for id_ in dropped)], now, actor)
    advice.announce_instructions(tx, [*advised, *dropped])
    return Expired(tuple(ended[:unmatched]), tuple(ended[unmatched:]), tuple(dropped))


def turn_failing(
    tx: Transaction, business_date: date, *, now: datetime, actor: str, all_kinds: bool = True
) -> int:
    """Note of each transaction that it fails from now on: it settles on its intended date no more. Their number.

    At the DvP cut-off these are only those against payment that are no operation of the central bank (`all_kinds`
    False), at the end of the day all. Both instructions get an event, once in their lives.
    """
    rows = tx.rows(SQL.turning_failing, business_date=business_date, all_kinds=all_kinds)
    _note(
        tx,
        [
            (id_, "FAILING", {"reason": reason, "business_date": business_date})
            for *sides, reason, _ in rows
            for id_ in sides
        ],
        now,
        actor,
    )
    advice.announce_instructions(tx, [id_ for *sides, _, is_advised in rows if is_advised for id_ in sides])
    return len(rows)


def _limits(business_date: date, life_days: int) -> dict[str, Any]:
    last = last_basis(business_date, life_days)
    return {"last": last, "before": datetime.combine(last + _DAY, time(), ZONE)}


def _note(
    tx: Transaction, events: Sequence[tuple[UUID, str, dict[str, Any]]], now: datetime, actor: str
) -> None:
    ids = new_ids(len(events))
    tx.copy(
        "settlement.event", ("id", "instruction_id", "kind", "detail", "at", "actor"),
        ("uuid", "uuid", "text", "jsonb", "timestamptz", "text"),
        (
            (id_, instruction, kind, json_value(detail), now, actor)
            for id_, (instruction, kind, detail) in zip(ids, events, strict=True)
        ),
    )  # fmt: skip
