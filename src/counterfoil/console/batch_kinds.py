"""The two kinds of batches, as their pages see them: requests of issuance, and instructions to settle."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends

from counterfoil import processes, settlement
from counterfoil.access import Actor
from counterfoil.console import errors
from counterfoil.console.listing import Column, Order
from counterfoil.console.pace import average
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.json import loads
from counterfoil.faces import (
    BodyForm,
    Services,
    batch_of,
    check_batch,
    check_instructions,
    chunks_of,
    instruction_batch_of,
    submission_of,
    take_batch,
    take_instructions,
)
from counterfoil.processes import Policy

ORDERS = ("received", "size")
NEWEST = Order("received", descending=True)
Rows = list[dict[str, Any]]
Outcome = Literal["done", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be handed in. Only issuance knows policies, and a business date of its own."""

    key: str | None = None
    policy: Policy = Policy.CONTINUE
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. `facts` are counts by name; `stuck` says since when, and why, it does not go on."""

    state: str
    total: int
    ended: int
    rejected: int
    received_at: datetime
    finished_at: datetime | None
    facts: Sequence[tuple[str, int]]
    stuck: tuple[datetime, str] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.finished_at is not None

    @property
    def summary(self) -> str:
        """How long it took, and how fast it went."""
        if self.finished_at is None:
            return ""
        return average(self.total, (self.finished_at - self.received_at).total_seconds())


@dataclass(frozen=True, slots=True)
class BatchKind:
    """A kind of batches: who may do what with it, what its tables show, and the functions of its room. `mark` is a
    field that each of its items has, and none of another kind.
    """

    name: str
    title: str
    item: str
    mark: str
    reads: str
    submits: str
    resumes: str | None
    size: str
    columns: Sequence[Column]
    item_columns: Sequence[Column]
    outcomes: Sequence[Outcome]
    placements: Sequence[tuple[str, str]]
    fields: Sequence[str]
    check_fields: Sequence[str]
    reasons: str
    batches: Callable[..., Rows]
    one: Callable[[Services, Actor, UUID], dict[str, Any]]
    progress: Callable[[Mapping[str, Any]], Progress]
    results: Callable[..., Rows]
    payload: Callable[[Transaction, UUID, int], bytes]
    payloads: Callable[[Transaction, UUID, Sequence[int]], dict[int, bytes]]
    rejections: Callable[[Transaction, UUID], Rows]
    take: Callable[[Services, Actor, IO[bytes], BodyForm, Wanted], tuple[UUID, int]]
    check: Callable[[Services, Actor, IO[bytes], BodyForm, Wanted], Iterator[dict[str, Any]]]

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/console/batches/{self.name}"


def _issued(found: Mapping[str, Any]) -> Progress:
    counts = found["progress"]
    names = (
        "received", "validated", "registered", "rejected", "waiting", "to_place", "awaiting_settlement", "placed",
        "incomplete",
    )  # fmt: skip
    return Progress(
        found["state"], counts["received"], counts["registered"] + counts["rejected"], counts["rejected"],
        found["received_at"], found["finished_at"], [(name, counts[name]) for name in names],
    )  # fmt: skip


def _taken_in(found: Mapping[str, Any]) -> Progress:
    return Progress(
        found["state"], found["received"], found["accepted"] + found["rejected"], found["rejected"],
        found["received_at"], found["finished_at"],
        [(name, found[name]) for name in ("received", "accepted", "rejected", "waiting")],
        (found["stuck_at"], found["failure"]) if found["state"] == "stuck" else None,
    )  # fmt: skip


def _instruction_results(
    tx: Transaction, id_: UUID, *, after: int, limit: int, outcome: Outcome | None = None, **_: object
) -> Rows:
    """Without a moment and a placement: a row of a file ends as it is taken in."""
    return settlement.batch_results(tx, id_, after=after, limit=limit, rejected_only=outcome == "rejected")


def _take_issuance(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm, wanted: Wanted
) -> tuple[UUID, int]:
    submission = submission_of(services, actor, wanted.policy, wanted.key, wanted.day)
    receipt = take_batch(services, submission, file, form)
    return receipt.id, receipt.item_count


def _take_instructions(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm, wanted: Wanted
) -> tuple[UUID, int]:
    _, found = take_instructions(services, actor, file, form, wanted.key)
    return found["id"], found["received"]


def _check_issuance(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm, wanted: Wanted
) -> Iterator[dict[str, Any]]:
    submission = submission_of(services, actor, wanted.policy, None, wanted.day)
    return check_batch(services, submission, file, form)


def _check_instructions(
    services: Services, actor: Actor, file: IO[bytes], form: BodyForm, _: Wanted
) -> Iterator[dict[str, Any]]:
    return check_instructions(services, actor, file, form)


_RECEIVED = Column("Received", "received", descends=True)

ISSUANCE = BatchKind(
    name="issuance", title="Issuance", item="Item", mark="kind", reads="batch.read", submits="issuance.submit",
    resumes=None, size="item_count",
    columns=(
        _RECEIVED, Column("Batch"), Column("State"), Column("Items", "size", numeric=True, descends=True),
        Column("Policy"), Column("Submitter"), Column("Finished"),
    ),
    item_columns=(
        Column("Item", numeric=True), Column("Outcome"), Column("Kind"), Column("Reference"), Column("ISIN"),
        Column("Reasons"), Column("Placement"),
    ),
    outcomes=("done", "rejected"),
    placements=(
        ("to_place", "to place"), ("waiting", "waiting to settle"), ("placed", "placed"),
        ("incomplete", "incomplete"),
    ),
    fields=("position", "outcome", "kind", "reference", "isin", "entry_no", "pointer", "code", "detail"),
    check_fields=("position", "valid", "pointer", "code", "detail"), reasons="refusals",
    batches=processes.batches, one=batch_of, progress=_issued, results=processes.item_results,
    payload=processes.item_payload, payloads=processes.item_payloads, rejections=processes.rejection_reasons,
    take=_take_issuance, check=_check_issuance,
)  # fmt: skip
INSTRUCTIONS = BatchKind(
    name="instructions", title="Instructions", item="Row", mark="movement", reads="settlement.read",
    submits="settlement.instruct", resumes="settlement.operate", size="received",
    columns=(
        _RECEIVED, Column("Batch"), Column("State"), Column("Rows", "size", numeric=True, descends=True),
        Column("Accepted", numeric=True), Column("Rejected", numeric=True), Column("Submitted by"),
        Column("Finished"),
    ),
    item_columns=(Column("Line", numeric=True), Column("Outcome"), Column("Reference"), Column("Reasons")),
    outcomes=("rejected",), placements=(),
    check_fields=("line", "valid", "reference", "pointer", "code", "iso", "detail"),
    fields=("line", "outcome", "reference", "instruction", "pointer", "code", "iso", "detail"),
    reasons="errors", batches=settlement.instruction_batches, one=instruction_batch_of, progress=_taken_in,
    results=_instruction_results, payload=settlement.batch_payload, payloads=settlement.batch_payloads,
    rejections=settlement.rejection_reasons, take=_take_instructions, check=_check_instructions,
)  # fmt: skip
KINDS: Mapping[str, BatchKind] = {kind.name: kind for kind in (ISSUANCE, INSTRUCTIONS)}


def _kind(kind: Literal["issuance", "instructions"]) -> BatchKind:
    return KINDS[kind]


Kind = Annotated[BatchKind, Depends(_kind)]
"""The kind that stands in a page's address."""


def require_kind(kind: BatchKind, file: IO[bytes], form: BodyForm) -> None:
    """Raises `Refused` (CON-427) for a file whose first item has the mark of the other kind: dropped at the wrong
    place, all its items would be refused, one by one. Raises it also for a body that is no batch.
    """
    first = next(processes.payloads(chunks_of(file), *form), b"")
    file.seek(0)
    try:
        item = loads(first)
    except Refused:
        return
    for other in KINDS.values():
        if isinstance(item, dict) and other.mark in item and kind.mark not in item:
            raise Refused(errors.OTHER_KIND(other=other.title.lower(), kind=kind.title.lower()))


def place_of(id_: UUID) -> str:
    """A place, newest first, behind which the thing with this id comes next."""
    return str(UUID(int=min(id_.int + 1, 2**128 - 1)))


def streamed(act: str) -> Iterable[str]:
    """The addresses at which files of either kind arrive for an act."""
    return tuple(f"{kind.path}/{act}" for kind in KINDS.values())
