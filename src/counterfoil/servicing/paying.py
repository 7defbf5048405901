"""Pays what is recorded: money (or shares) to every holder, and units back, in one booking run and transaction.

Everybody of a record is paid or nobody; what an account cannot take is paid into suspense for it. Nothing is paid
twice: the database has one payment an event, and a further one only after the reversal of the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.ids import new_ids
from counterfoil.core.outbox import announce
from counterfoil.ledger import (
    Account,
    AccountKind,
    Lack,
    accounts_by_id,
    book_legs,
    open_accounts,
    quantities,
    short_legs,
    stage_legs,
)
from counterfoil.register import EntryKind, Instruction, issuer_account, record
from counterfoil.servicing.agenda import EVENT, end_events, events_by_id
from counterfoil.servicing.claims import watch
from counterfoil.servicing.determination import Determination, determinations
from counterfoil.servicing.model import Ending, ServicingEvent
from counterfoil.servicing.recording import MEMORY, Record, record_holders, records
from counterfoil.servicing.scheduling import lapse
from counterfoil.servicing.suspense import KIND, lock_suspense, suspend_blocked, suspense_account

SQL = queries(__file__)
TAX = "CSD-TAX"
"""The account that withheld tax is paid to."""
_LINES = 5_000
"""Holders of one booking."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Paid:
    """Everybody has been paid, now or before."""

    event_id: UUID
    no: int
    record: Record


@dataclass(frozen=True, slots=True)
class Unfunded:
    """The paying account holds too little; nobody has been paid."""

    event_id: UUID
    account: str
    asset: str
    held: Decimal
    needed: Decimal


@dataclass(frozen=True, slots=True)
class Blocked:
    """These accounts may not give (or, where a payment is corrected, not take) what is asked of them, or have
    exercised units that are to be paid for first; nobody has been paid.
    """

    event_id: UUID
    accounts: tuple[str, ...]


PaymentOutcome = Paid | Unfunded | Blocked


class NotRedeemed(Exception):
    """The register refused to enter what the payment redeems."""


class Uncovered(Exception):
    """Positions do not cover what is to be booked: others moved them, or a reversal takes what is spent."""

    def __init__(self, lacks: Sequence[Lack]) -> None:
        self.lacks = tuple(lacks)
        super().__init__(f"not covered: {self.lacks[:3]}")


@dataclass(frozen=True, slots=True)
class Run:
    """One payment (+1) or its reversal (-1) as it is booked; `takes_units` whether units come back for it."""

    event: ServicingEvent
    decided: Determination
    record: Record
    no: int
    sign: int
    takes_units: bool

    @property
    def corrects(self) -> bool:
        """Whether it takes back or follows what was paid before."""
        return self.sign < 0 or self.no > 1

    @property
    def needs(self) -> dict[str, Decimal]:
        """What it takes from the paying account, by asset."""
        parts = self.record.units // self.decided.basis
        money = {self.decided.currency: self.sign * self.record.total} if self.record.total else {}
        return money | {asset: self.sign * parts * quantity for asset, quantity in self.decided.deliveries}


def pay(tx: Transaction, ids: Sequence[UUID], *, now: datetime, actor: str) -> list[PaymentOutcome]:
    """Pay a batch of recorded events: one outcome for each, in order. The events paid end.

    Where several are to be paid from one account that has too little for all, those named first are paid. Units are
    taken from those who hold them now: where they moved since the record, it is made anew. Raises
    `NotRedeemed` where the register refuses, `Uncovered` where others moved the same positions (repeat the batch).
    """
    events, decided = events_by_id(tx, ids), determinations(tx, ids)
    before = payments(tx, ids)
    left = [i for i in dict.fromkeys(ids) if i not in before]
    recorded = _as_held(tx, [events[i] for i in left], decided, records(tx, ids), now)
    outcomes: dict[UUID, PaymentOutcome] = {i: Paid(i, before[i][0], recorded[i]) for i in before}
    runs = [Run(events[i], decided[i], recorded[i], 1, 1, decided[i].redeems) for i in left]
    outcomes |= settle(tx, runs, now=now, actor=actor)
    paid = [i for i in left if isinstance(outcomes[i], Paid)]
    watch(
        tx, [(events[i], decided[i], recorded[i]) for i in paid if not is_part(events[i])],
        business_date=now.date(),
    )  # fmt: skip
    _redeem(tx, [run for run in runs if run.event.id in paid and run.takes_units], now, actor)
    end_events(
        tx,
        [(i, Ending.PAID if decided[i].pays or decided[i].redeems else Ending.NOTHING) for i in paid],
        now=now,
    )
    ensure(all(i in outcomes for i in ids), "every event has an outcome")
    return [outcomes[i] for i in ids]


