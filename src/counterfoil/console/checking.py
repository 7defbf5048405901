"""Files that are checked: every rule applied to every item by a thread, and what it finds kept for an hour.

Results and refused items lie in files without a name, which are gone with the last who reads them; in memory is where
each refused item begins. Nothing is stored in the database.
"""

import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from threading import Lock, Thread
from typing import IO, Any
from uuid import UUID
from weakref import finalize

import structlog

from counterfoil.access import Actor
from counterfoil.console import errors
from counterfoil.console.batch_kinds import BatchKind, Wanted, require_kind
from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Unavailable
from counterfoil.core.errors import CATALOGUE, Refusal, Refused, Rule
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps, loads_stored
from counterfoil.faces import BodyForm, Services
from counterfoil.processes import payloads

LOG = structlog.get_logger("counterfoil.console")
_KEPT_S = 3600.0
_EACH = 2
"""Checks of a visitor that are kept: the files of both are on disk."""
_ALL = 40
_TOGETHER = 500
"""Results that are written, and told, at once."""
_PIECE = 256 * 1024


@dataclass(slots=True, eq=False, weakref_slot=True)
class Check:
    """A file under check. `rules` are codes with how often each refuses an item; `read` of `size` bytes are read."""

    services: Services
    actor: Actor
    kind: BatchKind
    name: str
    form: BodyForm
    wanted: Wanted
    file: IO[bytes]
    id: UUID = field(default_factory=new_id)
    started_s: float = field(default_factory=stopwatch)
    started_at: datetime = field(init=False)
    size: int = field(init=False)
    read: int = 0
    valid: int = 0
    refused: int = 0
    took_s: float | None = None
    refusals: Sequence[Refusal] = ()
    examples: dict[str, str] = field(default_factory=dict)
    _rules: Counter[str] = field(default_factory=Counter)
    _results: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _items: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _places: "array[int]" = field(default_factory=lambda: array("Q"))
    _handing_in: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.started_at = self.services.clock.now()
        self.size = os.fstat(self.file.fileno()).st_size
        # Whoever still reads keeps the check, and with it the files.
        finalize(self, _close, self.file, self._results, self._items)

    @property
    def is_over(self) -> bool:
        """Whether every item is checked, or the file could not be read further."""
        return self.took_s is not None

    @property
    def problems(self) -> list[tuple[Refusal, Rule]]:
        """Why the file could not be read to its end, as pages show it."""
        return [(refusal, CATALOGUE[refusal.code]) for refusal in self.refusals]

    @property
    def rules(self) -> list[tuple[str, int, str]]:
        """The rules that refuse items: code, how many items, an example; the most frequent first."""
        return [(code, count, self.examples[code]) for code, count in Counter(self._rules).most_common()]

    def run(self) -> None:
        """Check it, to the end or to what cannot be read."""
        try:
            require_kind(self.kind, self.file, self.form)
            results = self.kind.check(self.services, self.actor, self.file, self.form, self.wanted)
            pairs = zip(results, payloads(self._pieces(), *self.form), strict=False)
            while together := list(islice(pairs, _TOGETHER)):
                self._keep(together)
        except Refused as refused:
            self.refusals = refused.refusals
        except Unavailable as error:
            LOG.warning("database lost", error=str(error).strip()[:300])
            self.refusals = (errors.UNAVAILABLE(),)
        except Exception:
            id_ = str(new_id())
            LOG.exception("a check failed", id=id_)
            self.refusals = (errors.BUG(id=id_),)
        finally:
            self.took_s = stopwatch() - self.started_s

    def _pieces(self) -> Iterator[bytes]:
        """The file once more beside the one who checks it, read from places of its own."""
        while piece := os.pread(self.file.fileno(), _PIECE, self.read):
            self.read += len(piece)
            yield piece

    def _keep(self, together: Sequence[tuple[Mapping[str, Any], bytes]]) -> None:
        places: list[int] = []
        for result, payload in together:
            line = dumps(result).encode() + b"\n"
            if not result["valid"]:
                places += (self._results.tell(), len(line), self._items.tell(), len(payload))
                self._items.write(payload)
                self._count(result["refusals"])
            self._results.write(line)
        self._results.flush()
        self._items.flush()
        self._places.extend(places)
        self.refused += len(places) // 4
        self.valid += len(together) - len(places) // 4

    def _count(self, refusals: Sequence[Mapping[str, str]]) -> None:
        for refusal in refusals:
            self.examples.setdefault(refusal["code"], refusal["detail"])
        self._rules.update({refusal["code"] for refusal in refusals})

    def take(self, wanted: Wanted) -> tuple[UUID, int]:
        """Hand in the file: the batch and how many items it has. Raises `Refused` as its kind does."""
        with self._handing_in:
            self.file.seek(0)
            return self.kind.take(self.services, self.actor, self.file, self.form, wanted)

    def refused_items(self, after: int = 0, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """The refused items from behind the `after`th: their number among them, result and payload."""
        until = self.refused if limit is None else min(self.refused, after + limit)
        for n in range(after, until):
            at, length, item_at, item_length = self._places[4 * n : 4 * n + 4]
            result = loads_stored(os.pread(self._results.fileno(), length, at))
            payload = os.pread(self._items.fileno(), item_length, item_at)
            yield {"n": n + 1, "result": result, "payload": payload}

    def results(self) -> Iterator[Sequence[dict[str, Any]]]:
        """What was found of every item so far, page by page."""
        at, rest = 0, b""
        while piece := os.pread(self._results.fileno(), _PIECE, at):
            at += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield [loads_stored(line) for line in lines]


def _close(*files: IO[bytes]) -> None:
    for file in files:
        file.close()


class Checks:
    """The checks of this process, by id."""

    def __init__(self) -> None:
        self._checks: dict[UUID, Check] = {}
        self._lock = Lock()

    def start(self, check: Check) -> None:
        """Check a file in a thread. Raises `Refused` (CON-423) while another of the visitor's is under way."""
        with self._lock:
            self._forget()
            own = [one for one in self._checks.values() if one.actor.id == check.actor.id]
            if any(not one.is_over for one in own):
                raise Refused(errors.UNDER_WAY(by=check.actor.name))
            over = [one for one in self._checks.values() if one.is_over]
            for one in (*own[: 1 - _EACH], *over[: max(0, len(self._checks) + 1 - _ALL)]):
                self._checks.pop(one.id, None)
            self._checks[check.id] = check
        Thread(target=check.run, name="console check", daemon=True).start()

    def of(self, actor: Actor, kind: BatchKind, id_: UUID) -> Check:
        """A visitor's own. Raises `Refused` (CON-425), whether it is unknown, forgotten or another's."""
        with self._lock:
            self._forget()
            found = self._checks.get(id_)
        if found is None or found.actor.id != actor.id or found.kind is not kind:
            raise Refused(errors.NO_CHECK())
        return found

    def _forget(self) -> None:
        now = stopwatch()
        self._checks = {
            id_: one
            for id_, one in self._checks.items()
            if not one.is_over or now - one.started_s < _KEPT_S + (one.took_s or 0)
        }
