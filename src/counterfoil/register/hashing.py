"""How entries and blocks are hashed, so that anyone can recompute the chain (see README.md)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from counterfoil.core.errors import ensure
from counterfoil.core.money import decimal_text
from counterfoil.register.model import Instruction, Issue

GENESIS = sha256(b"counterfoil register").digest()


def entry_content(
    instruction: Instruction, issue: Issue, entry_no: int, changed_at: datetime, actor: str, previous: bytes
) -> str:
    """The canonical text (RFC 8785) of an entry: all items of eWpG section 13(1) together, and its place."""
    return _encoder.encode(
        {
            "isin": issue.isin,
            "entry_no": entry_no,
            "kind": instruction.kind.value,
            "request": str(instruction.request_id),
            "arrived_at": instant_text(instruction.arrived_at),
            "changed_at": instant_text(changed_at),
            "instructed_by": instruction.instructed_by or actor,
            "issuer": issue.issuer_lei,
            "authorised": decimal_text(issue.authorised),
            "issued": decimal_text(issue.issued),
            "state": issue.state,
            "terms_version": issue.terms_version,
            "content": issue.content,
            "previous_hash": previous.hex(),
        }
    )


def entry_hash(content: str) -> bytes:
    """SHA-256 of an entry's canonical text."""
    return sha256(content.encode()).digest()


def block_root(hashes: Iterable[bytes]) -> bytes:
    """SHA-256 over the entries' hashes, one behind the other, in order."""
    return sha256(b"".join(hashes)).digest()


def block_hash(previous: bytes, sequence: int, root: bytes) -> bytes:
    """SHA-256 over the previous block's hash, the sequence number (8 bytes, big endian) and the root."""
    return sha256(previous + sequence.to_bytes(8) + root).digest()


def instant_text(value: datetime) -> str:
    """An instant in UTC with microseconds, as entries state it: 2026-11-20T09:30:00.000000Z."""
    ensure(value.tzinfo is not None, "an instant has an offset")
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
