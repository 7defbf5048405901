"""seev.033 to exercises: each accepted or rejected, and its party told so (seev.034)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.ledger import Account, accounts_by_number, quantities
from counterfoil.messages import errors
from counterfoil.messages.addresses import Addresses, name_of
from counterfoil.messages.cases import Case, Outcome, Problem
from counterfoil.messages.corporate_actions import ElectionStatus, InstructionOutcome
from counterfoil.messages.instructing import form_of
from counterfoil.messages.model import PartyId, Quantity
from counterfoil.messages.received import ReceivedElection
from counterfoil.register import Issue, issues
from counterfoil.servicing import Exercise, ServicingEvent, events_by_id, exercise

WITHOUT_REFERENCE = "NONREF"
"""The event is the exercise of the security that is named."""
_SERVED = ("EXWA", "EXER")
EXERCISE_OPTION = 1
"""The number of the option to exercise, as every notification has it."""
_BY_CODE = {"LED-001": "LACK", "LED-002": "SAFE", "LED-006": "SAFE", "LED-007": "SAFE", "SRV-045": "LATE"}
_BY_POINTER = {"/isin": "DSEC", "/account": "SAFE", "/units": "DQUA"}
Elected = tuple[Case, ReceivedElection]


def elect_all(
    tx: Transaction,
    cases: Sequence[Elected],
    who: Addresses,
    *,
    now: datetime,
    business_date: date,
    actor: str,
) -> None:
    """Exercise what is to be exercised, in order. Other elections are not served: there is nothing to choose."""
    if not cases:
        return
    known = issues(tx, sorted({said.isin for _, said in cases}))
    accounts = accounts_by_number(tx, sorted({said.account for _, said in cases}))
    events = events_by_id(tx, [id_ for _, said in cases if (id_ := _event(said)) is not None])
    whole = _held(tx, cases, accounts)
    for (case, said), held in zip(cases, whole, strict=True):
        problems = list(_problems(case, said, who, accounts.get(said.account), known.get(said.isin), events))
        if not problems:
            units = held if said.quantity is None else said.quantity
            wanted = Exercise(said.isin, said.account, units, said.day or business_date)
            try:
                with tx.savepoint():
                    exercise(tx, wanted, business_date=business_date, now=now, actor=actor)
            except Refused as refused:
                problems = [Problem(r, _reason(r)) for r in refused.refusals]
        _answer(case, said, problems)


def _held(tx: Transaction, cases: Sequence[Elected], accounts: Mapping[str, Account]) -> Iterable[Decimal]:
    """What is available of the security on each account, for those that want to exercise all."""
    keys = [(said.isin, accounts[said.account]) for _, said in cases if said.account in accounts]
    found = dict(zip(keys, quantities(tx, keys), strict=True)) if keys else {}
    return [
        found[said.isin, accounts[said.account]] if said.account in accounts else Decimal(0)
        for _, said in cases
    ]


def _event(said: ReceivedElection) -> UUID | None:
    """The event that is meant; None where it is named without reference, or by no reference of ours."""
    try:
        return UUID(hex=said.event)
    except ValueError:
        return None


def _problems(
    case: Case,
    said: ReceivedElection,
    who: Addresses,
    account: Account | None,
    issue: Issue | None,
    events: Mapping[UUID, ServicingEvent],
) -> Iterable[Problem]:
    """What only the message can be wrong about; the rest is servicing's to judge."""
    if (said.kind, said.option.kind) != _SERVED:
        refusal = errors.ELECTION("/option", kind=said.kind, option=said.option.kind)
        yield Problem(refusal, "OPTY")
    elif said.option.number != EXERCISE_OPTION:
        refusal = errors.OPTION_NUMBER("/option", number=said.option.number, kind=said.option.kind)
        yield Problem(refusal, "OPNM")
    event = events.get(_event(said) or UUID(int=0))
    if said.event != WITHOUT_REFERENCE and (event is None or event.isin != said.isin):
        yield Problem(errors.EVENT("/event", event=said.event, isin=said.isin), "EVNM")
    named = said.account_owner
    if named is not None and who.lei(named) != case.sender:
        refusal = errors.FOREIGN_PARTY("/account_owner", named=name_of(named), sender=case.sender)
        yield Problem(refusal, "SAFE")
    if account is not None and account.owner_lei != case.sender:
        refusal = errors.FOREIGN_PARTY("/account", named=account.number, sender=case.sender)
        yield Problem(refusal, "SAFE")
    if said.place is not None and not who.is_depository(said.place):
        ours, theirs = name_of(who.depository), name_of(said.place)
        yield Problem(errors.FOREIGN_PLACE("/place", place=theirs, depository=ours), "SAFE")
    if issue is not None and said.quantity_form not in (None, form_of(issue)):
        wanted, given = form_of(issue).value, said.quantity_form
        yield Problem(errors.QUANTITY_FORM("/quantity", isin=said.isin, wanted=wanted, given=given), "DQUA")


def _reason(refusal: Refusal) -> str:
    return _BY_CODE.get(refusal.code) or _BY_POINTER.get(refusal.pointer, "OTHR")


def _answer(case: Case, said: ReceivedElection, problems: Sequence[Problem]) -> None:
    outcome = InstructionOutcome.REJECTED if problems else InstructionOutcome.ACCEPTED
    asked = (
        None
        if said.quantity is None or said.quantity_form is None
        else Quantity(said.quantity, said.quantity_form)
    )
    status = ElectionStatus(
        case.name, said.event, said.kind, outcome, tuple(p.reason for p in problems), said.option, said.isin,
        said.account, PartyId(case.sender), asked,
    )  # fmt: skip
    if problems:
        case.reject(problems, status)
    else:
        case.outcome = Outcome.ACCEPTED
        case.answers.append(status)
