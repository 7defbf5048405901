"""Batches: received whole or not at all, decided by their policy, reported item by item in input order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

from counterfoil.core.checks import Check
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.core.places import place, read_place
from counterfoil.orchestration import NewInstance, start
from counterfoil.processes import errors
from counterfoil.processes.batching.decoding import items
from counterfoil.processes.issuance.placed import placements

SQL = queries(__file__)
PROCESS = "issuance"
_CHUNK = 5000
_PLACEMENT = ("to_place", "awaiting_settlement", "placed", "incomplete")
_PAGES = {
    (False, True): SQL.page, (False, False): SQL.page_oldest,
    (True, True): SQL.page_largest, (True, False): SQL.page_smallest,
}  # fmt: skip
"""By whether the order is by size, and whether it is from its end."""


class Policy(StrEnum):
    """What the failure of one item means for the others.

    ATOMIC: none goes. CONTINUE: the others go. STOP: those before it go. GROUPED: those of other groups go.
    """

    ATOMIC = "ATOMIC"
    CONTINUE = "CONTINUE"
    STOP = "STOP"
    GROUPED = "GROUPED"


@dataclass(frozen=True, slots=True)
class Submission:
    """Who hands in a batch, and how. `principals` are the issuers it may act for; None: every issuer."""

    submitter: str
    submitted_by: str
    principals: tuple[str, ...] | None
    policy: Policy
    business_date: date
    received_at: datetime
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sealed batch. `created` is False when it had been handed in before."""

    id: UUID
    item_count: int
    created: bool


def accept(
    tx: Transaction,
    body: Iterable[bytes],
    submission: Submission,
    *,
    content_type: str,
    content_encoding: str = "",
    now: Any,
) -> Receipt:
    """Store a batch as it streams in, seal it and start one process instance for each item.

    `now` is a function that tells the time of the sealing. With a key that was used before, the same body and policy
    return the stored batch; another raises `Refused` (PRC-022). Nothing is stored unless all is.
    """
    digest = sha256()

    def hashed() -> Iterator[bytes]:
        for chunk in body:
            digest.update(chunk)
            yield chunk

    if submission.key is not None:
        tx.execute(SQL.lock_key, submitter=submission.submitter, key=submission.key)
        known = tx.row(SQL.by_key, submitter=submission.submitter, key=submission.key)
        if known is not None:
            for _ in hashed():
                pass
            return _repeated(known, submission, digest.digest())
    batch_id = new_id()
    count = 0
    payloads = items(hashed(), content_type, content_encoding)
    while chunk := list(islice(payloads, _CHUNK)):
        _store(tx, batch_id, count, chunk, submission)
        count += len(chunk)
    tx.execute(
        SQL.add, id=batch_id, submitter=submission.submitter, submitted_by=submission.submitted_by,
        principals=None if submission.principals is None else list(submission.principals), key=submission.key,
        sha256=digest.digest(), policy=submission.policy.value, business_date=submission.business_date,
        item_count=count, received_at=submission.received_at, sealed_at=now(),
    )  # fmt: skip
    return Receipt(batch_id, count, created=True)


def _repeated(known: tuple[Any, ...], submission: Submission, digest: bytes) -> Receipt:
    batch_id, sha, policy, count = known
    if bytes(sha) != digest or policy != submission.policy:
        raise Refused(errors.KEY_REUSED(key=submission.key))
    return Receipt(batch_id, count, created=False)


def _store(tx: Transaction, batch_id: UUID, offset: int, chunk: list[bytes], submission: Submission) -> None:
    requests = new_ids(len(chunk))
    rows = list(zip(range(offset + 1, offset + 1 + len(chunk)), requests, chunk, strict=True))
    tx.copy(
        "processes.item",
        ("batch_id", "position", "request_id", "payload"),
        ("uuid", "int4", "uuid", "bytea"),
        ((batch_id, position, request, payload) for position, request, payload in rows),
    )
    start(
        tx,
        PROCESS,
        [
            NewInstance(
                request,
                {
                    "batch": str(batch_id),
                    "position": position,
                    "request": str(request),
                    "policy": submission.policy,
                },
                str(batch_id),
                asked_by=submission.submitted_by,
            )
            for position, request, _ in rows
        ],
        now=submission.received_at,
    )


