"""Decides what events pay: from terms and observations that count, compared with what the paying agent declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps, loads_stored
from counterfoil.core.outbox import announce
from counterfoil.instruments import Terms, TermsVersion, current_terms, from_canonical
from counterfoil.servicing import errors
from counterfoil.servicing.agenda import EVENT, events_by_id
from counterfoil.servicing.amounts import EventAmount, amount_of, as_of
from counterfoil.servicing.evidence import Evidence, gather, look_for
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.moments import known_for_good

SQL = queries(__file__)
_NO_FORMULA = "INS-062"
_ZERO = Decimal(0)


class Origin(StrEnum):
    """Whether the amount was worked out here or taken from the paying agent."""

    COMPUTED = "computed"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Determination:
    """What an event pays for one `basis`. `declared` is the paying agent's amount, where it gave one."""

    event_id: UUID
    version: int
    terms_version: int
    origin: Origin
    redeems: bool
    currency: str
    basis: Decimal
    interest: Decimal
    principal: Decimal
    deliveries: tuple[tuple[str, Decimal], ...]
    declared: Decimal | None

    @property
    def total(self) -> Decimal:
        """What is paid in money."""
        return self.interest + self.principal

    @property
    def differs(self) -> bool:
        """Whether the paying agent says otherwise: a matter for a person."""
        return self.declared is not None and self.declared != self.total

    @property
    def pays(self) -> bool:
        """Whether anybody gets anything."""
        return bool(self.total or self.deliveries)


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why an event cannot be decided yet: what the calculation asks for, and what does not count yet."""

    event_id: UUID
    refusals: tuple[Refusal, ...]
    waits_for: tuple[Mapping[str, object], ...] = ()


def declare(tx: Transaction, event_id: UUID, amount: Decimal, *, now: datetime, actor: str) -> None:
    """Note what the paying agent says the event pays for one unit or denomination. The last word counts.

    Raises `Refused` (SRV-001).
    """
    if event_id not in events_by_id(tx, [event_id]):
        raise Refused(errors.UNKNOWN_EVENT(event=event_id))
    tx.execute(SQL.declare, id=new_id(), event=event_id, amount=amount, now=now, actor=actor)


def determine(
    tx: Transaction, ids: Sequence[UUID], *, now: datetime, actor: str, reason: str | None = None
) -> list[Determination | Lacking]:
    """Decide a batch of events, one outcome for each, in order.

    What was decided stays so; a `reason` has it decided anew as a further version, where the result differs.
    """
    known = determinations(tx, ids)
    left = [id_ for id_ in dict.fromkeys(ids) if reason is not None or id_ not in known]
    worked = work_out(tx, left, now=now) if left else []
    outcomes: dict[UUID, Determination | Lacking] = dict(known)
    rows = []
    for work in worked:
        outcome = _decide(work, known.get(work.event.id), now)
        outcomes[work.event.id] = outcome
        if isinstance(outcome, Determination) and outcome is not known.get(work.event.id):
            rows.append(_row(work, outcome, now, actor, reason))
    tx.copy("servicing.determination", _COLUMNS, _TYPES, rows)
    announce(tx, EVENT, [row[0] for row in rows])
    ensure(all(id_ in outcomes for id_ in ids), "every event has an outcome")
    return [outcomes[id_] for id_ in ids]


@dataclass(frozen=True, slots=True)
class Worked:
    """An event with its terms, evidence, and what the calculation gave."""

    event: ServicingEvent
    version: TermsVersion
    terms: Terms
    evidence: Evidence
    result: EventAmount | list[Refusal]
    declared: Decimal | None


def work_out(tx: Transaction, ids: Sequence[UUID], *, now: datetime) -> list[Worked]:
    """Calculate a batch of events by the current terms from what counts now; nothing is stored.

    Raises `Refused` (SRV-001) for an unknown event.
    """
    events = events_by_id(tx, ids)
    if missing := [id_ for id_ in ids if id_ not in events]:
        raise Refused(*(errors.UNKNOWN_EVENT(event=id_) for id_ in missing))
    versions = current_terms(tx, sorted({e.isin for e in events.values()}))
    terms = {isin: from_canonical(v.canonical) for isin, v in versions.items()}
    several = [events[id_] for id_ in ids]
    found = gather(tx, [(e, look_for(terms[e.isin], e)) for e in several], now=now)
    declared: dict[UUID, Decimal] = dict(tx.rows(SQL.declared, ids=list(ids)))
    return [
        Worked(
            e, versions[e.isin], terms[e.isin], evidence,
            amount_of(terms[e.isin], e.kind, e.day, e.pointer, evidence.observations), declared.get(e.id),
        )
        for e, evidence in zip(several, found, strict=True)
    ]  # fmt: skip


def determinations(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Determination]:
    """The last version for each event that has one."""
    return {row[0]: _determination(row) for row in tx.rows(SQL.last, ids=list(ids))}


def determination_versions(tx: Transaction, ids: Sequence[UUID]) -> dict[tuple[UUID, int], Determination]:
    """Every version for each event that has one."""
    found = (_determination(row) for row in tx.rows(SQL.versions, ids=list(ids)))
    return {(d.event_id, d.version): d for d in found}


def _decide(work: Worked, before: Determination | None, now: datetime) -> Determination | Lacking:
    result, event = work.result, work.event
    if getattr(work.terms, "reference_entities", ()):
        moment = known_for_good(event.day, event.record_date)
        if now < moment:
            return Lacking(event.id, (errors.CREDIT_OPEN("/credit_events", moment=moment),))
    if work.evidence.waits_for:
        refusals = result if isinstance(result, list) else []
        return Lacking(event.id, tuple(refusals), work.evidence.waits_for)
    origin = Origin.COMPUTED
    if isinstance(result, list):
        if work.declared is None or [r.code for r in result] != [_NO_FORMULA]:
            return Lacking(event.id, tuple(result))
        result, origin = _as_declared(work, work.declared), Origin.DECLARED
    made = Determination(
        event.id, before.version + 1 if before else 1, work.version.version, origin, result.redeems, result.currency,
        result.basis, result.interest, result.principal, result.deliveries, work.declared,
    )  # fmt: skip
    return before if before is not None and _same(before, made) else made


def _as_declared(work: Worked, amount: Decimal) -> EventAmount:
    """The paying agent's word, where the terms have no formula: a redemption if it is the event of one."""
    terms = work.terms
    basis = terms.denomination if terms.volume.unit == "nominal" else Decimal(1)
    redeems = work.event.kind not in ("coupon", "observation")
    interest, principal = (_ZERO, amount) if redeems else (amount, _ZERO)
    step = {"name": "declared", "formula": "as the paying agent declares", "value": f"{amount:f}"}
    return EventAmount(terms.currency, basis, interest, principal, (), redeems, (step,))


