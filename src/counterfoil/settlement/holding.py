"""Holds and releases of many instructions at once, as `changes` does it for one."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.db import Transaction, json_value, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.ids import new_ids
from counterfoil.settlement import errors
from counterfoil.settlement.advice import Standing, standings
from counterfoil.settlement.cancelling import lock_all_of
from counterfoil.settlement.model import Hold
from counterfoil.settlement.realtime import settle

SQL = queries(__file__)


def change_holds(
    tx: Transaction,
    ids: Sequence[UUID],
    *,
    hold: Hold = Hold.NONE,
    release: Hold = Hold.NONE,
    by: str | None,
    now: datetime,
    business_date: date,
    actor: str,
    reason: str | None = None,
) -> list[Refusal | None]:
    """Set and lift holds, asked for by a party (LEI) or the depository (None), and try what is free then: for each
    instruction, in order, why that cannot be, or None.
    """
    lock_all_of(tx, list(set(ids)))
    found = standings(tx, set(ids))
    outcomes = [_refusal(found.get(id_), hold | release, by) for id_ in ids]
    open_ = {id_: found[id_] for id_, refusal in zip(ids, outcomes, strict=True) if refusal is None}
    _write(tx, list(open_), hold, release, now)
    _note(tx, open_, hold, release, now, actor, reason)
    tried = {standing.transaction for standing in open_.values() if standing.transaction is not None}
    if tried:
        settle(tx, tried, now=now, business_date=business_date, actor=actor)
    ensure(len(outcomes) == len(ids), "every request has one outcome")
    return outcomes


def _refusal(standing: Standing | None, holds: Hold, by: str | None) -> Refusal | None:
    if standing is None or by not in (None, standing.instruction.party_lei):
        return errors.UNKNOWN_INSTRUCTION(party=by or "any party")
    if by is not None and holds & ~Hold.PARTY:
        return errors.NOT_YOUR_HOLD("/hold", party=by)
    if standing.cancellation_code is not None:
        return errors.ALREADY_CANCELLED()
    if not standing.is_unmatched and not standing.is_pending:
        return errors.ALREADY_SETTLED()
    return None


def _write(tx: Transaction, ids: list[UUID], hold: Hold, release: Hold, now: datetime) -> None:
    given = {"ids": ids, "hold": int(hold), "kept": int(~release & 15), "now": now}
    tx.execute(SQL.unmatched, **given)
    tx.execute(SQL.delivering, **given, keeps=not (hold | release) & Hold.PARTY)
    tx.execute(SQL.receiving, **given)


def _note(
    tx: Transaction,
    open_: dict[UUID, Standing],
    hold: Hold,
    release: Hold,
    now: datetime,
    actor: str,
    reason: str | None,
) -> None:
    told = [
        (id_, {"holds": [h.name for h in (standing.instruction.holds | hold) & ~release]})
        for id_, standing in open_.items()
    ]
    why = {} if reason is None else {"reason": reason}
    tx.copy(
        "settlement.event", ("id", "instruction_id", "kind", "detail", "at", "actor"),
        ("uuid", "uuid", "text", "jsonb", "timestamptz", "text"),
        (
            (event, id_, "CONDITIONS", json_value({**detail, **why}), now, actor)
            for event, (id_, detail) in zip(new_ids(len(told)), told, strict=True)
        ),
    )  # fmt: skip
