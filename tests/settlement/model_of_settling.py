"""The other half of the model: what settles, in which order, and how each instruction stands afterwards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from uuid import UUID

from counterfoil.core.calendar import is_business_day
from counterfoil.settlement import Change, Hold, Partial
from tests.settlement.model import TOGETHER, Books, Key, Moves, Side, Trade

Worth = tuple[tuple[Fraction, int], ...]
WAITS_FOR_OTHERS = ("LINK", ())
LIFE_UNMATCHED, LIFE_MATCHED, LIFE_REQUEST = 20, 60, 20
_LEAST_PART = {"units": 10_000, "nominal": 100_000}
_JUDGED_ANEW = {"FUTU", "BLOC", "PREA", "BOTH", "CSDH", "CVAL", "CDLR", "INBC"}
_OTHER_SIDE = {"LACK": "CLAC", "MONY": "CMON", "PREA": "PRCY"}


@dataclass(frozen=True)
class Standing:
    """How an instruction stands. `codes` are those of which one must be told; None where nothing is."""

    state: str
    codes: frozenset[str | None]
    settled: Fraction
    remaining: Fraction
    holds: Hold | None


@dataclass
class Model(Books):
    """The whole depository."""

    def short_of(self, moves: Iterable[Moves], room: bool = False) -> list[Key]:
        """The positions that would fall below zero; with `room`, an issuer's only where it can make no more."""
        after: Moves = {}
        for one in moves:
            for key, change in one.items():
                after[key] = after.get(key, self.held.get(key, Fraction(0))) + change
        return [
            key for key, quantity in after.items()
            if quantity + (self.room(key) if room else 0) < 0 and not self.accounts[key[1]].may_be_negative
        ]  # fmt: skip

    def room(self, key: Key) -> Fraction:
        """How many units can still be made on a position."""
        issue = self.issues.get(key[0])
        if issue is None or not issue.up_to or key[1] != issue.maker or self.accounts[key[1]].no_credit:
            return Fraction(0)
        return issue.authorised - issue.issued

    def is_makers(self, key: Key) -> bool:
        """Whether units of an up-to issue are sold from its issuer's own account."""
        issue = self.issues.get(key[0])
        return issue is not None and issue.up_to and key[1] == issue.maker

    def make(self, key: Key) -> None:
        """Make what is lacking on a position, if anything."""
        lacking = max(Fraction(0), -self.held.get(key, Fraction(0)))
        if lacking:
            self.issues[key[0]].issued += lacking
            self.held[key] += lacking

    def book(self, trade: Trade, quantity: Fraction, amount: Fraction | None) -> set[Key]:
        """Settle so much of a trade; the positions that have grown."""
        moves = trade.moves(quantity, amount)
        for key, change in moves.items():
            self.held[key] = self.held.get(key, Fraction(0)) + change
        trade.left, trade.settled, trade.parts = (
            trade.left - quantity,
            trade.settled + quantity,
            trade.parts + 1,
        )
        if trade.amount is not None and amount is not None:
            trade.amount -= amount
        trade.open, trade.changed_on = trade.left > 0, self.today
        return {key for key, change in moves.items() if change > 0}

    def settle(self, wanted: Collection[Trade], *, in_parts: bool = True) -> None:
        """Try these, then what they have freed, and so on: each time whole, then made on demand, then in parts."""
        while wanted:
            grown: set[Key] = set()
            moved: list[Trade] = []
            short: list[tuple[list[Trade], list[Key]]] = []
            for unit in self.in_order(wanted):
                if self.is_stopped(unit):
                    continue
                lacking = self.short_of([t.moves(t.left, t.amount) for t in unit])
                if lacking:
                    short.append((unit, lacking))
                    self.tell(unit, lacking)
                    continue
                moved += unit
                grown |= {key for t in unit for key in self.book(t, t.left, t.amount)}
            for attempt in (self.on_demand, self.part) if in_parts else (self.on_demand,):
                for unit, lacking in short:
                    trade = unit[0]
                    if len(unit) == 1 and trade.open and trade not in moved and lacking == [trade.source]:
                        share = attempt(trade)
                        if share is not None:
                            moved.append(trade)
                            grown |= self.book(trade, *share)
                            self.make(trade.source)
            wanted = self.freed(grown, moved)

    def in_order(self, wanted: Collection[Trade]) -> list[list[Trade]]:
        units: list[list[Trade]] = []
        for trade in wanted:
            if trade.open and not any(trade in unit for unit in units):
                units.append(self.unit(trade))
        return sorted(units, key=lambda unit: min((t.priority, t.rank) for t in unit))

    def is_stopped(self, unit: Sequence[Trade]) -> bool:
        """Whether a condition of any of them is not met; then each is told its own, or that it waits."""
        unmet = {id(t): c for t in unit if (c := self.condition(t))}
        for trade in unit if unmet else ():
            trade.told = [unmet.get(id(trade), WAITS_FOR_OTHERS)]
        return bool(unmet)

    def tell(self, unit: Sequence[Trade], lacking: Sequence[Key]) -> None:
        # What an issuer makes as it is sold is not what is missing, where money is.
        made = [k for k in lacking if len(unit) == 1 and k == unit[0].source and self.is_makers(k)]
        lacking = [k for k in lacking if k not in made] or lacking
        for trade in unit:
            reasons = [
                ("LACK" if asset in self.issues else "MONY", (self.accounts[account].owner,))
                for asset, account in lacking if (asset, account) in trade.sources
            ]  # fmt: skip
            trade.told = (reasons if len(unit) > 1 else reasons[:1]) or [WAITS_FOR_OTHERS]

    def on_demand(self, trade: Trade) -> tuple[Fraction, Fraction | None] | None:
        """All of it, if the issuer can make what is lacking and there is the money."""
        moves = trade.moves(trade.left, trade.amount)
        made = self.room(trade.source) > 0 and not self.short_of([moves], room=True)
        return (trade.left, trade.amount) if made else None

    def part(self, trade: Trade) -> tuple[Fraction, Fraction | None] | None:
        """As many whole units as there are, for their share of the money."""
        issue, partials = self.issues[trade.deliver.i.isin], {s.partial for s in trade.sides}
        held = self.held.get(trade.source, Fraction(0))
        quantity = min(trade.left, held // issue.unit * issue.unit)
        is_bound = any(kind == TOGETHER for kind, _ in self.dependencies(trade))
        if Partial.NOT_ALLOWED in partials or is_bound or quantity <= 0:
            return None
        amount = trade.amount
        if amount is not None and quantity < trade.left:
            amount = Fraction((amount * quantity / trade.left * 200 + 1) // 2, 100)  # half up, to the cent
        too_small = amount is not None and amount < _LEAST_PART[issue.counted_in]
        if Partial.CASH_THRESHOLD in partials and too_small:
            return None
        return None if self.short_of([trade.moves(quantity, amount)]) else (quantity, amount)

    def freed(self, grown: Collection[Key], moved: Sequence[Trade]) -> list[Trade]:
        """What has waited for a position that has grown, or is linked to what has moved."""
        linked = [o.trade for t in moved for _, o in self.dependencies(t) if o and o.trade]
        return [t for t in self.trades if t.open and (t in linked or (t.told and grown & t.sources))]

    # Changes.

    def standing_of(self, id_: UUID, by: str | None) -> Side | str:
        side = self.sides.get(id_)
        if side is None or by not in (None, side.i.party_lei):
            return "SET-018"
        if side.cancelled:
            return "SET-020"
        return "SET-019" if side.trade is not None and not side.trade.open else side

    def change(self, id_: UUID, wanted: Change) -> str:
        """ "ok" or the code of the rule that refuses it."""
        side = self.standing_of(id_, wanted.by)
        if isinstance(side, str):
            return side
        if wanted.by is not None and (wanted.hold | wanted.release) & ~Hold.PARTY:
            return "SET-021"
        if wanted.by is not None and wanted.priority == 1:
            return "SET-022"
        side.holds = (side.holds | wanted.hold) & ~wanted.release
        side.partial = wanted.partial or side.partial
        side.changed_on = self.today
        if side.trade is None:
            side.priority = wanted.priority or side.priority
            return "ok"
        side.trade.priority = min(side.trade.priority, wanted.priority or 4)
        side.trade.changed_on = self.today
        self.settle([side.trade])
        return "ok"

    def cancel(self, id_: UUID, by: str | None) -> str:
        side = self.standing_of(id_, by)
        if isinstance(side, str):
            return side
        side.asked_on = self.today
        if side.trade is None:
            side.cancelled = True
            return "cancelled"
        other = next(s for s in side.trade.sides if s is not side)
        if by is not None and other.asked_on is None:
            return "asked"
        self.end(side.trade)
        return "cancelled"

    def end(self, trade: Trade) -> None:
        trade.open = False
        for side in trade.sides:
            side.cancelled = True

    def end_of_day(self) -> None:
        """Unsold units are taken back; what has lived too long is cancelled."""
        for isin, issue in self.issues.items():
            unsold = self.held.get((isin, issue.maker), Fraction(0))
            if issue.up_to and not self.accounts[issue.maker].no_debit:
                issue.issued -= unsold
                self.held[isin, issue.maker] = Fraction(0)
        for side in self.unmatched():
            if _days_after(max(side.i.intended_date, side.changed_on), LIFE_UNMATCHED) <= self.today:
                side.cancelled = True
        for trade in self.trades:
            since = max(trade.deliver.i.intended_date, trade.changed_on)
            if trade.open and _days_after(since, LIFE_MATCHED) <= self.today:
                self.end(trade)
        for side in self.sides.values():
            if (
                side.asked_on
                and not side.cancelled
                and _days_after(side.asked_on, LIFE_REQUEST) <= self.today
            ):
                side.asked_on = None

    # Cycles.

    def candidates(self) -> list[Trade]:
        """What may settle in a cycle, as far as conditions go; the earlier of two may settle with the later."""
        ready = [t for t in self.trades if t.open]
        while late := [t for t in ready if not self.may_settle_within(t, ready)]:
            ready = [t for t in ready if t not in late]
        return ready

    def may_settle_within(self, trade: Trade, chosen: Collection[Trade]) -> bool:
        together = [o.trade for kind, o in self.dependencies(trade) if kind == TOGETHER and o and o.trade]
        return self.condition(trade, chosen) is None and all(t in chosen for t in together if t.open)

    def may_settle_as_set(self, chosen: Collection[Trade]) -> bool:
        """Whether links and balances, counted after all has moved, allow exactly these."""
        return all(self.may_settle_within(t, chosen) for t in chosen) and not self.short_of(
            [t.moves(t.left, t.amount) for t in chosen], room=True
        )

    def settle_as_set(self, chosen: Collection[Trade]) -> None:
        for trade in chosen:
            self.book(trade, trade.left, trade.amount)
        for trade in chosen:
            self.make(trade.source)

    def greedy(self, candidates: Sequence[Trade]) -> Worth:
        """The worth of what is found by adding unit after unit, the most urgent and then most valuable first."""
        chosen: list[Trade] = []
        for trade in sorted(candidates, key=lambda t: (t.priority, -(t.amount or 0))):
            more = [t for t in self.unit(trade) if t not in chosen]
            if self.may_settle_as_set([*chosen, *more]):
                chosen += more
        return worth_of(chosen)

    def best(self, candidates: Sequence[Trade]) -> Worth:
        """The worth of the best of all selections, each looked at."""
        best = worth_of(())
        for count in range(1, len(candidates) + 1):
            for chosen in combinations(candidates, count):
                if worth_of(chosen) > best and self.may_settle_as_set(chosen):
                    best = worth_of(chosen)
        return best

    # How everything stands.

    def report(self, side: Side) -> Standing:
        trade = side.trade
        if side.cancelled:
            settled, left = (trade.settled, trade.left) if trade else (Fraction(0), Fraction(side.i.quantity))
            return Standing("cancelled", frozenset({None}), settled, left, None)
        if trade is None:
            quantity = Fraction(side.i.quantity)
            return Standing("unmatched", frozenset({None}), Fraction(0), quantity, side.holds)
        if not trade.open:
            return Standing("settled", frozenset({None}), trade.settled, Fraction(0), None)
        late = side.i.intended_date < self.today
        state = "partial" if trade.parts else "failing" if late else "pending"
        stops = self.condition(trade)
        reasons = [stops] if stops else [r for r in trade.told if r[0] not in _JUDGED_ANEW]
        codes = {
            code if not who or side.i.party_lei in who else _OTHER_SIDE.get(code, code)
            for code, who in reasons
        }
        return Standing(state, frozenset(codes or {"OTHR"}), trade.settled, trade.left, side.holds)


def worth_of(trades: Collection[Trade]) -> Worth:
    """Value and number by priority, the most urgent first."""
    by_priority = [[t.amount or Fraction(0) for t in trades if t.priority == n] for n in range(1, 5)]
    return tuple((sum(values, Fraction(0)), len(values)) for values in by_priority)


def _days_after(start: date, count: int) -> date:
    """So many settlement days later."""
    while count:
        start += timedelta(days=1)
        count -= is_business_day(start, "TARGET")
    return start