def batch(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """A batch with its counts. Raises `Refused` (PRC-023)."""
    row = tx.row(SQL.batch, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_BATCH(batch=id_))
    names = (
        "id", "submitter", "submitted_by", "policy", "business_date", "item_count", "state", "received_at",
        "sealed_at", "decided_at", "finished_at", "body_sha256",
    )  # fmt: skip
    found = dict(zip(names, row, strict=True))
    done, rejected, ready, waiting, placing = tx.row(SQL.progress, id=id_) or (0, 0, 0, 0, [0] * 4)
    progress = {
        "received": found["item_count"],
        "validated": done + rejected + ready,
        "registered": done,
        "booked": done,
        "rejected": rejected,
        "waiting": waiting,
        **dict(zip(_PLACEMENT, map(int, placing), strict=True)),
    }
    return {**found, "progress": progress}


def batches(
    tx: Transaction,
    *,
    submitter: str | None = None,
    by_size: bool = False,
    descending: bool = True,
    after: str | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Batches by when they came, or by how many items they have, behind the `place` of another; newest first.

    Raises `Refused` (COR-004) for what is no place.
    """
    names = ("id", "submitter", "policy", "item_count", "state", "received_at", "finished_at")
    kinds = (int, UUID) if by_size else (UUID,)
    at = dict(zip(("id", "count"), reversed(read_place(after, *kinds)), strict=False)) if after else {}
    given = {"submitter": submitter, "limit": limit, "id": None, "count": None, **at}
    with tx.fresh_plans():
        rows = tx.rows(_PAGES[by_size, descending], **given)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [
        {**one, "place": place(one["item_count"], one["id"]) if by_size else place(one["id"])}
        for one in found
    ]


def item_results(
    tx: Transaction,
    id_: UUID,
    *,
    now: datetime,
    after: int = 0,
    limit: int = 1000,
    outcome: str | None = None,
    placement: str | None = None,
) -> list[dict[str, Any]]:
    """What became of the items, in input order from behind position `after`: of all, or of those with an outcome or a
    state of their placement. What is sold is told with how its placement stands.
    """
    rows = tx.rows(SQL.items, id=id_, after=after, limit=limit, outcome=outcome, placement=placement)
    placed = placements(tx, [(id_, row[0]) for row in rows if row[2] == "done"], now)
    results = []
    for row in rows:
        position, request, ended, kind, reference, group, isin, entry_no, refusals, warnings, at, *waits = row
        result: Mapping[str, Any] = {
            "position": position, "request": request, "outcome": ended or ("waiting" if waits[0] else "processing"),
            "kind": kind, "reference": reference, "group": group or None, "isin": isin, "entry_no": entry_no,
            "refusals": refusals, "warnings": warnings, "ended_at": at, "placement": placed.get((id_, position)),
            "waits_for": dict(zip(("kind", "id", "reason"), waits, strict=True)) if waits[0] else None,
        }  # fmt: skip
        results.append({name: value for name, value in result.items() if value is not None})
    return results


def item_payload(tx: Transaction, id_: UUID, position: int) -> bytes:
    """An item as it was received. Raises `Refused` (PRC-026)."""
    payload = tx.value(SQL.payload, id=id_, position=position)
    if payload is None:
        raise Refused(errors.UNKNOWN_ITEM(batch=id_, position=position))
    return bytes(payload)


def item_payloads(tx: Transaction, id_: UUID, positions: Sequence[int]) -> dict[int, bytes]:
    """Items as they were received, by position."""
    rows = tx.rows(SQL.payloads, id=id_, positions=list(positions))
    return {position: bytes(payload) for position, payload in rows}


def rejection_reasons(tx: Transaction, id_: UUID) -> list[dict[str, Any]]:
    """How often each code refused an item of the batch, with an example, most frequent first."""
    names = ("code", "count", "example")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.reasons, id=id_)]


def checks(tx: Transaction) -> list[Check]:
    """No item vanishes, none ends twice; what is reported done is registered."""
    count = tx.value(SQL.item_count)

    def check(name: str, invariant: str, statement: str) -> Check:
        return Check(name, invariant, count, tuple(str(row[0]) for row in tx.rows(statement)))

    return [
        check("processes.items", "an item has ended or its process is alive, never both", SQL.vanished),
        check(
            "processes.batches", "a batch has all its items, a finished one all their ends", SQL.miscounted
        ),
        check("processes.done", "an item that is done has its register entry", SQL.unregistered),
        check("processes.placements", "a placement is open or has ended, never both", SQL.placed_wrongly),
        check("processes.placed", "what is reported placed has settled in full", SQL.misplaced),
    ]
