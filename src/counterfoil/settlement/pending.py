"""What is matched and not settled: read under lock, written back, found again when something it waits for arrives."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.json import dumps
from counterfoil.settlement import advice
from counterfoil.settlement.model import Blocking, Hold, Partial, Payment

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Pending:
    """A matched transaction. `quantity` and `amount` are what is left, `released` the part that the deliverer lets go
    of although its hold stands.
    """

    id: UUID
    isin: str
    quantity: Decimal
    from_account: UUID
    to_account: UUID
    currency: str | None
    amount: Decimal | None
    payer_account: UUID | None
    payee_account: UUID | None
    intended_date: date
    deliver_holds: Hold
    receive_holds: Hold
    priority: int
    deliver_partial: Partial
    receive_partial: Partial
    released: Decimal | None
    linked: bool
    part_no: int
    matched_at: datetime
    advised: bool

    @property
    def payment(self) -> Payment:
        """Against or free of payment."""
        return Payment.FREE if self.currency is None else Payment.AGAINST

    @property
    def rank(self) -> tuple[int, date, datetime, UUID]:
        """What is tried first: priority, then intended date, then who was matched first."""
        return self.priority, self.intended_date, self.matched_at, self.id

    @property
    def may_settle_in_parts(self) -> bool:
        """Whether both sides allow it; never where it depends on others, nor where cash moves alone."""
        never = Partial.NOT_ALLOWED
        return (
            never not in (self.deliver_partial, self.receive_partial)
            and not self.linked
            and self.quantity > 0
        )

    @property
    def has_cash_threshold(self) -> bool:
        """Whether one side wants no parts that are worth little."""
        return Partial.CASH_THRESHOLD in (self.deliver_partial, self.receive_partial)

    @property
    def released_part(self) -> Decimal | None:
        """What may settle although the deliverer holds it, as long as it may settle in parts at all."""
        return self.released if self.may_settle_in_parts else None

    @property
    def offered(self) -> Decimal:
        """How much of it may settle now."""
        return self.quantity if self.released_part is None else self.released_part

    @property
    def standing_holds(self) -> Hold:
        """The deliverer's holds that keep back what is offered."""
        return self.deliver_holds if self.released_part is None else self.deliver_holds & ~Hold.PARTY

    @property
    def accounts(self) -> tuple[UUID, ...]:
        """Every account that it touches."""
        cash = (self.payer_account, self.payee_account)
        return (self.from_account, self.to_account, *(a for a in cash if a is not None))


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a transaction depends on: `other` is None while the other instruction is unknown or unmatched. It is the
    deliverer's instruction that does, or the receiver's.
    """

    kind: str
    reference: str
    other: UUID | None
    is_pending: bool
    is_cancelled: bool
    of_deliverer: bool


@dataclass(frozen=True, slots=True)
class IncompletePool:
    """A pool in which `there` of `size` instructions are; it is the deliverer's, or the receiver's."""

    name: str
    size: int
    there: int
    of_deliverer: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """A part (or all) of a transaction that has been booked."""

    pending: Pending
    quantity: Decimal
    amount: Decimal | None
    booking_id: UUID


def take_turn(tx: Transaction) -> None:
    """Settle after whoever settles now: what one frees another may be trying, and two that lock each other's
    positions would both have to begin again.
    """
    tx.execute(SQL.take_turn)


def lock(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Pending]:
    """The given transactions as far as they are pending, locked until the end of the database transaction."""
    return {row[0]: _pending(row) for row in tx.rows(SQL.lock, ids=list(ids))}


def read(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Pending]:
    """The same without a lock, to look at."""
    return {row[0]: _pending(row) for row in tx.rows(SQL.read, ids=list(ids))}


def _pending(row: Row) -> Pending:
    facts, holds, priority, parts, rest = row[:10], row[10:12], row[12], row[13:15], row[15:]
    typed = (*facts, *map(Hold, holds), priority, *map(Partial, parts), *rest)
    return Pending(*typed)


def members(tx: Transaction, ids: Collection[UUID]) -> set[UUID]:
    """The given transactions and all that must settle together with them."""
    return {id_ for (id_,) in tx.rows(SQL.members, ids=list(ids))}


def dependencies(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, list[Dependency]]:
    """What each of the given transactions depends on, besides plain information."""
    found: dict[UUID, list[Dependency]] = {}
    for id_, *dependency in tx.rows(SQL.dependencies, ids=list(ids)):
        found.setdefault(id_, []).append(Dependency(*dependency))
    return found


def incomplete_pools(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, IncompletePool]:
    """Transactions whose pool has fewer instructions than it should."""
    pools = {id_: IncompletePool(*pool) for id_, *pool in tx.rows(SQL.pools, ids=list(ids))}
    return {id_: pool for id_, pool in pools.items() if pool.there < pool.size}


def waiting_for(tx: Transaction, grown: Collection[tuple[str, UUID]], settled: Collection[UUID]) -> set[UUID]:
    """Pending transactions that may have waited for one of the positions (asset, account) or transactions."""
    rows = tx.rows(
        SQL.waiting_for,
        assets=[asset for asset, _ in grown],
        accounts=[account for _, account in grown],
        settled=list(settled),
    )
    return {id_ for (id_,) in rows}


def released_in_part(tx: Transaction, business_date: date) -> set[UUID]:
    """What is due and held, but for a part that waits."""
    return {id_ for (id_,) in tx.rows(SQL.released_in_part, business_date=business_date)}


def waiting_for_accounts(
    tx: Transaction, accounts: Collection[UUID], business_date: date, *, limit: int
) -> set[UUID]:
    """What is due and may have waited for one of the accounts to be unblocked, the most urgent first."""
    rows = tx.rows(
        SQL.waiting_for_accounts, accounts=list(accounts), business_date=business_date, limit=limit
    )
    return {id_ for (id_,) in rows}


def write_settled(tx: Transaction, parts: Sequence[Settled], now: datetime) -> None:
    """Record what was booked (SF III) and keep what is left of it pending."""
    tx.copy(
        "settlement.settled",
        ("transaction_id", "part_no", "quantity", "amount", "remaining", "booking_id", "settled_at"),
        ("uuid", "int2", "numeric", "numeric", "numeric", "uuid", "timestamptz"),
        (
            (
                p.pending.id, p.pending.part_no, p.quantity, p.amount, p.pending.quantity - p.quantity,
                p.booking_id, max(now, p.pending.matched_at),
            )
            for p in parts
        ),
    )  # fmt: skip
    whole = [p.pending.id for p in parts if p.quantity == p.pending.quantity]
    rest = [p for p in parts if p.quantity != p.pending.quantity]
    if whole:
        tx.execute(SQL.delete, ids=whole)
    if rest:
        tx.execute(
            SQL.keep_rest,
            ids=[p.pending.id for p in rest],
            quantities=[p.quantity for p in rest],
            amounts=[p.amount for p in rest],
            now=now,
        )
    advice.announce_transactions(tx, [p.pending.id for p in parts if p.pending.advised])


def write_reasons(tx: Transaction, reasons: Iterable[tuple[Pending, Blocking]], now: datetime) -> None:
    """Keep what each waits for."""
    _keep_reasons(tx, SQL.keep_reasons, list(reasons), now)


def write_first_reasons(tx: Transaction, reasons: Iterable[tuple[Pending, Blocking]], now: datetime) -> None:
    """Keep what each waits for that has not been tried since it is due. What was tried in time and failed keeps the
    reason of that, which says who pays for the fail.
    """
    _keep_reasons(tx, SQL.keep_first_reasons, list(reasons), now)


def _keep_reasons(
    tx: Transaction, statement: str, found: Sequence[tuple[Pending, Blocking]], now: datetime
) -> None:
    if found:
        tx.execute(
            statement,
            ids=[p.id for p, _ in found],
            reasons=[blocking.code for _, blocking in found],
            blocked=[dumps(blocking.as_dict()) for _, blocking in found],
            now=now,
        )
    advice.announce_transactions(tx, [p.id for p, _ in found if p.advised])


def mark_linked(tx: Transaction, instructions: Collection[UUID]) -> None:
    """Have the given instructions and all that they depend on, or that depend on them, looked at together."""
    tx.execute(SQL.mark_linked, ids=list(instructions))
