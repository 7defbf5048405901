"""Batches of requests and files of instructions: who may hand them in, who may see them."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import IO, Any, NamedTuple
from uuid import UUID

from counterfoil.access import Actor, may_for_all, require
from counterfoil.core.clock import business_date
from counterfoil.core.errors import Refused
from counterfoil.faces.services import Services
from counterfoil.faces.uploads import chunks_of
from counterfoil.parties import mandates_of
from counterfoil.processes import (
    UNKNOWN_BATCH,
    Policy,
    Receipt,
    Submission,
    accept,
    batch,
    numbered_items,
    validate_items,
)
from counterfoil.settlement import UNKNOWN_BATCH as UNKNOWN_INSTRUCTION_BATCH
from counterfoil.settlement import (
    BatchSubmission,
    batch_progress,
    current_business_date,
    judge_rows,
    store_batch,
)


class BodyForm(NamedTuple):
    """In which form a body comes."""

    content_type: str
    content_encoding: str = ""


def submitter_of(actor: Actor) -> str:
    """Whose batches an actor hands in: its party's, or its own."""
    return actor.lei or str(actor.id)


def seen_submitter(actor: Actor) -> str | None:
    """Whose batches an actor sees; None: everyone's."""
    return None if actor.sees_everything else submitter_of(actor)


def submission_of(
    services: Services, actor: Actor, policy: Policy, key: str | None, day: date | None
) -> Submission:
    """Who submits, for whom, and under which policy."""
    principals: tuple[str, ...] | None = None
    if not actor.sees_everything:
        with services.transaction() as tx:
            mandates = mandates_of(tx, actor.lei) if actor.lei else []
        agencies = {
            m["principal_lei"] for m in mandates if m["role"] == "issuing_agent" and m["principal_lei"]
        }
        principals = tuple(sorted(agencies | ({actor.lei} if actor.lei else set())))
    return Submission(
        submitter=submitter_of(actor), submitted_by=actor.label, principals=principals, policy=policy,
        business_date=day or business_date(services.clock), received_at=services.clock.now(), key=key,
    )  # fmt: skip


def take_batch(services: Services, submission: Submission, file: IO[bytes], form: BodyForm) -> Receipt:
    """Store a batch and start its processes. Raises `Refused` as `accept` does."""
    with services.transaction() as tx:
        return accept(
            tx, chunks_of(file), submission, content_type=form.content_type, content_encoding=form.content_encoding,
            now=services.clock.now,
        )  # fmt: skip


def check_batch(
    services: Services, submission: Submission, file: IO[bytes], form: BodyForm
) -> Iterator[dict[str, Any]]:
    """What would become of each item; nothing is stored. Raises `Refused` for a body that is no batch."""
    with services.transaction() as tx:
        yield from validate_items(
            tx,
            chunks_of(file),
            submission,
            content_type=form.content_type,
            content_encoding=form.content_encoding,
        )


def check_instructions(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm
) -> Iterator[dict[str, Any]]:
    """What would become of each row of a file of instructions now; nothing is stored. Raises `Refused` likewise."""
    everyone = may_for_all(actor, "settlement.instruct")
    rows = numbered_items(chunks_of(file), form.content_type, form.content_encoding)
    with services.transaction() as tx:
        yield from judge_rows(
            tx, rows, default_party=actor.lei, parties=None if everyone else (actor.lei or "",),
            business_date=current_business_date(tx, now=services.clock.now()),
        )  # fmt: skip


def batch_of(services: Services, actor: Actor, id_: UUID) -> dict[str, Any]:
    """A batch, if the actor may see it. Raises `Refused` (PRC-023), whether it is unknown or another's."""
    require(actor, "batch.read")
    with services.transaction() as tx:
        found = batch(tx, id_)
    if seen_submitter(actor) not in (None, found["submitter"]):
        raise Refused(UNKNOWN_BATCH(batch=id_))
    return found


def take_instructions(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm, key: str | None
) -> tuple[bool, dict[str, Any]]:
    """Store a file of instructions, to be taken in row by row: whether it is new, and how far it is. Without a key
    the same file is the same batch. Raises `Refused` as `numbered_items` and `store_batch` do.
    """
    digest = hashlib.sha256()
    for chunk in chunks_of(file):
        digest.update(chunk)
    file.seek(0)
    everyone = may_for_all(actor, "settlement.instruct")
    submission = BatchSubmission(
        submitter=submitter_of(actor), submitted_by=actor.label,
        parties=None if everyone else (actor.lei or "",), default_party=actor.lei,
        key=key or f"sha256 {digest.hexdigest()}", sha256=digest.digest(), received_at=services.clock.now(),
    )  # fmt: skip
    rows = numbered_items(chunks_of(file), form.content_type, form.content_encoding)
    with services.transaction() as tx:
        id_, is_new = store_batch(tx, rows, submission)
        return is_new, batch_progress(tx, id_)


def instruction_batch_of(services: Services, actor: Actor, id_: UUID) -> dict[str, Any]:
    """How far a file of instructions is, if the actor may see it. Raises `Refused` (SET-075), whether it is unknown
    or another's.
    """
    require(actor, "settlement.read")
    with services.transaction() as tx:
        found = batch_progress(tx, id_)
    if seen_submitter(actor) not in (None, found["submitter"]):
        raise Refused(UNKNOWN_INSTRUCTION_BATCH(batch=id_))
    return found
