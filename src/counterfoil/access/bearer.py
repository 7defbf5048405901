"""Bearer tokens: 256 random bits, shown once, stored as SHA-256."""

import os
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from counterfoil.access import errors
from counterfoil.access.policy import NEEDS_TWO, Actor, check_roles
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id

SQL = queries(__file__)
_PREFIX = "cf_"
FILE = "operator.token"
"""Where the first operator finds the token, below the data directory."""
APPROVER_FILE = "approver.token"
"""Where the first approver's is: for another person, who takes it away."""
BOOTSTRAP = "bootstrap"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def create_token(
    tx: Transaction,
    *,
    name: str,
    roles: Iterable[str],
    creator: str,
    now: datetime,
    lei: str | None = None,
    expires_at: datetime | None = None,
    approver: str | None = None,
    id_: UUID | None = None,
) -> tuple[UUID, str]:
    """A new token: its id, and the secret that is shown this once. Raises `Refused` (ACC-406, 407, 409; 411 where it
    wants an approver).
    """
    secret, fingerprint = new_secret()
    made = add_token(
        tx, name=name, roles=roles, fingerprint=fingerprint, creator=creator, now=now, lei=lei, expires_at=expires_at,
        approver=approver, id_=id_,
    )  # fmt: skip
    return made, secret


def new_secret() -> tuple[str, str]:
    """A secret, and its fingerprint: the SHA-256, from which nobody finds it."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    return secret, _digest(secret).hex()


def add_token(
    tx: Transaction,
    *,
    name: str,
    roles: Iterable[str],
    fingerprint: str,
    creator: str,
    now: datetime,
    lei: str | None = None,
    expires_at: datetime | None = None,
    approver: str | None = None,
    id_: UUID | None = None,
) -> UUID:
    """A token whose secret is its holder's alone. Raises `Refused` (ACC-406, 407, 409, 411 to 413)."""
    held = frozenset(roles)
    check_roles(held)
    if approver is None and creator != BOOTSTRAP and held & NEEDS_TWO:
        raise Refused(errors.NEEDS_TWO("/roles", roles=", ".join(sorted(held & NEEDS_TWO))))
    check_fingerprint(tx, fingerprint)
    made = id_ or new_id()
    tx.execute(
        SQL.add, id=made, sha256=bytes.fromhex(fingerprint), name=name, lei=lei, roles=sorted(held), now=now,
        creator=creator, expires=expires_at, approver=approver,
    )  # fmt: skip
    return made


def check_fingerprint(tx: Transaction, fingerprint: str) -> None:
    """Raises `Refused` for what is no fingerprint (ACC-412), or one of a secret that was ever used (ACC-413)."""
    if _DIGEST.fullmatch(fingerprint) is None:
        raise Refused(errors.NO_FINGERPRINT("/fingerprint"))
    if tx.value(SQL.is_known, sha256=bytes.fromhex(fingerprint)):
        raise Refused(errors.FINGERPRINT_USED("/fingerprint"))


def roles_of_name(tx: Transaction, name: str, *, now: datetime) -> list[str]:
    """What valid tokens of a name may do."""
    return [row[0] for row in tx.rows(SQL.roles_of_name, name=name, now=now)]


def made_before(tx: Transaction, creator: str, key: str | None, said: bytes, made: UUID) -> UUID | None:
    """What the same request has made before under its idempotency key; None where `made` is the first. Raises
    `Refused` (ACC-414) where another request had the key.
    """
    if key is None:
        return None
    digest = sha256(said).digest()
    if tx.execute(SQL.claim_key, creator=creator, key=key, said=digest, made=made) == 1:
        return None
    ((claimed, before),) = tx.rows(SQL.made_under_key, creator=creator, key=key)
    if bytes(claimed) != digest:
        raise Refused(errors.KEY_USED(key=key))
    return UUID(str(before))


def authenticate(tx: Transaction, secret: str, *, now: datetime) -> Actor | None:
    """The holder of a valid token, or None."""
    if not secret.startswith(_PREFIX) or len(secret) > 100 or not secret.isascii():
        return None
    row = tx.row(SQL.find, sha256=_digest(secret), now=now)
    return None if row is None else Actor(row[0], row[1], row[2], frozenset(row[3]))


def tokens(tx: Transaction) -> list[dict[str, Any]]:
    """Every token, without its secret."""
    names = (
        "id",
        "name",
        "lei",
        "roles",
        "created_at",
        "created_by",
        "approved_by",
        "expires_at",
        "revoked_at",
    )
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.all)]


def revoke_token(tx: Transaction, id_: UUID, *, now: datetime) -> None:
    """End a token at once. Raises `Refused` (ACC-408)."""
    if tx.execute(SQL.revoke, id=id_, now=now) == 0:
        raise Refused(errors.UNKNOWN_TOKEN(token=id_))


def ensure_bootstrap(tx: Transaction, home: Path, *, now: datetime) -> None:
    """Write the first operator's token to `<home>/operator.token` and the first approver's to `approver.token`,
    readable by their owner only.

    A lost file of the operator's gets a new token; the old ones stay valid until they are revoked. The approver's is
    another person's, who takes it away: it is made anew only where no approver's token is valid.
    """
    path = home / FILE
    if not tx.value(SQL.holds_role, role="approver", now=now):
        _, secret = create_token(tx, name="approver", roles=["approver"], creator=BOOTSTRAP, now=now)
        _write(home / APPROVER_FILE, secret)
    if path.exists() and authenticate(tx, path.read_text(errors="replace").strip(), now=now) is not None:
        return
    _, secret = create_token(tx, name="operator", roles=["operator"], creator=BOOTSTRAP, now=now)
    _write(path, secret)


def _write(path: Path, secret: str) -> None:
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
