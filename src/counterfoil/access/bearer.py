"""Bearer tokens: 256 random bits, shown once, stored as SHA-256."""

import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from counterfoil.access import errors
from counterfoil.access.policy import Actor, check_roles
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id

SQL = queries(__file__)
_PREFIX = "cf_"
FILES = {"operator": "operator.token", "approver": "approver.token"}
"""Where the first operator and the first approver find their tokens, below the data directory."""


def create_token(
    tx: Transaction,
    *,
    name: str,
    roles: Iterable[str],
    creator: str,
    now: datetime,
    lei: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[UUID, str]:
    """A new token: its id, and the secret that is shown this once. Raises `Refused` (ACC-406, 407, 409)."""
    held = frozenset(roles)
    check_roles(held)
    id_, secret = new_id(), _PREFIX + secrets.token_urlsafe(32)
    tx.execute(
        SQL.add, id=id_, sha256=_digest(secret), name=name, lei=lei, roles=sorted(held), now=now, creator=creator,
        expires=expires_at,
    )  # fmt: skip
    return id_, secret


def authenticate(tx: Transaction, secret: str, *, now: datetime) -> Actor | None:
    """The holder of a valid token, or None."""
    if not secret.startswith(_PREFIX) or len(secret) > 100 or not secret.isascii():
        return None
    row = tx.row(SQL.find, sha256=_digest(secret), now=now)
    return None if row is None else Actor(row[0], row[1], row[2], frozenset(row[3]))


def tokens(tx: Transaction) -> list[dict[str, Any]]:
    """Every token, without its secret."""
    names = ("id", "name", "lei", "roles", "created_at", "created_by", "expires_at", "revoked_at")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.all)]


def revoke_token(tx: Transaction, id_: UUID, *, now: datetime) -> None:
    """End a token at once. Raises `Refused` (ACC-408)."""
    if tx.execute(SQL.revoke, id=id_, now=now) == 0:
        raise Refused(errors.UNKNOWN_TOKEN(token=id_))


def ensure_bootstrap(tx: Transaction, home: Path, *, now: datetime) -> None:
    """Write the tokens of the first operator and the first approver to `<home>/operator.token` and `approver.token`,
    each readable by its owner only: two persons take one each.

    A lost file of the operator's gets a new token; the old ones stay valid until they are revoked. The approver's may
    be taken away: it is made anew only where no approver is left.
    """
    path = home / FILES["operator"]
    if not path.exists() or authenticate(tx, path.read_text(errors="replace").strip(), now=now) is None:
        _write_token(tx, path, "operator", now)
    if not tx.value(SQL.any_with, role="approver", now=now):
        _write_token(tx, home / FILES["approver"], "approver", now)


def _write_token(tx: Transaction, path: Path, role: str, now: datetime) -> None:
    _, secret = create_token(tx, name=role, roles=[role], creator="bootstrap", now=now)
    staging = path.with_suffix(".new")
    staging.unlink(missing_ok=True)  # what a crash has left would keep its own mode
    descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    staging.replace(path)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
