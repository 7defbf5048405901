"""Every invariant of every room, recomputed from the stored data alone."""

from collections.abc import Callable

from counterfoil import ledger, messages, orchestration, processes, register, servicing, settlement
from counterfoil.core.checks import Check
from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.verifications import keep_verification
from counterfoil.faces.services import Services

_ROOMS = (ledger, register, settlement, servicing, messages, orchestration, processes)


def verify(database: Database, told: Callable[[str, list[Check]], None]) -> list[Check]:
    """All checks, in one snapshot; each room's are `told` with its name as soon as they are made."""
    found: list[Check] = []
    with database.snapshot() as tx:
        for room in _ROOMS:
            checks = room.checks(tx)
            told(room.__name__.rpartition(".")[2], checks)
            found += checks
    return found


def verify_and_keep(services: Services, actor: str, told: Callable[[str, list[Check]], None]) -> None:
    """Make all checks while the house works, and keep what they found."""
    id_, started_at = new_id(), services.clock.now()
    found = verify(services.database, told)
    with services.transaction() as tx:
        keep_verification(tx, id_, found, started_at=started_at, ended_at=services.clock.now(), actor=actor)
