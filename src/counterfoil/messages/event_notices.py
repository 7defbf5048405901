"""How an event is announced, from how it stands. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments import EventKind
from counterfoil.messages.corporate_actions import (
    AnnouncedCash,
    AnnouncedSecurities,
    CancellationCause,
    CorporateAction,
    EligibleBalance,
    EventCancellation,
    EventNotification,
    EventProcessing,
    EventStatus,
    NotificationKind,
    Option,
    OptionChosen,
    Participation,
    Percentage,
    PerUnit,
    Price,
)
from counterfoil.messages.event_holders import notice_name
from counterfoil.messages.model import Quantity, QuantityForm
from counterfoil.servicing import CalledFor, Determination, Ending, EventStanding, ex_date
from counterfoil.settlement import CashDirection

_RATE_DECIMALS, _RATE_DIGITS = 13, 14
_PER_UNIT_DECIMALS = 13
_LEVERAGE = ("21", "22", "23")
"""Classes of leverage products, which are exercised rather than redeemed."""
_EXERCISE, _LAPSE = OptionChosen(1, "EXER"), OptionChosen(2, "LAPS")
"""Options of what holders may exercise, by their numbers."""
_MAND, _VOLU = Participation.MANDATORY, Participation.VOLUNTARY
_DISTRIBUTION, _REORGANISATION = EventProcessing.DISTRIBUTION, EventProcessing.REORGANISATION


def action_of(standing: EventStanding, decided: Determination | None) -> CorporateAction:
    """The event as ISO 20022 knows it. An observation is an early redemption until it has turned out to pay interest
    only: that is an event of its own.
    """
    event = standing.event
    kind, participation, processing = _kind(standing, decided)
    id_ = event.id.hex
    if event.kind == EventKind.OBSERVATION and kind == "INTR":
        id_ += "I"
    is_distribution = processing is _DISTRIBUTION
    return CorporateAction(
        id_, kind, event.isin, participation, None, processing, event.record_date,
        ex_date(event.record_date) if is_distribution and event.record_date else None,
    )  # fmt: skip


def _kind(
    standing: EventStanding, decided: Determination | None
) -> tuple[str, Participation, EventProcessing]:
    match standing.event.kind:
        case EventKind.COUPON:
            return "INTR", _MAND, _DISTRIBUTION
        case EventKind.OBSERVATION if decided is not None and not decided.redeems:
            return "INTR", _MAND, _DISTRIBUTION
        case EventKind.REDEMPTION if standing.on_credit:
            return "CREV", _MAND, _REORGANISATION
        case EventKind.REDEMPTION if standing.window is not None:
            return "EXWA", _VOLU, _REORGANISATION
        case EventKind.REDEMPTION:
            is_warrant = standing.class_.startswith(_LEVERAGE)
            return "EXWA" if is_warrant else "REDM", _MAND, _REORGANISATION
        case CalledFor.EARLY_REDEMPTION if standing.event.particulars.get("right") == EventKind.HOLDER_PUT:
            return "BPUT", _VOLU, _REORGANISATION
        case CalledFor.PARTIAL_REDEMPTION:
            return "PCAL", _MAND, _REORGANISATION
        case CalledFor.EXERCISE:
            return "EXWA", _VOLU, _REORGANISATION
        case CalledFor.ADJUSTMENT:
            return "CHAN", _MAND, EventProcessing.GENERAL
    return "MCAL", _MAND, _REORGANISATION


def status_of(standing: EventStanding) -> EventStatus:
    """Decided events are complete; only an observation may come to nothing before it is decided. New terms are known
    in full once they are entered.
    """
    if _adjusts(standing):
        return EventStatus(standing.ending is Ending.APPLIED, is_confirmed=True)
    is_decided = standing.determination is not None
    return EventStatus(is_decided, is_decided or standing.event.kind != EventKind.OBSERVATION)


def is_open(standing: EventStanding) -> bool:
    """Whether something is still to come of it, or an adjustment has come and is to be told of."""
    if _adjusts(standing):
        return standing.ending in (None, Ending.APPLIED)
    decided = standing.determination
    return (
        standing.ending is None and not standing.runs and (decided is None or decided.pays or decided.redeems)
    )


def is_to_remind(standing: EventStanding) -> bool:
    """Whether holders are to be told once more that they may exercise: only as long as they may."""
    return standing.window is not None and standing.window.is_reminded and standing.determination is None


def notification_of(
    standing: EventStanding,
    holders: Sequence[EligibleBalance],
    form: QuantityForm,
    told: int | None,
    now: datetime,
) -> EventNotification:
    """The event as it is known now, for these accounts, which were told of version `told` before."""
    event, decided = standing.event, standing.determination
    action, version = action_of(standing, decided), version_of(standing)
    reminds = told == version and is_to_remind(standing)
    replaces = told is not None and action.id == action_of(standing, None).id and not reminds
    kind = NotificationKind.REPLACEMENT if replaces else NotificationKind.NEW
    exercisable = standing.window is not None and decided is None
    return EventNotification(
        reference=f"{event.id.hex}R{version}" if reminds else notice_name(event.id, version),
        kind=NotificationKind.REMINDER if reminds else kind,
        action=action,
        status=status_of(standing),
        accounts=tuple(holders),
        options=_choices(standing) if exercisable else _outcome(standing, decided, form),
        previous=notice_name(event.id, told or 0) if replaces or reminds else None,
        announced_at=now,
        fixing_date=event.day if event.kind == EventKind.OBSERVATION else None,
        payment_date=event.payment,
        effective_date=event.day if _adjusts(standing) else None,
        change="TERM" if _adjusts(standing) else None,
        text=_said(standing) if _adjusts(standing) else None,
    )


def _adjusts(standing: EventStanding) -> bool:
    return standing.event.kind == CalledFor.ADJUSTMENT


def _said(standing: EventStanding) -> str:
    """What an adjustment does, in words."""
    said, is_done = standing.event.particulars, standing.ending is Ending.APPLIED
    begin = "The adjusted terms are entered in the register" if is_done else "The terms are adjusted"
    moved = f"prices of {said['underlying']} are {said['factor']} times what they were"
    return f"{begin}: from {standing.event.day} on {moved}."


def agents_of(standing: EventStanding) -> Sequence[str]:
    """Paying agents (LEI) that are told of the event whatever they hold."""
    return tuple(standing.event.particulars.get("agents", ()))


def told_to_agents(standing: EventStanding) -> int | None:
    """The version that agents were told before this one: they are told with each."""
    is_first = version_of(standing) == 0 or standing.event.particulars.get("is_late") is True
    return None if is_first else version_of(standing) - 1


def replaced_action(standing: EventStanding, told: int | None) -> CorporateAction | None:
    """The event that was announced before and has turned out to be another."""
    before = action_of(standing, None)
    differs = action_of(standing, standing.determination).id != before.id
    return before if told == 0 and differs else None


def cancellation_of(
    action: CorporateAction, status: EventStatus, holders: Sequence[EligibleBalance]
) -> EventCancellation:
    """The event does not take place."""
    return EventCancellation(action, CancellationCause.WITHDRAWN, status, tuple(holders))


def version_of(standing: EventStanding) -> int:
    """The version of what was decided; 0 before. Of an adjustment, whether it is applied."""
    if _adjusts(standing):
        return int(standing.ending is Ending.APPLIED)
    return standing.determination.version if standing.determination else 0


def chosen_of(standing: EventStanding, decided: Determination | None) -> OptionChosen:
    """The option that applies."""
    if standing.event.kind == CalledFor.EXERCISE:
        return _EXERCISE
    if standing.window is not None:
        return _EXERCISE if standing.window.is_automatic else _LAPSE
    if decided is None or not decided.deliveries:
        return OptionChosen(1, "CASH")
    return OptionChosen(1, "CASE" if decided.total else "SECU")


def _choices(standing: EventStanding) -> tuple[Option, ...]:
    """To exercise or to let lapse, until the deadline; what happens to who says nothing stands in the terms."""
    window = standing.window
    if window is None:
        return ()
    cash = (AnnouncedCash(CashDirection.CREDIT, standing.event.payment),)
    exercise = Option(
        _EXERCISE,
        window.is_automatic,
        cash,
        deadline=window.deadline,
        first_day=window.first,
        last_day=window.last,
    )
    return exercise, replace(exercise, chosen=_LAPSE, is_default=not window.is_automatic, cash=())


def _outcome(
    standing: EventStanding, decided: Determination | None, form: QuantityForm
) -> tuple[Option, ...]:
    """The one outcome there is; none where nobody gets or gives anything."""
    return () if _adjusts(standing) else (_option(standing, decided, form),)


def _option(standing: EventStanding, decided: Determination | None, form: QuantityForm) -> Option:
    """The one outcome there is."""
    event, chosen = standing.event, chosen_of(standing, decided)
    if decided is None:
        return Option(chosen, True, (AnnouncedCash(CashDirection.CREDIT, event.payment),))
    basis = decided.basis
    cash: tuple[AnnouncedCash, ...] = ()
    if decided.total:
        redemption = Price(decided.principal, decided.currency, Quantity(basis, form))
        cash = (
            AnnouncedCash(
                CashDirection.CREDIT, event.payment, _rate(decided, form), redemption if decided.principal else None
            ),
        )  # fmt: skip
    securities = [
        AnnouncedSecurities(name, CashDirection.CREDIT, event.payment, quantity, basis)
        for name, quantity in decided.deliveries
    ]
    if decided.redeems:
        securities.append(AnnouncedSecurities(event.isin, CashDirection.DEBIT, event.payment))
    return Option(chosen, True, cash, tuple(securities))


def _rate(decided: Determination, form: QuantityForm) -> Percentage | PerUnit | None:
    """Interest as a rate, which has to be rounded where it has more digits than a rate may have: amounts are exact in
    the advice of what is due.
    """
    if not decided.interest:
        return None
    if form is QuantityForm.UNITS:
        per_unit = round_to(
            Fraction(decided.interest) / Fraction(decided.basis), _PER_UNIT_DECIMALS, Rounding.HALF_UP
        )
        return PerUnit(per_unit, decided.currency)
    rate = 100 * Fraction(decided.interest) / Fraction(decided.basis)
    decimals = min(_RATE_DECIMALS, _RATE_DIGITS - len(str(int(rate))))
    return Percentage(round_to(rate, max(decimals, 0), Rounding.HALF_UP))
