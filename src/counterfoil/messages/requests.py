"""sese.020 and sese.030: requests about instructions that were handed in before, and their answers (027, 031)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.messages import errors
from counterfoil.messages.addresses import Addresses, name_of
from counterfoil.messages.cases import Case, Outcome, Problem, problems_of
from counterfoil.messages.model import (
    CancellationOutcome,
    CancellationStatus,
    ConditionsRequest,
    Linkage,
    ModificationOutcome,
    ModificationStatus,
    PartyId,
    Reason,
)
from counterfoil.messages.received import ReceivedCancellation, ReceivedModification
from counterfoil.settlement import (
    UNKNOWN_INSTRUCTION,
    Change,
    Hold,
    Link,
    Named,
    cancel_all,
    change,
    change_holds,
    instructions_by_reference,
    references_of,
)

_Found = dict[tuple[str, str], Named]
_DENIED = frozenset({"DSET", "DCAN"})
"""Too late, rather than wrong."""
_BY_PARTY, _WAITS = Reason("CANI"), Reason("OTHR", "CONF: the counterparty has to ask for it too.")


def request_cancellations(
    tx: Transaction,
    cases: Sequence[tuple[Case, ReceivedCancellation]],
    who: Addresses,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Ask for each instruction to be cancelled, in order."""
    found = instructions_by_reference(tx, [(case.sender or "", r.reference) for case, r in cases])
    asked: list[tuple[Case, ReceivedCancellation, UUID]] = []
    for case, request in cases:
        problems = _foreign(case, request.account_owner, who)
        known = found.get((case.sender or "", request.reference))
        if known is None:
            problems.append(_unknown(case))
        elif (request.movement, request.payment) != (known.movement, known.payment) or not _same(
            known.id, request.depository_reference
        ):
            refusal = errors.REFERENCES_DIFFER("/reference", reference=request.reference)
            problems.append(Problem(refusal, "REFE"))
        else:
            problems += _of_another_account(request.account, known)
        if problems or known is None:
            _answer_cancellation(case, request, CancellationOutcome.REJECTED, problems)
        else:
            case.instruction = known.id
            asked.append((case, request, known.id))
    outcomes = cancel_all(tx, [(id_, case.sender) for case, _, id_ in asked], now=now, actor=actor)
    for (case, request, id_), outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            _answer_cancellation(case, request, CancellationOutcome.DENIED, problems_of([outcome]))
        elif outcome:
            case.outcome = Outcome.ACCEPTED
            _answer_cancellation(case, request, CancellationOutcome.CANCELLED, [])
        else:
            case.outcome = Outcome.PENDING
            case.open_cancellations.append(id_)
            _answer_cancellation(case, request, CancellationOutcome.PENDING, [])


def _answer_cancellation(
    case: Case, request: ReceivedCancellation, outcome: CancellationOutcome, problems: list[Problem]
) -> None:
    reasons = tuple(problem.reason for problem in problems)
    if outcome is CancellationOutcome.CANCELLED:
        reasons = (_BY_PARTY,)
    elif outcome is CancellationOutcome.PENDING:
        reasons = (_WAITS,)
    status = CancellationStatus(
        case.name, request.reference, request.movement, request.payment, outcome, reasons,
        case.instruction.hex if case.instruction else None,
    )  # fmt: skip
    if problems:
        case.reject(problems, status)
    else:
        case.answers.append(status)


def request_changes(
    tx: Transaction,
    cases: Sequence[tuple[Case, ReceivedModification]],
    who: Addresses,
    *,
    now: datetime,
    business_date: date,
    actor: str,
) -> None:
    """Change the conditions of each instruction, in order; each request of a message by itself. Those that follow
    each other and want the same hold or release are carried out at once.
    """
    ours = [id_ for _, m in cases for r in m.requests if (id_ := _ours(r.depository_reference))]
    theirs = references_of(tx, ours)
    keys = [(case.sender or "", r.reference) for case, m in cases for r in m.requests if r.reference]
    found = instructions_by_reference(tx, {*keys, *theirs.values()})
    asked = [
        _asked(case, message, request, _known(case, request, found, theirs), who)
        for case, message in cases
        for request in message.requests
    ]
    possible = [one for one in asked if one.id is not None and not one.problems]
    for wanted, run in groupby(possible, key=lambda one: _wanted(one.request, one.case.sender)):
        _carry_out(tx, wanted, list(run), now=now, business_date=business_date, actor=actor)
    left = iter(asked)
    for case, message in cases:
        _answer_changes(case, list(islice(left, len(message.requests))))


