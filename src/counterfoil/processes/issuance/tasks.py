"""The steps of `issuance.bpmn`.

| task               | does                                                              | refuses with          |
|--------------------|-------------------------------------------------------------------|-----------------------|
| issuance.validate  | reads the item, applies every rule, looks up parties and numbers   | item ends: rejected   |
| issuance.refuse    | records that a person refused                                      |                       |
| issuance.ready     | notes that the item may go, for the decision over its batch        |                       |
| issuance.withdraw  | records that the batch's policy held the item back                 |                       |
| issuance.number    | gives the ISIN, proposes CFI and FISN                              | item ends: rejected   |
| issuance.deposit   | stores the terms, or the next version of them                      | item ends: rejected   |
| issuance.register  | enters the instruction, which books it, and records the item's end | item ends: rejected   |
| issuance.place     | instructs delivery against payment to the buyers, settles what can | line stays: refused    |
| issuance.conclude  | records how the placement has ended                                |                       |

An item is done when it is registered: neither of the last two steps changes that. All steps of a stretch share one
transaction; what a step refuses is final, what it raises is tried again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, ensure
from counterfoil.instruments import (
    NewInstrument,
    Series,
    Terms,
    TermsVersion,
    allocate_isins,
    amend_instruments,
    insert_instruments,
    known_isins,
)
from counterfoil.orchestration import BpmnError, Done, Job, Outcome, TaskContext, Tasks
from counterfoil.processes import errors
from counterfoil.processes.issuance.approval import needs_approval
from counterfoil.processes.issuance.placement import conclude, note_registering, place, plan
from counterfoil.processes.issuance.preparing import SQL, Prepared, complete, prepared
from counterfoil.processes.issuance.requests import Kind
from counterfoil.register import EntryKind, Instruction, Recorded, preview, record

REJECTED = "REJECTED"
_COLUMNS = (
    "batch_id", "position", "outcome", "submitter", "kind", "reference", "group_key", "isin", "entry_no", "refusals",
    "warnings", "ended_at",
)  # fmt: skip
_TYPES = (
    "uuid", "int4", "text", "text", "text", "text", "text", "text", "int4", "jsonb", "jsonb", "timestamptz",
)  # fmt: skip


def add_issuance_tasks(tasks: Tasks) -> None:
    """Register every task of the issuance process."""
    for name, function in (
        ("validate", validate), ("refuse", refuse), ("ready", ready), ("withdraw", withdraw), ("number", number),
        ("deposit", deposit), ("register", register), ("place", place), ("conclude", conclude),
    ):  # fmt: skip
        tasks.add(f"issuance.{name}", function)


def validate(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Every rule that can be judged now; what is broken ends the item with all its reasons."""
    items = prepared(tx, jobs)
    refuse_duplicates(tx, items)
    outcomes: list[Outcome] = [
        BpmnError(REJECTED) if item.refusals else Done(_decided(item)) for item in items
    ]
    _write_rejected(tx, [item for item in items if item.refusals], context.now)
    return outcomes


