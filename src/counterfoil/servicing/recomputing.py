"""Proof of an amount: all it follows from in one document, and the calculation that anyone can repeat offline."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.instruments import from_canonical, terms_hash
from counterfoil.servicing import errors
from counterfoil.servicing.amounts import EventAmount, amount_of

SQL = queries(__file__)
_NAMES = (
    "event", "isin", "kind", "day", "pointer", "version", "terms_version", "terms_hash", "terms", "origin",
    "currency", "basis", "interest", "principal", "deliveries", "redeems", "declared", "observations", "sources",
    "steps", "determined_at", "determined_by", "reason",
)  # fmt: skip
_RESULT = ("currency", "basis", "interest", "principal", "deliveries", "redeems")


def proof(tx: Transaction, event_id: UUID, version: int | None = None) -> dict[str, Any]:
    """What an event's amount follows from: the terms with their hash, observations with their sources, each step, the
    result. Of the last determination unless another is named. Raises `Refused` (SRV-050).
    """
    row = tx.row(SQL.determination, event=event_id, version=version)
    if row is None:
        raise Refused(errors.NOT_DETERMINED(event=event_id))
    found = dict(zip(_NAMES, row, strict=True))
    return {**found, "terms_hash": found["terms_hash"].hex()}


def recompute(document: Mapping[str, Any]) -> dict[str, Any]:
    """Work the amount out again from a proof alone, and say where it does not agree: no database, no network.

    Raises `Refused` (SRV-051) for what is no proof.
    """
    try:
        text, stated = str(document["terms"]), {name: document[name] for name in _RESULT}
        terms = from_canonical(text)
        found = amount_of(
            terms,
            str(document["kind"]),
            _day(document["day"]),
            str(document["pointer"]),
            document["observations"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(errors.NO_PROOF(reason=type(error).__name__)) from None
    differences = []
    if terms_hash(text).hex() != document.get("terms_hash"):
        differences.append("the terms do not have the stated hash")
    if not isinstance(found, EventAmount):
        if document.get("origin") != "declared":
            differences.append("; ".join(refusal.detail for refusal in found))
        return {"agrees": not differences, "differences": differences, "result": None, "steps": []}
    result = {
        "currency": found.currency,
        "basis": found.basis,
        "interest": found.interest,
        "principal": found.principal,
        "deliveries": [
            {"underlying": name, "quantity": f"{quantity:f}"} for name, quantity in found.deliveries
        ],
        "redeems": found.redeems,
    }
    differences += [
        f"{name}: {stated[name]} was stated, {value} comes out"
        for name, value in result.items()
        if not _equal(stated[name], value)
    ]
    return {
        "agrees": not differences,
        "differences": differences,
        "result": result,
        "steps": list(found.steps),
    }


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _equal(stated: Any, value: Any) -> bool:
    return Decimal(str(stated)) == value if isinstance(value, Decimal) else bool(stated == value)
