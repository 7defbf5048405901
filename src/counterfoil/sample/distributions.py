"""Distributions of new issues: who takes how much at which price. All arithmetic is in whole cents."""

from datetime import date
from random import Random  # noqa: TID251  # the one place with randomness, always seeded
from typing import Any

from counterfoil.core.calendar import Convention, adjust
from counterfoil.sample.issuers import fictional_buyers
from counterfoil.sample.products import cents

_CALENDAR = "TARGET"
_AMOUNTS_EUR = (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
_MOST_BUYERS = 3
_AT_ISSUE_PRICE = 0.5


class Distributions:
    """Draws from a source of chance of its own, so that the products of a seed stay the same whoever buys them."""

    def __init__(self, seed: int, placed_share: float, business_date: date) -> None:
        self.chance = Random(f"{seed} distribution")  # noqa: S311  # reproducible, not secret
        self.placed_share = placed_share
        self.day = adjust(business_date, Convention.FOLLOWING, _CALENDAR).isoformat()
        self.buyers = [lei for lei, _ in fictional_buyers()]

    def draw(self, terms: dict[str, Any]) -> list[dict[str, Any]]:
        """One to three buyers for valid terms, to settle on the business date; nobody for the share not placed."""
        if self.chance.random() >= self.placed_share:
            return []
        buyers = self.chance.sample(self.buyers, self.chance.randint(1, _MOST_BUYERS))
        return [self._allotment(terms, buyer, len(buyers)) for buyer in buyers]

    def _allotment(self, terms: dict[str, Any], buyer: str, shared_by: int) -> dict[str, Any]:
        whole, _, fraction = terms["issue_price"].partition(".")
        price = int(whole) * 100 + int(f"{fraction}00"[:2])
        lot = int(terms["denomination"])
        lot_cents = lot * price // 100 if terms.get("quotation") == "percent" else lot * price
        wanted = self.chance.choice(_AMOUNTS_EUR) * 100 // max(1, lot_cents)
        most = int(terms["volume"]["authorised"]) // lot // shared_by
        allotment = {
            "buyer": buyer,
            "quantity": str(lot * max(1, min(wanted, most))),
            "intended_date": self.day,
        }
        if self.chance.random() >= _AT_ISSUE_PRICE:
            allotment["price"] = cents(max(1, price + self.chance.randint(-price // 100, price // 100)))
        return allotment
