"""Who may see and change an instruction, and what each side is shown of the other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.access import Actor, may_for_all, require
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.settlement import (
    UNKNOWN_INSTRUCTION,
    CashDirection,
    Movement,
    current_business_date,
    events,
    explain_unmatched,
    find_instructions,
    sides,
)

_SHARED = (
    "payment", "isin", "quantity", "currency", "amount", "trade_date", "intended_date", "matched_at", "settled_at",
    "state", "transaction",
)  # fmt: skip
"""What both sides have agreed upon by matching, and when what became of it."""


def acting_party(actor: Actor) -> str | None:
    """The party for which an actor changes instructions; None for the depository."""
    return None if may_for_all(actor, "settlement.instruct") else actor.lei or ""


def instruction_of(tx: Transaction, actor: Actor, id_: UUID, *, now: datetime) -> dict[str, Any]:
    """An instruction with all that was done to it, and why it has not settled. Raises `Refused` (SET-018), whether it
    is unknown or another's.
    """
    require(actor, "settlement.read")
    found = find_instructions(tx, business_date=current_business_date(tx, now=now), now=now, ids=[id_])
    if not found or not (actor.sees_everything or found[0]["party"] == actor.lei):
        raise Refused(UNKNOWN_INSTRUCTION(party=actor.lei or "any party"))
    status = found[0]
    if status["state"] == "unmatched":
        status["waits_for"] = explain_unmatched(tx, id_)
    return {**status, "events": events(tx, id_)}


def other_side(
    tx: Transaction, actor: Actor, found: dict[str, Any], *, now: datetime
) -> dict[str, Any] | None:
    """The other side of a matched instruction that the actor sees: all of it for the depository, for its counterparty
    what both have agreed upon. None while it is not matched.
    """
    if found["transaction"] is None:
        return None
    if not actor.sees_everything:
        return _mirrored(found)
    today = current_business_date(tx, now=now)
    ids = [id_ for id_ in sides(tx, [found["transaction"]]) if id_ != found["id"]]
    (other,) = find_instructions(tx, business_date=today, now=now, ids=ids)
    return other


def _mirrored(found: dict[str, Any]) -> dict[str, Any]:
    """A side as the other one knows it."""
    delivers = found["movement"] == Movement.DELIVER
    pays = found["cash_direction"] == CashDirection.CREDIT
    return {
        **{name: found[name] for name in _SHARED},
        "party": found["counterparty"],
        "counterparty": found["party"],
        "movement": str(Movement.RECEIVE if delivers else Movement.DELIVER),
        "cash_direction": found["cash_direction"]
        and str(CashDirection.DEBIT if pays else CashDirection.CREDIT),
    }
