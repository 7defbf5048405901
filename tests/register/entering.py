"""Instructions of the register's tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.db import Database, Transaction
from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_id
from counterfoil.ledger import AccountKind, Booked, Booking, Posting, book, open_accounts
from counterfoil.register import EntryKind, Instruction, Recorded, issuer_account, record

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEI = "529900T8BM49AURSDO55"
CONTENT = {
    "terms_hash": "ab" * 32,
    "name": "Bonus certificate on Ärzte AG",
    "unit": "units",
    "mixed_holding": False,
}


def instruction(kind: str, isin: str = "DE1", quantity: int | str | Decimal = 0, **more: Any) -> Instruction:
    """An instruction that arrived at noon; a NEW one is of 100 units, up to."""
    new: dict[str, Any] = {}
    if kind == "NEW":
        new = {"issuer_lei": LEI, "mode": "up_to", "authorised": Decimal(100), "content": CONTENT}
    if kind in ("AMEND", "CANCEL", "DELETE"):
        new = {"issuer_consent": True}
    if kind == "AMEND":
        new |= {"terms_version": 2}
    fields = {"request_id": new_id(), "arrived_at": NOON, **new, **more}
    return Instruction(kind=EntryKind(kind), isin=isin, quantity=Decimal(quantity), **fields)


def record_now(
    tx: Transaction, instructions: Sequence[Instruction], at: datetime = NOON
) -> list[Recorded | Refusal]:
    """Record a batch at noon."""
    return record(tx, instructions, changed_at=at, actor="test")


def told(outcomes: Sequence[Recorded | Refusal]) -> list[str]:
    """Outcomes as words: "1: 50" is entry 1, 50 issued; a refusal is its code."""
    return [o.code if isinstance(o, Refusal) else f"{o.entry_no}: {o.issued.normalize():f}" for o in outcomes]


def sell(database: Database, isin: str, units: int | Decimal) -> None:
    """Move units from the issuer's account to an investor's; a negative number brings them back."""
    with database.transaction() as tx:
        opened = open_accounts(
            tx,
            [(issuer_account(LEI), AccountKind.ISSUER, LEI), ("investor", AccountKind.OWN, LEI)],
            NOON,
        )
        legs = (
            Posting(opened[issuer_account(LEI)], isin, -Decimal(units)),
            Posting(opened["investor"], isin, Decimal(units)),
        )
        (outcome,) = book(tx, [Booking(new_id(), "sale", new_id(), legs)], booked_at=NOON, actor="test")
        assert isinstance(outcome, Booked)
