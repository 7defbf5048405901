"""How much of a transaction may settle when its securities do not suffice. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from counterfoil.core.money import Rounding, minor_units, round_to
from counterfoil.settlement.pending import Pending

CASH_THRESHOLD = {"units": Decimal(10_000), "nominal": Decimal(100_000)}
"""The smallest part in EUR under PARC, by how the issue is counted (T2S)."""
_ONE = Decimal(1)


def part_of(
    pending: Pending, held: Decimal, unit: Decimal, counted_in: str, rates: Mapping[str, Decimal]
) -> tuple[Decimal, Decimal | None] | None:
    """Quantity and amount of the part that `held` allows, in whole `unit`s, or None where there is none. By `rates`
    (EUR for one of each currency) a cash threshold weighs; a currency without one counts as EUR.
    """
    if not pending.may_settle_in_parts:
        return None
    quantity = min(pending.offered, Decimal(Fraction(held) // Fraction(unit)) * unit)
    if quantity <= 0:
        return None
    amount = amount_of(pending, quantity)
    if pending.has_cash_threshold and amount is not None:
        worth = Fraction(amount) * Fraction(rates.get(pending.currency or "", _ONE))
        if worth < CASH_THRESHOLD[counted_in]:
            return None
    return quantity, amount


def amount_of(pending: Pending, quantity: Decimal) -> Decimal | None:
    """What is paid for a part: the same share of what is left to pay, rounded half up to minor units; a last part
    takes the rest.
    """
    if pending.amount is None or quantity == pending.quantity:
        return pending.amount
    share = Fraction(pending.amount) * Fraction(quantity) / Fraction(pending.quantity)
    return round_to(share, minor_units(pending.currency or "") or 0, Rounding.HALF_UP)
