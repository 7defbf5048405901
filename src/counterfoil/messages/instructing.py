"""sese.023 to instructions: each accepted or rejected, and its party told so (sese.024)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from counterfoil.core.db import Transaction
from counterfoil.messages import errors
from counterfoil.messages.addresses import Addresses, name_of
from counterfoil.messages.cases import Case, Outcome, Problem, problems_of
from counterfoil.messages.model import PartyId, Processing, QuantityForm, StatusAdvice
from counterfoil.messages.received import ReceivedInstruction
from counterfoil.register import Issue, issues
from counterfoil.settlement import Instruction, Rejected, instruct

_SAME = (
    "reference", "movement", "payment", "isin", "quantity", "account", "trade_date", "intended_date", "currency",
    "amount", "cash_direction", "counterparty_account", "transaction_type", "common_reference", "client",
    "counterparty_client", "opt_out", "ex_cum", "holds", "priority", "partial", "links", "pool",
)  # fmt: skip


def instruct_all(
    tx: Transaction,
    cases: Sequence[tuple[Case, ReceivedInstruction]],
    who: Addresses,
    *,
    now: datetime,
    business_date: date,
    actor: str,
) -> None:
    """Hand the instructions in as one batch. Raises `Conflict` as `instruct` does: repeat all."""
    if not cases:
        return
    known = issues(tx, sorted({received.isin for _, received in cases}))
    sound: list[tuple[Case, Instruction]] = []
    for case, received in cases:
        problems = list(_problems(case.sender or "", received, who, known.get(received.isin)))
        if problems:
            reject(case, received.reference, problems)
        else:
            sound.append((case, _instruction(case, received, who)))
    outcomes = instruct(
        tx, [instruction for _, instruction in sound], now=now, business_date=business_date, actor=actor
    )
    for (case, instruction), outcome in zip(sound, outcomes, strict=True):
        if isinstance(outcome, Rejected):
            reject(case, instruction.reference, problems_of(outcome.refusals))
            continue
        case.outcome, case.instruction = Outcome.ACCEPTED, instruction.id
        case.answers.append(
            StatusAdvice(
                instruction.reference,
                depository_reference=instruction.id.hex,
                processing=Processing.ACCEPTED,
            )
        )


def reject(case: Case, reference: str, problems: Sequence[Problem]) -> None:
    """Do not take an instruction, and say why."""
    reasons = tuple(problem.reason for problem in problems)
    case.reject(problems, StatusAdvice(reference, processing=Processing.REJECTED, processing_reasons=reasons))


def form_of(issue: Issue) -> QuantityForm:
    """How quantities of an issue are counted in messages."""
    return QuantityForm.UNITS if issue.content.get("unit") == "units" else QuantityForm.FACE_AMOUNT


def _problems(sender: str, i: ReceivedInstruction, who: Addresses, issue: Issue | None) -> Iterable[Problem]:
    """What only the message can be wrong about; the rest is settlement's to judge."""
    for named, iso, path in ((i.party, "ICAG", "/party"), (i.account_owner, "SAFE", "/account_owner")):
        if named is not None and who.lei(named) != sender:
            refusal = errors.FOREIGN_PARTY(path, named=name_of(named), sender=sender)
            yield Problem(refusal, iso)
    for place in i.places:
        if not who.is_depository(place):
            refusal = errors.FOREIGN_PLACE(
                "/places", place=name_of(place), depository=name_of(who.depository)
            )
            yield Problem(refusal, "DEPT")
    if issue is not None and i.quantity and i.quantity_form is not form_of(issue):
        refusal = errors.QUANTITY_FORM(
            "/quantity", isin=i.isin, wanted=form_of(issue).value, given=i.quantity_form.value
        )
        yield Problem(refusal, "DQUA")


def _instruction(case: Case, i: ReceivedInstruction, who: Addresses) -> Instruction:
    """The message's id is the instruction's: a retry repeats it. A counterparty that is unknown keeps its name, for
    settlement to refuse it.
    """
    cash_account = i.cash_account or (i.account if i.amount is not None else None)
    same = {name: getattr(i, name) for name in _SAME}
    return Instruction(
        id=case.incoming.id, party_lei=case.sender or "", counterparty_lei=_lei(i.counterparty, who),
        cash_account=cash_account, **same,
    )  # fmt: skip


def _lei(party: PartyId, who: Addresses) -> str:
    return who.lei(party) or name_of(party)


def named_in(i: ReceivedInstruction) -> Mapping[PartyId, None]:
    """Every party that is named, once."""
    parties = (i.counterparty, i.party, i.account_owner, *i.places)
    return dict.fromkeys(p for p in parties if p is not None)
