"""Who did what, when: the acts of all rooms, newest first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
LOOK = 20_000
"""Acts that one search looks through: so it stays quick however many there are, and says how far it came."""
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for: a part of who acted, the kind of act, a part of what it is about or says."""

    actor: str | None = None
    what: str | None = None
    subject: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every act is asked for."""
        return self.actor is self.what is self.subject is None


@dataclass(frozen=True, slots=True)
class Acts:
    """A page of acts. `next` is the key to go on with; `until` how far back it was looked where that was not to the
    beginning and the page is not full.
    """

    rows: list[dict[str, Any]]
    next: UUID | None
    until: datetime | None


def key_before(day: date) -> UUID:
    """The key that all acts until the end of a day (UTC) lie before."""
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    return UUID(int=(int(end.timestamp() * 1000) << 80))


def acts(tx: Transaction, sought: Sought, *, before: UUID | None, limit: int) -> Acts:
    """The newest acts before a key that fit."""
    look = limit + 1 if sought.is_everything else LOOK
    rows = tx.rows(
        SQL.acts, before=before or _LAST, look=look, limit=limit + 1, actor=sought.actor, what=sought.what,
        subject=sought.subject,
    )  # fmt: skip
    names = ("key", "at", "actor", "what", "about", "subject", "detail")
    found = [dict(zip(names, row, strict=True)) for row in rows if row[2] is not None]
    ends = [(row[0], row[1]) for row in rows if row[2] is None]
    if len(found) > limit:
        return Acts(found[:limit], found[limit - 1]["key"], None)
    if ends:
        key, at = ends[0]
        return Acts(found, key, at)
    return Acts(found, None, None)
