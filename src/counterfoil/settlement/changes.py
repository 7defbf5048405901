"""Holds, releases, priorities and links of what has not settled (sese.030)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, json_value, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.register import issues
from counterfoil.settlement import errors
from counterfoil.settlement import pending as open_set
from counterfoil.settlement.exchange_rates import exchange_rates
from counterfoil.settlement.instructions import lock_all, settlement_unit
from counterfoil.settlement.links import Linked, link, unlink
from counterfoil.settlement.model import Hold, Link, Partial
from counterfoil.settlement.parts import part_of
from counterfoil.settlement.realtime import settle

SQL = queries(__file__)
_LOWEST = 4


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; None stays as it is. `by` is the party (LEI) that asks, None for the depository.

    `unlink` names the party's own references, whichever side of the link they are; it comes before `link`. Of a held
    delivery `release_quantity` lets that much settle, in place of what an earlier one still waits to settle. `reason`
    is kept with what is noted of the change.
    """

    hold: Hold = Hold.NONE
    release: Hold = Hold.NONE
    priority: int | None = None
    partial: Partial | None = None
    by: str | None = None
    link: tuple[Link, ...] = ()
    unlink: tuple[str, ...] = ()
    release_quantity: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    id: UUID
    party_lei: str
    reference: str
    transaction: UUID | None
    delivers: bool | None
    is_pending: bool
    left: Any
    part_no: int | None
    is_unmatched: bool
    holds: int | None
    is_cancelled: bool


def change(
    tx: Transaction,
    id_: UUID,
    wanted: Change,
    *,
    now: datetime,
    business_date: date,
    actor: str,
) -> None:
    """Change the conditions of an instruction, and try it at once, as well as what it was linked with.

    Raises `Refused` (SET-017 to SET-022, SET-024, SET-070 to SET-073).
    """
    if wanted.link or wanted.unlink:
        lock_all(tx)
    standing = _lock(tx, id_, wanted.by)
    _refuse_what_is_not_theirs(wanted)
    gone: list[Link] = []
    freed: set[UUID] = set()
    if wanted.unlink:
        gone, freed = unlink(tx, id_, wanted.unlink)
    if wanted.link:
        link(tx, id_, Linked(standing.party_lei, standing.reference, wanted.link))
        open_set.mark_linked(tx, [id_])
    holds = _new_holds(tx, standing, wanted, business_date)
    _write(tx, standing, wanted, holds, now)
    detail = {
        "holds": [h.name for h in holds], "priority": wanted.priority, "partial": wanted.partial,
        "linked": [f"{k.kind}:{k.reference}" for k in wanted.link],
        "unlinked": [f"{k.kind}:{k.reference}" for k in gone],
        "released_quantity": wanted.release_quantity, "reason": wanted.reason,
    }  # fmt: skip
    told = {name: value for name, value in detail.items() if value or name == "holds"}
    _note(tx, id_, "CONDITIONS", told, now, actor)
    tried = freed if standing.transaction is None else {standing.transaction, *freed}
    if tried:
        settle(tx, tried, now=now, business_date=business_date, actor=actor)


def _refuse_what_is_not_theirs(wanted: Change) -> None:
    if wanted.by is not None and (wanted.hold | wanted.release) & ~Hold.PARTY:
        raise Refused(errors.NOT_YOUR_HOLD("/hold", party=wanted.by))
    reserved = wanted.by is not None and wanted.priority == 1
    if wanted.priority is not None and (reserved or not 1 <= wanted.priority <= _LOWEST):
        raise Refused(
            errors.PRIORITY("/priority", priority=wanted.priority, party=wanted.by or "the depository")
        )


def _new_holds(tx: Transaction, standing: _Standing, wanted: Change, business_date: date) -> Hold:
    """The holds after the change; the last part that is released lifts the party's."""
    holds = (Hold(standing.holds or 0) | wanted.hold) & ~wanted.release
    quantity = wanted.release_quantity
    if quantity is None:
        return holds

    def refuse(reason: str) -> Refused:
        return Refused(errors.PARTIAL_RELEASE("/release_quantity", quantity=f"{quantity:f}", reason=reason))

    if standing.transaction is None or not standing.delivers:
        raise refuse("it is no matched delivery")
    if Hold.PARTY not in holds or Hold.PARTY in wanted.hold:
        raise refuse("it is not held by its party, or is to be")
    found = open_set.read(tx, [standing.transaction])[standing.transaction]
    if not 0 < quantity <= found.quantity:
        raise refuse(f"{found.quantity:f} are left")
    if quantity == found.quantity:
        return holds & ~Hold.PARTY
    issue = issues(tx, [found.isin])[found.isin]
    asked = replace(
        found, released=None,
        deliver_partial=wanted.partial or found.deliver_partial,
    )  # fmt: skip
    rates, _ = exchange_rates(tx, [asked.currency] if asked.has_cash_threshold else [], business_date)
    part = part_of(asked, quantity, settlement_unit(issue), issue.content.get("unit", "units"), rates)
    if part is None or part[0] != quantity:
        raise refuse("it does not settle in parts of that size")
    return holds


def _write(tx: Transaction, standing: _Standing, wanted: Change, holds: Hold, now: datetime) -> None:
    same = {
        "holds": int(holds), "priority": wanted.priority, "partial": wanted.partial and wanted.partial.value,
        "now": now,
    }  # fmt: skip
    if standing.is_unmatched:
        tx.execute(SQL.change_unmatched, id=standing.id, **same)
        return
    keeps = wanted.release_quantity is None and not (wanted.hold | wanted.release) & Hold.PARTY
    tx.execute(
        SQL.change_pending, transaction=standing.transaction, delivers=bool(standing.delivers), keeps=keeps,
        released=wanted.release_quantity if Hold.PARTY in holds else None, **same,
    )  # fmt: skip


def events(tx: Transaction, id_: UUID) -> list[dict[str, Any]]:
    """What was done to an instruction besides matching and settling it, in order."""
    names = ("kind", "detail", "at", "actor")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.events, id=id_)]


def _lock(tx: Transaction, id_: UUID, by: str | None) -> _Standing:
    """The instruction with its transaction locked, or why nothing can be changed any more."""
    tx.execute(SQL.lock_key, id=id_)
    open_set.take_turn(tx)
    standing = _found(tx, id_)
    if standing is None or by not in (None, standing.party_lei):
        raise Refused(errors.UNKNOWN_INSTRUCTION(party=by or "any party"))
    if standing.transaction is not None:
        open_set.lock(tx, [standing.transaction])
        standing = _found(tx, id_) or standing
    if standing.is_cancelled:
        raise Refused(errors.ALREADY_CANCELLED())
    if not standing.is_unmatched and not standing.is_pending:
        raise Refused(errors.ALREADY_SETTLED())
    return standing


def _found(tx: Transaction, id_: UUID) -> _Standing | None:
    row = tx.row(SQL.lock, id=id_)
    return None if row is None else _Standing(*row)


def _note(tx: Transaction, id_: UUID, kind: str, detail: dict[str, Any], now: datetime, actor: str) -> None:
    tx.execute(
        SQL.add_event, id=new_id(), instruction=id_, kind=kind, detail=json_value(detail), now=now, actor=actor
    )  # fmt: skip
