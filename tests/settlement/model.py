"""What settlement should do, in plain Python: dictionaries and lists, one thing after the other, nothing clever.

Written from the rules (DOMAIN sections 3.2 to 3.4 and the promises of the room's README), not from the code that it
is compared with; the two share the type of an instruction and the calendar, and nothing else.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from counterfoil.core.calendar import is_business_day
from counterfoil.settlement import Hold, Instruction, Link, LinkKind, Movement, Partial

Key = tuple[str, str]
"""Asset and account number."""
Moves = dict[Key, Fraction]
Reason = tuple[str, tuple[str, ...]]
"""ISO code and the parties that can act."""
TOGETHER, AFTER, BEFORE = "together", "after", "before"
_REVERSED = {LinkKind.AFTER: BEFORE, LinkKind.BEFORE: AFTER, LinkKind.WITH: TOGETHER}
_KIND = {LinkKind.AFTER: AFTER, LinkKind.BEFORE: BEFORE, LinkKind.WITH: TOGETHER}
_HOLD_CODES = ((Hold.CSD, "CSDH"), (Hold.VALIDATION, "CVAL"), (Hold.COSD, "CDLR"))


@dataclass
class Issue:
    """A security. `maker` is the issuer's own account, from which an up-to issue is sold as it is made."""

    unit: int
    counted_in: str
    up_to: bool
    authorised: Fraction
    issued: Fraction
    maker: str


@dataclass
class Account:
    """Whose it is, and what bars it."""

    owner: str
    no_debit: bool = False
    no_credit: bool = False
    may_be_negative: bool = False


@dataclass(eq=False)
class Side:
    """An accepted instruction and what became of it."""

    i: Instruction
    holds: Hold
    priority: int
    partial: Partial
    changed_on: date
    linked: bool
    asked_on: date | None = None
    cancelled: bool = False
    trade: "Trade | None" = None


@dataclass(eq=False)
class Trade:
    """Two sides that have matched. `told` is what the last try has found to be missing: the reason, or
    several where it settles together with others and each may be named.
    """

    deliver: Side
    receive: Side
    left: Fraction
    amount: Fraction | None
    priority: int
    rank: tuple[date, int, UUID]
    changed_on: date
    open: bool = True
    settled: Fraction = Fraction(0)
    parts: int = 0
    told: "list[Reason]" = field(default_factory=list)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.deliver, self.receive

    @property
    def linked(self) -> bool:
        return self.deliver.linked or self.receive.linked

    @property
    def payer(self) -> Instruction:
        return next(s.i for s in self.sides if s.i.cash_direction == "DBIT")

    @property
    def payee(self) -> Instruction:
        return next(s.i for s in self.sides if s.i.cash_direction == "CRDT")

    @property
    def source(self) -> Key:
        """Where the securities come from."""
        return self.deliver.i.isin, self.deliver.i.account

    @property
    def sources(self) -> set[Key]:
        """Where securities and money come from."""
        return {self.source} | (
            {(self.payer.currency or "", self.payer.cash_account or "")} if self.amount is not None else set()
        )

    def moves(self, quantity: Fraction, amount: Fraction | None) -> Moves:
        """What changes where when so much of it settles."""
        d, r = self.deliver.i, self.receive.i
        found: Moves = {}
        legs = [(d.isin, d.account, -quantity), (r.isin, r.account, quantity)]
        if amount is not None:
            legs += [
                (d.currency or "", self.payer.cash_account or "", -amount),
                (d.currency or "", self.payee.cash_account or "", amount),
            ]
        for asset, account, change in legs:
            found[asset, account] = found.get((asset, account), Fraction(0)) + change
        return found


