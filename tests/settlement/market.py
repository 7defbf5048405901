"""A small market: parties with securities and money, and what they instruct."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Database, Transaction
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    AccountKind,
    Booked,
    Booking,
    Posting,
    accounts_by_number,
    book,
    open_accounts,
    positions,
)
from counterfoil.parties import import_gleif
from counterfoil.register import EntryKind, issuer_account, record
from counterfoil.register import Instruction as Entry
from counterfoil.sample import fictional_issuers, gleif_document
from counterfoil.settlement import (
    Accepted,
    CashDirection,
    Instruction,
    Movement,
    Payment,
    instruct,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ISSUER, ANNA, BERT, CORA = (lei for lei, _ in fictional_issuers()[:4])
CONTENT = {"terms_hash": "ab" * 32, "name": "Certificate", "unit": "units", "denomination": "1"}
FIXED, UP_TO, NOTES = "DE000CF00001", "DE000CF00002", "DE000CF00003"


def own(lei: str) -> str:
    """Number of a party's own account."""
    return f"{lei}-OWN"


@dataclass
class Market:
    """Parties, three issues (1,000 units, up to `volume` units, notes of 1,000 each), and a clock."""

    database: Database
    now: datetime = NOON
    today: date = TODAY
    used: int = 0
    submitted: list[Instruction] = field(default_factory=list)
    volume: int = 500

    def open(self) -> "Market":
        with self.database.transaction() as tx:
            import_gleif(tx, io.BytesIO(gleif_document()), now=NOON)
            wanted = [(own(lei), AccountKind.OWN, lei) for lei in (ANNA, BERT, CORA)]
            open_accounts(tx, [*wanted, ("RTGS", AccountKind.CENTRAL_BANK, "CENTRAL")], NOON)
            entries = [
                self._new(FIXED, "fixed", 1000, CONTENT),
                self._new(UP_TO, "up_to", self.volume, CONTENT),
                self._new(NOTES, "fixed", 1_000_000, CONTENT | {"unit": "nominal", "denomination": "1000"}),
            ]
            record(tx, entries, changed_at=NOON, actor="test")
        return self

    @staticmethod
    def _new(isin: str, mode: str, authorised: int, content: dict[str, Any]) -> Entry:
        return Entry(
            new_id(), EntryKind.NEW, isin, NOON, issuer_lei=ISSUER, mode=mode, authorised=Decimal(authorised),
            content=content,
        )  # fmt: skip

    def give(self, lei: str, quantity: int | str, asset: str = "EUR") -> None:
        """Money from the central bank, or units from the issuer."""
        source = "RTGS" if len(asset) == len("EUR") else issuer_account(ISSUER)
        with self.database.transaction() as tx:
            known = accounts_by_number(tx, [source, own(lei)])
            amount = Decimal(quantity)
            legs = (Posting(known[source], asset, -amount), Posting(known[own(lei)], asset, amount))
            (outcome,) = book(
                tx, [Booking(new_id(), "gift", new_id(), legs)], booked_at=self.now, actor="test"
            )
            assert isinstance(outcome, Booked), outcome

    def side(
        self, movement: str, party: str, counterparty: str, isin: str, quantity: Any, amount: Any, **more: Any
    ) -> Instruction:
        """One side of a trade; without an amount it is free of payment."""
        self.used += 1
        cash: dict[str, Any] = {}
        if amount is not None:
            direction = CashDirection.CREDIT if movement == "DELI" else CashDirection.DEBIT
            cash = {
                "currency": "EUR", "amount": Decimal(amount), "cash_direction": direction, "cash_account": own(party),
            }  # fmt: skip
        payment = Payment.FREE if amount is None else Payment.AGAINST
        fields = {"reference": f"R{self.used}", "account": own(party), **cash, **more}
        return Instruction(
            id=new_id(), party_lei=party, movement=Movement(movement), payment=payment, isin=isin,
            quantity=Decimal(quantity), counterparty_lei=counterparty,
            trade_date=more.pop("trade_date", self.today), intended_date=more.pop("intended_date", self.today),
            **{k: v for k, v in fields.items() if k not in ("trade_date", "intended_date")},
        )  # fmt: skip

    def trade(
        self,
        seller: str,
        buyer: str,
        isin: str,
        quantity: Any,
        amount: Any,
        *,
        both: dict[str, Any] | None = None,
        **more: Any,
    ) -> tuple[Instruction, Instruction]:
        """Both sides of a trade; `sell_x` and `buy_x` reach one side, `both` reaches both."""
        sells = {k.removeprefix("sell_"): v for k, v in more.items() if k.startswith("sell_")}
        buys = {k.removeprefix("buy_"): v for k, v in more.items() if k.startswith("buy_")}
        both = both or {}
        return (
            self.side("DELI", seller, buyer, isin, quantity, amount, **both, **sells),
            self.side("RECE", buyer, seller, isin, quantity, amount, **both, **buys),
        )

    def submit(self, *instructions: Instruction, **how: Any) -> list[str]:
        """Instruct; "ok" or the codes for each."""
        with self.database.transaction() as tx:
            outcomes = instruct(tx, instructions, now=self.now, business_date=self.today, actor="test", **how)
        self.submitted += instructions
        return [
            "ok" if isinstance(o, Accepted) else " ".join(sorted(r.code for r in o.refusals))
            for o in outcomes
        ]

    def held(self, lei: str, asset: str = "EUR") -> Decimal:
        """What a party's own account holds."""
        with self.database.transaction() as tx:
            return sum((p["quantity"] for p in positions(tx, asset=asset, account=own(lei))), Decimal(0))

    def rows(self, statement: str) -> Sequence[Any]:
        with self.database.transaction() as tx:
            return tx.rows(statement)

    def reasons(self) -> dict[UUID, str]:
        """The reason of what is pending, by its deliverer's instruction."""
        found = self.rows(
            "SELECT t.deliver_id, p.reason FROM settlement.pending AS p"
            " JOIN settlement.transaction AS t ON t.id = p.transaction_id"
        )
        return dict(found)


def opened(database: Database) -> Market:
    """A market on a fresh database."""
    return Market(database).open()


__all__ = [
    "ANNA",
    "BERT",
    "CORA",
    "FIXED",
    "ISSUER",
    "NOTES",
    "UP_TO",
    "Market",
    "Transaction",
    "opened",
    "own",
]
