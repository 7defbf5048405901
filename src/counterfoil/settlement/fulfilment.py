"""How far instructions have been carried out: for whoever waits for many of them to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """Whether the matter of an instruction has ended (settled in full, or cancelled), and what has moved."""

    ended: bool
    quantity: Decimal
    amount: Decimal


def fulfilments(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Fulfilment]:
    """How far each of the instructions is; an unknown one is missing."""
    return {id_: Fulfilment(*rest) for id_, *rest in tx.rows(SQL.fulfilments, ids=list(ids))} if ids else {}
