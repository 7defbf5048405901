"""What a party is told of an instruction, from how it stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from counterfoil.messages.codecs.encoding import OutgoingMessage
from counterfoil.messages.model import (
    Allegement,
    Amount,
    Confirmation,
    Matching,
    PartyId,
    Processing,
    Quantity,
    QuantityForm,
    Reason,
    Settling,
    StatusAdvice,
    Transaction,
)
from counterfoil.settlement import (
    CashDirection,
    Hold,
    Instruction,
    Mismatch,
    Movement,
    Part,
    Standing,
    seen_by,
)

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Told:
    """What a party was told last: the status in codes, whether that its instruction is matched, and how many parts
    were confirmed; and whether the counterparty was sent an allegement.
    """

    status: str = ""
    is_matched: bool = False
    parts: int = 0
    is_alleged: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """How the parties of an instruction, and the depository, are named in messages."""

    party: PartyId
    counterparty: PartyId
    depository: PartyId
    form: QuantityForm


def still_to_tell(
    standing: Standing, mismatch: Mismatch | None, parts: Sequence[Part], told: Told, names: Names
) -> tuple[list[OutgoingMessage], Told]:
    """What the instruction's party does not know yet, in order, and what it has been told then."""
    messages: list[OutgoingMessage] = []
    if standing.matched_at is not None and not told.is_matched:
        if not standing.is_pending or _is_told_processing(standing):
            messages.append(_advice(standing, matching=Matching.MATCHED, matched_at=standing.matched_at))
        told = replace(told, is_matched=True)
    messages += _confirmations(standing, parts, told.parts, names)
    told = replace(told, parts=max(told.parts, len(parts)))
    advice = status_of(standing, mismatch)
    if advice is not None and codes_of(advice) != told.status:
        messages.append(advice)
        told = replace(told, status=codes_of(advice))
    return messages, told


def status_of(standing: Standing, mismatch: Mismatch | None) -> StatusAdvice | None:
    """How the instruction stands; None of what has settled, which is confirmed instead."""
    if standing.cancellation_code is not None:
        return _advice(
            standing,
            processing=Processing.CANCELLED,
            processing_reasons=(Reason(standing.cancellation_code),),
        )
    if standing.has_requested_cancellation:
        waits = Reason("CONF", "The counterparty has to ask for it too.")
        return _advice(standing, processing=Processing.PENDING_CANCELLATION, processing_reasons=(waits,))
    if standing.counterpart_has_requested and standing.is_pending:
        return _advice(standing, processing=Processing.CANCELLATION_REQUESTED)
    if standing.is_unmatched:
        return _advice(
            standing, matching=Matching.UNMATCHED, matching_reasons=_differences(mismatch or Mismatch())
        )
    if not standing.is_pending:
        return None
    settling = Settling.FAILING if standing.is_failing else Settling.PENDING
    return _advice(
        standing, matching=Matching.MATCHED, matched_at=standing.matched_at, settling=settling,
        settling_reasons=_waits(standing),
    )  # fmt: skip


def codes_of(advice: StatusAdvice) -> str:
    """A status without its texts: what is told again when it changes.

    >>> codes_of(StatusAdvice("R1", settling=Settling.PENDING, settling_reasons=(Reason("LACK", "too few"),)))
    'Pdg LACK'
    """
    states = (advice.processing, advice.matching, advice.settling)
    reasons = (*advice.processing_reasons, *advice.matching_reasons, *advice.settling_reasons)
    return " ".join([*(s.value for s in states if s is not None), *(r.code for r in reasons)])


def allegement_of(standing: Standing, names: Names) -> Allegement:
    """What the counterparty would have to instruct."""
    i = standing.instruction
    mirrored = Transaction(
        movement=Movement.RECEIVE if i.movement is Movement.DELIVER else Movement.DELIVER,
        payment=i.payment, isin=i.isin, quantity=Quantity(i.quantity, names.form), trade_date=i.trade_date,
        intended_date=i.intended_date, party=names.counterparty, counterparty=names.party,
        depository=names.depository, account=i.counterparty_account, amount=_amount(i, i.amount, is_mirrored=True),
        client=i.counterparty_client, counterparty_client=i.client, transaction_type=i.transaction_type,
        common_reference=i.common_reference, opt_out=i.opt_out, ex_cum=i.ex_cum,
    )  # fmt: skip
    return Allegement(i.id.hex, mirrored, i.id.hex)


def transaction_of(i: Instruction, names: Names) -> Transaction:
    """The instruction as its party sees it."""
    return Transaction(
        movement=i.movement, payment=i.payment, isin=i.isin, quantity=Quantity(i.quantity, names.form),
        trade_date=i.trade_date, intended_date=i.intended_date, party=names.party, counterparty=names.counterparty,
        depository=names.depository, account=i.account, amount=_amount(i, i.amount), cash_account=i.cash_account,
        counterparty_account=i.counterparty_account, client=i.client, counterparty_client=i.counterparty_client,
        transaction_type=i.transaction_type, common_reference=i.common_reference, opt_out=i.opt_out, ex_cum=i.ex_cum,
        holds=Hold.NONE, partial=i.partial, priority=i.priority,
    )  # fmt: skip


def _advice(standing: Standing, **said: object) -> StatusAdvice:
    i = standing.instruction
    return StatusAdvice(i.reference, i.id.hex, common_reference=i.common_reference, **said)  # type: ignore[arg-type]


def _is_told_processing(standing: Standing) -> bool:
    """Whether the status says something else than that it is matched."""
    return standing.has_requested_cancellation or standing.counterpart_has_requested


def _differences(mismatch: Mismatch) -> tuple[Reason, ...]:
    """Each code once, with what the counterparty says instead."""
    texts: dict[str, list[str]] = {code: [] for code in mismatch.codes}
    for code, name, theirs in mismatch.fields:
        texts[code].append(f"{name.replace('_', ' ')}: the counterparty has {theirs}")
    return tuple(Reason(code, "; ".join(said) or None) for code, said in texts.items())


def _waits(standing: Standing) -> tuple[Reason, ...]:
    if standing.blocked is None:
        return ()
    i = standing.instruction
    seen = seen_by(i.party_lei, (i.account, i.cash_account), standing.blocked)
    return (Reason(seen["code"], f"{seen['detail']} {seen['remedy']}"),)


def _amount(i: Instruction, value: Decimal | None, *, is_mirrored: bool = False) -> Amount | None:
    if value is None or i.currency is None or i.cash_direction is None:
        return None
    direction = i.cash_direction
    if is_mirrored:
        direction = CashDirection.DEBIT if direction is CashDirection.CREDIT else CashDirection.CREDIT
    return Amount(value, i.currency, direction)


def _confirmations(
    standing: Standing, parts: Sequence[Part], told: int, names: Names
) -> list[OutgoingMessage]:
    """One for each part that is not confirmed yet; the amounts are the deliverer's, which settle."""
    i = standing.instruction
    whole = sum((p.amount or _ZERO for p in parts), standing.left_amount or _ZERO)
    confirmations: list[OutgoingMessage] = []
    quantity = amount = _ZERO
    for number, part in enumerate(parts):
        if number >= told:
            confirmations.append(
                Confirmation(
                    i.reference, i.id.hex, transaction_of(i, names), Quantity(part.quantity, names.form),
                    part.settled_at, _amount(i, part.amount), quantity, part.remaining,
                    None if part.amount is None else amount,
                    None if part.amount is None else whole - amount - part.amount,
                )
            )  # fmt: skip
        quantity += part.quantity
        amount += part.amount or _ZERO
    return confirmations
