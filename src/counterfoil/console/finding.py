"""What the command palette finds: each group of pages may have finders of its own things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.console.visit import Visit
from counterfoil.core.db import Transaction

MOST = 6
"""Things that one finder gives at most."""
SHORTEST, LONGEST = 2, 64
"""Characters that are looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that begins with what was typed: what it is, its identifier, a few words more, and its page."""

    kind: str
    title: str
    detail: str
    path: str


def id_of(text: str) -> UUID | None:
    """The id that was typed or pasted whole; none where it is something else."""
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None


Finder = Callable[[Transaction, Visit, str], Sequence[Found]]
"""Finds by prefix, through an index, what the visitor may see; nothing where it may not. The text is not blank."""


def find(tx: Transaction, visit: Visit, text: str, finders: Sequence[Finder]) -> list[Found]:
    """What all finders find, in their order."""
    wanted = text.strip()[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    return [found for finder in finders for found in finder(tx, visit, wanted)[:MOST]]