@dataclass
class Books:
    """Who holds what, what was instructed, what matches, and what keeps it from being tried."""

    today: date
    issues: dict[str, Issue]
    accounts: dict[str, Account]
    parties: frozenset[str]
    held: dict[Key, Fraction] = field(default_factory=dict)
    sides: dict[UUID, Side] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)

    # Taking in and matching.

    def refusals(self, i: Instruction) -> set[str]:
        """The codes of the rules that an instruction breaks."""
        issue, counterparty = self.issues.get(i.isin), i.counterparty_lei in self.parties
        broken = {
            "SET-006": self.find(i.party_lei, i.reference) is not None,
            "SET-005": not counterparty,
            "SET-003": i.account not in self.accounts or self.accounts[i.account].owner != i.party_lei,
            "SET-015": i.counterparty_account == i.account,
            "SET-001": issue is None,
            "SET-008": issue is not None and Fraction(i.quantity) % issue.unit != 0 and i.quantity > issue.unit,
            "SET-009": issue is not None and 0 < i.quantity < issue.unit,
            "SET-010": i.amount is not None and Fraction(i.amount) * 100 % 1 != 0,
            "SET-004": i.cash_account is not None
            and (i.cash_account not in self.accounts or self.accounts[i.cash_account].owner != i.party_lei),
            "SET-013": i.trade_date > min(self.today, i.intended_date),
            "SET-014": not is_business_day(i.intended_date, "TARGET"),
            "SET-022": i.priority == 1,
            "SET-017": any(link.reference == i.reference for link in i.links),
            "SET-070": any(self.has_ended(i, link) for link in i.links),
            "SET-024": self.closes_circle(i),
        }  # fmt: skip
        return {code for code, is_broken in broken.items() if is_broken}

    def has_ended(self, i: Instruction, link: Link) -> bool:
        """Whether a link is to what nothing can depend on any more."""
        other = self.find(i.party_lei, link.reference)
        if other is None or link.kind is LinkKind.INFORMATION or link.reference == i.reference:
            return False
        has_settled = other.trade is not None and not other.trade.open
        return other.cancelled or (has_settled and link.kind is not LinkKind.AFTER)

    def closes_circle(self, i: Instruction) -> bool:
        """Whether it would have to settle before itself, if all that settles together counts as one."""
        open_ = [s for s in self.sides.values() if not s.cancelled and (s.trade is None or s.trade.open)]
        ended = {(s.i.party_lei, s.i.reference) for s in self.sides.values() if s not in open_}
        together: list[tuple[object, object]] = []
        after: list[tuple[object, object]] = []
        for one in (i, *(s.i for s in open_)):
            me = one.party_lei, one.reference
            if one.pool:
                together.append((me, (one.party_lei, one.pool.name, "pool")))
            for link in one.links:
                other = one.party_lei, link.reference
                if other in ended or other == me:
                    continue
                if link.kind is LinkKind.WITH:
                    together.append((me, other))
                elif link.kind is LinkKind.AFTER:
                    after.append((me, other))
                elif link.kind is LinkKind.BEFORE:
                    after.append((other, me))
        for s in open_:
            if s.trade:
                together += [
                    ((x.i.party_lei, x.i.reference), (s.i.party_lei, s.i.reference)) for x in s.trade.sides
                ]
        same = _spread({(i.party_lei, i.reference)}, [*together, *((b, a) for a, b in together)])
        steps = [*after, *together, *((b, a) for a, b in together)]
        return bool(_spread({b for a, b in after if a in same}, steps) & same)

    def accept(self, i: Instruction) -> None:
        links = any(link.kind is not LinkKind.INFORMATION for link in i.links)
        named = any(
            link.reference == i.reference and link.kind is not LinkKind.INFORMATION
            for s in self.sides.values() if s.i.party_lei == i.party_lei for link in s.i.links
        )  # fmt: skip
        new = Side(i, i.holds, i.priority, i.partial, self.today, links or named or i.pool is not None)
        self.sides[i.id] = new
        for link in i.links:
            other = self.find(i.party_lei, link.reference)
            if other is not None and link.kind is not LinkKind.INFORMATION:
                other.linked = True

    def find(self, party: str, reference: str) -> Side | None:
        return next(
            (s for s in self.sides.values() if (s.i.party_lei, s.i.reference) == (party, reference)), None
        )

    def unmatched(self) -> list[Side]:
        return [s for s in self.sides.values() if s.trade is None and not s.cancelled]

    def best_pairs(self) -> list[tuple[Side, Side]]:
        """Each time the best pair of all that could be one, until there is none."""
        free, found = self.unmatched(), []
        while True:
            pairs = [
                (_preference(d.i, r.i), d.i.id, r.i.id, d, r)
                for d in free if d.i.movement is Movement.DELIVER
                for r in free if r.i.movement is Movement.RECEIVE and _are_one(d.i, r.i)
            ]  # fmt: skip
            if not pairs:
                return found
            *_, d, r = min(pairs, key=lambda pair: pair[:3])
            found.append((d, r))
            free = [s for s in free if s not in (d, r)]

    def join(self, d: Side, r: Side, turn: int, id_: UUID) -> Trade:
        """The sides become one matter. Of what is matched at once `id_` says which was first."""
        trade = Trade(
            d, r, Fraction(d.i.quantity), None if d.i.amount is None else Fraction(d.i.amount),
            min(d.priority, r.priority), (d.i.intended_date, turn, id_), self.today,
        )  # fmt: skip
        d.trade = r.trade = trade
        self.trades.append(trade)
        return trade

    # What keeps a trade from being tried.

    def dependencies(self, trade: Trade) -> Iterator[tuple[str, Side | None]]:
        """What the sides depend on, by their own links, by others' links to them, and by their pools."""
        for side in trade.sides:
            for link in side.i.links:
                if link.kind in _KIND:
                    yield _KIND[link.kind], self.find(side.i.party_lei, link.reference)
            for other in self.sides.values():
                if other is side or other.i.party_lei != side.i.party_lei:
                    continue
                for link in other.i.links:
                    if link.reference == side.i.reference and link.kind in _REVERSED:
                        yield _REVERSED[link.kind], other
                if side.i.pool is not None and other.i.pool and other.i.pool.name == side.i.pool.name:
                    yield TOGETHER, other

    def unit(self, trade: Trade) -> list[Trade]:
        """The trade and all open ones that settle with it or not at all."""
        found = [trade]
        for member in found:
            for kind, other in self.dependencies(member):
                if (
                    kind == TOGETHER
                    and other
                    and other.trade
                    and other.trade.open
                    and other.trade not in found
                ):
                    found.append(other.trade)
        return found

    def barred(self, trade: Trade) -> bool:
        return any(
            self.accounts[account].no_debit if change < 0 else self.accounts[account].no_credit
            for (_, account), change in trade.moves(trade.left, trade.amount).items() if change
        )  # fmt: skip

    def pool_is_short(self, trade: Trade) -> bool:
        pools = [(s.i.party_lei, s.i.pool) for s in trade.sides if s.i.pool]
        return any(
            pool.size > sum(
                1 for s in self.sides.values()
                if s.i.party_lei == party and s.i.pool and s.i.pool.name == pool.name
            )
            for party, pool in pools
        )  # fmt: skip

    def condition(self, trade: Trade, meanwhile: Collection[Trade] = ()) -> Reason | None:
        """The first condition that is not met, and who can act. What is in `meanwhile` settles with it."""
        parties = tuple(s.i.party_lei for s in trade.sides)
        if trade.deliver.i.intended_date > self.today:
            return "FUTU", ()
        if self.barred(trade):
            return "BLOC", ()
        holders = tuple(s.i.party_lei for s in trade.sides if Hold.PARTY in s.holds)
        if holders:
            return "BOTH" if len(holders) == 2 else "PREA", holders
        for hold, code in _HOLD_CODES:
            if any(hold in s.holds for s in trade.sides):
                return code, ()
        if self.pool_is_short(trade):
            return "INBC", parties
        if any(not self.is_met(kind, other, meanwhile) for kind, other in self.dependencies(trade)):
            return "LINK", parties
        return None

    def is_met(self, kind: str, other: Side | None, meanwhile: Collection[Trade]) -> bool:
        if kind == BEFORE:
            return True
        if other is None or other.cancelled or other.trade is None:
            return False
        return kind == TOGETHER or not other.trade.open or other.trade in meanwhile