@dataclass(slots=True)
class _Asked:
    """A request of a message, which of the sender's instructions it means, and what is wrong with it."""

    case: Case
    message: ReceivedModification
    request: ConditionsRequest
    id: UUID | None
    problems: list[Problem]


def _asked(
    case: Case, message: ReceivedModification, request: ConditionsRequest, known: Named | None, who: Addresses
) -> _Asked:
    problems = _foreign(case, message.account_owner, who)
    if known is None:
        return _Asked(case, message, request, None, [*problems, _unknown(case)])
    return _Asked(case, message, request, known.id, problems + _of_another_account(message.account, known))


def _carry_out(
    tx: Transaction, wanted: Change, run: list[_Asked], *, now: datetime, business_date: date, actor: str
) -> None:
    """The same change of instructions that follow each other: a hold or release at once, anything else one by one."""
    ids = [one.id for one in run if one.id is not None]
    ensure(len(ids) == len(run), "what is carried out is known")
    if wanted == Change(hold=wanted.hold, release=wanted.release, by=wanted.by):
        outcomes = change_holds(
            tx, ids, hold=wanted.hold, release=wanted.release, by=wanted.by, now=now, business_date=business_date,
            actor=actor,
        )  # fmt: skip
        for one, refusal in zip(run, outcomes, strict=True):
            one.problems += problems_of([refusal]) if refusal else []
        return
    for id_, one in zip(ids, run, strict=True):
        try:
            with tx.savepoint():
                change(tx, id_, wanted, now=now, business_date=business_date, actor=actor)
        except Refused as refused:
            one.problems += problems_of(refused.refusals)


def _answer_changes(case: Case, asked: Sequence[_Asked]) -> None:
    case.instruction = next((one.id for one in reversed(asked) if one.id is not None), case.instruction)
    for one in asked:
        case.problems += one.problems
        case.answers.append(_modified(case, one.message, one.request, one.problems))
    done = any(not one.problems for one in asked)
    refused_outcome = Outcome.PARTLY if done else Outcome.REJECTED
    case.outcome = refused_outcome if case.problems else Outcome.ACCEPTED


def _modified(
    case: Case, message: ReceivedModification, request: ConditionsRequest, problems: list[Problem]
) -> ModificationStatus:
    denied = any(problem.iso in _DENIED for problem in problems)
    outcome = ModificationOutcome.COMPLETED
    if problems:
        outcome = ModificationOutcome.DENIED if denied else ModificationOutcome.REJECTED
    reasons = tuple(problem.reason for problem in problems)
    return ModificationStatus(case.name, request, outcome, reasons, PartyId(case.sender), message.account)


def _wanted(request: ConditionsRequest, sender: str | None) -> Change:
    links = request.links if request.linkage is Linkage.LINK else ()
    return Change(
        hold=Hold.PARTY if request.hold is True else Hold.NONE,
        release=Hold.PARTY if request.hold is False else Hold.NONE,
        priority=request.priority,
        partial=request.partial,
        by=sender,
        link=tuple(Link(to.kind, to.reference) for to in links if to.kind is not None),
        unlink=tuple(to.reference for to in request.links) if request.linkage is Linkage.UNLINK else (),
    )


def _known(
    case: Case, request: ConditionsRequest, found: _Found, theirs: Mapping[UUID, tuple[str, str]]
) -> Named | None:
    """The sender's instruction that both references name, or the one that is given."""
    ours = _ours(request.depository_reference)
    party, reference = theirs.get(ours, ("", "")) if ours else ("", "")
    if request.reference is not None:
        party, reference = case.sender or "", request.reference
    known = found.get((party, reference)) if party == case.sender else None
    return known if known is not None and _same(known.id, request.depository_reference) else None


def _of_another_account(account: str | None, known: Named) -> list[Problem]:
    if account is None or account == known.account:
        return []
    refusal = errors.ACCOUNT_DIFFERS("/account", account=account, instructed=known.account)
    return [Problem(refusal, "SAFE")]


def _same(id_: UUID, reference: str | None) -> bool:
    return reference is None or _ours(reference) == id_


def _ours(reference: str | None) -> UUID | None:
    """Our own reference: an id without dashes."""
    try:
        return UUID(hex=reference) if reference else None
    except ValueError:
        return None


def _foreign(case: Case, owner: PartyId | None, who: Addresses) -> list[Problem]:
    if owner is None or who.lei(owner) == case.sender:
        return []
    refusal = errors.FOREIGN_PARTY("/account_owner", named=name_of(owner), sender=case.sender)
    return [Problem(refusal, "SAFE")]


def _unknown(case: Case) -> Problem:
    return Problem(UNKNOWN_INSTRUCTION("/reference", party=case.sender), "REFE")
