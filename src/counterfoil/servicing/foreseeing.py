"""What an event would pay if it were decided now, beside what was declared, decided and paid; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal
from counterfoil.core.money import ARITHMETIC, minor_units
from counterfoil.register import issues
from counterfoil.servicing.amounts import EventAmount
from counterfoil.servicing.determination import Determination, Worked, determinations, work_out
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.recording import Record, records

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An event before a person decides. `amount` is what would be decided now, for one basis; where it lacks
    something, `lacks` says what. `expected` is the amount in all: for the holders recorded, exact; before that, on
    all that is issued. `declared` is the paying agent's word for one basis.
    """

    event: ServicingEvent
    decided: Determination | None
    declared: Decimal | None
    amount: EventAmount | None
    lacks: tuple[Refusal, ...]
    issued: Decimal
    record: Record | None
    expected: Decimal | None


def foresee(tx: Transaction, ids: Sequence[UUID], *, now: datetime) -> list[Foreseen]:
    """A batch of events, one for each, in order. Raises `Refused` (SRV-001) for an unknown event."""
    worked = work_out(tx, ids, now=now)
    decided, recorded = determinations(tx, ids), records(tx, ids)
    issued = {isin: one.issued for isin, one in issues(tx, sorted({w.event.isin for w in worked})).items()}
    anew = _anew(tx, worked, recorded)
    found = []
    for work in worked:
        event, amount = work.event, work.result if isinstance(work.result, EventAmount) else None
        units = issued.get(event.isin, Decimal(0))
        expected = anew.get(event.id) if event.id in recorded else _on_all(event, amount, units)
        lacks = tuple(work.result) if isinstance(work.result, list) else ()
        found.append(
            Foreseen(
                event, decided.get(event.id), work.declared, amount, lacks, units, recorded.get(event.id),
                expected,
            )
        )  # fmt: skip
    return found


def _anew(tx: Transaction, worked: Sequence[Worked], recorded: Mapping[UUID, Record]) -> dict[UUID, Decimal]:
    """What those recorded would get in all."""
    known = [
        (w.event.id, recorded[w.event.id].no, w.result)
        for w in worked
        if w.event.id in recorded and isinstance(w.result, EventAmount)
    ]
    if not known:
        return {}
    rows = tx.rows(
        SQL.anew,
        events=[id_ for id_, _, _ in known],
        nos=[no for _, no, _ in known],
        interests=[amount.interest for *_, amount in known],
        principals=[amount.principal for *_, amount in known],
        bases=[amount.basis for *_, amount in known],
        steps=[Decimal(1).scaleb(-(minor_units(amount.currency) or 0)) for *_, amount in known],
    )
    return dict(rows)


def _on_all(event: ServicingEvent, amount: EventAmount | None, issued: Decimal) -> Decimal | None:
    """On all that is issued, or on the part or the units that the event is for."""
    if amount is None:
        return None
    said = event.particulars
    with localcontext(ARITHMETIC):
        units = Decimal(said["units"]) if "units" in said else issued * Decimal(said.get("share", "1"))
        return units / amount.basis * amount.total
