"""From an instruction to where it can get at once: accepted, matched, settled, in one transaction."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.settlement.instructions import (
    Accepted,
    Actor,
    Rejected,
    accept,
    accept_together,
    lock_all,
    lock_matching,
    lock_shared,
    named_by_links,
)
from counterfoil.settlement.matching import join, match
from counterfoil.settlement.model import Instruction
from counterfoil.settlement.pending import mark_linked
from counterfoil.settlement.realtime import settle
from counterfoil.settlement.trades import Trade

_DEPOSITORY = "CSD"
_FEW = 60
"""Instructions that are not worth planning for."""


def instruct(
    tx: Transaction,
    instructions: Sequence[Instruction],
    *,
    now: datetime,
    business_date: date,
    actor: Actor,
    at_once: bool = True,
) -> list[Accepted | Rejected]:
    """Take a batch in, match it and settle what can settle now: one outcome for each instruction, in order.

    What several actors hand in together is settled in the depository's own name. With `at_once` False what is matched
    waits for the next cycle. Raises `Conflict` where two transactions used one reference, or opened one position, at
    the same moment: repeat the batch.
    """
    with _plans_for(tx, len(instructions)):
        return _instruct(tx, instructions, now, business_date, actor, at_once=at_once)


def _plans_for(tx: Transaction, count: int) -> AbstractContextManager[None]:
    """Few find their rows by key whatever there is; a batch is planned for what it brings."""
    return tx.kept_plans() if count <= _FEW else nullcontext()


def _instruct(
    tx: Transaction,
    instructions: Sequence[Instruction],
    now: datetime,
    business_date: date,
    actor: Actor,
    *,
    at_once: bool,
) -> list[Accepted | Rejected]:
    lock_matching(tx, instructions)
    outcomes = accept(tx, instructions, now=now, business_date=business_date, actor=actor)
    accepted = {outcome.id for outcome in outcomes if isinstance(outcome, Accepted)}
    taken = [i for i in instructions if i.id in accepted]
    if not taken:
        return outcomes
    _mark_linked(tx, taken)
    matched = match(tx, [i.match_key for i in taken], now=now, business_date=business_date)
    if at_once and matched:
        one = actor if isinstance(actor, str) else _one_of(actor.values())
        settle(tx, matched, now=now, business_date=business_date, actor=one)
    return outcomes


def _one_of(actors: Iterable[str]) -> str:
    """The only one, or the depository for all."""
    distinct = set(actors)
    return distinct.pop() if len(distinct) == 1 else _DEPOSITORY


def instruct_matched(
    tx: Transaction,
    trades: Sequence[Trade],
    *,
    now: datetime,
    business_date: date,
    actor: str,
    at_once: bool = True,
) -> list[UUID | tuple[Rejected, Rejected]]:
    """Take trades in as matched, and settle what can settle now: for each, in order, its transaction, or why neither
    side was taken. Every rule holds for both sides. Raises `Conflict` like `instruct`.
    """
    sides = [(trade.deliver, trade.receive) for trade in trades]
    if any(side.links or side.pool for pair in sides for side in pair):
        lock_all(tx)
    else:
        lock_shared(tx)
    with _plans_for(tx, 2 * len(sides)):
        outcomes = accept_together(tx, sides, now=now, business_date=business_date, actor=actor)
        taken = [
            pair for pair, outcome in zip(sides, outcomes, strict=True) if isinstance(outcome[0], Accepted)
        ]
        _mark_linked(tx, [side for pair in taken for side in pair])
        made = join(tx, [(deliver.id, receive.id) for deliver, receive in taken], now)
        if at_once and made:
            settle(tx, made, now=now, business_date=business_date, actor=actor)
    coming = iter(made)
    results: list[UUID | tuple[Rejected, Rejected]] = []
    for one, other in outcomes:
        refused = isinstance(one, Rejected) and isinstance(other, Rejected)
        results.append((one, other) if refused else next(coming))  # type: ignore[arg-type]  # both, or neither
    return results


def _mark_linked(tx: Transaction, taken: Sequence[Instruction]) -> None:
    linked = {i.id for i in taken if i.depends_on_others} | named_by_links(tx, taken) if taken else set()
    if linked:
        mark_linked(tx, linked)
