"""Which requests want a person. Everything else is approved by rule."""

from decimal import Decimal

from counterfoil.instruments import Effect
from counterfoil.processes.issuance.preparing import Prepared
from counterfoil.processes.issuance.requests import Kind

LARGE_AMOUNT = Decimal(10_000_000_000)
"""Issue amount from which a new issue wants a person, in units of its currency."""


def needs_approval(item: Prepared) -> bool:
    """A cancellation, an amendment that is more than technical, and a very large new issue."""
    if item.request is None:
        return False
    if item.request.kind is Kind.CANCEL:
        return True
    if item.request.kind is Kind.AMEND:
        return item.effect is not Effect.TECHNICAL
    if item.request.kind is Kind.NEW and item.terms is not None:
        price = item.terms.issue_price / 100 if item.terms.quotation == "percent" else item.terms.issue_price
        return item.terms.volume.authorised * price > LARGE_AMOUNT
    return False
