"""What stands in the place of a delivery that cannot be made: worked examples."""

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.core.ids import new_id
from counterfoil.servicing import Determination, Origin
from counterfoil.servicing.replacing import (
    Account,
    Matter,
    Price,
    Side,
    claim_leg,
    passed_on,
    replacement_legs,
)
from counterfoil.settlement import CashDirection

SELLER = Side("SELLER", "S1", Account(new_id(), "SELLER-OWN"))
BUYER = Side("BUYER", "B1", Account(new_id(), "BUYER-OWN"))
SELLERS, BUYERS = Account(new_id(), "SELLER-CASH"), Account(new_id(), "BUYER-CASH")


def matter(units: int = 10, rate: str = "0") -> Matter:
    return Matter(new_id(), new_id(), Decimal(units), SELLER, BUYER, date(2027, 2, 24), Decimal(rate))


def decided(
    interest: str = "0", principal: str = "0", basis: int = 1, *deliveries: tuple[str, str]
) -> Determination:
    shares = tuple((name, Decimal(quantity)) for name, quantity in deliveries)
    return Determination(
        new_id(),
        1,
        1,
        Origin.COMPUTED,
        True,
        "EUR",
        Decimal(basis),
        Decimal(interest),
        Decimal(principal),
        shares,
        None,
    )


def price(amount: int, currency: str = "EUR", direction: CashDirection = CashDirection.CREDIT) -> Price:
    sides = (BUYERS, SELLERS) if direction is CashDirection.CREDIT else (SELLERS, BUYERS)
    return Price(currency, Decimal(amount), direction, *sides)


def legs(decision: Determination, against: Price | None) -> list[tuple[str, str, str, Decimal]]:
    """From which account to which, what and how much."""
    return [
        (leg.gives.number, leg.takes.number, leg.asset, leg.amount)
        for leg in replacement_legs(matter(), decision, against)
    ]


@pytest.mark.parametrize(
    ("decision", "against", "expected"),
    [
        (decided(principal="100"), price(900), [("SELLER-OWN", "BUYER-OWN", "EUR", 100)]),
        (decided(principal="100"), price(1_200), [("BUYER-CASH", "SELLER-CASH", "EUR", 200)]),
        (decided(principal="100"), price(1_000), []),
        (decided(), None, []),
        (decided(), price(5), [("BUYER-CASH", "SELLER-CASH", "EUR", 5)]),
        (
            decided(principal="100"), price(5, direction=CashDirection.DEBIT),
            [("SELLER-OWN", "BUYER-OWN", "EUR", 1_005)],
        ),
        (
            decided(principal="100"), price(700, "USD"),
            [("SELLER-OWN", "BUYER-OWN", "EUR", 1_000), ("BUYER-CASH", "SELLER-CASH", "USD", 700)],
        ),
        (
            decided("0", "0.5", 1, ("SHARE", "2")), price(700),
            [("SELLER-OWN", "BUYER-OWN", "SHARE", 20), ("SELLER-OWN", "BUYER-OWN", "EUR", 5)],
        ),
    ],
)  # fmt: skip
def test_what_came_of_the_securities_is_set_against_the_price(decision, against, expected):
    assert legs(decision, against) == expected


def test_shares_go_against_the_price_that_was_agreed():
    first, cash = replacement_legs(matter(), decided("0", "0.5", 1, ("SHARE", "2")), price(700))
    assert (first.price, cash.price) == (price(700), None)


def test_a_claim_is_for_interest_alone_net_of_its_tax():
    with_both = decided("2.875", "100", 100)
    assert passed_on(matter(1_000, "26.375"), with_both, interest_only=True) == Decimal("21.17")
    assert passed_on(matter(1_000, "26.375"), with_both, interest_only=False) == Decimal("1021.17")
    assert claim_leg(matter(1, "0"), decided("0.001", "0", 1), "claim") is None
    reverse = claim_leg(matter(), decided("1"), "reverse_claim")
    assert reverse is not None
    assert (reverse.gives.number, reverse.takes.number, reverse.amount) == ("BUYER-OWN", "SELLER-OWN", 10)
