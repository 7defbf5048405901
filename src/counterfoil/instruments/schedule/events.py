"""What a schedule is made of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments.daycount import Reference


class EventKind(StrEnum):
    """In the order in which events of one day are worked on."""

    ISSUE = "issue"
    INITIAL_FIXING = "initial_fixing"
    EXERCISE_START = "exercise_start"
    BARRIER_START = "barrier_start"
    RATE_FIXING = "rate_fixing"
    OBSERVATION = "observation"  # a coupon or an early redemption may depend on it
    BARRIER_END = "barrier_end"
    FINAL_FIXING = "final_fixing"
    EXERCISE_END = "exercise_end"
    EXPIRY = "expiry"
    COUPON = "coupon"
    ISSUER_CALL = "issuer_call"  # a right, not a promise
    HOLDER_PUT = "holder_put"
    REDEMPTION = "redemption"


@dataclass(frozen=True, slots=True)
class Accrual:
    """The period that a coupon is for. `rate_percent` (a year) is None for a floating rate, fixed on `fixing`.

    `reference` is what a part of the period is measured against, when the debt ends within it.
    """

    start: date
    end: date
    fraction: Fraction
    rate_percent: Decimal | None
    reference: Reference
    fixing: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens, or may happen, on a day.

    `day` is when it is determined (adjusted, business days only, but for accrual ends of unadjusted coupons);
    `payment` is when money or shares move because of it. `pointer` says which part of the terms it comes from.
    """

    kind: EventKind
    day: date
    payment: date | None = None
    pointer: str = ""
    accrual: Accrual | None = None

    def as_dict(self) -> dict[str, object]:
        """The JSON form; the day count fraction both exact ("91/360") and with twelve decimals."""
        plain: dict[str, object] = {
            "kind": self.kind.value,
            "day": self.day.isoformat(),
            "payment": self.payment.isoformat() if self.payment else None,
            "pointer": self.pointer,
        }
        if (accrual := self.accrual) is not None:
            plain["accrual"] = {
                "start": accrual.start.isoformat(),
                "end": accrual.end.isoformat(),
                "fraction": f"{accrual.fraction.numerator}/{accrual.fraction.denominator}",
                "fraction_decimal": f"{round_to(accrual.fraction, 12, Rounding.HALF_UP):f}",
                "rate_percent": None if accrual.rate_percent is None else f"{accrual.rate_percent:f}",
                "fixing": accrual.fixing.isoformat() if accrual.fixing else None,
            }
        return plain