def payments(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each event that is paid: the number of the payment that stands, and of the record it paid."""
    return {event: (no, record_no) for event, no, record_no in tx.rows(SQL.standing, ids=list(ids))}


def settle(tx: Transaction, runs: Sequence[Run], *, now: datetime, actor: str) -> dict[UUID, PaymentOutcome]:
    """Book runs, as far as accounts allow and funds last; runs of one event together or not at all."""
    if any(run.corrects for run in runs):
        lock_suspense(tx)
    outcomes: dict[UUID, PaymentOutcome] = dict(_barred(tx, runs))
    outcomes |= _unfunded(tx, [run for run in runs if run.event.id not in outcomes])
    going = [run for run in runs if run.event.id not in outcomes]
    if not going:
        return outcomes
    bookings = _note(tx, going, now, actor)
    announce(tx, EVENT, dict.fromkeys(run.event.id for run in going))
    lines = sum(run.record.lines for run in going)
    if lines:
        tx.execute(MEMORY)
        columns = _columns(tx, going, now, bookings)
        suspend_blocked(tx, **columns)
        stage_legs(tx, SQL.legs, **columns)
        if short := short_legs(tx):
            raise Uncovered(short)
        book_legs(tx, kind=KIND, booked_at=now, actor=actor)
    return outcomes | {r.event.id: Paid(r.event.id, r.no, r.record) for r in going if r.sign > 0}


def is_part(event: ServicingEvent) -> bool:
    """Whether a redemption leaves units behind: a share of everybody's, or what one account exercises."""
    return "share" in event.particulars or "account_id" in event.particulars


def _as_held(
    tx: Transaction,
    events: Sequence[ServicingEvent],
    decided: Mapping[UUID, Determination],
    recorded: Mapping[UUID, Record],
    now: datetime,
) -> Mapping[UUID, Record]:
    """The records to pay by: of a redemption whose units stand elsewhere now, a new one."""
    ensure(all(e.id in recorded for e in events), "what is paid has been recorded")
    taking = [e for e in events if decided[e.id].redeems]
    whole = [e for e in taking if not is_part(e)]
    rows = tx.rows(
        SQL.moved,
        events=[e.id for e in whole],
        isins=[e.isin for e in whole],
        issuers=[e.issuer_lei for e in whole],
        nos=[recorded[e.id].no for e in whole],
    )
    moved = [id_ for (id_,) in rows] + [e.id for e in taking if is_part(e)]
    if not moved:
        return recorded
    anew = record_holders(tx, moved, now=now, held_at=now, anew=True)
    return {**recorded, **{r.event_id: r for r in anew}}


def _barred(tx: Transaction, runs: Sequence[Run]) -> Iterable[tuple[UUID, Blocked]]:
    rows = tx.rows(
        SQL.barred,
        events=[run.event.id for run in runs],
        nos=[run.record.no for run in runs],
        payers=[run.record.payer for run in runs],
        takings=[run.takes_units for run in runs],
        corrections=[run.corrects for run in runs],
    )
    whole = [run.event for run in runs if run.takes_units and not is_part(run.event)]
    rows += tx.rows(
        SQL.exercised,
        events=[e.id for e in whole],
        isins=[e.isin for e in whole],
        days=[e.day for e in whole],
    )
    return ((event, Blocked(event, tuple(numbers))) for event, numbers in rows)


def _unfunded(tx: Transaction, runs: Sequence[Run]) -> dict[UUID, Unfunded]:
    """What the paying accounts cannot pay, in order, given what they pay before it."""
    accounts = accounts_by_id(tx, [run.record.payer for run in runs])
    needs: dict[UUID, dict[tuple[str, UUID], Decimal]] = {}
    for run in runs:
        of_event = needs.setdefault(run.event.id, {})
        for asset, amount in run.needs.items():
            key = asset, run.record.payer
            of_event[key] = of_event.get(key, _ZERO) + amount
    keys = sorted({key for of_event in needs.values() for key in of_event})
    held = dict(zip(keys, quantities(tx, [(asset, accounts[payer]) for asset, payer in keys]), strict=True))
    refused: dict[UUID, Unfunded] = {}
    for event, of_event in needs.items():
        lacks = next((key for key, amount in of_event.items() if held[key] < amount), None)
        if lacks is not None:
            number = accounts[lacks[1]].number
            refused[event] = Unfunded(event, number, lacks[0], held[lacks], of_event[lacks])
            continue
        for key, amount in of_event.items():
            held[key] -= amount
    return refused


def _note(tx: Transaction, runs: Sequence[Run], now: datetime, actor: str) -> list[UUID]:
    """Payments and the bookings they will have, run by run; the database refuses what was paid already."""
    tx.copy(
        "servicing.payment",
        ("event_id", "no", "record_no", "paid_at", "paid_by"),
        ("uuid", "int4", "int4", "timestamptz", "text"),
        ((r.event.id, r.no, r.record.no, now, actor) for r in runs if r.sign > 0),
    )
    chunks = [(run, n) for run in runs for n in range(_bookings_of(run))]
    bookings = new_ids(len(chunks))
    tx.copy(
        "servicing.paid_by",
        ("booking_id", "event_id", "payment_no", "sign", "chunk"),
        ("uuid", "uuid", "int4", "int2", "int4"),
        ((id_, run.event.id, run.no, run.sign, n) for id_, (run, n) in zip(bookings, chunks, strict=True)),
    )
    return bookings


def _bookings_of(run: Run) -> int:
    return -(-run.record.lines // _LINES)


def _columns(tx: Transaction, runs: Sequence[Run], now: datetime, bookings: Sequence[UUID]) -> dict[str, Any]:
    wanted = [(issuer_account(r.event.issuer_lei), AccountKind.ISSUER, r.event.issuer_lei) for r in runs]
    known: Mapping[str, Account] = open_accounts(
        tx, [*dict.fromkeys(wanted), (TAX, AccountKind.OWN, "CSD")], now
    )
    delivered = [(n, *d) for n, run in enumerate(runs) for d in run.decided.deliveries]
    return {
        "runs": list(range(len(runs))),
        "events": [r.event.id for r in runs],
        "record_nos": [r.record.no for r in runs],
        "payment_nos": [r.no for r in runs],
        "signs": [r.sign for r in runs],
        "payers": [r.record.payer for r in runs],
        "currencies": [r.decided.currency for r in runs],
        "isins": [r.event.isin for r in runs],
        "bases": [r.decided.basis for r in runs],
        "taking": [r.takes_units for r in runs],
        "homes": [known[issuer_account(r.event.issuer_lei)].id for r in runs],
        "tax": known[TAX].id,
        "suspense": suspense_account(tx, now).id,
        "lines": _LINES,
        "bookings": list(bookings),
        "before": list(accumulate((_bookings_of(r) for r in runs), initial=0))[:-1],
        "delivery_runs": [n for n, _, _ in delivered],
        "delivery_assets": [asset for _, asset, _ in delivered],
        "delivery_quantities": [quantity for *_, quantity in delivered],
    }


def _redeem(tx: Transaction, runs: Sequence[Run], now: datetime, actor: str) -> None:
    """Have the register enter what has come home, and end what would have come later. Raises `NotRedeemed`."""
    instructions = []
    for run in runs:
        part = is_part(run.event)
        if part and not run.record.units:
            continue
        instructions.append(
            Instruction(
                run.event.id, EntryKind.DECREASE if part else EntryKind.REDEEM, run.event.isin, now,
                quantity=run.record.units if part else _ZERO, instructed_by=actor,
            )
        )  # fmt: skip
    for outcome in record(tx, instructions, changed_at=now, actor=actor):
        if isinstance(outcome, Refusal):
            raise NotRedeemed(f"{outcome.code} {outcome.detail}")
    whole = [run.event for run in runs if not is_part(run.event)]
    if whole:
        days = [e.payment or e.day for e in whole]
        lapse(tx, [e.isin for e in whole], reason="the security was redeemed", now=now, after=days)
