"""What a request would change, for the person who decides it: read and merged as the process itself does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal
from counterfoil.core.json import loads
from counterfoil.instruments import Change, canonical, diff
from counterfoil.processes.batching.store import item_payload
from counterfoil.processes.issuance.preparing import Prepared, read_items


@dataclass(frozen=True, slots=True)
class ProposedRequest:
    """A request with what it would change of the terms that stand now, leaf by leaf; of a new issue, every leaf.

    `refusals` say why it cannot be carried out any more.
    """

    kind: str
    isin: str | None
    reference: str | None
    quantity: Decimal | None
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    warnings: tuple[str, ...]
    request: Mapping[str, Any]


def proposed_request(tx: Transaction, batch: UUID, position: int) -> ProposedRequest:
    """An item of a batch as it would be carried out now. Raises `Refused` (PRC-023)."""
    request = loads(item_payload(tx, batch, position))
    (item,) = read_items(tx, [(batch, position)])
    return ProposedRequest(
        item.envelope.kind, item.isin, item.envelope.reference, item.request.quantity if item.request else None,
        _changes(item), tuple(item.refusals), tuple(item.warnings), request if isinstance(request, dict) else {},
    )  # fmt: skip


def _changes(item: Prepared) -> tuple[Change, ...]:
    if item.terms is None:
        return ()
    before = item.current.canonical if item.current is not None else "{}"
    return diff(before, item.canonical or canonical(item.terms))
