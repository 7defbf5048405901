"""Tokens that decide for others are made by two persons: an operator proposes, an approver agrees, and neither learns
the secret, which is the holder's own. They know its fingerprint alone.

The token is made with the approval itself, or the approval is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.access import add_token, check_fingerprint, check_roles
from counterfoil.core.db import Transaction
from counterfoil.core.errors import ensure
from counterfoil.orchestration import NewInstance, start

TOKEN_MAKING = "token_making"  # noqa: S105 - the name of a process


@dataclass(frozen=True, slots=True)
class ProposedToken:
    """Whose token, what it may do, and the fingerprint of the secret that its holder keeps."""

    name: str
    roles: tuple[str, ...]
    fingerprint: str
    lei: str | None = None
    expires_at: datetime | None = None


def start_token_making(
    tx: Transaction, id_: UUID, proposed: ProposedToken, *, now: datetime, requester: str
) -> None:
    """Have a token made once another person has agreed, by an instance with this id.

    Raises `Refused` (ACC-406, 407, 409, 412, 413).
    """
    check_roles(frozenset(proposed.roles))
    check_fingerprint(tx, proposed.fingerprint)
    until = proposed.expires_at
    said = {
        "name": proposed.name, "roles": sorted(proposed.roles), "fingerprint": proposed.fingerprint,
        "lei": proposed.lei, "expires_at": until and until.isoformat(),
    }  # fmt: skip
    start(tx, TOKEN_MAKING, [NewInstance(id_, said, asked_by=requester)], now=now)


def make_token(tx: Transaction, task: Mapping[str, Any], *, now: datetime, approver: str) -> None:
    """What the task asks for, as it is approved. Raises `Refused` (ACC-406, 407, 409, 412, 413): then it is not."""
    said = task["variables"]
    requester = task["asked_by"]
    ensure(requester is not None, "somebody has proposed the token")
    until = said["expires_at"]
    add_token(
        tx, name=said["name"], roles=said["roles"], fingerprint=said["fingerprint"], lei=said["lei"],
        expires_at=until and datetime.fromisoformat(until), creator=requester, approver=approver, now=now,
    )  # fmt: skip
