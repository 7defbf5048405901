"""What an event pays for one unit or denomination: the part of the payoff that falls to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from counterfoil.core.errors import Refusal, Refused
from counterfoil.instruments import EventKind, Observations, Outcome, Payoff, Terms, payoff_of, planned_events
from counterfoil.servicing import errors
from counterfoil.servicing.model import CalledFor

_ZERO = Decimal(0)
_UP_TO_ITS_DAY = frozenset({EventKind.COUPON, EventKind.OBSERVATION, CalledFor.KNOCK_OUT})
"""Kinds whose amount depends only on what is known on their day; the others end the security."""


@dataclass(frozen=True, slots=True)
class EventAmount:
    """Interest and redemption of one `basis`; `redeems` whether the units are taken back for it."""

    currency: str
    basis: Decimal
    interest: Decimal
    principal: Decimal
    deliveries: tuple[tuple[str, Decimal], ...]
    redeems: bool
    steps: tuple[Mapping[str, object], ...]

    @property
    def total(self) -> Decimal:
        """What is paid in money."""
        return self.interest + self.principal


def as_of(kind: str, day: date) -> date | None:
    """Up to which day a payoff is to look; None for the whole life."""
    return day if kind in _UP_TO_ITS_DAY else None


def amount_of(
    terms: Terms, kind: str, day: date, pointer: str, observations: Mapping[str, Any]
) -> EventAmount | list[Refusal]:
    """The amount of an event, or what the calculation lacks (INS-060, 061, 062; SRV-020 where it ended otherwise).

    `observations` is the plain form of `instruments.Observations`, without `as_of`.
    """
    limit = as_of(kind, day)
    try:
        seen = Observations.model_validate({**observations, **({"as_of": limit} if limit else {})})
        result = payoff_of(terms, seen)
    except Refused as refused:
        return list(refused.refusals)
    ended_before = result.determined is not None and result.determined < day
    if kind == EventKind.COUPON:
        return _amount(result, _coupon(result, pointer), _ZERO, redeems=False)
    if kind == EventKind.OBSERVATION:
        called = (
            result.outcome is Outcome.CALLED and result.determined == day and day < _final_day(terms, day)
        )
        return _amount(result, _coupon(result, pointer), result.cash if called else _ZERO, redeems=called)
    if result.outcome is Outcome.RUNNING or (ended_before and result.outcome is Outcome.CALLED):
        said = "runs on" if result.outcome is Outcome.RUNNING else f"was called on {result.determined}"
        return [errors.ENDS_OTHERWISE(day=day, said=said)]
    if kind == EventKind.REDEMPTION and not getattr(terms, "automatic_exercise", True):
        return _unexercised(result)
    return _amount(result, _accrued(terms, result, kind), result.cash, redeems=True)


def _unexercised(result: Payoff) -> EventAmount:
    """What nobody has exercised until its expiry is worth nothing, where the terms do not exercise it themselves."""
    lapsed = {"name": "redemption", "formula": "not exercised until expiry: 0", "value": "0"}
    steps = (*(step.as_dict() for step in result.steps), lapsed)
    return EventAmount(result.currency, result.basis, _ZERO, _ZERO, (), redeems=True, steps=steps)


def _amount(result: Payoff, interest: Decimal, principal: Decimal, *, redeems: bool) -> EventAmount:
    """A negative coupon is not taken from its holders."""
    deliveries = tuple((d.underlying, d.quantity) for d in result.deliveries) if redeems else ()
    steps = tuple(step.as_dict() for step in result.steps)
    return EventAmount(
        result.currency, result.basis, max(interest, _ZERO), principal, deliveries, redeems, steps
    )


def _coupon(result: Payoff, pointer: str) -> Decimal:
    return sum((c.amount for c in result.coupons if c.pointer == pointer), _ZERO)


def _accrued(terms: Terms, result: Payoff, kind: str) -> Decimal:
    """What an early end pays for the period that it cuts off; whole periods have events of their own."""
    if kind not in (CalledFor.EARLY_REDEMPTION, CalledFor.PARTIAL_REDEMPTION) or result.determined is None:
        return _ZERO
    cut = {
        e.pointer for e in planned_events(terms) if e.kind is EventKind.COUPON and e.day > result.determined
    }
    return sum((c.amount for c in result.coupons if c.pointer in cut), _ZERO)


def _final_day(terms: Terms, day: date) -> date:
    return max((e.day for e in planned_events(terms) if e.kind is EventKind.FINAL_FIXING), default=day)
