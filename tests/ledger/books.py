"""Accounts and bookings of the ledger's tests."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from unittest.mock import patch

from counterfoil.core.db import Database, Transaction
from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    Account,
    AccountKind,
    Barred,
    Booked,
    Booking,
    Changed,
    Posting,
    Short,
    StateChange,
    Step,
    SubBalance,
    accounts_by_number,
    book,
    change_states,
    open_accounts,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEI = "529900T8BM49AURSDO55"

Leg = tuple[Account, str, Decimal | int | str] | tuple[Account, str, Decimal | int | str, SubBalance]


def accounts_of(database: Database, *names: str) -> list[Account]:
    """Open accounts of a custodian; a name that starts with "bank" is a central bank's, with "control" an issue's."""
    kinds = {"bank": AccountKind.CENTRAL_BANK, "cont": AccountKind.ISSUE_CONTROL}
    with database.transaction() as tx:
        opened = open_accounts(
            tx, [(name, kinds.get(name[:4], AccountKind.OWN), LEI) for name in names], NOON
        )
    return [opened[name] for name in names]


def booking(*legs: Leg) -> Booking:
    """A booking of (account, asset, amount[, sub-balance]) legs."""
    postings = tuple(Posting(leg[0], leg[1], Decimal(leg[2]), *leg[3:]) for leg in legs)
    return Booking(new_id(), "transfer", new_id(), postings)


def transfer(giver: Account, taker: Account, asset: str, amount: Decimal | int | str) -> Booking:
    """`amount` from one account to another."""
    # The unary minus would round to the 28 digits of the default context.
    return booking((giver, asset, Decimal(amount).copy_negate()), (taker, asset, amount))


def book_now(
    tx: Transaction, bookings: Sequence[Booking], at: datetime = NOON
) -> list[Booked | Short | Barred]:
    """Book a batch at noon."""
    return book(tx, bookings, booked_at=at, actor="test")


def endow(database: Database, account: Account, asset: str, amount: Decimal | int | str) -> None:
    """Give an account something to start with, from a central bank."""
    (bank,) = accounts_of(database, "bank")
    with database.transaction() as tx:
        book_now(tx, [transfer(bank, account, asset, amount)])


def change(
    database: Database,
    account: Account,
    step: Step,
    side: str = "both",
    *,
    by_party: bool = False,
    at: datetime = NOON,
) -> Changed | Refusal:
    """Block, unblock or close one account in a transaction of its own."""
    wanted = StateChange(account.number, step, "a reason", debit=side != "credit", credit=side != "debit")
    with database.transaction() as tx:
        (outcome,) = change_states(tx, [wanted], by_party=by_party, at=at, actor="test")
    return outcome


def anew(database: Database, account: Account) -> Account:
    """The account as it stands now."""
    with database.transaction() as tx:
        return accounts_by_number(tx, [account.number])[account.number]


@contextmanager
def statements_counted() -> Iterator[Callable[[], int]]:
    """Count the statements and COPYs that transactions send meanwhile."""
    calls: list[str] = []
    run, copy = Transaction._run, Transaction.copy

    def counting_run(tx: Transaction, statement: str, parameters: dict[str, object]) -> object:
        calls.append(statement)
        return run(tx, statement, parameters)

    def counting_copy(tx: Transaction, table: str, *rest: object) -> None:
        calls.append(table)
        copy(tx, table, *rest)  # type: ignore[arg-type]

    with patch.object(Transaction, "_run", counting_run), patch.object(Transaction, "copy", counting_copy):
        yield lambda: len(calls)
