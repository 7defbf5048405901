"""What a debt security pays over time: coupons of the real schedule and the redemption, for one denomination."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments.schedule import Event, EventKind, schedule
from counterfoil.instruments.terms import Bond, CommercialPaper, Terms

_PLACES = 6


@dataclass(frozen=True, slots=True)
class Flow:
    """A payment to come of `amount` per 100 nominal; None where a rate is yet to be fixed."""

    day: date
    kind: str
    amount: Decimal | None


def flows(terms: Terms) -> tuple[Flow, ...]:
    """Every coupon and the redemption, by the day of payment; none of what is no debt security.

    Rights to redeem early are not flows: nobody has used them.
    """
    if not isinstance(terms, Bond | CommercialPaper):
        return ()
    principal = terms.redemption_percent if isinstance(terms, Bond) else Decimal(100)
    return tuple(
        Flow(event.payment or event.day, event.kind.value, _amount(event, principal))
        for event in schedule(terms)
        if event.kind in (EventKind.COUPON, EventKind.REDEMPTION)
    )


def _amount(event: Event, principal: Decimal) -> Decimal | None:
    if event.kind is EventKind.REDEMPTION:
        return principal
    accrual = event.accrual
    if accrual is None or accrual.rate_percent is None:
        return None
    return round_to(Fraction(accrual.rate_percent) * accrual.fraction, _PLACES, Rounding.HALF_UP)
