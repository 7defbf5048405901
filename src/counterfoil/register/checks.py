"""The register's invariants, recomputed from the stored data; the chain is streamed, so memory stays flat."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from counterfoil.core.checks import Check
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.money import decimal_text
from counterfoil.register.hashing import GENESIS, block_hash, block_root, entry_hash, instant_text

SQL = queries(__file__)
_SHOWN = 5
"""Violations that are reported of each check."""


def checks(tx: Transaction) -> list[Check]:
    """Issued equals booked in both directions; entries complete, linked, hashed; blocks chained to the head.

    Run it in one snapshot: several statements are compared with each other.
    """
    issues, entries = tx.value(SQL.issue_count), tx.value(SQL.entry_count)

    def check(name: str, invariant: str, count: int, *statements: str) -> Check:
        found = [str(row[0]) for statement in statements for row in tx.rows(statement)]
        return Check(name, invariant, count, tuple(found[:_SHOWN]))

    return [
        check("register.control", "issued = minus the control account", issues, SQL.parted),
        check("register.covered", "issued = sum of all other accounts", issues, SQL.uncovered),
        check("register.entries", "an issue's entries are numbered without a gap", entries, SQL.gaps),
        check("register.state", "an issue stands as its entries say", issues, SQL.drifted, SQL.unregistered),
        check("register.links", "an entry names the hash of the one before", entries, SQL.links),
        check("register.times", "no change before its arrival or the change before", entries, SQL.late),
        *_chain_checks(tx, entries),
    ]


@dataclass(slots=True)
class _Findings:
    entries: int = 0
    blocks: int = 0
    chain: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)


def _chain_checks(tx: Transaction, entries: int) -> list[Check]:
    found = _Findings()
    previous = GENESIS
    for block, rows in groupby(tx.stream(SQL.chain), key=lambda row: row[:5]):
        previous = _follow_block(block, rows, previous, found)
    if tx.row(SQL.head) != (found.blocks, previous):
        found.chain.append("the last block is not the head of the chain")
    if tx.value(SQL.block_count) != found.blocks or found.entries != entries:
        found.chain.append("a block has no entries, or an entry no block")
    return [
        Check(name, invariant, found.entries, tuple(violations[:_SHOWN]))
        for name, invariant, violations in (
            ("register.chain", "hashes of entries and blocks follow from the content", found.chain),
            ("register.content", "an entry's columns say what its hashed content says", found.content),
            ("register.order", "entries stand in order of arrival within their block", found.order),
        )
    ]


def _follow_block(block: Row, rows: Iterable[Row], previous: bytes, found: _Findings) -> bytes:
    """Recompute one block from its entries; its hash."""
    sequence, count, root, named, digest = block
    hashes: list[bytes] = []
    arrived = None
    for row in rows:
        position, isin, entry_no, *_, arrived_at, _, content, stored = row[5:]
        if entry_hash(content) != stored and len(found.chain) < _SHOWN:
            found.chain.append(f"entry {isin} {entry_no} is not what was hashed")
        if not _says(content, row) and len(found.content) < _SHOWN:
            found.content.append(f"{isin} {entry_no}")
        hashes.append(stored)
        out_of_order = position != len(hashes) or (arrived is not None and arrived_at < arrived)
        if out_of_order and len(found.order) < _SHOWN:
            found.order.append(f"block {sequence} position {position}")
        arrived = arrived_at
    found.entries += len(hashes)
    found.blocks += 1
    stated = (found.blocks, len(hashes), previous, block_root(hashes), block_hash(previous, sequence, root))
    if (sequence, count, named, root, digest) != stated and len(found.chain) < _SHOWN:
        found.chain.append(f"block {sequence} does not follow from the one before")
    return bytes(digest)


def _says(content: str, row: Row) -> bool:
    """Whether the canonical text and the columns of an entry agree."""
    isin, entry_no, request, kind, issued, authorised, arrived_at, changed_at = row[6:14]
    try:
        stated: dict[str, Any] = json.loads(content)
    except ValueError:
        return False
    return [
        stated.get(name)
        for name in ("isin", "entry_no", "request", "kind", "issued", "authorised", "arrived_at", "changed_at")
    ] == [
        isin, entry_no, str(request), kind, decimal_text(issued), decimal_text(authorised), instant_text(arrived_at),
        instant_text(changed_at),
    ] and (entry_no > 1 or stated.get("previous_hash") == "")  # fmt: skip