def _spread(start: set[object], steps: list[tuple[object, object]]) -> set[object]:
    """All that can be reached."""
    found = set(start)
    while new := {b for a, b in steps if a in found} - found:
        found |= new
    return found


def _are_one(d: Instruction, r: Instruction) -> bool:
    """Whether a delivery and a receipt can be two sides of one trade."""
    mandatory = (
        (d.payment, d.isin, d.trade_date, d.quantity, d.intended_date, d.party_lei, d.counterparty_lei, d.currency)
        == (r.payment, r.isin, r.trade_date, r.quantity, r.intended_date, r.counterparty_lei, r.party_lei, r.currency)
        and (d.cash_direction is None or d.cash_direction != r.cash_direction)
        and abs((d.amount or 0) - (r.amount or 0)) <= _tolerance(d, r)
    )  # fmt: skip
    additional = (d.opt_out, d.ex_cum) == (r.opt_out, r.ex_cum)
    return mandatory and additional and all(a is None or b is None or a == b for a, b in _optional(d, r))


def _optional(d: Instruction, r: Instruction) -> list[tuple[str | None, str | None]]:
    return [
        (d.common_reference, r.common_reference), (d.client, r.counterparty_client),
        (d.counterparty_client, r.client), (d.counterparty_account, r.account), (d.account, r.counterparty_account),
    ]  # fmt: skip


def _tolerance(d: Instruction, r: Instruction) -> int:
    largest = max(d.amount or 0, r.amount or 0)
    return 0 if d.currency != "EUR" else 2 if largest <= 100_000 else 25


def _preference(d: Instruction, r: Instruction) -> tuple[Fraction, int, int]:
    """The closest amount; then the most optional fields that both fill; then the fewest that one fills alone."""
    difference = abs(Fraction(d.amount or 0) - Fraction(r.amount or 0))
    both = sum(1 for a, b in _optional(d, r) if a is not None and b is not None)
    alone = sum(1 for a, b in _optional(d, r)[:3] if (a is None) != (b is None))
    return difference, -both, alone
