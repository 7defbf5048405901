"""What follows from a payment for what was traded and not delivered: who owes whom what. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from counterfoil.core.money import Rounding, minor_units, round_to
from counterfoil.servicing.determination import Determination
from counterfoil.settlement import CashDirection

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """A securities or cash account by its id and number."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Side:
    """A party of a matter, its own reference of it, and where it holds the securities."""

    lei: str
    reference: str
    account: Account


@dataclass(frozen=True, slots=True)
class Matter:
    """What was matched: `quantity` is what a payment is passed on for, `rate_percent` what was withheld from whoever
    was paid.
    """

    event_id: UUID
    transaction_id: UUID
    quantity: Decimal
    deliverer: Side
    receiver: Side
    trade_date: date
    rate_percent: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What is still to be paid for it, in which direction as the deliverer sees it, and from where to where."""

    currency: str
    amount: Decimal
    direction: CashDirection
    payer: Account
    payee: Account


@dataclass(frozen=True, slots=True)
class Leg:
    """Money (`units` None) or securities that one side owes to the other; securities may go against a price."""

    giver: Side
    taker: Side
    gives: Account
    takes: Account
    asset: str
    amount: Decimal
    is_cash: bool = True
    price: Price | None = None


def passed_on(matter: Matter, decided: Determination, *, interest_only: bool) -> Decimal:
    """What whoever was paid for the quantity has of it, rounded as its payment was: net of tax on interest.

    A claim is about interest; what replaces a delivery is about all that is paid.
    """
    places = minor_units(decided.currency) or 0
    share = Fraction(matter.quantity) / Fraction(decided.basis)
    interest = round_to(share * Fraction(decided.interest), places, Rounding.HALF_UP)
    tax = round_to(Fraction(interest) * Fraction(matter.rate_percent) / 100, places, Rounding.DOWN)
    if interest_only:
        return interest - tax
    return interest - tax + round_to(share * Fraction(decided.principal), places, Rounding.HALF_UP)


def claim_leg(matter: Matter, decided: Determination, kind: str) -> Leg | None:
    """Who was paid without a right to it passes it on; None where nothing is left of it."""
    giver, taker = matter.deliverer, matter.receiver
    if kind == "reverse_claim":
        giver, taker = taker, giver
    amount = passed_on(matter, decided, interest_only=True)
    return Leg(giver, taker, giver.account, taker.account, decided.currency, amount) if amount else None


def replacement_legs(matter: Matter, decided: Determination, price: Price | None) -> Iterator[Leg]:
    """What stands in the place of a delivery that cannot be made: what came of the securities, against the price.

    Money for money is netted, so that neither side can pay without being paid.
    """
    deliverer, receiver = matter.deliverer, matter.receiver
    outturn = passed_on(matter, decided, interest_only=False)
    parts = matter.quantity // decided.basis
    shares = [(name, parts * quantity) for name, quantity in decided.deliveries if parts * quantity]
    for number, (name, quantity) in enumerate(shares):
        yield Leg(
            deliverer, receiver, deliverer.account, receiver.account, name, quantity, is_cash=False,
            price=None if number else price,
        )  # fmt: skip
    owed = {decided.currency: outturn}
    if price is not None and not shares:
        sign = -1 if price.direction is CashDirection.CREDIT else 1
        owed[price.currency] = owed.get(price.currency, _ZERO) + sign * price.amount
    for currency, amount in owed.items():
        if amount > 0:
            yield Leg(deliverer, receiver, deliverer.account, receiver.account, currency, amount)
        elif amount < 0 and price is not None:
            yield Leg(receiver, deliverer, price.payer, price.payee, currency, -amount)