def refuse(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """A person said no."""
    return _reject_all(
        tx, jobs, context,
        lambda job: errors.NOT_APPROVED(
            approver=job.variables.get("approver", "A person"), reason=job.variables.get("reason", "no reason given")
        ),
    )  # fmt: skip


def ready(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:  # noqa: ARG001 - the form of a task
    """Note the items for the decision over their batch."""
    items = prepared(tx, jobs)
    tx.copy(
        "processes.item_ready",
        ("batch_id", "position", "group_key", "isin", "reference"),
        ("uuid", "int4", "text", "text", "text"),
        (
            (
                i.batch_id,
                i.position,
                _group(i),
                i.isin if i.request and i.request.kind is Kind.NEW else None,
                _reference(i),
            )
            for i in items
        ),
    )
    return [Done() for _ in jobs]


_CONDITIONS = {
    "ATOMIC": "all items go",
    "STOP": "no earlier item fails",
    "GROUPED": "all items of its group go",
}


def withdraw(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """The batch's policy held the items back."""

    def reason(job: Job) -> Refusal:
        position, policy = job.variables.get("failed_position"), job.variables["policy"]
        if position == job.variables["position"]:
            return errors.DUPLICATE_IN_BATCH()
        return errors.BATCH_STOPPED(policy=policy, condition=_CONDITIONS[policy], position=position)

    return _reject_all(tx, jobs, context, reason)


def number(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """ISINs for those that brought none; those that did are looked up once more, for time may have passed."""
    items = prepared(tx, jobs)
    refuse_duplicates(tx, items)
    isins: dict[int, str] = {}
    for series in Series:
        wanting = [
            n for n, i in enumerate(items)
            if i.isin is None and not i.refusals and i.request is not None and i.request.numbering is series
        ]  # fmt: skip
        isins.update(zip(wanting, allocate_isins(tx, series, len(wanting)), strict=True))
    outcomes: list[Outcome] = []
    for n, item in enumerate(items):
        if item.refusals:
            outcomes.append(BpmnError(REJECTED))
            continue
        isin = isins.get(n) or item.isin or ""
        complete(item, isin)
        outcomes.append(Done({"isin": isin}))
    _write_rejected(tx, [item for item in items if item.refusals], context.now)
    return outcomes


def deposit(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Store terms before they are entered (eWpG section 5); an amendment that the register would refuse ends here."""
    items = prepared(tx, jobs)
    amended = [(job, item) for job, item in zip(jobs, items, strict=True) if item.current is not None]
    if amended:
        previews = preview(tx, [_instruction(job, item) for job, item in amended])
        for (_, item), refusal in zip(amended, previews, strict=True):
            if refusal is not None:
                item.refusals.append(refusal)
    # Another transaction may have taken the ISIN since this one looked.
    refuse_duplicates(tx, [i for i in items if i.current is None])
    insert_instruments(
        tx, (_new_instrument(i) for i in items if i.current is None and not i.refusals), context.now
    )
    going = [i for i in items if i.current is not None and not i.refusals]
    if going:
        amend_instruments(tx, [_next_version(i) for i in going], context.now)
    _write_rejected(tx, [i for i in items if i.refusals], context.now)
    return [BpmnError(REJECTED) if i.refusals else Done() for i in items]


def register(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Enter, book, and record the end of the items: an entry whose item has not ended would be entered again.

    The actor of an entry is the submitter of its batch. Where another transaction has used a reference meanwhile, the
    database refuses the whole step, and the repetition of it finds the reference used.
    """
    note_registering(tx)
    items = prepared(tx, jobs)
    refuse_duplicates(tx, items, deposited=True)
    going = [(job, i) for job, i in zip(jobs, items, strict=True) if not i.refusals]
    now = context.clock.now()
    instructions = [_instruction(job, item) for job, item in going]
    entered = record(tx, instructions, changed_at=now, actor="issuance") if going else []
    results: dict[Any, Recorded] = {}
    for (job, item), outcome in zip(going, entered, strict=True):
        if isinstance(outcome, Recorded):
            results[job.instance_id] = outcome
        else:
            item.refusals.append(outcome)
    done = [(i, results[job.instance_id]) for job, i in going if job.instance_id in results]
    _write_done(tx, done, now)
    plan(
        tx,
        [
            (i, job, results[job.instance_id])
            for job, i in going
            if job.instance_id in results and _is_sold(i)
        ],
    )
    _write_rejected(tx, [i for i in items if i.refusals], now)
    return [
        Done(_registered(results[job.instance_id], item))
        if job.instance_id in results
        else BpmnError(REJECTED)
        for job, item in zip(jobs, items, strict=True)
    ]


def _registered(entry: Recorded, item: Prepared) -> dict[str, Any]:
    told: dict[str, Any] = {"isin": entry.isin, "entry_no": entry.entry_no}
    return {**told, "sold": True} if _is_sold(item) else told


def _is_sold(item: Prepared) -> bool:
    return item.request is not None and bool(item.request.distribution)


def _decided(item: Prepared) -> dict[str, Any]:
    return {"kind": _kind(item), "needs_approval": needs_approval(item)}


def refuse_duplicates(tx: Transaction, items: Sequence[Prepared], *, deposited: bool = False) -> None:
    """ISINs and references that are in use, or that an earlier item of these brings too.

    What was found free earlier in the same transaction is not looked up again. Once terms are `deposited`, their ISIN
    is in use by the item itself, and only its reference is looked up.
    """
    sound = [i for i in items if i.request is not None and not i.unique]
    if not sound:
        return
    sound.sort(key=lambda i: (i.batch_id, i.position))
    brought = {id(i): isin for i in sound if not deposited and (isin := _new_isin(i))}
    taken = known_isins(tx, list(brought.values()))
    named = [(i.submitter, ref) for i in sound if (ref := _reference(i))]
    used = (
        {
            tuple(r)
            for r in tx.rows(
                SQL.used_references, submitters=[s for s, _ in named], references=[r for _, r in named]
            )
        }
        if named
        else set()
    )
    for item in sound:
        isin = brought.get(id(item))
        key = (item.submitter, _reference(item))
        if isin and isin in taken:
            item.refusals.append(errors.DUPLICATE_ISIN("/instrument/isin", isin=isin))
        if key[1] and key in used:
            item.refusals.append(errors.DUPLICATE_REFERENCE("/reference", reference=key[1]))
        if not item.refusals:
            item.unique = True
            if isin:
                taken.add(isin)
            used.add(key)


def _new_isin(item: Prepared) -> str | None:
    return item.terms.isin if item.terms is not None and _kind(item) == Kind.NEW else None


def _instruction(job: Job, item: Prepared) -> Instruction:
    request, terms = item.request, item.terms
    ensure(request is not None, "a request that is entered was read")
    kind = EntryKind(_kind(item))
    consent = request is not None and (request.issuer_consent or item.submitter == item.issuer)
    return Instruction(
        request_id=job.instance_id,
        kind=kind,
        isin=item.isin or job.variables["isin"],
        arrived_at=item.arrived_at,
        quantity=(request.quantity if request else None) or Instruction.NOTHING,
        issuer_lei=item.issuer,
        mode=terms.volume.mode.value if terms is not None else "fixed",
        authorised=terms.volume.authorised if terms is not None else None,
        content=_content(item, terms) if terms is not None else None,
        terms_version=item.current.version + (kind is EntryKind.AMEND) if item.current is not None else 1,
        issuer_consent=consent,
        instructed_by=item.submitted_by,
    )


def _content(item: Prepared, terms: Terms) -> dict[str, Any]:
    """The items of eWpG section 13(1) that come from the terms; section 7 eWpRV refers to the deposited terms."""
    return {
        "terms_hash": item.hash.hex(),
        "name": terms.name,
        "unit": terms.volume.unit.value,
        "denomination": f"{terms.denomination:f}",
        "currency": terms.currency,
        "register_form": terms.register_form.value,
        "entry_form": terms.entry_form.value,
        "mixed_holding": False,
        "holder": "collective entry: the depository" if terms.entry_form == "collective" else item.issuer,
    }


def _new_instrument(item: Prepared) -> NewInstrument:
    terms = item.terms
    ensure(terms is not None and bool(item.canonical), "a new instrument has numbered terms")
    return NewInstrument(
        terms.isin or "", terms.class_, terms.issuer, terms.name, terms.currency, terms.wkn, terms.cfi or "",  # type: ignore[union-attr]
        terms.fisn or "", item.hash, item.canonical,  # type: ignore[union-attr]  # ensured above
    )  # fmt: skip


def _next_version(item: Prepared) -> tuple[TermsVersion, str, str, str, str]:
    terms, current = item.terms, item.current
    if terms is None or current is None or item.effect is None:
        raise AssertionError("an amendment has terms, a version before and an effect")
    version = TermsVersion(current.isin, current.version + 1, item.hash, item.canonical)
    return version, item.effect.value, terms.name, terms.cfi or "", terms.fisn or ""


def _reject_all(
    tx: Transaction, jobs: Sequence[Job], context: TaskContext, reason: Callable[[Job], Refusal]
) -> list[Outcome]:
    items = prepared(tx, jobs)
    for job, item in zip(jobs, items, strict=True):
        item.refusals.append(reason(job))
    _write_rejected(tx, items, context.now)
    return [Done() for _ in jobs]


def _write_done(tx: Transaction, entered: Iterable[tuple[Prepared, Recorded]], now: datetime) -> None:
    rows = [
        (
            i.batch_id, i.position, "done", i.submitter, _kind(i), _reference(i), _group(i), entry.isin,
            entry.entry_no, None, i.warnings or None, now,
        )
        for i, entry in entered
    ]  # fmt: skip
    if rows:
        _write_outcomes(tx, rows, now)


def _write_rejected(tx: Transaction, items: Iterable[Prepared], now: datetime) -> None:
    rows = [
        (
            i.batch_id, i.position, "rejected", i.submitter, _kind(i) or None, _reference(i), _group(i), i.isin, None,
            [r.as_dict() for r in i.refusals], i.warnings or None, now,
        )
        for i in items
    ]  # fmt: skip
    if rows:
        _write_outcomes(tx, rows, now)


def _write_outcomes(tx: Transaction, rows: Sequence[tuple[Any, ...]], now: datetime) -> None:
    """The ends of items, and how many of each batch they are."""
    tx.copy("processes.item_outcome", _COLUMNS, _TYPES, rows)
    ended = Counter((row[0], row[2]) for row in rows)
    tx.copy(
        "processes.tally",
        ("batch_id", "done", "rejected", "ended_at"),
        ("uuid", "int4", "int4", "timestamptz"),
        ((b, ended[b, "done"], ended[b, "rejected"], now) for b in dict.fromkeys(row[0] for row in rows)),
    )


def _kind(item: Prepared) -> str:
    return item.envelope.kind


def _reference(item: Prepared) -> str | None:
    return item.envelope.reference


def _group(item: Prepared) -> str:
    return item.envelope.group
