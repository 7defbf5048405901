"""A cycle over all that is due: it settles the most value, then the most transactions, that balances and links allow;
the most urgent first. Values of several currencies are weighed in EUR.

What nothing stands against is judged and booked inside the database. Only what competes for a position that would run
short is fetched and chosen from (`optimum`). All of it books in one transaction or not at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any
from uuid import UUID

from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    EXACT,
    AccountKind,
    Delivery,
    Net,
    accounts_by_id,
    book_staged,
    clear_staged,
    debits,
    deliveries,
    nets,
    shortages,
    stage,
    unstage,
)
from counterfoil.register import issues
from counterfoil.settlement import pending as open_set
from counterfoil.settlement.conditions import TOGETHER, group, not_yet
from counterfoil.settlement.exchange_rates import exchange_rates
from counterfoil.settlement.hours import Hours
from counterfoil.settlement.instructions import lock_all
from counterfoil.settlement.on_demand import Sale, issuable, mark_up
from counterfoil.settlement.optimum import Candidate, Problem, optimise
from counterfoil.settlement.pending import Dependency
from counterfoil.settlement.realtime import KIND, settle

SQL = queries(__file__)
_ZERO, _ONE = Decimal(0), Decimal(1)
Key = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a cycle has done. `value` and `bound` are of the contended part, in EUR; the `unrated` currencies, of
    which no exchange rate is known, count as if they were EUR.
    """

    id: UUID
    considered: int
    contended: int
    settled: int
    in_parts: int
    value: Decimal
    bound: Decimal
    seconds: float
    unrated: tuple[str, ...] = ()

    @property
    def gap(self) -> Fraction:
        """How much of the value that is proven possible was not settled."""
        return Fraction(self.bound - self.value) / Fraction(self.bound) if self.bound else Fraction(0)


@dataclass(slots=True)
class _Contest:
    """What competes: the deliveries, and what each contested position holds before any of them moves."""

    deliveries: dict[UUID, Delivery]
    balances: dict[Key, Decimal]


def run_cycle(
    tx: Transaction,
    *,
    now: datetime,
    business_date: date,
    actor: str,
    time_limit_s: float = 8.0,
    in_parts: bool = True,
) -> Cycle:
    """Settle everything due by `business_date` that can settle as a set. What cannot is tried once more by itself, in
    parts where that is allowed, and keeps its reason.

    `time_limit_s` bounds the search, not the booking. Instructions wait while a cycle runs.
    """
    watch, id_ = stopwatch(), new_id()
    lock_all(tx)
    # Working sets are emptied and filled again, so the planner may take a million rows for none: it must not loop.
    tx.execute("SET LOCAL work_mem = '256MB'")
    tx.execute("SET LOCAL enable_nestloop = off")
    dependencies = _linked_and_ready(tx, business_date)
    considered = stage(tx, SQL.due, business_date=business_date, linked=list(dependencies))
    value = bound = _ZERO
    contested: dict[UUID, Delivery] = {}
    left_out: list[UUID] = []
    unrated: tuple[str, ...] = ()
    if considered:
        contest = _contest(tx, list(dependencies))
        contested = contest.deliveries
        if contested:
            rates, unrated = exchange_rates(tx, {d.currency for d in contested.values()}, business_date)
            left_out, value, bound = _choose(tx, contest, dependencies, rates, time_limit_s)
            unstage(tx, left_out)
        _make_units(tx, now, actor)
        _book(tx, id_, considered - len(left_out), now, actor)
    tx.execute("SET LOCAL enable_nestloop = on")
    alone = {*left_out, *open_set.released_in_part(tx, business_date)}
    parts = settle(
        tx, alone, now=now, business_date=business_date, actor=actor, hours=Hours(in_parts)
    ) if alone else []  # fmt: skip
    cycle = Cycle(
        id_, considered, len(contested), considered - len(left_out), len(parts), value, bound,
        stopwatch() - watch, unrated,
    )  # fmt: skip
    tx.execute(
        SQL.add, id=cycle.id, business_date=business_date, now=now, considered=considered, contended=cycle.contended,
        settled=cycle.settled, in_parts=cycle.in_parts, bound=bound, value=value, actor=actor,
        seconds=Decimal(f"{cycle.seconds:.3f}"), unrated=list(unrated),
    )  # fmt: skip
    return cycle


