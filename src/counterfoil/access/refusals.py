"""Keeps what was refused: sign-ins that failed, acts that somebody may not do. Never a token, whole or in part."""

from datetime import datetime
from hashlib import sha256

from counterfoil.access.attempts import source_of
from counterfoil.access.errors import NOT_A_TOKEN
from counterfoil.access.policy import Actor
from counterfoil.core.db import Transaction, queries
from counterfoil.core.ids import new_id

SQL = queries(__file__)
_ADDRESSES, _ACTS = 1000, 100
"""Rows an hour: of failed sign-ins in all, of refused acts for each who tries."""
_REST = "other addresses"
_LENGTH = 200


def note_failed_sign_in(tx: Transaction, address: str, token: str, *, now: datetime) -> None:
    """Keep that a sign-in has failed; whose the token was, where it is one that was revoked or has expired."""
    holder = tx.value(SQL.holder, sha256=sha256(token.encode(errors="replace")).digest())
    _note(tx, "sign_in_failed", source_of(address), holder or "", NOT_A_TOKEN.code, now, rows=_ADDRESSES)


def note_refused_act(tx: Transaction, actor: Actor, act: str, code: str, *, now: datetime) -> None:
    """Keep that an act was refused to its actor, by which rule. `act` says what was tried."""
    _note(tx, "act_refused", actor.label, act, code, now, rows=_ACTS)


def _note(
    tx: Transaction, kind: str, source: str, subject: str, code: str, now: datetime, *, rows: int
) -> None:
    hour = now.replace(minute=0, second=0, microsecond=0)
    tx.execute(
        SQL.note, id=new_id(), hour=hour, kind=kind, source=_text(source), subject=_text(subject), code=code, now=now,
        rows=rows, by_source=kind == "act_refused", rest=_REST,
    )  # fmt: skip


def _text(given: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in given[:_LENGTH])