def _same(before: Determination, made: Determination) -> bool:
    return (before.total, before.interest, before.deliveries, before.currency, before.basis, before.redeems) == (
        made.total, made.interest, made.deliveries, made.currency, made.basis, made.redeems,
    )  # fmt: skip


_COLUMNS = (
    "event_id", "version", "terms_version", "terms_hash", "origin", "redeems", "currency", "basis", "interest",
    "principal", "deliveries", "declared", "as_of", "observations", "sources", "steps", "determined_at",
    "determined_by", "reason",
)  # fmt: skip
_TYPES = (
    "uuid", "int4", "int4", "bytea", "text", "bool", "text", "numeric", "numeric", "numeric", "jsonb", "numeric",
    "date", "jsonb", "jsonb", "jsonb", "timestamptz", "text", "text",
)  # fmt: skip


def _row(work: Worked, made: Determination, now: datetime, actor: str, reason: str | None) -> tuple[Any, ...]:
    steps = (
        work.result.steps if isinstance(work.result, EventAmount) else _as_declared(work, made.total).steps
    )
    deliveries = [{"underlying": name, "quantity": f"{quantity:f}"} for name, quantity in made.deliveries]
    return (
        made.event_id, made.version, made.terms_version, work.version.hash, made.origin.value, made.redeems,
        made.currency, made.basis, made.interest, made.principal, deliveries, made.declared,
        as_of(work.event.kind, work.event.day), _plain(work.evidence.observations), _plain(work.evidence.sources),
        list(steps), now, actor, reason if made.version > 1 else None,
    )  # fmt: skip


def _plain(value: object) -> Any:
    """As JSON has it: decimals and dates are texts."""
    return loads_stored(dumps(value))


def _determination(row: Row) -> Determination:
    (
        event_id,
        version,
        terms_version,
        origin,
        redeems,
        currency,
        basis,
        interest,
        principal,
        deliveries,
        declared,
    ) = row
    delivered = tuple((d["underlying"], Decimal(d["quantity"])) for d in deliveries)
    return Determination(
        event_id, version, terms_version, Origin(origin), redeems, currency, basis, interest, principal, delivered,
        declared,
    )  # fmt: skip
