"""Buyers of new issues: their accounts, their money, and what they are asked to take."""

from decimal import Decimal
from typing import Any

from counterfoil.core.ids import new_id
from counterfoil.ledger import AccountKind, Funding, NewAccount, fund, open_for_parties, positions
from counterfoil.sample import fictional_issuers
from counterfoil.settlement import resume
from tests.instruments.examples import BUSINESS_DATE
from tests.processes.desk import CLOCK, Desk, Item, new, terms

BUYER, OTHER_BUYER, POOR_BUYER, AGENT = (lei for lei, _ in fictional_issuers()[2:6])
TODAY = BUSINESS_DATE.isoformat()


def own(lei: str) -> str:
    """Number of a party's own account."""
    return f"{lei}-OWN"


def open_own(desk: Desk, *leis: str) -> None:
    """Open the parties' own accounts."""
    with desk.database.transaction() as tx:
        wanted = [NewAccount(lei, AccountKind.OWN) for lei in leis]
        open_for_parties(tx, wanted, opened_at=CLOCK.now(), actor="test")


def pay_in(desk: Desk, lei: str, amount: int | str) -> None:
    """Money comes to a party's own account, and what waited for it is tried."""
    with desk.database.transaction() as tx:
        funding = Funding(own(lei), "EUR", Decimal(amount), new_id().hex, new_id())
        (booked,) = fund(tx, [funding], booked_at=CLOCK.now(), actor="test")
        account = next(p for p in _accounts(tx, own(lei)))
        resume(tx, {("EUR", account)}, now=CLOCK.now(), business_date=BUSINESS_DATE, actor="test")
    assert not hasattr(booked, "code"), booked


def _accounts(tx: Any, number: str) -> list[Any]:
    return [row[0] for row in tx.rows("SELECT id FROM ledger.account WHERE number = %(n)s::text", n=number)]


def held(desk: Desk, account: str, asset: str = "EUR") -> Decimal:
    """What an account holds."""
    with desk.database.transaction() as tx:
        return sum((p["quantity"] for p in positions(tx, asset=asset, account=account)), Decimal(0))


def allotment(buyer: str = BUYER, quantity: Any = 10, **fields: Any) -> Item:
    """What a buyer gets, due today."""
    return {"buyer": buyer, "quantity": quantity, "intended_date": TODAY, **fields}


def sold(*allotments: Item, instrument: Item | None = None, **fields: Any) -> Item:
    """A NEW request that is placed with these buyers."""
    return new(instrument=instrument or terms(), distribution=list(allotments), **fields)


def instructions(desk: Desk, isin: str) -> list[tuple[str, str, str, Decimal]]:
    """Party, movement, type and quantity of all that was instructed on an issue."""
    with desk.database.transaction() as tx:
        return tx.rows(
            "SELECT party_lei, movement, transaction_type, quantity FROM settlement.instruction"
            " WHERE isin = %(isin)s::text ORDER BY reference, movement",
            isin=isin,
        )
