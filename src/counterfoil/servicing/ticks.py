"""Price ticks: taken in by the batch, compared with the barriers that are watched, and never twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.servicing import errors
from counterfoil.servicing.hits import knock_out_hits
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.moments import ZONE
from counterfoil.servicing.touching import PricesOf, lock_prices, look
from counterfoil.servicing.untouched import state_untouched

SQL = queries(__file__)
_STAGED = ("underlying", "day", "source", "at", "sequence", "version", "at_close", "price")
_STAGED_TYPES = ("text", "date", "text", "timestamptz", "int8", "int4", "bool", "numeric")
_AT_CLOSE = _STAGED.index("at_close")
_Key = tuple[str, str, datetime, int]
_Said = tuple[int, Decimal | None, bool]
"""Version, price, whether it is the closing one."""


@dataclass(frozen=True, slots=True)
class NewTick:
    """A price as a source hands it in. `sequence` tells its prices of one instant apart; no price withdraws one that
    was handed in before, for a `reason`.
    """

    underlying: str
    source: str
    at: datetime
    price: Decimal | None
    at_close: bool = False
    sequence: int = 0
    reason: str | None = None

    @property
    def day(self) -> date:
        """The day in Frankfurt."""
        return self.at.astimezone(ZONE).date()


@dataclass(frozen=True, slots=True)
class TickEntered:
    """The tick as it stands in the tables: a new one or a new version, or the same as before."""

    version: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class TicksTaken:
    """One outcome for each tick, in order, and the knock-outs they led to."""

    outcomes: list[TickEntered | Refusal]
    touched: int
    knocked_out: list[ServicingEvent]


def enter_ticks(tx: Transaction, batch: Sequence[NewTick], *, now: datetime, actor: str) -> TicksTaken:
    """Take in a batch: what a source repeats changes nothing; what it says otherwise of a tick is a correction and
    needs a reason. Whatever barrier they touch, and the knock-outs that count by it, are there when the transaction
    commits.
    """
    lock_prices(tx)
    known = {name for (name,) in tx.rows(SQL.known_sources, names=sorted({t.source for t in batch}))}
    latest = _latest(tx, batch)
    outcomes: list[TickEntered | Refusal] = []
    rows: list[tuple[Any, ...]] = []
    corrected: set[PricesOf] = set()
    for tick in batch:
        key = tick.underlying, tick.source, tick.at, tick.sequence
        before = latest.get(key)
        refusal = _broken_rule(tick, before, known=tick.source in known, now=now)
        if refusal is not None:
            outcomes.append(refusal)
        elif before is not None and before[1:] == (tick.price, tick.at_close):
            outcomes.append(TickEntered(before[0], is_new=False))
        else:
            version = before[0] + 1 if before else 1
            latest[key] = version, tick.price, tick.at_close
            outcomes.append(TickEntered(version, is_new=True))
            if before:
                corrected.add((tick.underlying, tick.day, tick.source))
            rows.append(_row(tick, version, now, actor))
    return _taken(tx, outcomes, rows, corrected, now, actor, len(batch))


def touches_of(tx: Transaction, isin: str) -> list[dict[str, Any]]:
    """By which prices the barriers of a security were touched, in order of their days."""
    names = (
        "barrier", "day", "source", "at", "sequence", "tick_version", "underlying", "price", "level",
        "terms_version", "observation",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.touches, isin=isin)]


def _taken(
    tx: Transaction,
    outcomes: list[TickEntered | Refusal],
    rows: Sequence[tuple[Any, ...]],
    corrected: set[PricesOf],
    now: datetime,
    actor: str,
    count: int,
) -> TicksTaken:
    ensure(len(outcomes) == count, "every tick has one outcome")
    if not rows:
        return TicksTaken(outcomes, 0, [])
    further = ("entered_at", "entered_by", "reason")
    tx.copy("servicing.tick", (*_STAGED, *further), (*_STAGED_TYPES, "timestamptz", "text", "text"), rows)
    tx.copy("servicing.staged_tick", _STAGED, _STAGED_TYPES, (row[: len(_STAGED)] for row in rows))
    touched = look(tx, sorted(corrected), now=now, actor=actor)
    state_untouched(tx, {row[0] for row in rows if row[_AT_CLOSE]}, now=now, actor=actor)
    return TicksTaken(outcomes, touched, knock_out_hits(tx, now=now) if touched else [])


def _latest(tx: Transaction, batch: Sequence[NewTick]) -> dict[_Key, _Said]:
    """What was said before of the same ticks."""
    rows = tx.rows(
        SQL.latest,
        underlyings=[t.underlying for t in batch],
        days=[t.day for t in batch],
        sources=[t.source for t in batch],
        ats=[t.at for t in batch],
        sequences=[t.sequence for t in batch],
    )
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5], row[6]) for row in rows}


def _broken_rule(tick: NewTick, before: _Said | None, *, known: bool, now: datetime) -> Refusal | None:
    if not known:
        return errors.UNKNOWN_SOURCE("/source", source=tick.source)
    if tick.at > now:
        return errors.NOT_YET("/at", day=tick.at)
    if before is None:
        return (
            errors.TICK_ODD("/price", reason="There is no tick to withdraw") if tick.price is None else None
        )
    if before[1:] != (tick.price, tick.at_close) and not tick.reason:
        return errors.CORRECTION_UNEXPLAINED(
            "/reason", source=tick.source, subject=tick.underlying, day=tick.at
        )
    return None


def _row(tick: NewTick, version: int, now: datetime, actor: str) -> tuple[Any, ...]:
    return (
        tick.underlying, tick.day, tick.source, tick.at, tick.sequence, version, tick.at_close, tick.price, now,
        actor, tick.reason if version > 1 else None,
    )  # fmt: skip
