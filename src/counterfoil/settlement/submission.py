"""From an instruction to where it can get at once: accepted, matched, settled, in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from counterfoil.core.db import Transaction
from counterfoil.settlement.instructions import Accepted, Rejected, accept, lock_matching, named_by_links
from counterfoil.settlement.matching import match
from counterfoil.settlement.model import Instruction
from counterfoil.settlement.pending import mark_linked
from counterfoil.settlement.realtime import settle


def instruct(
    tx: Transaction,
    instructions: Sequence[Instruction],
    *,
    now: datetime,
    business_date: date,
    actor: str,
    in_parts: bool = True,
    at_once: bool = True,
) -> list[Accepted | Rejected]:
    """Take a batch in, match it and settle what can settle now: one outcome for each instruction, in order.

    With `at_once` False what is matched waits for the next cycle. Raises `Conflict` where two transactions used one
    reference, or opened one position, at the same moment: repeat the batch.
    """
    lock_matching(tx, instructions)
    outcomes = accept(tx, instructions, now=now, business_date=business_date, actor=actor)
    accepted = {outcome.id for outcome in outcomes if isinstance(outcome, Accepted)}
    taken = [i for i in instructions if i.id in accepted]
    if not taken:
        return outcomes
    linked = {i.id for i in taken if i.links or i.pool} | named_by_links(tx, taken)
    if linked:
        mark_linked(tx, linked)
    matched = match(tx, [i.match_key for i in taken], now=now, business_date=business_date)
    if at_once and matched:
        settle(tx, matched, now=now, business_date=business_date, actor=actor, in_parts=in_parts)
    return outcomes
