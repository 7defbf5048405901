"""Cancellations of instructions that have not settled (sese.020), many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from counterfoil.core.db import Transaction, json_value, queries
from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.core.ids import new_ids
from counterfoil.settlement import advice, errors
from counterfoil.settlement import pending as open_set
from counterfoil.settlement.advice import Standing, standings
from counterfoil.settlement.instructions import LOCKED_ONE_BY_ONE, lock_all

SQL = queries(__file__)
_BY_PARTY, _BY_DEPOSITORY = "CANI", "CANS"
NO_CODES: Mapping[UUID, str] = MappingProxyType({})


@dataclass(slots=True)
class _Work:
    """What is to be written: requests and cancellations with their codes, transactions that end, and who waits."""

    requested: dict[UUID, str] = field(default_factory=dict)
    cancelled: dict[UUID, str] = field(default_factory=dict)
    ended: list[UUID] = field(default_factory=list)
    waiting: list[UUID] = field(default_factory=list)
    told: set[UUID] = field(default_factory=set)


def cancel(
    tx: Transaction, id_: UUID, *, by: str | None, now: datetime, actor: str, reason: str | None = None
) -> bool:
    """Ask for an instruction to be cancelled: whether it now is. One side suffices until it is matched; then both
    must ask, or the depository. Why is kept where a `reason` is given. Raises `Refused` (SET-018, 019, 020).
    """
    (outcome,) = cancel_all(tx, [(id_, by)], now=now, actor=actor, reason=reason)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


def cancel_all(
    tx: Transaction,
    requests: Sequence[tuple[UUID, str | None]],
    *,
    now: datetime,
    actor: str,
    codes: Mapping[UUID, str] = NO_CODES,
    reason: str | None = None,
) -> list[bool | Refusal]:
    """The same of many, each asked for by a party (LEI) or the depository (None), in order: whether it is cancelled
    now, or why it cannot be. `codes`: the depository's reasons (ISO 20022) where it has others than that it wants to.
    """
    if not requests:
        return []
    ids = list({id_ for id_, _ in requests})
    lock_all_of(tx, ids)
    found = standings(tx, ids)
    work = _Work()
    outcomes = [_asked(found.get(id_), by, work, codes.get(id_, _BY_DEPOSITORY)) for id_, by in requests]
    _write(tx, work, now, actor, reason)
    ensure(len(outcomes) == len(requests), "every request has one outcome")
    return outcomes


def lock_all_of(tx: Transaction, ids: list[UUID]) -> None:
    """Have nobody else match, settle or change these instructions meanwhile."""
    if len(ids) > LOCKED_ONE_BY_ONE:
        lock_all(tx)
    else:
        tx.execute(SQL.lock_keys, ids=ids)
    open_set.take_turn(tx)
    open_set.lock(tx, [id_ for (id_,) in tx.rows(SQL.transactions, ids=ids)])


def _asked(standing: Standing | None, by: str | None, work: _Work, reason: str) -> bool | Refusal:
    if standing is None or by not in (None, standing.instruction.party_lei):
        return errors.UNKNOWN_INSTRUCTION(party=by or "any party")
    id_, counterpart = standing.instruction.id, standing.counterpart
    if standing.cancellation_code is not None or id_ in work.cancelled:
        return errors.ALREADY_CANCELLED()
    if not standing.is_unmatched and not standing.is_pending:
        return errors.ALREADY_SETTLED()
    code = reason if by is None else _BY_PARTY
    work.requested.setdefault(id_, code)
    sides = [id_] if counterpart is None else [id_, counterpart]
    if standing.is_advised:
        work.told.update(sides)
    agreed = standing.counterpart_has_requested or counterpart in work.requested
    if by is not None and counterpart is not None and not agreed:
        work.waiting.append(id_)
        return False
    work.cancelled.update(dict.fromkeys(sides, code))
    if standing.transaction is not None:
        work.ended.append(standing.transaction)
    return True


def _write(tx: Transaction, work: _Work, now: datetime, actor: str, reason: str | None) -> None:
    advice.announce_instructions(tx, work.told)
    if work.requested:
        tx.execute(
            SQL.request, ids=list(work.requested), codes=list(work.requested.values()), now=now, actor=actor
        )
    if work.cancelled:
        tx.execute(
            SQL.cancel, ids=list(work.cancelled), codes=list(work.cancelled.values()), transactions=work.ended,
            now=now, actor=actor,
        )  # fmt: skip
    why = {} if reason is None else {"reason": reason}
    told = [(id_, "CANCELLATION_REQUESTED", {"waits_for": "the counterparty", **why}) for id_ in work.waiting]
    if reason is not None:
        told += [(id_, "CANCELLED", why) for id_ in work.requested if id_ in work.cancelled]
    tx.copy(
        "settlement.event", ("id", "instruction_id", "kind", "detail", "at", "actor"),
        ("uuid", "uuid", "text", "jsonb", "timestamptz", "text"),
        (
            (event, id_, kind, json_value(detail), now, actor)
            for event, (id_, kind, detail) in zip(new_ids(len(told)), told, strict=True)
        ),
    )  # fmt: skip
