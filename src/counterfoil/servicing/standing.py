"""How what was observed stands: what counts, and what does not count yet, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.servicing.observations import Content, Key

SQL = queries(__file__)


class Standing(StrEnum):
    """Whether an observation counts."""

    ABSENT = "absent"
    UNCONFIRMED = "unconfirmed"  # one source, and no second person
    CONTRADICTED = "contradicted"  # two sources say different things
    DISPUTED = "disputed"
    IN_WINDOW = "in_window"  # confirmed, and may still be disputed before it is used
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Statement:
    """The last version of what one source says, and what has become of it."""

    id: UUID
    source: str
    version: int
    content: Content
    observed_at: datetime
    entered_at: datetime
    entered_by: str
    confirmed_by: str | None
    confirmed_at: datetime | None
    disputed: bool
    discarded: bool
    window: timedelta


@dataclass(frozen=True, slots=True)
class Judged:
    """How a key stands; `statement` is what counts (or would), `confirmed_by` the second person or source."""

    standing: Standing
    statement: Statement | None = None
    confirmed_by: str | None = None
    counts_from: datetime | None = None


def judge(statements: Iterable[Statement], now: datetime) -> Judged:
    """What counts of what the sources say of one key.

    Confirmed is what a second person has confirmed or a second source says as well. Sources that differ bar each
    other until one of them is discarded or corrected.
    """
    said = [s for s in statements if not s.discarded]
    if not said:
        return Judged(Standing.ABSENT)
    first = min(said, key=lambda s: (s.entered_at, s.id))
    if any(not _agree(first.content, s.content) for s in said):
        return Judged(Standing.CONTRADICTED, first)
    if any(s.disputed for s in said):
        return Judged(Standing.DISPUTED, first)
    words = [(s.confirmed_at, s.confirmed_by) for s in said if s.confirmed_at is not None]
    others = sorted((s.entered_at, s.source) for s in said if s is not first)
    found = min([*words, *others[:1]], default=None, key=lambda word: word[0])
    if found is None:
        return Judged(Standing.UNCONFIRMED, first)
    counts_from = found[0] + max(s.window for s in said)
    standing = Standing.COUNTS if counts_from <= now else Standing.IN_WINDOW
    # What says most is used: a source may give the day's low and high beside the fixing.
    best = max(said, key=lambda s: (s.content.low is not None) + (s.content.high is not None))
    return Judged(standing, best, found[1], counts_from)


Range = tuple[str, str, date, date]
"""Kind, subject, first and last day."""


def judged(tx: Transaction, ranges: Sequence[Range], *, now: datetime) -> dict[Key, Judged]:
    """How each key in the ranges stands; one of which nothing is stored is missing."""
    wanted = list(dict.fromkeys(ranges))
    if not wanted:
        return {}
    rows = tx.rows(
        SQL.said,
        kinds=[r[0] for r in wanted],
        subjects=[r[1] for r in wanted],
        firsts=[r[2] for r in wanted],
        lasts=[r[3] for r in wanted],
    )
    found: dict[Key, Judged] = {}
    for key, group in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        found[key] = judge([_statement(row) for row in group], now)
    return found


def observations_in(tx: Transaction, wanted: Range, *, now: datetime) -> list[Mapping[str, object]]:
    """What is stored of a subject in a range of days and how it stands, in JSON form."""
    return [as_dict(key, found) for key, found in sorted(judged(tx, [wanted], now=now).items())]


def as_dict(key: Key, found: Judged) -> Mapping[str, object]:
    """The JSON form: the key, how it stands, what is said and by whom."""
    kind, subject, day = key
    plain: dict[str, object] = {
        "kind": kind,
        "subject": subject,
        "day": day,
        "standing": found.standing.value,
    }
    if (s := found.statement) is not None:
        c = s.content
        fields = {"value": c.value, "low": c.low, "high": c.high, "choice": c.choice}
        plain |= {name: value for name, value in fields.items() if value is not None}
        if kind == "barrier":
            plain["hit_on"] = c.hit_on
        plain |= {
            "observation": s.id, "source": s.source, "version": s.version, "observed_at": s.observed_at,
            "entered_by": s.entered_by, "confirmed_by": found.confirmed_by, "counts_from": found.counts_from,
        }  # fmt: skip
    return plain


def _agree(one: Content, other: Content) -> bool:
    """Whether two sources say the same; what only one of them says is no difference."""
    extremes = ((one.low, other.low), (one.high, other.high))
    return (one.value, one.hit_on, one.choice) == (other.value, other.hit_on, other.choice) and all(
        a is None or b is None or a == b for a, b in extremes
    )


def _statement(row: Row) -> Statement:
    id_, source, version, value, low, high, hit_on, choice, *rest = row[3:]
    return Statement(id_, source, version, Content(value, low, high, hit_on, choice), *rest)
