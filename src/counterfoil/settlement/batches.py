"""Instructions by the file: stored as they stream in, taken in some at a time, with a result for every row.

Each stretch commits by itself with its results and with how far the batch has come, so that a worker that dies leaves
nothing half done and nothing to be done twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import structlog

from counterfoil.core.clock import Clock
from counterfoil.core.db import Conflict, Database, Row, Transaction, Unavailable, json_value, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.ids import new_id
from counterfoil.core.json import loads
from counterfoil.core.places import place, read_place
from counterfoil.settlement import errors
from counterfoil.settlement.day import current_business_date
from counterfoil.settlement.errors import iso_reason
from counterfoil.settlement.instructions import Rejected, judge
from counterfoil.settlement.model import Instruction
from counterfoil.settlement.requests import read_instruction
from counterfoil.settlement.submission import instruct

LOG = structlog.get_logger("counterfoil.settlement")
SQL = queries(__file__)
STRETCH = 2000
"""Rows that are taken in at once: others wait that long at most."""
_STORED_AT_ONCE = 10_000
_TRIES = 20
_PAGES = {
    (False, True): SQL.page, (False, False): SQL.page_oldest,
    (True, True): SQL.page_largest, (True, False): SQL.page_smallest,
}  # fmt: skip
"""By whether the order is by size, and whether it is from its end."""
_PROGRESS = (
    "id", "submitter", "submitted_by", "received", "accepted", "rejected", "waiting", "state", "received_at",
    "finished_at", "stuck_at", "failure",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchSubmission:
    """Who hands a file in. `parties` are those that it may instruct for, None for all; `default_party` instructs
    where a row names none. The same `key` of the same submitter is the same file.
    """

    submitter: str
    submitted_by: str
    parties: tuple[str, ...] | None
    default_party: str | None
    key: str
    sha256: bytes
    received_at: datetime


def store_batch(
    tx: Transaction, rows: Iterable[tuple[int, bytes]], submission: BatchSubmission
) -> tuple[UUID, bool]:
    """Store the rows (line, payload) as they come, to be taken in later: the batch, and whether it is new.

    Raises `Refused` (SET-076) where the key was used for another file.
    """
    tx.execute(SQL.lock_key, submitter=submission.submitter, key=submission.key)
    known = tx.row(SQL.by_key, submitter=submission.submitter, key=submission.key)
    if known is not None:
        if bytes(known[1]) != submission.sha256:
            raise Refused(errors.KEY_REUSED(key=submission.key))
        return known[0], False
    id_, count, coming = new_id(), 0, iter(rows)
    while chunk := list(islice(coming, _STORED_AT_ONCE)):
        tx.copy(
            "settlement.batch_item", ("batch_id", "position", "line", "payload"), ("uuid", "int4", "int4", "bytea"),
            ((id_, count + n, line, payload) for n, (line, payload) in enumerate(chunk, 1)),
        )  # fmt: skip
        count += len(chunk)
    tx.execute(
        SQL.add, id=id_, submitter=submission.submitter, submitted_by=submission.submitted_by,
        parties=None if submission.parties is None else list(submission.parties),
        default_party=submission.default_party, key=submission.key, sha256=submission.sha256, item_count=count,
        received_at=submission.received_at,
    )  # fmt: skip
    return id_, True


def take_in(database: Database, clock: Clock) -> int:
    """Take in one stretch, in a transaction of its own: how many rows, 0 where nothing is left or others have it.

    A file whose rows cannot be taken in for a reason that is not theirs is set aside: those behind it go on, and it
    does once it is resumed. Raises `Unavailable`.
    """
    found: Row | None = None
    failure: Exception | None = None
    for _ in range(_TRIES):
        try:
            with database.transaction() as tx:
                if (found := tx.row(SQL.next)) is None:
                    return 0
                now = clock.now()
                return _take_in(tx, found, now=now, business_date=current_business_date(tx, now=now))
        except (
            Conflict
        ) as error:  # somebody used one of its references, or opened one of its positions, just now
            failure = error
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - kept with the file, for whoever resumes it
            failure = error
            break
    if found is not None and failure is not None:
        _set_aside(database, found, failure, clock.now())
    return 0


def _set_aside(database: Database, found: Row, failure: Exception, now: datetime) -> None:
    id_, *_, taken = found
    LOG.error("a file of instructions is set aside", batch=str(id_), taken=taken, exc_info=failure)
    text = f"{type(failure).__name__}: {failure}".replace("\0", "")[:500]
    with database.transaction() as tx:
        tx.execute(SQL.set_aside, id=id_, taken=taken, failure=text, now=now)


def resume_batch(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """Have a file that was set aside go on; how far it has come. Raises `Refused` (SET-075, SET-079)."""
    found = batch_progress(tx, id_)
    if not tx.execute(SQL.resume, id=id_):
        raise Refused(errors.NOT_STUCK(batch=id_, state=found["state"]))
    return batch_progress(tx, id_)


def take_in_stretch(tx: Transaction, *, now: datetime, business_date: date) -> int:
    """Take in the next rows of the oldest file that nobody else has in hand: how many, 0 where nothing is left.

    Raises `Conflict` like `instruct`: repeat.
    """
    found = tx.row(SQL.next)
    return 0 if found is None else _take_in(tx, found, now=now, business_date=business_date)


def _take_in(tx: Transaction, found: Row, *, now: datetime, business_date: date) -> int:
    batch, submitted_by, parties, default_party, taken = found
    rows = tx.rows(SQL.items, id=batch, after=taken, limit=STRETCH)
    read = [_read(payload, default_party, parties) for *_, payload in rows]
    sound = [one for _, one in read if isinstance(one, Instruction)]
    outcomes = {
        outcome.id: outcome
        for outcome in instruct(tx, sound, now=now, business_date=business_date, actor=submitted_by)
    }
    results = [_result(row, *one, outcomes) for row, one in zip(rows, read, strict=True)]
    tx.copy(
        "settlement.batch_outcome", ("batch_id", "position", "line", "reference", "instruction_id", "refusals"),
        ("uuid", "int4", "int4", "text", "uuid", "jsonb"),
        (
            (batch, position, line, reference, id_, None if refusals is None else json_value(refusals))
            for position, line, reference, id_, refusals in results
        ),
    )  # fmt: skip
    rejected = sum(refusals is not None for *_, refusals in results)
    tx.execute(SQL.advance, id=batch, taken=len(rows), rejected=rejected, now=now)
    return len(rows)


def judge_rows(
    tx: Transaction,
    rows: Iterable[tuple[int, bytes]],
    *,
    default_party: str | None,
    parties: Sequence[str] | None,
    business_date: date,
) -> Iterator[dict[str, Any]]:
    """What would become of the rows (line, payload) of a file now, in order; nothing is taken in.

    A reference that is used twice is found within stretches of 2,000 rows; whether it could settle is not asked.
    """
    position, coming = 0, iter(rows)
    while chunk := list(islice(coming, STRETCH)):
        read = [_read(payload, default_party, parties) for _, payload in chunk]
        sound = [one for _, one in read if isinstance(one, Instruction)]
        outcomes = {outcome.id: outcome for outcome in judge(tx, sound, business_date=business_date)}
        for n, ((line, _), one) in enumerate(zip(chunk, read, strict=True), position + 1):
            _, _, reference, _, refusals = _result((n, line, None), *one, outcomes)
            told = {"position": n, "line": line, "valid": refusals is None, "reference": reference}
            yield told | ({} if refusals is None else {"refusals": refusals})
        position += len(chunk)


def _read(
    payload: bytes, default_party: str | None, parties: Sequence[str] | None
) -> tuple[str | None, Instruction | list[Refusal]]:
    """The reference as far as there is one, and the instruction or what is wrong with it."""
    try:
        data = loads(payload)
    except Refused as refused:
        return None, list(refused.refusals)
    if not isinstance(data, dict):
        return None, [errors.NOT_JSON(reason=f"it is a {type(data).__name__}")]
    given = data.get("reference")
    reference = given[:35] if isinstance(given, str) else None
    found = read_instruction(data, default_party)
    if isinstance(found, Instruction) and parties is not None and found.party_lei not in parties:
        return reference, [errors.FOREIGN_PARTY("/party", party=found.party_lei)]
    return reference, found


def _result(
    row: Row, reference: str | None, read: Instruction | list[Refusal], outcomes: dict[UUID, Any]
) -> tuple[int, int, str | None, UUID | None, list[dict[str, str]] | None]:
    position, line, _ = row
    refusals: Sequence[Refusal] = read if isinstance(read, list) else ()
    if isinstance(read, Instruction):
        outcome = outcomes[read.id]
        if not isinstance(outcome, Rejected):
            return position, line, reference, read.id, None
        refusals = outcome.refusals
    told = [{**refusal.as_dict(), "iso": iso_reason(refusal.code)} for refusal in refusals]
    return position, line, reference, None, told


def batch_progress(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """How far a file has come. Raises `Refused` (SET-075)."""
    row = tx.row(SQL.progress, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_BATCH(batch=id_))
    return dict(zip(_PROGRESS, row, strict=True))


def instruction_batches(
    tx: Transaction,
    *,
    submitter: str | None = None,
    by_size: bool = False,
    descending: bool = True,
    after: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Files of instructions with how far they are, by when they came or by how many rows they have, behind the
    `place` of another; newest first. Raises `Refused` (COR-004) for what is no place.
    """
    kinds = (int, UUID) if by_size else (UUID,)
    at = dict(zip(("id", "count"), reversed(read_place(after, *kinds)), strict=False)) if after else {}
    given = {"submitter": submitter, "limit": limit, "id": None, "count": None, **at}
    with tx.fresh_plans():
        rows = tx.rows(_PAGES[by_size, descending], **given)
    found = [dict(zip(_PROGRESS, row, strict=True)) for row in rows]
    return [
        {**one, "place": place(one["received"], one["id"]) if by_size else place(one["id"])} for one in found
    ]


