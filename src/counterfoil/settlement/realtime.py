"""Settles one by one what can settle now, and says of the rest what it waits for.

What settles brings units and money somewhere; whatever waited for them is tried again, until nothing more moves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, localcontext
from uuid import UUID

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Bug
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    EXACT,
    Account,
    AccountKind,
    Booked,
    Booking,
    Lack,
    Posting,
    Short,
    accounts_by_id,
    book,
    quantities,
    restricted_quantities,
)
from counterfoil.register import Issue, issues
from counterfoil.settlement import pending as open_set
from counterfoil.settlement.conditions import TOGETHER, group, held_rest, kept_back, not_yet
from counterfoil.settlement.exchange_rates import exchange_rates
from counterfoil.settlement.hours import Hours, hours_at, shut_out
from counterfoil.settlement.instructions import settlement_unit
from counterfoil.settlement.lacks import Books, what_it_lacks
from counterfoil.settlement.model import Blocking
from counterfoil.settlement.on_demand import Sale, issuable, mark_up
from counterfoil.settlement.parts import amount_of, part_of
from counterfoil.settlement.pending import Dependency, Pending, Settled

KIND = "settlement"
_ZERO = Decimal(0)
_MOST_AT_ONCE = 1000


@dataclass(slots=True)
class _Round:
    """What one pass over a set of pending transactions works with and arrives at."""

    accounts: Mapping[UUID, Account]
    issues: Mapping[str, Issue]
    rates: Mapping[str, Decimal]
    settled: list[Settled] = field(default_factory=list)
    waiting: dict[UUID, Blocking] = field(default_factory=dict)
    shut_out: dict[UUID, Blocking] = field(default_factory=dict)
    in_parts: list[tuple[Settled, Lack]] = field(default_factory=list)


_Unbooked = list[tuple[Sequence[Settled], Short]]


def settle(
    tx: Transaction,
    transactions: Collection[UUID],
    *,
    now: datetime,
    business_date: date,
    actor: str,
    hours: Hours | None = None,
) -> list[UUID]:
    """Try the given transactions, and what they free: the ids of what settled, wholly or in part (SF III).

    What may settle follows the phase of the open day, or `hours` where those are given. What cannot settle keeps the
    reason.
    """
    open_set.take_turn(tx)
    # Only now: whoever ended or opened a day before us has done so.
    hours = hours or hours_at(tx, now=now)
    done: list[UUID] = []
    wanted = set(transactions)
    while wanted:
        parts = _settle_once(tx, wanted, now, business_date, actor, hours)
        done += [p.pending.id for p in parts]
        grown = {key for p in parts for key in _credited(p)}
        wanted = open_set.waiting_for(tx, grown, [p.pending.id for p in parts]) if parts else set()
    return list(dict.fromkeys(done))


def resume(
    tx: Transaction,
    grown: Collection[tuple[str, UUID]],
    *,
    now: datetime,
    business_date: date,
    actor: str,
) -> list[UUID]:
    """Try what waited for positions (asset, account) that something other than a settlement has filled."""
    wanted = open_set.waiting_for(tx, grown, ())
    return settle(tx, wanted, now=now, business_date=business_date, actor=actor) if wanted else []


def resume_accounts(
    tx: Transaction, accounts: Collection[UUID], *, now: datetime, business_date: date, actor: str
) -> list[UUID]:
    """Try what is due and waited for these accounts to be unblocked; what is beyond a thousand waits for a cycle."""
    wanted = open_set.waiting_for_accounts(tx, accounts, business_date, limit=_MOST_AT_ONCE)
    return settle(tx, wanted, now=now, business_date=business_date, actor=actor) if wanted else []


def _credited(part: Settled) -> Iterable[tuple[str, UUID]]:
    yield part.pending.isin, part.pending.to_account
    if part.pending.currency and part.pending.payee_account:
        yield part.pending.currency, part.pending.payee_account


def _settle_once(
    tx: Transaction, wanted: Collection[UUID], now: datetime, business_date: date, actor: str, hours: Hours
) -> list[Settled]:
    found = open_set.lock(tx, wanted)
    linked = [p.id for p in found.values() if p.linked]
    if linked:
        found |= open_set.lock(tx, open_set.members(tx, linked) - found.keys())
    linked = [p.id for p in found.values() if p.linked]
    dependencies = open_set.dependencies(tx, linked) if linked else {}
    pools = open_set.incomplete_pools(tx, linked) if linked else {}
    known = accounts_by_id(tx, [a for p in found.values() for a in p.accounts])
    weighed = {p.currency for p in found.values() if p.has_cash_threshold}
    rates, _ = exchange_rates(tx, weighed, business_date)
    this = _Round(known, issues(tx, sorted({p.isin for p in found.values()})), rates)
    shut = shut_out(tx, hours, found.values())
    ready: list[tuple[Pending, ...]] = []
    found = {id_: _unbound(p, dependencies.get(id_, ()), pools) for id_, p in found.items()}
    for unit in group(found, dependencies):
        blockings = {
            p.id: b
            for p in unit
            if (b := not_yet(p, this.accounts, this.issues, dependencies, pools, business_date))
        }
        late = {p.id: shut[p.id] for p in unit if p.id in shut}
        if not blockings and not late:
            ready.append(unit)
            continue
        reason = next(iter((blockings or late).values()))
        told = {p.id: (blockings or late).get(p.id) or kept_back(p, reason, known) for p in unit}
        if blockings:
            this.waiting |= told
        else:
            this.shut_out |= told
    _book_all(tx, this, sorted(ready, key=lambda unit: min(p.rank for p in unit)), now, actor, hours.in_parts)
    open_set.write_settled(tx, this.settled, now)
    open_set.write_reasons(tx, [(found[id_], blocking) for id_, blocking in this.waiting.items()], now)
    open_set.write_first_reasons(tx, [(found[id_], blocking) for id_, blocking in this.shut_out.items()], now)
    return this.settled


def _unbound(p: Pending, dependencies: Sequence[Dependency], pools: Collection[UUID]) -> Pending:
    """What waits for others only in order, settles in parts like any other once it is its turn."""
    is_bound = p.id in pools or any(d.kind in TOGETHER for d in dependencies)
    return p if is_bound or not p.linked else replace(p, linked=False)


def _book_all(
    tx: Transaction,
    this: _Round,
    ready: Sequence[tuple[Pending, ...]],
    now: datetime,
    actor: str,
    in_parts: bool,
) -> None:
    """Whole first, or as far as it is released; then what an issuer can still make; then in parts."""
    wholes = [[_whole(p) for p in unit] for unit in ready]
    short = _book(tx, this, wholes, now, actor)
    only_units = [unit[0] for unit, lacking in short if _lacks_only_units(unit, lacking)]
    if only_units:
        held = _holdings(tx, this, only_units)
        short = _book_on_demand(tx, this, short, held, now, actor)
        if in_parts:
            short = _book_parts(tx, this, short, held, now, actor)
    if short or this.in_parts:
        _explain(tx, this, short, in_parts=in_parts)
    for part in this.settled:
        if part.quantity == part.pending.released_part:
            this.waiting[part.pending.id] = held_rest(this.accounts[part.pending.from_account].owner_lei)


def _explain(tx: Transaction, this: _Round, short: _Unbooked, *, in_parts: bool) -> None:
    """Keep what is lacking: of what has not settled, and of the rest of what has settled in part."""
    left: list[tuple[Pending, tuple[Lack, ...]]] = []
    for unit, found in short:
        made = _could_be_made(this, unit)
        # Where the buyer's money is short, the units that would be made for it are not.
        lacks = tuple(lack for lack in found.lacks if lack.asset != made) or found.lacks
        left += [(part.pending, lacks) for part in unit]
    left += [(part.pending, (lack,)) for part, lack in this.in_parts]
    by_number = {account.number: account for account in this.accounts.values()}
    keys = {(lack.asset, lack.account) for _, lacks in left for lack in lacks}
    restricted = restricted_quantities(tx, [(asset, by_number[number]) for asset, number in sorted(keys)])
    books = Books(this.accounts, this.issues, restricted, this.rates)
    this.waiting |= {p.id: what_it_lacks(p, lacks, books, in_parts=in_parts) for p, lacks in left}


def _whole(p: Pending) -> Settled:
    if p.released_part is not None:
        return Settled(p, p.released_part, amount_of(p, p.released_part), new_id())
    return Settled(p, p.quantity, p.amount, p.id)


def _book(
    tx: Transaction, this: _Round, units: Sequence[Sequence[Settled]], now: datetime, actor: str
) -> _Unbooked:
    """Book each unit as one booking; what was short, with its lacks."""
    if not units:
        return []
    bookings = [
        Booking(
            unit[0].booking_id,
            KIND,
            unit[0].pending.id,
            tuple(posting for part in unit for posting in _postings(this.accounts, part)),
        )
        for unit in units
    ]
    outcomes = book(tx, bookings, booked_at=now, actor=actor)
    short: _Unbooked = []
    for unit, outcome in zip(units, outcomes, strict=True):
        if isinstance(outcome, Booked):
            this.settled += [Settled(p.pending, p.quantity, p.amount, outcome.id) for p in unit]
        elif isinstance(outcome, Short):
            short.append((unit, outcome))
        else:  # `not_yet` has looked at the same accounts
            raise Bug(f"{outcome.accounts[0].number} is blocked and was tried")
    return short


def _postings(known: Mapping[UUID, Account], part: Settled) -> Iterable[Posting]:
    p = part.pending
    if part.quantity:
        yield Posting(known[p.from_account], p.isin, -part.quantity)
        yield Posting(known[p.to_account], p.isin, part.quantity)
    if part.amount and p.currency and p.payer_account and p.payee_account:
        yield Posting(known[p.payer_account], p.currency, -part.amount)
        yield Posting(known[p.payee_account], p.currency, part.amount)


def _lacks_only_units(unit: Sequence[Settled], lacking: Short) -> bool:
    return len(unit) == len(lacking.lacks) == 1 and lacking.lacks[0].asset == unit[0].pending.isin


_Holdings = dict[tuple[str, UUID], Decimal]


def _holdings(tx: Transaction, this: _Round, parts: Iterable[Settled]) -> _Holdings:
    """What the accounts of these hold after all that was booked before; `book` has locked it."""
    touched = {
        (posting.asset, posting.account) for part in parts for posting in _postings(this.accounts, part)
    }
    keys = list(touched)
    return {
        (asset, account.id): Decimal("Infinity") if account.may_be_negative else held
        for (asset, account), held in zip(keys, quantities(tx, keys), strict=True)
    }


def _take(this: _Round, held: _Holdings, part: Settled) -> bool:
    """Whether a part can be booked after those that were taken before; then `held` is what it leaves."""
    after: _Holdings = {}
    with localcontext(EXACT):
        for posting in _postings(this.accounts, part):
            key = posting.asset, posting.account.id
            after[key] = after.get(key, held[key]) + posting.amount
    fits = all(quantity >= 0 for quantity in after.values())
    if fits:
        held.update(after)
    return fits


def _book_on_demand(
    tx: Transaction, this: _Round, short: _Unbooked, held: _Holdings, now: datetime, actor: str
) -> _Unbooked:
    """Where nothing is lacking but units on the issuer's own account of an up-to issue, have them made."""
    sold = [unit[0] for unit, lacking in short if _is_sale(this, unit, lacking)]
    if not sold:
        return short
    standing = issuable(tx, sorted({part.pending.isin for part in sold}))
    room = {isin: issue.authorised - issue.issued for isin, issue in standing.items()}
    served = []
    for part in sold:
        isin, source = part.pending.isin, (part.pending.isin, part.pending.from_account)
        lack = max(_ZERO, part.quantity - held[source])
        if lack <= room.get(isin, -1):
            held[source] += lack
            if _take(this, held, part):
                room[isin] -= lack
                served.append(part)
            else:
                held[source] -= lack
    sales = [Sale(s.pending.isin, this.accounts[s.pending.from_account].number, s.quantity) for s in served]
    made = mark_up(tx, sales, now=now, actor=actor) if sales else []
    again = {part.pending.id: part for part, ok in zip(served, made, strict=True) if ok}
    still = [(unit, lacking) for unit, lacking in short if unit[0].pending.id not in again]
    return still + _book(tx, this, [[part] for part in again.values()], now, actor)


