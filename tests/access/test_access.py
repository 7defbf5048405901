"""Tokens are known by their hash alone; a role may do what is written; no hand controls itself."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.access import (
    APPROVER_FILE,
    ROLES,
    TOKEN_FILE,
    Actor,
    authenticate,
    create_token,
    ensure_bootstrap,
    may,
    require,
    require_four_eyes,
    revoke_token,
    tokens,
)
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEI, OTHER = "529900T8BM49AURSDO55", "INR2EJN1ERAN0W5ZP974"


def actor(*roles: str, lei: str | None = None) -> Actor:
    return Actor(new_id(), "Ada", lei, frozenset(roles))


def test_a_token_opens_until_it_is_revoked_or_expires(database: Database) -> None:
    with database.transaction() as tx:
        id_, secret = create_token(
            tx, name="Ada", roles=["issuer"], creator="test", approver="second", now=NOW, lei=LEI
        )
        until = NOW + timedelta(hours=1)
        _, short = create_token(
            tx, name="Bo", roles=["auditor"], creator="test", approver="second", now=NOW, expires_at=until
        )
        found = authenticate(tx, secret, now=NOW)
        assert found == Actor(id_, "Ada", LEI, frozenset({"issuer"}))
        assert authenticate(tx, short, now=until - timedelta(seconds=1)) is not None
        assert authenticate(tx, short, now=until) is None
        revoke_token(tx, id_, now=NOW)
        assert authenticate(tx, secret, now=NOW) is None
        with pytest.raises(Refused, match="ACC-408"):
            revoke_token(tx, id_, now=NOW)


def test_the_database_never_holds_a_secret(database: Database) -> None:
    with database.transaction() as tx:
        _, secret = create_token(
            tx, name="Ada", roles=["issuer"], creator="test", approver="second", now=NOW, lei=LEI
        )
        assert len(secret) >= 43
        stored = tx.value("SELECT string_agg(t::text, '') FROM access.token AS t")
        assert secret not in stored
        assert secret.removeprefix("cf_") not in stored
        assert all("secret" not in t and "sha256" not in t for t in tokens(tx))


@pytest.mark.parametrize(
    "secret", ["", "cf_", "cf_x", "x", "cf_" + "a" * 1000, "cf_\0", "cf_ä", "cf_\ud800", "' OR 1=1 --"]
)
def test_what_is_no_token_opens_nothing(database: Database, secret: str) -> None:
    with database.transaction() as tx:
        create_token(tx, name="Ada", roles=["operator"], creator="test", approver="second", now=NOW)
        assert authenticate(tx, secret, now=NOW) is None


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (["king"], "ACC-406"), (["issuer", "king"], "ACC-406"), (["operator", "approver"], "ACC-407"),
        (["issuer", "approver"], "ACC-407"), (["issuing_agent", "approver", "auditor"], "ACC-407"), ([], "ACC-409"),
        (["modeller", "operator"], "ACC-407"), (["approver", "modeller"], "ACC-407"),
        (["paying_agent", "modeller"], "ACC-407"),
    ],
)  # fmt: skip
def test_impossible_roles_get_no_token(database: Database, roles: list[str], code: str) -> None:
    with database.transaction() as tx:
        with pytest.raises(Refused, match=code):
            create_token(tx, name="Ada", roles=roles, creator="test", approver="second", now=NOW)
        assert tokens(tx) == []


def test_who_submits_never_approves_and_who_approves_never_submits() -> None:
    for role, permissions in ROLES.items():
        assert not {"issuance.submit", "task.complete"} <= permissions, role
    assert [role for role, permissions in ROLES.items() if "token.create" in permissions] == ["operator"]
    assert [role for role, permissions in ROLES.items() if "task.complete" in permissions] == ["approver"]
    assert [role for role, permissions in ROLES.items() if "process.deploy" in permissions] == ["modeller"]


@pytest.mark.parametrize("role", ["issuer", "issuing_agent"])
@pytest.mark.parametrize("other", ["auditor", "approver"])
def test_a_right_to_issue_for_one_party_never_meets_a_role_that_sees_all(
    database: Database, role: str, other: str
) -> None:
    with database.transaction() as tx, pytest.raises(Refused, match="ACC-407"):
        create_token(tx, name="x", roles=[role, other], creator="test", approver="second", now=NOW, lei=LEI)


def test_a_party_sees_its_own_and_the_depository_sees_all() -> None:
    issuer = actor("issuer", lei=LEI)
    require(issuer, "issuance.submit", lei=LEI)
    with pytest.raises(Refused, match="ACC-404"):
        require(issuer, "batch.read", lei=OTHER)
    with pytest.raises(Refused, match="ACC-403"):
        require(issuer, "task.complete", lei=LEI)
    with pytest.raises(Refused, match="ACC-404"):
        require(actor("issuer"), "batch.read", lei=LEI)
    require(actor("auditor"), "batch.read", lei=OTHER)
    assert not may(actor("auditor"), "issuance.submit")
    assert not may(actor(), "batch.read")


def test_nobody_approves_what_he_asked_for() -> None:
    one, two = actor("approver"), actor("approver")
    for requester in (one.label, str(one.id)):
        with pytest.raises(Refused, match="ACC-405"):
            require_four_eyes(one, requester)
    require_four_eyes(two, one.label)


def test_the_first_token_is_for_its_owner_only_and_lasts(database: Database, tmp_path: Path) -> None:
    path = tmp_path / TOKEN_FILE
    with database.transaction() as tx:
        ensure_bootstrap(tx, tmp_path, now=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().strip()
    with database.transaction() as tx:
        ensure_bootstrap(tx, tmp_path, now=NOW)
        found = authenticate(tx, secret, now=NOW)
    assert path.read_text().strip() == secret
    assert found is not None
    assert (found.roles, found.lei) == (frozenset({"operator"}), None)


def test_the_first_approver_is_another_person_whose_file_is_taken_away(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / APPROVER_FILE
    with database.transaction() as tx:
        ensure_bootstrap(tx, tmp_path, now=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().strip()
    path.unlink()
    with database.transaction() as tx:
        ensure_bootstrap(tx, tmp_path, now=NOW)
        assert not path.exists()
        found = authenticate(tx, secret, now=NOW)
        assert found is not None
        assert found.roles == {"approver"}
        revoke_token(tx, found.id, now=NOW)
        ensure_bootstrap(tx, tmp_path, now=NOW)
        assert authenticate(tx, path.read_text().strip(), now=NOW) is not None


@pytest.mark.parametrize("content", [None, b"", b"cf_wrong", b"\xff\xfe", b"cf_\0"])
def test_a_lost_or_broken_token_file_is_written_anew(
    database: Database, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / TOKEN_FILE
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o644)
    (tmp_path / "operator.new").write_text("left by a crash")
    (tmp_path / "operator.new").chmod(0o644)
    with database.transaction() as tx:
        ensure_bootstrap(tx, tmp_path, now=NOW)
        assert authenticate(tx, path.read_text().strip(), now=NOW) is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "operator.new").exists()
