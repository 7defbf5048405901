"""Random days of settlement against a model small enough to be obviously right."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from counterfoil.core.db import Conflict, Database
from counterfoil.settlement import conditions, cycle, matching, parts, pending, realtime, statuses
from tests.settlement.states import Settlement

SEARCH = int(os.environ.get("COUNTERFOIL_SEARCH", "25"))
"""How many examples the long search tries."""
_KEPT = ("core", "instruments", "ledger", "parties", "register", "settlement")


@pytest.fixture
def emptied(database: Database) -> Iterator[Callable[[], Database]]:
    """Gives the database back as it was at first: quicker by far than a new one for each example."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s)",
            [list(_KEPT)],
        ).fetchall()
        first = {
            name: connection.execute(f"CREATE TABLE IF NOT EXISTS kept_{n} AS TABLE {name}").rowcount and f"kept_{n}"
            for n, (name,) in enumerate(names)
        }  # fmt: skip
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")

        def empty() -> Database:
            with connection.transaction():
                for name, kept in first.items():
                    connection.execute(f"DELETE FROM {name}")
                    if kept:
                        connection.execute(f"INSERT INTO {name} OVERRIDING SYSTEM VALUE TABLE {kept}")
            return quick

        connection.execute(f"ALTER DATABASE {database.url.rpartition('=')[2]} SET synchronous_commit = off")
        quick = Database(database.url, connections=2)
        yield empty
        quick.close()


def explore(empty: Callable[[], Database], examples: int, steps: int, **how: object) -> None:
    """Search for a step after which market and model differ."""

    class Here(Settlement):
        open_database = staticmethod(empty)

    quiet = list(HealthCheck)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=quiet, **how
        ),
    )


def test_settlement_does_what_the_model_does(emptied: Callable[[], Database]):
    explore(emptied, 25, 30)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_long_search_finds_no_difference(emptied: Callable[[], Database]):
    explore(emptied, SEARCH, 60)


def forgetful(solve: Callable[..., Any]) -> Callable[..., Any]:
    """A choice that leaves out the first of what could settle."""

    def worse(*args: Any, **how: Any) -> Any:
        found = solve(*args, **how)
        first = next((n for n, chosen in enumerate(found.chosen) if chosen), None)
        return replace(found, chosen=tuple(c and n != first for n, c in enumerate(found.chosen)))

    return worse


def altered(sound: str, spoilt: str) -> dict[str, str]:
    """The statements of matching, with another choice of candidates."""
    statement = matching.SQL.statements["pair_best"]
    assert sound in statement
    return {**matching.SQL.statements, "pair_best": statement.replace(sound, spoilt)}


CANARIES: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "holds are forgotten": (conditions, "_held", lambda _: lambda *args: ()),
    "priorities are forgotten": (pending.Pending, "rank", lambda _: property(lambda p: (p.id,))),
    "what is freed is not tried": (pending, "waiting_for", lambda _: lambda *args: set()),
    "a part costs as much as the whole": (parts, "amount_of", lambda _: lambda p, quantity: p.amount),
    "everybody sees a reason as the deliverer does": (statuses, "_OTHER_SIDE", lambda _: {}),
    "a cycle leaves one out": (cycle, "optimise", forgetful),
    "what has no units gets none made": (realtime, "_is_sale", lambda _: lambda *args: False),
    "the tolerance excludes": (matching.SQL, "statements", lambda _: altered("<= coalesce((", "< coalesce((")),
    "clients must differ": (matching.SQL, "statements", lambda _: altered("d.client = r.", "d.client <> r.")),
}  # fmt: skip
"""Ways to spoil settlement: where, what, and what it becomes."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CANARIES)
def test_the_search_finds_what_is_spoilt(
    emptied: Callable[[], Database], monkeypatch: pytest.MonkeyPatch, name: str
):
    where, what, spoilt = CANARIES[name]
    monkeypatch.setattr(where, what, spoilt(getattr(where, what)))
    with pytest.raises((AssertionError, Conflict, ExceptionGroup)):
        explore(emptied, 100, 40, phases=[Phase.generate], report_multiple_bugs=False, database=None)
