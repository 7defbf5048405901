"""A remembered token never outlives its revocation."""

from datetime import UTC, datetime

import pytest

from counterfoil.access import authenticate, create_token, revoke_token
from counterfoil.api import Services
from counterfoil.core.clock import SystemClock
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_token_revoked_while_it_is_looked_up_is_not_remembered(database: Database, monkeypatch):
    services = Services(database, SystemClock())
    with database.transaction() as tx:
        id_, secret = create_token(
            tx, name="x", roles=["auditor"], creator="test", approver="second", now=NOW
        )

    def revoked_meanwhile(tx, asked, *, now):
        found = authenticate(tx, asked, now=now)
        revoke_token(tx, id_, now=now)
        services.forget_actors()
        return found

    with monkeypatch.context() as patch:
        patch.setattr("counterfoil.faces.services.authenticate", revoked_meanwhile)
        services.actor(secret)
    with pytest.raises(Refused, match="ACC-401"):
        services.actor(secret)
