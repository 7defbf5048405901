"""Tells both sides of a trade of the claim that follows from a payment (seev.050): once, with what announced it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.messages.addresses import as_they_name_themselves
from counterfoil.messages.corporate_actions import MarketClaim
from counterfoil.messages.event_notices import action_of
from counterfoil.messages.instructing import form_of
from counterfoil.messages.mail import Letter
from counterfoil.messages.model import Amount, Quantity, QuantityForm
from counterfoil.register import issues
from counterfoil.servicing import event_standings
from counterfoil.settlement import CashDirection

SQL = queries(__file__)


def tell_of_claims(tx: Transaction, ids: Sequence[UUID]) -> Iterator[Letter]:
    """Letters about the claims announced, in order."""
    rows = tx.rows(SQL.claims, ids=list(ids))
    standings = event_standings(tx, sorted({row[1] for row in rows}))
    known = issues(tx, sorted({s.event.isin for s in standings.values()}))
    names = as_they_name_themselves(tx, {row[6] for row in rows})
    for id_, event, kind, quantity, currency, amount, lei, reference, account, gives in rows:
        standing = standings[event]
        form = form_of(known[standing.event.isin]) if standing.event.isin in known else QuantityForm.UNITS
        direction = CashDirection.DEBIT if gives else CashDirection.CREDIT
        claim = MarketClaim(
            id_.hex, action_of(standing, standing.determination), reference, Quantity(quantity, form), account,
            names[lei], Amount(amount, currency, direction), standing.event.payment,
            is_reverse=kind == "reverse_claim",
        )  # fmt: skip
        yield Letter(lei, claim)
