"""Classes 14xx: the nominal amount unless a reference entity fails."""

from decimal import Decimal
from fractions import Fraction

from counterfoil.core.errors import Refused
from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments import errors
from counterfoil.instruments.payoff.interest import fixed_coupons
from counterfoil.instruments.payoff.observations import CreditEvent
from counterfoil.instruments.payoff.result import Coupon, Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet, missing
from counterfoil.instruments.schedule.coupons import coupons as coupon_events
from counterfoil.instruments.terms.structured import CreditLinked, ReferenceEntity

HUNDRED = Decimal(100)


def credit_linked(terms: CreditLinked, sheet: Worksheet) -> Payoff:
    """14xx: N·Σ w·(1, or the recovery of an entity with a credit event).

    Coupons of periods that end on or after a credit event are paid on what is left without the failed entity.

    >>> pay("1400"), pay("1400", recovery_percent=40, failed={"Muster AG": "2027-06-01"})
    ('coupons 4.43 72.50; 1000.00', 'coupons 4.43 0.00; 400.00')
    """
    nominal = sheet.nominal(None)
    failed = [(_entity(terms, event), event) for event in _events(terms, sheet)]
    paid = [
        _reduced(terms, sheet, coupon, failed)
        for coupon in fixed_coupons(terms, terms.coupons, nominal, sheet)
    ]
    if not sheet.over:
        return sheet.running(paid)
    share = Decimal(1)
    for entity, event in failed:
        recovery = _recovery(terms, event) / HUNDRED
        share = sheet.step(
            "share", f"share - w · (1 - recovery) of {entity.name}", share - _weight(entity) * (1 - recovery)
        )
    return sheet.redeem(sheet.rounded("redemption", "N · share", nominal * share), coupons=paid)


def _events(terms: CreditLinked, sheet: Worksheet) -> list[CreditEvent]:
    """Credit events within the life, each entity's once."""
    last = min(day for day in (sheet.end, sheet.observations.as_of, terms.maturity_date) if day)
    events = [event for event in sheet.observations.credit_events if event.date <= last]
    if len({event.entity for event in events}) != len(events):
        raise Refused(errors.OBSERVATION_ODD("/credit_events", reason="An entity stands twice"))
    return events


def _entity(terms: CreditLinked, event: CreditEvent) -> ReferenceEntity:
    found = next((e for e in terms.reference_entities if event.entity in (e.lei, e.name)), None)
    if found is None:
        reason = f"{event.entity} is no reference entity of these terms"
        raise Refused(errors.OBSERVATION_ODD("/credit_events", reason=reason))
    return found


def _weight(entity: ReferenceEntity) -> Decimal:
    return Decimal(1) if entity.weight is None else entity.weight


def _recovery(terms: CreditLinked, event: CreditEvent) -> Decimal:
    recovery = event.recovery_percent if terms.recovery_percent is None else terms.recovery_percent
    if recovery is None:
        raise missing("/credit_events", f"the recovery of {event.entity}")
    return recovery


def _reduced(
    terms: CreditLinked, sheet: Worksheet, coupon: Coupon, failed: list[tuple[ReferenceEntity, CreditEvent]]
) -> Coupon:
    """The coupon on the part of the nominal amount whose entities had not failed by the end of its period."""
    if terms.coupons is None or terms.maturity_date is None:
        return coupon
    events = coupon_events(terms, terms.coupons, terms.maturity_date, "/coupons")
    day = next(event.day for event in events if event.pointer == coupon.pointer)
    lost = sum((_weight(entity) for entity, event in failed if event.date <= day), Decimal(0))
    if not lost:
        return coupon
    amount = round_to(Fraction(coupon.amount) * Fraction(1 - lost), terms.rounding_scale, Rounding.HALF_UP)
    return Coupon(
        coupon.payment, sheet.step(f"coupon of {day}", "coupon · share alive", amount), coupon.pointer
    )