def cycles(tx: Transaction, *, before: UUID | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The last cycles, newest first."""
    names = (
        "id", "business_date", "started_at", "considered", "contended", "settled", "in_parts", "bound", "value",
        "seconds", "actor", "unrated",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.page, before=before, limit=limit)]


def _linked_and_ready(tx: Transaction, business_date: date) -> dict[UUID, Sequence[Dependency]]:
    """Linked transactions whose links can all be met within this cycle."""
    due = [id_ for (id_,) in tx.rows(SQL.linked, business_date=business_date)]
    if not due:
        return {}
    found = open_set.lock(tx, open_set.members(tx, due))
    wanted, pools = open_set.dependencies(tx, found), open_set.incomplete_pools(tx, found)
    known = accounts_by_id(tx, [a for p in found.values() for a in p.accounts])
    standing = issues(tx, sorted({p.isin for p in found.values()}))
    # Within a cycle the earlier one may settle with the later one: only what is not there at all is waited for.
    there = {
        id_: [d for d in links if d.kind != "AFTE" or d.other not in found] for id_, links in wanted.items()
    }
    ready: set[UUID] = set()
    for unit in group(found, wanted):
        if not any(not_yet(p, known, standing, there, pools, business_date) for p in unit):
            ready |= {p.id for p in unit}
    while late := {id_ for id_ in ready if any(_is_missing(d, found, ready) for d in wanted.get(id_, ()))}:
        ready -= late
    return {id_: wanted.get(id_, ()) for id_ in ready}


def _is_missing(d: Dependency, found: Collection[UUID], ready: Collection[UUID]) -> bool:
    return d.kind != "BEFO" and d.other in found and d.other not in ready


def _contest(tx: Transaction, linked: Sequence[UUID]) -> _Contest:
    """All that might not settle: what takes from a position that may run short, and what that would have brought to
    others, and so on. Whatever is left cannot be kept from settling by any choice among these.
    """
    with localcontext(EXACT):
        lacking = shortages(tx)
        room = _room(tx, lacking)
        contest = _Contest({d.booking_id: d for d in deliveries(tx, linked)}, {})
        worst: dict[Key, Decimal] = {}
        new = list(contest.deliveries.values())
        short = {(n.asset, n.account_id) for n in lacking} | {k for d in new for k, _ in _taken(d)}
        open_: set[Key] = set()
        while short or new:
            for n in nets(
                tx, [k for k in {*short, *(k for d in new for k, _ in _given(d))} if k not in worst]
            ):
                key = (n.asset, n.account_id)
                worst[key] = (
                    Decimal("Infinity") if n.may_be_negative else n.held + n.change + room.get(key, _ZERO)
                )
                contest.balances[key] = worst[key]
            for d in new:
                for key, amount in _given(d):
                    worst[key] -= amount
            touched = short | {key for d in new for key, _ in _given(d)}
            risky = {key for key in touched if worst[key] < 0} - open_
            open_ |= risky
            new = (
                [d for d in debits(tx, list(risky)) if d.booking_id not in contest.deliveries]
                if risky
                else []
            )
            contest.deliveries |= {d.booking_id: d for d in new}
            short = set()
        contest.balances = {key: contest.balances[key] for key in open_}
        for d in contest.deliveries.values():
            for key, change in _moves(d):
                if key in contest.balances:
                    contest.balances[key] -= change
    return contest


def _given(d: Delivery) -> list[tuple[Key, Decimal]]:
    return [(key, change) for key, change in _moves(d) if change > 0]


def _taken(d: Delivery) -> list[tuple[Key, Decimal]]:
    return [(key, change) for key, change in _moves(d) if change < 0]


def _moves(d: Delivery) -> list[tuple[Key, Decimal]]:
    moves = []
    if d.quantity:
        moves += [((d.isin, d.from_account), -d.quantity), ((d.isin, d.to_account), d.quantity)]
    if d.amount and d.currency and d.payer_account and d.payee_account:
        moves += [((d.currency, d.payer_account), -d.amount), ((d.currency, d.payee_account), d.amount)]
    return moves


def _room(tx: Transaction, lacking: Sequence[Net]) -> dict[Key, Decimal]:
    """What issuers of up-to issues that run short can still have made, on their own accounts."""
    short = [(n.asset, n.account_id) for n in lacking]
    if not short:
        return {}
    known = accounts_by_id(tx, [account for _, account in short])
    standing = issuable(tx, sorted({asset for asset, _ in short}))
    return {
        (asset, account): issue.authorised - issue.issued
        for asset, account in short
        if (issue := standing.get(asset)) is not None
        and (known[account].kind, known[account].owner_lei) == (AccountKind.ISSUER, issue.issuer_lei)
    }


def _choose(
    tx: Transaction,
    contest: _Contest,
    dependencies: dict[UUID, Sequence[Dependency]],
    rates: Mapping[str, Decimal],
    time_limit_s: float,
) -> tuple[list[UUID], Decimal, Decimal]:
    """Who is left out; the value of those chosen and its bound."""
    ids = list(contest.deliveries)
    number = {id_: n for n, id_ in enumerate(ids)}
    position = {key: n for n, key in enumerate(contest.balances)}
    priority: dict[UUID, int] = dict(tx.rows(SQL.priorities, ids=ids))
    candidates = [
        Candidate(
            _worth(d, rates), tuple((position[k], c) for k, c in _moves(d) if k in position), priority[id_]
        )
        for id_, d in contest.deliveries.items()
    ]
    links = [
        (id_, d) for id_, wanted in dependencies.items() for d in wanted if d.other in number and d.other
    ]
    together = [(number[id_], number[d.other]) for id_, d in links if d.kind in TOGETHER and d.other]
    after = [(number[id_], number[d.other]) for id_, d in links if d.kind == "AFTE" and d.other]
    problem = Problem(candidates, list(contest.balances.values()), together, after)
    solution = optimise(problem, time_limit_s=time_limit_s)
    left_out = [id_ for id_, taken in zip(ids, solution.chosen, strict=True) if not taken]
    return left_out, solution.value, solution.bound


def _worth(d: Delivery, rates: Mapping[str, Decimal]) -> Decimal:
    with localcontext(EXACT):
        return (d.amount or _ZERO) * rates.get(d.currency or "", _ONE)


def _make_units(tx: Transaction, now: datetime, actor: str) -> None:
    """Have the units made that sales from the issuers' accounts of up-to issues still lack."""
    short = shortages(tx)
    if short:
        known = accounts_by_id(tx, [n.account_id for n in short])
        sales = [Sale(n.asset, known[n.account_id].number, -n.change) for n in short]
        ensure(all(mark_up(tx, sales, now=now, actor=actor)), "an issue with room is marked up")


def _book(tx: Transaction, cycle: UUID, count: int, now: datetime, actor: str) -> None:
    """The batch bears the cycle's id, so that its record can be compared with what was booked."""
    if not count:
        clear_staged(tx)
        return
    settled = tx.execute(SQL.settle_staged, now=now)
    ensure(settled == count, "what is staged is settled")
    book_staged(tx, batch=cycle, kind=KIND, booked_at=now, actor=actor)
