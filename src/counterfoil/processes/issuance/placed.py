"""How placements stand, and the word to their processes when everything has settled or was cancelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.orchestration import Message, publish
from counterfoil.processes.issuance.placement import Key, Line, close, read_lines
from counterfoil.settlement import current_business_date, find_instructions, fulfilments

SQL = queries(__file__)
MESSAGE = "placement.ended"
_ENDED = ("settled", "cancelled", "refused")
_ZERO = Decimal(0)


def tell_ended(tx: Transaction, now: datetime) -> int:
    """Wake the processes whose instructions have all ended, and end the placements of those that an operator has
    cancelled. How many placements are waiting still.

    One at a time looks; another that comes meanwhile leaves it alone.
    """
    if not tx.value(SQL.look_alone):
        return 0
    abandoned = [(batch, position) for batch, position in tx.rows(SQL.abandoned)]
    if abandoned:
        close(tx, abandoned, now)
    awaited = tx.rows(SQL.awaited)
    if not awaited:
        return 0
    found = fulfilments(tx, [deliver for *_, deliver in awaited])
    waiting = {
        (batch, position)
        for batch, position, _, deliver in awaited
        if deliver in found and not found[deliver].ended
    }
    ended = {(b, p): request for b, p, request, _ in awaited if (b, p) not in waiting}
    if ended:
        publish(tx, [Message(MESSAGE, str(request)) for request in ended.values()], now=now)
        tx.execute(SQL.note_told, batches=[b for b, _ in ended], positions=[p for _, p in ended], now=now)
    return len(waiting)


def placements(tx: Transaction, keys: Sequence[Key], now: datetime) -> dict[Key, dict[str, Any]]:
    """How the placements of these items stand, each with its lines and what they wait for; the others are missing.

    `state` is to_place (not instructed yet), waiting, placed (all has settled) or incomplete.
    """
    batches, positions = [b for b, _ in keys], [p for _, p in keys]
    states = {(row[0], row[1]): row[2:] for row in tx.rows(SQL.states, batches=batches, positions=positions)}
    if not states:
        return {}
    lines = [planned.line for planned in read_lines(tx, list(states))]
    ids = [line.deliver_id for line in lines]
    today = current_business_date(tx, now=now)
    found = find_instructions(tx, business_date=today, now=now, ids=ids, limit=len(ids))
    told = {status["id"]: status for status in found}
    refused = {tuple(row[:3]): row[3] for row in tx.rows(SQL.refusals, batches=batches, positions=positions)}
    by_item: dict[Key, list[Line]] = {key: [] for key in states}
    for line in lines:
        by_item[line.key].append(line)
    results = {}
    for key, (instructed_at, outcome, ended_at) in states.items():
        shown = [_line(n, told.get(n.deliver_id), refused.get((*key, n.line))) for n in by_item[key]]
        state = outcome or ("waiting" if instructed_at else "to_place")
        results[key] = _summary(state, ended_at, by_item[key], shown)
    return results


def placement_totals(tx: Transaction, batch: UUID) -> list[dict[str, Any]]:
    """What a batch has sold and what came of it, by issuer and currency, the largest proceeds first."""
    names = (
        "issuer", "currency", "items", "deliveries", "quantity", "placed", "amount", "proceeds", "settled",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.totals, batch=batch)]


def _summary(
    state: str, ended_at: datetime | None, lines: Sequence[Line], shown: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    summary = {
        "state": state,
        "quantity": sum((n.quantity for n in lines), _ZERO),
        "placed": sum((n["settled_quantity"] for n in shown), _ZERO),
        "currency": lines[0].currency,
        "amount": sum((n.amount for n in lines), _ZERO),
        "proceeds": sum((n["proceeds"] for n in shown), _ZERO),
        "ended_at": ended_at,
        "waits_for": next((n["waits_for"] for n in shown if n.get("waits_for")), None),
        "lines": shown,
    }
    return {name: value for name, value in summary.items() if value is not None}


def _line(line: Line, status: Mapping[str, Any] | None, refusals: Sequence[Any] | None) -> dict[str, Any]:
    told: Mapping[str, Any] = status or {}
    state = told.get("state", "refused" if refusals else "to_place")
    waits_for = told.get("waits_for")
    if state == "unmatched":
        waits_for = {
            "code": "CMIS", "detail": "The buyer has not instructed.", "who": [line.buyer_lei],
            "remedy": "The buyer instructs its side; it finds this one among its allegements.",
        }  # fmt: skip
    shown = {
        "line": line.line, "buyer": line.buyer_lei, "quantity": line.quantity, "amount": line.amount,
        "intended_date": line.intended_date, "reference": line.common_reference, "instruction": told.get("id"),
        "state": state, "settled_quantity": told.get("settled_quantity", _ZERO),
        "proceeds": told.get("settled_amount", _ZERO), "refusals": refusals,
        "waits_for": None if state in _ENDED else waits_for,
    }  # fmt: skip
    return {name: value for name, value in shown.items() if value is not None}
