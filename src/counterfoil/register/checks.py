"""The register's invariants, recomputed from the stored data; the chain is streamed, so memory stays flat."""

from itertools import groupby

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries
from counterfoil.register.hashing import GENESIS, block_hash, block_root, entry_hash

SQL = queries(__file__)


def checks(tx: Transaction) -> list[Check]:
    """Issued equals booked in both directions; entries complete, linked, hashed; blocks chained to the head."""
    count = tx.value(SQL.issue_count)

    def check(name: str, invariant: str, statement: str) -> Check:
        return Check(name, invariant, count, tuple(str(row[0]) for row in tx.rows(statement)))

    return [
        check("register.control", "issued = minus the control account", SQL.parted),
        check("register.covered", "issued = sum of all other accounts", SQL.uncovered),
        check("register.entries", "an issue's entries are numbered without a gap", SQL.gaps),
        check("register.state", "an issue stands as its entries say", SQL.drifted),
        check("register.links", "an entry names the hash of the one before", SQL.links),
        check("register.times", "no entry was changed before it arrived", SQL.late),
        _chain(tx),
    ]


def _chain(tx: Transaction) -> Check:
    violations: list[str] = []
    previous, expected, entries = GENESIS, 1, 0
    for (sequence, count, root, named, digest), group in groupby(
        tx.stream(SQL.chain), key=lambda row: row[:5]
    ):
        hashes = []
        for *_, isin, entry_no, content, stored in group:
            if entry_hash(content) != stored:
                violations.append(f"entry {isin} {entry_no} is not what was hashed")
            hashes.append(stored)
        entries += len(hashes)
        right = (
            sequence == expected
            and count == len(hashes)
            and named == previous
            and root == block_root(hashes)
            and digest == block_hash(previous, sequence, root)
        )
        if not right:
            violations.append(f"block {sequence} does not follow from the one before")
        previous, expected = digest, sequence + 1
    head = tx.row(SQL.head)
    if head != (expected - 1, previous):
        violations.append("the last block is not the head of the chain")
    if tx.value(SQL.block_count) != expected - 1:
        violations.append("a block has no entries, or its number is missing")
    return Check(
        "register.chain",
        "hashes of entries and blocks follow from the content",
        entries,
        tuple(violations[:5]),
    )
