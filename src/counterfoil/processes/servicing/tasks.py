"""The steps of the models of servicing.

| task                | does                                                              | if it cannot           |
|---------------------|-------------------------------------------------------------------|------------------------|
| servicing.suspend   | keeps an issue whose barrier was hit from settling                 |                        |
| servicing.determine | works the amount out and compares it with the paying agent's       | asks again in a minute |
| servicing.record    | records who holds; a whole redemption stops the issue from settling |                        |
| servicing.pay       | pays all holders, takes units back, has the register enter it      | asks again in a minute |
| servicing.delete    | deletes what is redeemed, where the issuer has consented           |                        |
| servicing.close     | notes that nobody gets anything                                    |                        |
| servicing.withdraw  | notes that a person refused; frees what was exercised              |                        |
| servicing.decide_adjustment | notes what a person decided of a corporate action       |                        |
| servicing.adjust    | gives the securities on an underlying their adjusted terms         | names those left       |
| servicing.release   | gives what a closed account is owed to another of its owner        | says why it cannot     |
| servicing.correct   | reverses a payment and pays it anew, as one booking run            | asks again in a minute |

An event that has ended meanwhile (the security was called, cancelled, knocked out) ends its process by error ENDED.
What a step writes and the step itself commit together, so a crash repeats a step whole or not at all.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.money import decimal_text
from counterfoil.orchestration import BpmnError, Done, Job, Outcome, Snooze, TaskContext, Tasks
from counterfoil.servicing import (
    Determination,
    Ending,
    Lacking,
    Origin,
    Paid,
    Spent,
    Unchanged,
    adjust,
    correct,
    decide_adjustment,
    delete,
    determine,
    end_events,
    endings,
    mature,
    mature_undecided,
    pay,
    payments,
    record_holders,
    release_elsewhere,
    suspend,
    withdraw,
)

ACTOR = "servicing"
ENDED = "ENDED"
_LATER = Snooze(timedelta(minutes=1))
Step = Callable[[Transaction, Sequence[Job], TaskContext], Sequence[Outcome]]


def add_servicing_tasks(tasks: Tasks) -> None:
    """Register every task of the servicing processes."""
    for name, function in (
        ("suspend", suspend_issues), ("determine", _of_live_events(determine_amounts)),
        ("record", _of_live_events(record_them)), ("pay", _of_live_events(pay_them)), ("delete", delete_issues),
        ("close", close), ("withdraw", withdraw_them), ("correct", correct_them),
        ("decide_adjustment", decide_adjustments), ("adjust", adjust_them), ("release", release_them),
    ):  # fmt: skip
        tasks.add(f"servicing.{name}", function)


def _of_live_events(step: Step) -> Step:
    """The step, for events that have not ended otherwise; a payment that stands counts as done again."""

    def checked(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
        ids = [_event(job) for job in jobs]
        over = endings(tx, ids)
        paid = payments(tx, list(over))
        live = [job for job, id_ in zip(jobs, ids, strict=True) if id_ not in over or id_ in paid]
        found = iter(step(tx, live, context) if live else ())
        return [
            BpmnError(ENDED, over[id_].value) if id_ in over and id_ not in paid else next(found)
            for id_ in ids
        ]

    return checked


def suspend_issues(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Nothing of the issue settles from now on."""
    suspend(tx, [job.variables["isin"] for job in jobs], now=context.now, actor=ACTOR)
    return [Done() for _ in jobs]


