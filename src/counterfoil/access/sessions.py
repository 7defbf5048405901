"""Sessions of people who signed in with a token in a browser: 256 random bits, stored as SHA-256."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from counterfoil.access.bearer import authenticate
from counterfoil.access.errors import NOT_A_TOKEN
from counterfoil.access.policy import Actor
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id

SQL = queries(__file__)
IDLE = timedelta(minutes=30)
"""A session that nobody has used for so long has ended."""
LONGEST = timedelta(hours=12)
"""After so long a session has ended, whether it is used or not."""
_NOTED = timedelta(minutes=1)
"""Use is noted no more often than this: reading a page rarely writes."""
_LENGTH = 43


def open_session(tx: Transaction, token: str, *, now: datetime) -> tuple[str, Actor]:
    """Sign in with a token: the session's secret, shown this once, and who it is. Raises `Refused` (ACC-410)."""
    actor = authenticate(tx, token, now=now)
    if actor is None:
        raise Refused(NOT_A_TOKEN("/token"))
    secret = secrets.token_urlsafe(32)
    tx.execute(SQL.open, id=new_id(), sha256=_digest(secret), token=actor.id, now=now)
    return secret, actor


def session_actor(tx: Transaction, secret: str, *, now: datetime, use: bool = True) -> Actor | None:
    """Whose session it is, or None where it has ended. Use makes it last on; `use=False` only
    looks.
    """
    if len(secret) != _LENGTH or not secret.isascii():
        return None
    row = tx.row(
        SQL.find, sha256=_digest(secret), unused_since=now - IDLE, opened_since=now - LONGEST, now=now
    )
    if row is None:
        return None
    used_at, id_, name, lei, roles = row
    if use and now - used_at >= _NOTED:
        tx.execute(SQL.use, sha256=_digest(secret), now=now)
    return Actor(id_, name, lei, frozenset(roles))


def close_session(tx: Transaction, secret: str, *, now: datetime) -> None:
    """Sign out. A session that has ended stays so."""
    tx.execute(SQL.close, sha256=_digest(secret), now=now)


def close_sessions(tx: Transaction, actor: Actor, *, now: datetime) -> int:
    """Sign the actor out in every browser: how many sessions that ends."""
    return tx.execute(SQL.close_all, token=actor.id, now=now)


def open_sessions(tx: Transaction, actor: Actor, secret: str, *, now: datetime) -> list[dict[str, Any]]:
    """The actor's sessions, newest first; `is_this` is the one with the secret."""
    names = ("id", "opened_at", "used_at", "is_this")
    rows = tx.rows(
        SQL.open_ones,
        token=actor.id,
        sha256=_digest(secret),
        unused_since=now - IDLE,
        opened_since=now - LONGEST,
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def clear_ended_sessions(tx: Transaction, *, now: datetime) -> int:
    """Delete what ended sessions were known by, and keep who was signed in when: how many."""
    return tx.execute(
        SQL.clear, unused_since=now - IDLE, opened_since=now - LONGEST, idle=IDLE, longest=LONGEST
    )  # fmt: skip


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
