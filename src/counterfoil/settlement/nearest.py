"""Why instructions have no counterpart, for many at once: where the nearest candidate of each differs."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.settlement.statuses import differences

SQL = queries(__file__)
_NO_COUNTERPART = "CMIS"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why an instruction is unmatched. `fields` are ISO 20022's reason, the field and the counterparty's value of
    each that differs; without any, nobody has instructed anything like it. `nearest` is the candidate.
    """

    fields: tuple[tuple[str, str, str], ...] = ()
    nearest: UUID | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Each reason once."""
        return tuple(dict.fromkeys(code for code, _, _ in self.fields)) or (_NO_COUNTERPART,)


def mismatches(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Mismatch]:
    """The mismatch of each of the given unmatched instructions. Candidates are looked for among those alone of which
    some party is advised by messages, so the search stays as small as they are few.
    """
    best: dict[UUID, tuple[int, Mismatch]] = {}
    for own_id, other_id, *fields in tx.rows(SQL.candidates, ids=list(ids)):
        half = len(fields) // 2
        found = list(differences(fields[:half], fields[half:]))
        told = tuple((d["code"], d["field"], str(d["theirs"])) for d in found)
        if own_id not in best or len(found) < best[own_id][0]:
            best[own_id] = len(found), Mismatch(told, other_id)
    return {id_: best[id_][1] if id_ in best else Mismatch() for id_ in ids}
