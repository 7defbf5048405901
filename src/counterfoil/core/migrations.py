"""Brings a database to the current structure: one sequence of numbered SQL files, each run once, in order."""

from hashlib import sha256
from pathlib import Path

from counterfoil.core.db import Database, Transaction
from counterfoil.core.errors import Refused, rule

DIRECTORY = Path(__file__).parents[1] / "migrations"
_LOCK = 7_203_411
"""Advisory lock: two starting servers migrate one after the other."""
OTHER_VERSION = rule(
    "COR-013", "Data of another version", "The data were made by another version of Counterfoil: {name} has changed.",
    "Open them with that version, or set COUNTERFOIL_HOME to another directory.", status=409,
)  # fmt: skip


def migrate(database: Database) -> list[str]:
    """Apply what is missing, each file with its record in one transaction; the names of the applied files.

    Raises `Refused` (COR-013) when a file that was applied before has changed since.
    """
    applied = []
    for path in sorted(DIRECTORY.glob("[0-9]*.sql")):
        with database.transaction() as tx:
            tx.execute("SELECT pg_advisory_xact_lock(%(lock)s::bigint)", lock=_LOCK)
            if _apply(tx, path):
                applied.append(path.stem)
    return applied


def _apply(tx: Transaction, path: Path) -> bool:
    tx.execute(
        "CREATE TABLE IF NOT EXISTS public.migration ("
        " name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    text = path.read_text(encoding="utf-8")
    digest = sha256(text.encode()).hexdigest()
    known = tx.value("SELECT sha256 FROM public.migration WHERE name = %(name)s::text", name=path.stem)
    if known is not None:
        if known != digest:
            raise Refused(OTHER_VERSION(name=path.stem))
        return False
    tx.execute(text)
    tx.execute(
        "INSERT INTO public.migration (name, sha256) VALUES (%(name)s::text, %(sha256)s::text)",
        name=path.stem,
        sha256=digest,
    )
    return True
