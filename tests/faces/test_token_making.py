"""A token that decides for others is made by two persons, and its secret is its holder's alone."""

from hashlib import sha256
from typing import Any

import pytest

from counterfoil.access import (
    NEEDS_TWO,
    ROLES,
    Actor,
    authenticate,
    create_token,
    new_secret,
    revoke_token,
    tokens,
)
from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.faces import decide_task, proposal_of
from counterfoil.orchestration import Tasks, Worker, deploy, user_tasks
from counterfoil.processes import MODELS, ProposedToken, start_token_making
from tests.orchestration.test_engine import NOW

ASKER = Actor(new_id(), "Ada", None, frozenset({"operator"}))
EVE = Actor(new_id(), "Eve", None, frozenset({"approver"}))


@pytest.fixture(scope="module")
def house(shared_database: Database) -> Database:
    with shared_database.transaction() as tx:
        for path in MODELS:
            deploy(tx, path.read_bytes(), resource=path.name, now=NOW)
    return shared_database


def work(house: Database) -> None:
    worker = Worker(house, Tasks())
    while worker.run_once():
        pass


def propose(
    house: Database, fingerprint: str, *roles: str, name: str = "Max", asker: Actor = ASKER
) -> dict[str, Any]:
    """The task that a proposal leaves."""
    id_ = new_id()
    with house.transaction() as tx:
        proposed = ProposedToken(name, roles, fingerprint)
        start_token_making(tx, id_, proposed, now=NOW, requester=asker.label)
    work(house)
    with house.transaction() as tx:
        return next(task for task in user_tasks(tx, limit=1000) if task["instance_id"] == id_)


def decide(house: Database, task: dict[str, Any], actor: Actor = EVE, *, approved: bool = True) -> None:
    with house.transaction() as tx:
        decide_task(tx, actor, task["id"], approved=approved, reason="met him", now=NOW)
    work(house)


def known(house: Database, secret: str) -> Actor | None:
    with house.transaction() as tx:
        return authenticate(tx, secret, now=NOW)


@pytest.mark.parametrize("role", sorted(NEEDS_TWO))
def test_it_opens_only_once_another_person_has_agreed(house: Database, role: str) -> None:
    secret, fingerprint = new_secret()
    assert fingerprint == sha256(secret.encode()).hexdigest()
    task = propose(house, fingerprint, role)
    assert known(house, secret) is None
    decide(house, task)
    found = known(house, secret)
    assert found is not None
    assert found.roles == {role}
    with house.transaction() as tx:
        (made,) = [token for token in tokens(tx) if token["id"] == found.id]
    assert (made["created_by"], made["approved_by"]) == (ASKER.label, EVE.label)


def test_what_is_refused_opens_nothing(house: Database) -> None:
    secret, fingerprint = new_secret()
    decide(house, propose(house, fingerprint, "approver"), approved=False)
    assert known(house, secret) is None


def test_whoever_proposed_does_not_agree_whatever_roles_that_is_with(house: Database) -> None:
    both = Actor(new_id(), "Ada", None, frozenset({"operator", "approver"}))
    secret, fingerprint = new_secret()
    task = propose(house, fingerprint, "approver", asker=both)
    for actor, code in ((both, "ACC-405"), (ASKER, "ACC-403")):
        with pytest.raises(Refused, match=code):
            decide(house, task, actor)
    assert known(house, secret) is None


def test_a_fingerprint_makes_one_token_for_ever(house: Database) -> None:
    secret, fingerprint = new_secret()
    one, other = propose(house, fingerprint, "approver"), propose(house, fingerprint, "operator")
    decide(house, one)
    with pytest.raises(Refused, match="ACC-413"):
        decide(house, other)
    with house.transaction() as tx:
        proposal = proposal_of(tx, other, now=NOW)
    assert proposal is not None
    assert proposal.hindrances[0].startswith("ACC-413")
    found = known(house, secret)
    assert found is not None
    with house.transaction() as tx:
        revoke_token(tx, found.id, now=NOW)
    with pytest.raises(Refused, match="ACC-413"):
        propose(house, fingerprint, "approver")


def test_the_approver_sees_the_fingerprint_and_what_the_name_holds_already(house: Database) -> None:
    with house.transaction() as tx:
        create_token(tx, name="Zoe", roles=["operator"], creator="one", approver="two", now=NOW)
    task = propose(house, new_secret()[1], "approver", name="Zoe")
    with house.transaction() as tx:
        proposal = proposal_of(tx, task, now=NOW)
    assert proposal is not None
    assert [(line.before, line.after) for line in proposal.lines] == [("operator", "approver")]
    assert task["variables"]["fingerprint"] in [value for _, value in proposal.facts]
    assert proposal.hindrances == ()


@pytest.mark.parametrize("fingerprint", ["", "0" * 63, "g" * 64, "A" * 64, "0" * 64 + "\n"])
def test_what_is_no_fingerprint_is_refused(house: Database, fingerprint: str) -> None:
    with pytest.raises(Refused, match="ACC-412"):
        propose(house, fingerprint, "approver")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_code_and_database_want_a_second_person_for_the_same_roles(house: Database, role: str) -> None:
    added = """INSERT INTO access.token (id, sha256, name, roles, created_at, created_by)
        VALUES (%(id)s, %(sha)s, 'x', ARRAY[%(role)s::text], now(), 'Ada')"""
    secret = new_secret()[1]
    if role in NEEDS_TWO:
        with pytest.raises(Refused, match="ACC-411"), house.transaction() as tx:
            create_token(tx, name="x", roles=[role], creator="Ada", now=NOW)
        with pytest.raises(Conflict, match="token_"), house.transaction() as tx:
            tx.execute(added, id=new_id(), sha=bytes.fromhex(secret), role=role)
    else:
        with house.transaction() as tx:
            create_token(tx, name="x", roles=[role], creator="Ada", now=NOW)
            tx.execute(added, id=new_id(), sha=bytes.fromhex(secret), role=role)


def test_nobody_is_his_own_second_person_nor_raises_what_a_token_may_do(house: Database) -> None:
    with pytest.raises(Conflict, match="token_"), house.transaction() as tx:
        create_token(tx, name="x", roles=["approver"], creator="Ada", approver="Ada", now=NOW)
    with pytest.raises(Conflict, match="append-only"), house.transaction() as tx:
        tx.execute("UPDATE access.token SET roles = ARRAY['auditor']")
