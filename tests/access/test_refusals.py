"""What is refused is kept in bounded room, is never taken back, and holds no token."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.access import Actor, note_failed_sign_in, note_refused_act
from counterfoil.core.db import Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.core.postgres import EmbeddedPostgres
from tests.conftest import fresh_database

NOW = datetime(2026, 11, 20, 12, 59, tzinfo=UTC)


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """One of a test's own: what was refused cannot be cleared away."""
    with fresh_database(postgres) as found:
        yield found


def rows(tx: Transaction) -> list:
    return tx.rows("SELECT kind, source, subject, code, times FROM access.refusal ORDER BY id")


def test_the_same_within_an_hour_is_counted_and_after_it_told_anew(database: Database):
    with database.transaction() as tx:
        for minutes in (0, 0, 2):
            note_failed_sign_in(tx, "10.0.0.1", "cf_x", now=NOW + timedelta(minutes=minutes))
        told = [("sign_in_failed", "10.0.0.1", "", "ACC-410", times) for times in (2, 1)]
        assert rows(tx) == told


def test_an_attacker_with_many_addresses_fills_a_bounded_number_of_rows(database: Database):
    with database.transaction() as tx:
        for n in range(1100):
            note_failed_sign_in(tx, f"10.0.{n // 250}.{n % 250}", "cf_x", now=NOW)
        note_failed_sign_in(tx, "10.0.0.0", "cf_x", now=NOW)
        found = rows(tx)
    assert len(found) == 1001
    assert found[-1][1:] == ("other addresses", "", "ACC-410", 100)
    assert found[0][4] == 2, "who is known already is counted as before"


def test_who_tries_everything_fills_a_bounded_number_of_rows_and_hides_nobody_else(database: Database):
    eve, ada = (Actor(new_id(), name, None, frozenset({"auditor"})) for name in ("Eve", "Ada"))
    with database.transaction() as tx:
        for n in range(130):
            note_refused_act(tx, eve, f"POST /console/x/{n}", "ACC-403", now=NOW)
        note_refused_act(tx, ada, "POST /console/x", "ACC-403", now=NOW)
        found = rows(tx)
    assert len(found) == 102
    assert found[100][1:] == (eve.label, "", "ACC-403", 30)
    assert found[101][1:3] == (ada.label, "POST /console/x")


def test_hostile_texts_are_cut_and_cleaned(database: Database):
    eve = Actor(new_id(), "E" * 140, None, frozenset({"auditor"}))
    with database.transaction() as tx:
        note_refused_act(tx, eve, "POST /\0\x1b[31m" + "x" * 5000, "ACC-403", now=NOW)
        ((_, _, subject, _, _),) = rows(tx)
    assert subject.startswith("POST /??[31mxxx")
    assert len(subject) == 200


@pytest.mark.parametrize(
    "statement", ["DELETE FROM access.refusal", "UPDATE access.refusal SET source = 'x'"]
)
def test_what_was_refused_cannot_be_taken_back(database: Database, statement: str):
    with database.transaction() as tx:
        note_failed_sign_in(tx, "10.0.0.1", "cf_x", now=NOW)
    with pytest.raises(Exception, match=r"append-only"), database.transaction() as tx:
        tx.execute(statement)
