"""All rooms are verified in one snapshot, and told one by one."""

from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules

import counterfoil
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database
from counterfoil.core.verifications import verification, verifications
from counterfoil.faces import Services, verify_and_keep

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rooms_with_checks() -> set[str]:
    """Every room whose door offers checks."""
    names = [room.name for room in iter_modules(counterfoil.__path__)]
    return {name for name in names if callable(getattr(import_module(f"counterfoil.{name}"), "checks", None))}


def test_each_room_is_told_and_the_run_is_kept_whole(database: Database) -> None:
    told = {}
    verify_and_keep(Services(database, SimulatedClock(NOW)), "ada (1)", told.__setitem__)
    assert set(told) == rooms_with_checks()
    with database.transaction() as tx:
        kept = verification(tx)
        assert [run["id"] for run in verifications(tx)] == [kept["id"]]
        assert verifications(tx, before=kept["id"]) == []
        assert verification(tx, kept["id"]) == kept
    assert (kept["actor"], kept["started_at"], kept["holds"]) == ("ada (1)", NOW, True)
    assert [check["name"] for check in kept["checks"]] == [c.name for checks in told.values() for c in checks]