def batch_payload(tx: Transaction, id_: UUID, position: int) -> bytes:
    """A row of a file as it was received. Raises `Refused` (SET-089)."""
    payload = tx.value(SQL.payload, id=id_, position=position)
    if payload is None:
        raise Refused(errors.UNKNOWN_ROW(batch=id_, position=position))
    return bytes(payload)


def batch_payloads(tx: Transaction, id_: UUID, positions: Sequence[int]) -> dict[int, bytes]:
    """Rows of a file as they were received, by position."""
    rows = tx.rows(SQL.payloads, id=id_, positions=list(positions))
    return {position: bytes(payload) for position, payload in rows}


def batch_results(
    tx: Transaction, id_: UUID, *, after: int = 0, limit: int = 1000, rejected_only: bool = False
) -> list[dict[str, Any]]:
    """What became of the rows so far, in the order of the file, from behind position `after`."""
    names = ("position", "line", "reference", "instruction", "errors")
    rows = tx.rows(SQL.results, id=id_, after=after, limit=limit, rejected_only=rejected_only)
    return [
        {**dict(zip(names, row, strict=True)), "outcome": "accepted" if row[4] is None else "rejected"}
        for row in rows
    ]


def rejection_reasons(tx: Transaction, id_: UUID) -> list[dict[str, Any]]:
    """How often each code refused a row, with an example, most frequent first."""
    names = ("code", "iso", "count", "example")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.reasons, id=id_)]