def determine_amounts(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """What is due, and whether a person has to look: the paying agent says otherwise, or its word is all there is.
    What ends without an amount stops settling at its record moment all the same.
    """
    decided = determine(tx, [_event(job) for job in jobs], now=context.now, actor=ACTOR)
    lacking = [found.event_id for found in decided if isinstance(found, Lacking)]
    mature_undecided(tx, lacking, now=context.now, actor=ACTOR)
    return [_LATER if isinstance(found, Lacking) else Done(_said(found)) for found in decided]


def _said(found: Determination) -> Mapping[str, Any]:
    wants_person = found.differs or found.origin is Origin.DECLARED
    what = "person" if wants_person else "pays" if found.pays or found.redeems else "nothing"
    declared = None if found.declared is None else f"{found.declared:f}"
    return {"what": what, "amount": f"{found.total:f}", "declared": declared, "redeems": found.redeems}


def record_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Who holds at the record moment; an issue that is redeemed as a whole does not settle any more."""
    ids = [_event(job) for job in jobs]
    record_holders(tx, ids, now=context.now)
    mature(tx, ids, now=context.now, actor=ACTOR)
    return [Done() for _ in jobs]


def pay_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """Everybody is paid, blocked accounts into suspense; or nobody and it is tried again: money may come."""
    outcomes = pay(tx, [_event(job) for job in jobs], now=context.now, actor=ACTOR)
    return [Done({"payment": found.no}) if isinstance(found, Paid) else _LATER for found in outcomes]


def delete_issues(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """What is redeemed goes out of the register, if its issuer has agreed to that beforehand."""
    deleted = delete(tx, [job.variables["isin"] for job in jobs], now=context.now, actor=ACTOR)
    return [Done({"deleted": job.variables["isin"] in deleted}) for job in jobs]


def close(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """The condition of the event was not met."""
    end_events(tx, [(_event(job), Ending.NOTHING) for job in jobs], now=context.now)
    return [Done() for _ in jobs]


def withdraw_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """A person said no."""
    withdraw(tx, [_event(job) for job in jobs], reason="refused by a person", now=context.now, actor=ACTOR)
    return [Done() for _ in jobs]


def correct_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """One by one: corrections are rare, and each is decided by itself."""
    outcomes: list[Outcome] = []
    for job in jobs:
        found = correct(tx, _event(job), job.variables["because"], now=context.now, actor=ACTOR)
        if isinstance(found, Paid | Unchanged):
            outcomes.append(Done({"outcome": "booked" if isinstance(found, Paid) else "unchanged"}))
        elif isinstance(found, Spent):
            short = [
                f"{lack.account} {decimal_text(lack.held)} of {decimal_text(lack.needed)}"
                for lack in found.lacks[:20]
            ]
            outcomes.append(Done({"outcome": "spent", "short": short}))
        else:
            outcomes.append(_LATER)
    return outcomes


def decide_adjustments(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """What another person said of each."""
    for job in jobs:
        approver = str(job.variables.get("approver") or "")
        approved = job.variables.get("approved") is True
        decide_adjustment(tx, _adjustment(job), approved=approved, now=context.now, actor=approver)
    return [Done() for _ in jobs]


def adjust_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """One by one: each moves all securities on its underlying at once."""
    outcomes: list[Outcome] = []
    for job in jobs:
        found = adjust(tx, _adjustment(job), now=context.now, actor=ACTOR)
        left = [f"{isin}: {refusal.detail}" for isin, refusal in found.left[:20]]
        outcomes.append(Done({"moved": found.moved, "left": len(found.left), "why": left}))
    return outcomes


def release_them(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> list[Outcome]:
    """One by one, by whoever approved: requests are rare."""
    outcomes: list[Outcome] = []
    for job in jobs:
        approver = str(job.variables.get("approver") or "")
        try:
            release_elsewhere(tx, UUID(job.variables["release"]), now=context.now, actor=approver)
        except Refused as refused:  # it was released, reversed or blocked in the meantime; nothing is written
            outcomes.append(Done({"outcome": "impossible", "why": [r.detail for r in refused.refusals]}))
        else:
            outcomes.append(Done({"outcome": "released"}))
    return outcomes


def _adjustment(job: Job) -> UUID:
    return UUID(job.variables["adjustment"])


def _event(job: Job) -> UUID:
    return UUID(job.variables["event"])
