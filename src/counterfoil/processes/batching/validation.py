"""Validate-only: every rule, nothing stored."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.processes.batching.decoding import items
from counterfoil.processes.batching.store import Submission
from counterfoil.processes.issuance.preparing import Prepared, prepare
from counterfoil.processes.issuance.tasks import refuse_duplicates

_CHUNK = 2000
_NOWHERE = UUID(int=0)


def validate_items(
    tx: Transaction,
    body: Iterable[bytes],
    submission: Submission,
    *,
    content_type: str,
    content_encoding: str = "",
) -> Iterator[dict[str, Any]]:
    """One result an item, in input order: whether it is valid, and every broken rule.

    Duplicates are found against what is registered, and within stretches of 2,000 items. Raises `Refused` for a body
    that is no batch.
    """
    payloads = items(body, content_type, content_encoding)
    position = 0
    while chunk := list(islice(payloads, _CHUNK)):
        read = [
            Prepared(
                _NOWHERE, position + n, submission.submitter, submission.submitted_by,
                None if submission.principals is None else frozenset(submission.principals),
                submission.business_date, submission.received_at,
            )
            for n in range(1, len(chunk) + 1)
        ]  # fmt: skip
        prepare(tx, read, chunk)
        refuse_duplicates(tx, read)
        for item in read:
            result = {
                "position": item.position,
                "valid": not item.refusals,
                "refusals": [r.as_dict() for r in item.refusals],
                "warnings": item.warnings,
            }
            yield {name: value for name, value in result.items() if value != []}
        position += len(chunk)
