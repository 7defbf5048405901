"""The days of a house: who holds what, what persons do, and faults. Prices come late, wrong, or contradicted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from uuid import UUID

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Database
from counterfoil.messages import advise
from counterfoil.parties import import_bics
from counterfoil.processes import start_adjustment, start_correction, sweep_events
from counterfoil.servicing import Action, consent_to_deletion, dispute, end_dispute, knock_out
from tests.messages.exchange import BICS
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, BERT, CORA, ISSUER, House, own
from tests.simulation.market import SAP, SPLIT_ON, START, Market, Paper

HOLDERS = (ANNA, BERT, CORA)
LOTS = (5, 3, 2)
MONEY, SHARES = 100_000_000, 10_000
CORA_BLOCKED = date(2027, 9, 1), date(2028, 1, 14)
"""Nothing goes into Cora's account, and what is due to it is kept for it."""
PAYER_BLOCKED = date(2028, 10, 2), date(2028, 10, 12)
"""The paying agent pays nothing."""
POOR_UNTIL = date(2027, 8, 16)
"""Until then it has too little."""


class Life:
    """The house and its instruments, by the day."""

    def __init__(self, database: Database, papers: list[Paper], market: Market, seed: int) -> None:
        with database.transaction() as tx:
            import_bics(tx, ["LEI,BIC\n", *(f"{lei},{bic}\n" for lei, bic in BICS.items())])
        self.clockwork: Clockwork = open_clockwork(database)
        self.house: House = self.clockwork.house
        self.market, self.papers, self.chance = market, papers, Random(seed)
        self.isins = self.house.issue_many([self.house.terms(p.class_, **p.changes) for p in papers])
        self.held = {isin: Counter[str]() for isin in self.isins}
        self.history: dict[str, list[tuple[date, Counter[str]]]] = {isin: [] for isin in self.isins}
        self.owed = dict.fromkeys(HOLDERS, Decimal(0))
        self.errands: list[tuple[date, Callable[[], object]]] = []
        self.corrected: list[str] = []
        self._plan_faults()
        for isin, paper in zip(self.isins, papers, strict=True):
            for holder, lots in zip(HOLDERS, LOTS, strict=True):
                self.house.give(holder, isin, lots * paper.basis)
                self.held[isin][holder] = lots
            self.remember(isin, START)
            for deed in paper.deeds:
                self.later(deed.on, lambda deed=deed, isin=isin: deed.do(self, isin))
        self._plan_troubles()
        with database.transaction() as tx:
            consent_to_deletion(tx, ISSUER, now=self.house.now, actor="issuer")
            split = Action(SAP, Decimal("0.5"), SPLIT_ON)
            start_adjustment(tx, split, "split", now=self.house.now, requester="Ada")

    def _plan_faults(self) -> None:
        """Which closing prices come late, are wrong, contradicted, or disputed: of days with a final valuation."""
        finals = [p.changes.get("final_valuation_date") for p in self.papers]
        days = sorted({date.fromisoformat(day) for day in finals if day})
        needed = frozenset[date]().union(*(p.needs for p in self.papers)) - set(days)
        near = {d for d in days for f in days if 0 < (f - d).days <= 15}
        self.late = set(days[::5]) - needed
        asked = {d for p in self.papers for d in p.needs}
        self.wrong = set(days[1::4]) - self.late - near - asked
        self.contradicted = set(days[2::7]) - self.late - self.wrong
        self.disputed = set(days[3::7]) - self.late - self.wrong - self.contradicted

    def _plan_troubles(self) -> None:
        house = self.house
        house.fund(2_000_000)
        house.take_in(SAP, SHARES)
        self.later(POOR_UNTIL, lambda: house.fund(MONEY - 2_000_000))
        for holder in HOLDERS:
            house.fund(1_000_000, own(holder))
        self.later(CORA_BLOCKED[0], lambda: house.block(own(CORA), debit=False))
        self.later(CORA_BLOCKED[1], lambda: house.unblock(own(CORA), debit=False))
        self.later(PAYER_BLOCKED[0], lambda: house.block(house.payer, credit=False))
        self.later(PAYER_BLOCKED[1], lambda: house.unblock(house.payer))

    def later(self, day: date, errand: Callable[[], object]) -> None:
        """Have something done in the morning of a day."""
        self.errands.append((day, errand))

    def remember(self, isin: str, day: date) -> None:
        """Who holds what from a day on."""
        self.history[isin].append((day, Counter(self.held[isin])))

    def leave(self, isin: str, holder: str, lots: int, day: date) -> None:
        """Lots that a holder has given up."""
        self.held[isin][holder] -= lots
        self.remember(isin, day)

    def _at(self, day: date, hour: int) -> None:
        moment = datetime.combine(day, time(hour), UTC)
        if moment > self.house.now:
            self.house.clock.advance(moment - self.house.now)

    def day(self, day: date) -> None:
        """Morning: what persons do, trades, payments. Evening: prices, decisions, records, messages."""
        self._at(day, 10)
        due = [errand for when, errand in self.errands if when <= day]
        self.errands = [(when, errand) for when, errand in self.errands if when > day]
        for errand in due:
            errand()
        if day.day <= 3:
            self._trade(day)
        self._work()
        self._at(day, 19)
        if day in self.market.closes:
            self._observe(day)
        self._work()
        with self.house.database.transaction() as tx:
            while advise(tx, now=self.house.now):
                pass

    def _work(self) -> None:
        """What the server's workers do."""
        sweep_events(self.house.database, self.house.now)
        while self.clockwork.worker.run_once():
            pass
        if self.clockwork.tasks():
            self.clockwork.answer(approved=True)

    def _trade(self, day: date) -> None:
        """Some lots change hands where the issue still settles."""
        able = [h for h in HOLDERS if h != CORA or not CORA_BLOCKED[0] <= day <= CORA_BLOCKED[1]]
        states = dict(self.house.rows("SELECT isin, state FROM register.v_issue"))
        for isin, paper in zip(self.isins, self.papers, strict=True):
            giver, taker = self.chance.sample(able, 2)
            trades = self.chance.random() < 0.2 and not paper.deeds and states[isin] == "active"
            if trades and self.held[isin][giver]:
                self.house.pass_on(giver, taker, isin, paper.basis)
                self.held[isin][giver] -= 1
                self.held[isin][taker] += 1
                self.remember(isin, day)

    def _observe(self, day: date) -> None:
        """The day's prices, or when they will come. Knock-outs are stated when they happen."""
        if day in self.late:
            self.later(add_business_days(day, 7, "TARGET"), lambda: self._enter(day))
        elif day in self.wrong:
            self._enter(day, wrong=True)
            self.later(add_business_days(day, 9, "TARGET"), lambda: self._correct(day))
        else:
            entered = self._enter(day)
            if day in self.contradicted:
                self._contradict(day)
            if day in self.disputed:
                self._dispute(day, entered)
        for isin, paper in zip(self.isins, self.papers, strict=True):
            if paper.hit == day:
                name = f"{isin}/{paper.barrier}"
                self.house.observe("barrier", name, day.isoformat(), hit_on=day.isoformat())
                with self.house.database.transaction() as tx:
                    knock_out(tx, [isin], day, now=self.house.now)

    def _enter(self, day: date, *, wrong: bool = False, reason: str | None = None) -> UUID:
        """From the split on, every price is half of what it would have been; what is paid is the same."""
        factor = Decimal("0.5") if day >= SPLIT_ON else Decimal(1)
        low, high = self.market.lows[day] * factor, self.market.highs[day] * factor
        close = (low if day.day % 2 else high) if wrong else self.market.closes[day] * factor
        said = {"low": str(low), "high": str(high)} | ({"reason": reason} if reason else {})
        entered: UUID = self.house.price(day.isoformat(), close, **said)
        return entered

    def _contradict(self, day: date) -> None:
        """Another source says otherwise, and corrects itself days later."""
        factor = Decimal("0.5") if day >= SPLIT_ON else Decimal(1)
        close = self.market.closes[day] * factor
        self.house.price(day.isoformat(), close + 1, source="REUTERS")
        self.later(
            add_business_days(day, 5, "TARGET"),
            lambda: self.house.price(day.isoformat(), close, source="REUTERS", reason="typed wrongly"),
        )

    def _dispute(self, day: date, entered: UUID) -> None:
        """Somebody denies the price, and is not believed in the end."""
        house = self.house
        with house.database.transaction() as tx:
            denied = dispute(tx, entered, "the auction was cut off", now=house.now, actor="Carl")

        def dismiss() -> None:
            with house.database.transaction() as tx:
                end_dispute(tx, denied, upheld=False, reason="it was not", now=house.now, actor="Dora")

        self.later(add_business_days(day, 4, "TARGET"), dismiss)

    def _correct(self, day: date) -> None:
        """A price that was wrong is corrected after it was paid on, and what was paid with it."""
        self._enter(day, reason="typed wrongly")
        for isin, paper in zip(self.isins, self.papers, strict=True):
            if paper.changes.get("final_valuation_date") != day.isoformat() or paper.hit:
                continue
            for event in self.house.events(isin):
                if event["kind"] in ("redemption", "observation") and event["state"] == "paid":
                    self.corrected.append(isin)
                    with self.house.database.transaction() as tx:
                        start_correction(
                            tx, event["id"], isin, "price corrected", now=self.house.now, requester="Ada"
                        )

    def expected(self) -> dict[str, tuple[Decimal, int]]:
        """What every holder must have got, money and shares: interest by who held at the end of the business day
        before the payment, the last payment by who had the units until they went back.
        """
        money, delivered = dict(self.owed), dict.fromkeys(HOLDERS, 0)
        for isin, paper in zip(self.isins, self.papers, strict=True):
            for due in paper.dues:
                recorded = add_business_days(due.paid, -1, "TARGET")
                known = [held for day, held in self.history[isin] if due.ends or day <= max(recorded, START)]
                lots = Counter({due.only[0]: due.only[1]}) if due.only else known[-1]
                for holder in HOLDERS:
                    money[holder] += lots[holder] * due.amount
                    delivered[holder] += lots[holder] * due.shares
        return {holder: (money[holder], delivered[holder]) for holder in HOLDERS}
