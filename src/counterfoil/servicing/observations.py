"""What was observed: entered by named sources, confirmed twice, disputed, corrected by further versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.core.ids import new_id, new_ids
from counterfoil.servicing import errors

SQL = queries(__file__)
Key = tuple[str, str, date]
"""What is observed: kind, subject, day."""


class ObservationKind(StrEnum):
    """What can be observed; the subject is named behind it."""

    PRICE = "price"  # ISIN or symbol of an underlying
    RATE = "rate"  # index: EURIBOR 3M
    FX = "fx"  # payment currency / underlying's currency: EUR/USD
    BARRIER = "barrier"  # ISIN of the security / name of the barrier
    CREDIT_EVENT = "credit_event"  # LEI or name of the reference entity
    STRIKE = "strike"  # ISIN of the security: strike or financing level as published
    UNWINDING = "unwinding"  # ISIN of the security: price at which the hedge was unwound
    CHOICE = "choice"  # ISIN of the security: what the issuer chose


@dataclass(frozen=True, slots=True)
class Content:
    """What is observed. Which fields count depends on the kind."""

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    hit_on: date | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class NewObservation:
    """An observation as a source hands it in; `reason` says why it differs from what the source said before."""

    kind: ObservationKind
    subject: str
    day: date
    source: str
    content: Content
    observed_at: datetime
    reason: str | None = None

    @property
    def key(self) -> Key:
        """What it is an observation of."""
        return self.kind.value, self.subject, self.day


@dataclass(frozen=True, slots=True)
class Observed:
    """The observation as it stands in the tables: a new one, or the same as before."""

    id: UUID
    version: int
    is_new: bool


def add_source(tx: Transaction, name: str, dispute_window: timedelta, *, now: datetime, actor: str) -> None:
    """Name a source, or change how long its observations may be disputed before they count."""
    tx.execute(SQL.add_source, name=name, dispute_window=dispute_window, now=now, actor=actor)


def sources(tx: Transaction) -> list[dict[str, object]]:
    """Every source."""
    names = ("name", "dispute_window", "added_at", "added_by")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.sources)]


def enter_observations(
    tx: Transaction, batch: Sequence[NewObservation], *, now: datetime, actor: str
) -> list[Observed | Refusal]:
    """Enter a batch: one outcome for each, in order. What a source repeats changes nothing; what it says otherwise is
    a correction and needs a reason. Raises `Conflict` where two enter the same at once (repeat the batch).
    """
    known = {name for (name,) in tx.rows(SQL.known_sources, names=[o.source for o in batch])}
    latest = _latest(tx, batch)
    outcomes: list[Observed | Refusal] = []
    rows = []
    for id_, new in zip(new_ids(len(batch)), batch, strict=True):
        place = (*new.key, new.source)
        before = latest.get(place)
        refusal = _broken_rule(new, before and before[2], known=new.source in known, now=now)
        if refusal is not None:
            outcomes.append(refusal)
        elif before is not None and before[2] == new.content:
            outcomes.append(Observed(before[0], before[1], is_new=False))
        else:
            version = before[1] + 1 if before else 1
            latest[place] = id_, version, new.content
            outcomes.append(Observed(id_, version, is_new=True))
            reason = new.reason if before else None
            c = new.content
            rows.append(
                (
                    id_, *new.key, new.source, version, c.value, c.low, c.high, c.hit_on, c.choice, new.observed_at,
                    now, actor, reason,
                )
            )  # fmt: skip
    tx.copy(
        "servicing.observation",
        (
            "id", "kind", "subject", "day", "source", "version", "value", "low", "high", "hit_on", "choice",
            "observed_at", "entered_at", "entered_by", "reason",
        ),
        (
            "uuid", "text", "text", "date", "text", "int4", "numeric", "numeric", "numeric", "date", "text",
            "timestamptz", "timestamptz", "text", "text",
        ),
        rows,
    )  # fmt: skip
    ensure(len(outcomes) == len(batch), "every observation has one outcome")
    return outcomes


def confirm(tx: Transaction, ids: Sequence[UUID], *, now: datetime, actor: str) -> list[Refusal | None]:
    """A second person says the same: None, or why it may not, for each in order. Confirming twice changes nothing."""
    entered: dict[UUID, str] = dict(tx.rows(SQL.entered_by, ids=list(ids)))
    outcomes = [_may_not_confirm(id_, entered.get(id_), actor) for id_ in ids]
    good = [id_ for id_, refusal in zip(ids, outcomes, strict=True) if refusal is None]
    if good:
        tx.execute(SQL.confirm, ids=good, actor=actor, now=now)
    return outcomes


def dispute(tx: Transaction, observation: UUID, reason: str, *, now: datetime, actor: str) -> UUID:
    """Bar an observation until the dispute ends; its id. Raises `Refused` (SRV-013)."""
    if not tx.rows(SQL.entered_by, ids=[observation]):
        raise Refused(errors.UNKNOWN_OBSERVATION(observation=observation))
    id_ = new_id()
    tx.execute(SQL.dispute, id=id_, observation=observation, reason=reason, now=now, actor=actor)
    return id_


def end_dispute(tx: Transaction, id_: UUID, *, upheld: bool, reason: str, now: datetime, actor: str) -> None:
    """Uphold a dispute, which discards the observation, or dismiss it. Whoever raised it may not.

    Raises `Refused` (SRV-016, SRV-017).
    """
    row = tx.row(SQL.open_dispute, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_DISPUTE(dispute=id_))
    if row[0] == actor:
        raise Refused(errors.OWN_DISPUTE(actor=actor))
    tx.execute(SQL.end_dispute, id=id_, upheld=upheld, reason=reason, now=now, actor=actor)


def _latest(
    tx: Transaction, batch: Sequence[NewObservation]
) -> dict[tuple[str, str, date, str], tuple[UUID, int, Content]]:
    """The last version of each source."""
    rows = tx.rows(
        SQL.latest,
        kinds=[o.kind.value for o in batch],
        subjects=[o.subject for o in batch],
        days=[o.day for o in batch],
        sources=[o.source for o in batch],
    )
    return {
        (kind, subject, day, source): (id_, version, Content(*content))
        for kind, subject, day, source, id_, version, *content in rows
    }


def _broken_rule(
    new: NewObservation, before: Content | None, *, known: bool, now: datetime
) -> Refusal | None:
    if not known:
        return errors.UNKNOWN_SOURCE("/source", source=new.source)
    if new.day > now.date() or new.observed_at > now:
        return errors.NOT_YET("/day", day=new.day)
    if before is not None and before != new.content and not new.reason:
        return errors.CORRECTION_UNEXPLAINED("/reason", source=new.source, subject=new.subject, day=new.day)
    return None


def _may_not_confirm(id_: UUID, entered_by: str | None, actor: str) -> Refusal | None:
    if entered_by is None:
        return errors.UNKNOWN_OBSERVATION(observation=id_)
    return errors.OWN_OBSERVATION(actor=actor) if entered_by == actor else None
