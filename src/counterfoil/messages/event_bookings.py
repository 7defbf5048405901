"""What the owner of an account is told of what is due and booked on it because of an event. Pure."""

from dataclasses import replace
from datetime import datetime

from counterfoil.messages.codecs.encoding import OutgoingMessage
from counterfoil.messages.corporate_actions import (
    CashMovement,
    CorporateAction,
    EligibleBalance,
    MovementConfirmation,
    MovementReversal,
    PreliminaryAdvice,
    SecuritiesMovement,
)
from counterfoil.messages.event_holders import Due, Holder, Suspended, Told, movement_name, notice_name
from counterfoil.messages.event_notices import action_of, chosen_of, is_open
from counterfoil.messages.model import Amount, CashEntry, CashNotification, PartyId, Quantity, QuantityForm
from counterfoil.servicing import Determination, EventStanding, PaymentRun
from counterfoil.settlement import CashDirection

_LISTED = frozenset({"INTR", "REDM", "MCAL", "PCAL", "EXWA"})
"""Kinds of events that bank transaction codes have a sub-family for."""


def still_to_tell(
    standing: EventStanding,
    holder: Holder,
    form: QuantityForm,
    told: Told,
    depository: PartyId,
    now: datetime,
) -> tuple[list[OutgoingMessage], Told]:
    """What the owner of an account does not know yet of what is due and booked on it, and what it knows then."""
    messages: list[OutgoingMessage] = []
    record, decided = standing.record, standing.determination
    if (
        record is not None and decided is not None and record.version == decided.version and is_open(standing)
        and told.advised < record.no
    ):  # fmt: skip
        due = holder.due.get(record.no, Due())
        if due.units or told.advised:
            messages.append(_advice(standing, decided, holder, due, form, record.no, told))
            told = replace(told, advised=record.no)
    known = told.runs
    reversed_ = {run.no for run in standing.runs if run.sign < 0}
    for run in standing.runs[told.runs :]:
        kept = holder.suspended.get(run.no)
        if kept is not None and kept.released_at is None and run.no not in reversed_:
            break  # it is told when it is released
        known += 1
        due = holder.due.get(run.record_no, Due())
        if due.units and (kept is None or kept.released_at is not None):
            booked, as_paid = _as_released(run, holder, kept)
            messages += _booked(standing, as_paid, booked, due, form, depository, now)
    return messages, replace(told, runs=known)


def _as_released(run: PaymentRun, holder: Holder, kept: Suspended | None) -> tuple[Holder, PaymentRun]:
    """Where and when a payment has come to its holder: what was kept in suspense, by its release."""
    if kept is None or kept.released_at is None or run.sign < 0:
        return holder, run
    return replace(holder, number=kept.into or holder.number), replace(run, at=kept.released_at)


def _advice(
    standing: EventStanding,
    decided: Determination,
    holder: Holder,
    due: Due,
    form: QuantityForm,
    number: int,
    told: Told,
) -> PreliminaryAdvice:
    event = standing.event
    previous = movement_name(event.id, holder.account_id, "A", told.advised) if told.advised else None
    return PreliminaryAdvice(
        reference=movement_name(event.id, holder.account_id, "A", number),
        action=action_of(standing, decided),
        balance=EligibleBalance(holder.number, Quantity(due.units, form), holder.owner),
        option=chosen_of(standing, decided),
        payment_date=event.payment,
        cash=_cash(decided, holder, due, 1),
        securities=_securities(standing, decided, due, form, 1, takes_units=decided.redeems),
        notification=None if told.notified is None else notice_name(event.id, told.notified),
        previous=previous,
    )


def _booked(
    standing: EventStanding,
    run: PaymentRun,
    holder: Holder,
    due: Due,
    form: QuantityForm,
    depository: PartyId,
    now: datetime,
) -> list[OutgoingMessage]:
    """Confirmation or reversal, and the debit or credit of the money."""
    event, name = standing.event, movement_name(standing.event.id, holder.account_id, "C", run.no)
    action = action_of(standing, run.decided)
    balance = EligibleBalance(holder.number, Quantity(due.units, form), holder.owner)
    # Units are taken back by the first payment: a correction pays the same holders and moves none.
    takes_units = run.decided.redeems and run.no == 1 and run.sign > 0
    cash = _cash(run.decided, holder, due, run.sign)
    securities = _securities(standing, run.decided, due, form, run.sign, takes_units=takes_units)
    chosen = chosen_of(standing, run.decided)
    told: list[OutgoingMessage] = []
    if run.sign > 0:
        told.append(
            MovementConfirmation(
                name, action, balance, chosen, run.at, run.at.date(), event.payment, cash, securities
            )
        )
    else:
        paid_at = next(r.at for r in standing.runs if r.no == run.no and r.sign > 0)
        told.append(
            MovementReversal(
                name, action, balance, chosen, run.at, paid_at, cash, securities, "OTHR", run.reason
            )
        )
    return told + [
        _notice_of_cash(movement, run, holder, action, balance, name, depository, now) for movement in cash
    ]


def _cash(decided: Determination, holder: Holder, due: Due, sign: int) -> tuple[CashMovement, ...]:
    net = due.interest + due.principal - due.tax
    if not net + due.tax:
        return ()
    direction = CashDirection.CREDIT if sign > 0 else CashDirection.DEBIT
    return (
        CashMovement(
            Amount(net, decided.currency, direction), holder.number, due.interest + due.principal,
            due.interest or None, due.principal or None, due.tax or None,
        ),
    )  # fmt: skip


def _securities(
    standing: EventStanding,
    decided: Determination,
    due: Due,
    form: QuantityForm,
    sign: int,
    *,
    takes_units: bool,
) -> tuple[SecuritiesMovement, ...]:
    comes = CashDirection.CREDIT if sign > 0 else CashDirection.DEBIT
    parts = due.units // decided.basis
    found = [
        SecuritiesMovement(name, Quantity(parts * quantity), comes) for name, quantity in decided.deliveries
    ]
    if takes_units:
        found.append(SecuritiesMovement(standing.event.isin, Quantity(due.units, form), CashDirection.DEBIT))
    return tuple(found)


def _notice_of_cash(
    movement: CashMovement,
    run: PaymentRun,
    holder: Holder,
    action: CorporateAction,
    balance: EligibleBalance,
    name: str,
    depository: PartyId,
    now: datetime,
) -> CashNotification:
    reference = name if run.sign > 0 else f"{name}R"
    entry = CashEntry(
        reference, movement.net, run.at, run.at.date(), depository_reference=action.id, isin=action.isin,
        quantity=balance.quantity, reversal=run.sign < 0, family="CUST",
        sub_family=action.kind if action.kind in _LISTED else "OTHR", text=run.reason if run.sign < 0 else None,
    )  # fmt: skip
    return CashNotification(
        reference, now, holder.number, movement.net.currency, (entry,), holder.owner, depository
    )