def _is_sale(this: _Round, unit: Sequence[Settled], lacking: Short) -> bool:
    return len(lacking.lacks) == 1 and lacking.lacks[0].asset == _could_be_made(this, unit)


def _could_be_made(this: _Round, unit: Sequence[Settled]) -> str | None:
    """The ISIN, where an issuer sells units of its own up-to issue."""
    p = unit[0].pending
    issue, account = this.issues.get(p.isin), this.accounts[p.from_account]
    if len(unit) > 1 or issue is None or (issue.mode, issue.state) != ("up_to", "active"):
        return None
    is_issuers = (account.kind, account.owner_lei) == (AccountKind.ISSUER, issue.issuer_lei)
    return p.isin if is_issuers else None


def _book_parts(
    tx: Transaction, this: _Round, short: _Unbooked, held: _Holdings, now: datetime, actor: str
) -> _Unbooked:
    """Settle what there is of securities that do not suffice; what is lacking of the rest stays known."""
    parts: dict[UUID, Settled] = {}
    for unit, found in short:
        p = unit[0].pending
        if not _lacks_only_units(unit, found):
            continue
        issue = this.issues[p.isin]
        there = held[p.isin, p.from_account]
        share = part_of(p, there, settlement_unit(issue), issue.content.get("unit", "units"), this.rates)
        if share is not None and _take(this, held, part := Settled(p, *share, new_id())):
            parts[p.id] = part
    unbooked = {unit[0].pending.id for unit, _ in _book(tx, this, [[p] for p in parts.values()], now, actor)}
    this.in_parts = [
        (
            parts[id_],
            replace(
                found.lacks[0], held=held[p.isin, p.from_account], needed=p.offered - parts[id_].quantity
            ),
        )
        for unit, found in short
        if (id_ := (p := unit[0].pending).id) in parts and id_ not in unbooked
    ]
    return [s for s in short if s[0][0].pending.id not in parts or s[0][0].pending.id in unbooked]
