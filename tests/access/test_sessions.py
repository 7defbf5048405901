"""A session is known by its hash alone, lasts while it is used, and not beyond its token."""

from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.access import (
    clear_ended_sessions,
    close_session,
    create_token,
    open_session,
    revoke_token,
    session_actor,
)
from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def signed_in(database: Database) -> tuple[object, str]:
    with database.transaction() as tx:
        id_, token = create_token(
            tx, name="Ada", roles=["operator"], creator="test", approver="second", now=NOW
        )
        secret, actor = open_session(tx, token, now=NOW)
        assert actor.id == id_
        return id_, secret


def test_a_session_lasts_as_long_as_it_is_used_and_no_longer_than_a_day_of_work(database: Database):
    _, secret = signed_in(database)
    with database.transaction() as tx:
        for minute in range(0, 12 * 60, 29):
            assert session_actor(tx, secret, now=later(minute)) is not None
        assert session_actor(tx, secret, now=later(12 * 60)) is None


def test_looking_is_no_use(database: Database):
    _, secret = signed_in(database)
    with database.transaction() as tx:
        assert session_actor(tx, secret, now=later(29), use=False) is not None
        assert session_actor(tx, secret, now=later(30)) is None


def test_use_is_noted_at_most_once_a_minute(database: Database):
    _, secret = signed_in(database)
    with database.transaction() as tx:
        session_actor(tx, secret, now=later(0.9))
        assert tx.value("SELECT used_at FROM access.session") == NOW
        session_actor(tx, secret, now=later(1))
        assert tx.value("SELECT used_at FROM access.session") == later(1)


def test_a_session_ends_by_signing_out_or_with_its_token(database: Database):
    (_, closed), (revoked_token, revoked), (_, kept) = (signed_in(database) for _ in range(3))
    with database.transaction() as tx:
        close_session(tx, closed, now=NOW)
        close_session(tx, closed, now=later(1))
        revoke_token(tx, revoked_token, now=NOW)
        assert session_actor(tx, closed, now=NOW) is None
        assert session_actor(tx, revoked, now=NOW) is None
        assert session_actor(tx, kept, now=NOW) is not None


@pytest.mark.parametrize("secret", ["", "x", "a" * 43, "ä" * 43, "a" * 1000, "\0" * 43])
def test_what_is_no_session_opens_nothing(database: Database, secret: str):
    with database.transaction() as tx:
        assert session_actor(tx, secret, now=NOW) is None


def test_a_wrong_token_opens_no_session(database: Database):
    with database.transaction() as tx, pytest.raises(Refused, match="ACC-410"):
        open_session(tx, "cf_wrong", now=NOW)


def test_the_database_never_holds_a_sessions_secret(database: Database):
    _, secret = signed_in(database)
    with database.transaction() as tx:
        assert secret not in tx.value("SELECT string_agg(s::text, '') FROM access.session AS s")


def test_the_database_refuses_a_session_that_was_used_before_it_was_opened(database: Database):
    signed_in(database)
    with pytest.raises(Conflict), database.transaction() as tx:
        tx.execute("UPDATE access.session SET used_at = opened_at - interval '1 second'")


def test_ended_sessions_lose_what_they_were_known_by_and_stay_in_the_trail(database: Database):
    (_, closed), _, (_, used) = (signed_in(database) for _ in range(3))
    with database.transaction() as tx:
        close_session(tx, closed, now=later(1))
        session_actor(tx, used, now=later(25))
        acts = (
            "SELECT key, at, actor, what FROM access.v_act WHERE what <> '' AND key IS NOT NULL ORDER BY key"
        )
        before = tx.rows(acts)
        assert clear_ended_sessions(tx, now=later(31)) == 2
        assert clear_ended_sessions(tx, now=later(31)) == 0
        assert tx.rows(acts) == before
        assert tx.rows("SELECT ended_at, signed_out FROM access.past_session ORDER BY id") == [
            (later(1), True),
            (later(30), False),
        ]
        assert session_actor(tx, used, now=later(31)) is not None
        assert session_actor(tx, closed, now=later(31)) is None
