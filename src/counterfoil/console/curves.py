"""The last hour by the minute, kept up by reading only what may still change."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from counterfoil.core.db import Transaction
from counterfoil.processes import Ended, ended_by_minute
from counterfoil.settlement import settled_by_minute

MINUTES = 60
_OPEN_MINUTES = 3
"""A transaction writes the time at which it began: minutes so long past may still get something."""


@dataclass(slots=True)
class Curves:
    """Per minute: parts settled, items of batches ended, and how long those items took."""

    _settled: dict[datetime, int] = field(default_factory=dict)
    _ended: dict[datetime, Ended] = field(default_factory=dict)
    _read_until: datetime | None = None

    def refresh(self, tx: Transaction, now: datetime) -> None:
        """Read the minutes that may have changed; the whole hour when nothing was read for a while."""
        minute = now.replace(second=0, microsecond=0)
        oldest = minute - timedelta(minutes=MINUTES - 1)
        since = oldest
        if self._read_until is not None:
            since = max(oldest, self._read_until - timedelta(minutes=_OPEN_MINUTES))
        for known in (self._settled, self._ended):
            for gone in [at for at in known if at < oldest or at >= since]:
                del known[gone]
        self._settled.update(settled_by_minute(tx, since))
        self._ended.update((found.minute, found) for found in ended_by_minute(tx, since))
        self._read_until = minute

    def drawn(self, now: datetime) -> dict[str, list[float | int | None]]:
        """The curves as lists of one length: `minute` (seconds since 1970), `settled`, `ended`, `average_s`,
        `longest_s` (None where nothing ended).
        """
        last = now.replace(second=0, microsecond=0)
        minutes = [last - timedelta(minutes=n) for n in reversed(range(MINUTES))]
        ended = [self._ended.get(at) for at in minutes]
        return {
            "minute": [int(at.timestamp()) for at in minutes],
            "settled": [self._settled.get(at, 0) for at in minutes],
            "ended": [0 if found is None else found.done + found.rejected for found in ended],
            "average_s": [None if found is None else round(found.average_s, 2) for found in ended],
            "longest_s": [None if found is None else round(found.longest_s, 2) for found in ended],
        }
