"""What a payoff calculation gives: amounts, deliveries, and every step on the way to them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from counterfoil.core.money import Rounding, round_to

_SHOWN_DECIMALS = 12


class Outcome(StrEnum):
    """How the instrument ends, or that it goes on."""

    RUNNING = "running"
    REDEEMED = "redeemed"
    CALLED = "called"
    KNOCKED_OUT = "knocked_out"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: `value` is exact to 60 digits (not rounded unless the formula says so)."""

    name: str
    formula: str
    value: Decimal | date | str

    def as_dict(self) -> dict[str, str]:
        """The JSON form; numbers with at most twelve decimals."""
        return {"name": self.name, "formula": self.formula, "value": _shown(self.value)}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whole shares (or other units) of an underlying for one unit or denomination."""

    underlying: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Coupon:
    """An interest or conditional coupon amount for one unit or denomination."""

    payment: date
    amount: Decimal
    pointer: str


@dataclass(frozen=True, slots=True)
class Payoff:
    """Result for one unit, or for one denomination of nominal: `basis` is 1 or the denomination.

    `cash` is the redemption without coupons, in `currency`, rounded; with a delivery it is the cash for the fraction
    of a share. `determined` and `payment` are None while the instrument is running.
    """

    outcome: Outcome
    basis: Decimal
    currency: str
    cash: Decimal
    deliveries: tuple[Delivery, ...]
    coupons: tuple[Coupon, ...]
    determined: date | None
    payment: date | None
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "outcome": self.outcome.value,
            "basis": f"{self.basis:f}",
            "currency": self.currency,
            "cash": f"{self.cash:f}",
            "deliveries": [
                {"underlying": d.underlying, "quantity": f"{d.quantity:f}"} for d in self.deliveries
            ],
            "coupons": [
                {"payment": c.payment.isoformat(), "amount": f"{c.amount:f}", "pointer": c.pointer}
                for c in self.coupons
            ],
            "determined": self.determined.isoformat() if self.determined else None,
            "payment": self.payment.isoformat() if self.payment else None,
            "steps": [step.as_dict() for step in self.steps],
        }


def _shown(value: Decimal | date | str) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{round_to(value, _SHOWN_DECIMALS, Rounding.HALF_UP):f}"
    return text.rstrip("0").rstrip(".")
