"""A population of instruments lives three years, day by day, by the real processes; plain Python knows the end.
Each day ends with all the checks of `counterfoil verify`.
"""

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest
from typer.testing import CliRunner

from counterfoil.cli import create_cli
from counterfoil.core.calendar import add_business_days, is_business_day
from counterfoil.core.checks import Check
from counterfoil.core.db import Database
from counterfoil.processes import start_adjustment, start_correction
from counterfoil.servicing import Action, knock_out
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, BERT, CORA, House, own
from tests.simulation.population import END, START, Market, population

SIZE, MARKET, TERMS = 44, 36, 10
SPLIT_ON = date(2028, 6, 1)
SAP = "DE0007164600"
HOLDERS = (ANNA, BERT, CORA)


class Life:
    """The house, its instruments, who holds what by day, and faults: prices that come late, or wrong."""

    def __init__(self, database: Database) -> None:
        self.clockwork: Clockwork = open_clockwork(database)
        self.house: House = self.clockwork.house
        self.market = Market(MARKET)
        self.papers = population(self.market, SIZE, TERMS)
        self.chance = Random(13)
        self.isins = self.house.issue_many([self.house.terms(p.class_, **p.changes) for p in self.papers])
        self.held = {isin: Counter[str]() for isin in self.isins}
        self.history: dict[str, list[tuple[date, Counter[str]]]] = {isin: [] for isin in self.isins}
        finals = [p.changes.get("final_valuation_date") for p in self.papers]
        days = [date.fromisoformat(day) for day in finals if day]
        self.late = set(days[::5])
        self.wrong = set(days[1::7]) - self.late
        self.backlog: list[tuple[date, date]] = []
        self.corrections: list[tuple[date, str]] = []
        self.corrected: list[str] = []
        for isin, paper in zip(self.isins, self.papers, strict=True):
            for holder, lots in zip(HOLDERS, (5, 3, 2), strict=True):
                self.house.give(holder, isin, lots * paper.basis)
                self.held[isin][holder] = lots
            self._remember(isin, START)
        self.house.fund(100_000_000)
        with self.house.database.transaction() as tx:
            split = Action(SAP, Decimal("0.5"), SPLIT_ON)
            start_adjustment(tx, split, "split", now=self.house.now, requester="Ada")

    def _remember(self, isin: str, day: date) -> None:
        self.history[isin].append((day, Counter(self.held[isin])))

    def at(self, day: date, hour: int) -> None:
        moment = datetime.combine(day, time(hour), UTC)
        if moment > self.house.now:
            self.house.clock.advance(moment - self.house.now)

    def day(self, day: date) -> None:
        """Morning: trades, corrections, payments. Evening: prices, decisions, records."""
        self.at(day, 10)
        if day.day <= 3:
            self.trade(day)
        self.correct(day)
        self.clockwork.work()
        if self.clockwork.tasks():
            self.clockwork.answer(approved=True)
        self.at(day, 19)
        self.observe(day)
        self.clockwork.work()

    def trade(self, day: date) -> None:
        """Some lots change hands where the issue still settles."""
        for isin, paper in zip(self.isins, self.papers, strict=True):
            giver, taker = self.chance.sample(HOLDERS, 2)
            if self.chance.random() < 0.3 and self.held[isin][giver] and self.house.state(isin) == "active":
                self.house.pass_on(giver, taker, isin, paper.basis)
                self.held[isin][giver] -= 1
                self.held[isin][taker] += 1
                self._remember(isin, day)

    def observe(self, day: date) -> None:
        """The day's prices; some come days later, some wrong at first. Knock-outs are stated when they happen."""
        due = [then for then, known in self.backlog if known == day]
        self.backlog = [entry for entry in self.backlog if entry[1] != day]
        if day in self.market.closes:
            if day in self.late:
                self.backlog.append((day, add_business_days(day, 7, "TARGET")))
            else:
                due.append(day)
        for then in due:
            self.enter(then, wrong=then in self.wrong)
        for isin, paper in zip(self.isins, self.papers, strict=True):
            if paper.hit == day:
                self.house.observe("barrier", f"{isin}/barrier", day.isoformat(), hit_on=day.isoformat())
                with self.house.database.transaction() as tx:
                    knock_out(tx, [isin], day, now=self.house.now)

    def enter(self, day: date, *, wrong: bool = False, reason: str | None = None) -> None:
        """From the split on, every price is half of what it would have been; what is paid is the same."""
        factor = Decimal("0.5") if day >= SPLIT_ON else Decimal(1)
        low, high = self.market.lows[day] * factor, self.market.highs[day] * factor
        extremes = {"low": str(low), "high": str(high)}
        close = self.market.closes[day] * factor
        if wrong:
            close = low if day.day % 2 else high
            self.corrections.append((add_business_days(day, 9, "TARGET"), day.isoformat()))
        self.house.price(day.isoformat(), close, **extremes, **({"reason": reason} if reason else {}))

    def correct(self, day: date) -> None:
        """A price that was wrong is corrected after it was paid on, and what was paid with it."""
        for when, then in [c for c in self.corrections if c[0] == day]:
            self.corrections.remove((when, then))
            self.enter(date.fromisoformat(then), reason="typed wrongly")
            for isin, paper in zip(self.isins, self.papers, strict=True):
                if paper.changes.get("final_valuation_date") != then or paper.hit:
                    continue
                for event in self.house.events(isin):
                    if event["kind"] in ("redemption", "observation") and event["state"] == "paid":
                        self.corrected.append(isin)
                        with self.house.database.transaction() as tx:
                            start_correction(
                                tx, event["id"], isin, "price corrected", now=self.house.now, requester="Ada"
                            )

    def expected(self) -> dict[str, Decimal]:
        """What every holder must have got: interest by who held at the end of the business day before the payment,
        the last payment by who had the units until they went back.
        """
        total = dict.fromkeys(HOLDERS, Decimal(0))
        for isin, paper in zip(self.isins, self.papers, strict=True):
            for due in paper.dues:
                recorded = add_business_days(due.paid, -1, "TARGET")
                known = [held for day, held in self.history[isin] if due.ends or day <= max(recorded, START)]
                lots = known[-1]
                for holder in HOLDERS:
                    total[holder] += lots[holder] * due.amount
        return total


def business_days(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_business_day(day, "TARGET")]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_everybody_has_what_plain_python_says_and_nothing_is_left(database: Database):
    life = Life(database)
    for day in business_days(date(2026, 11, 23), END):
        life.day(day)
        assert life.clockwork.trouble() == [], day
    house = life.house
    assert {isin: house.state(isin) for isin in life.isins} == dict.fromkeys(life.isins, "redeemed")
    got = {holder: house.held(own(holder)) for holder in HOLDERS}
    assert got == life.expected()
    assert house.held(house.payer) == 100_000_000 - sum(got.values())
    assert {house.held(own(holder), isin) for holder in HOLDERS for isin in life.isins} == {Decimal(0)}
    assert life.clockwork.running() == []
    assert life.clockwork.trouble() == []
    assert len(life.corrected) >= 3
    assert house.rows("SELECT count(*) >= 10 FROM servicing.adjusted") == [(True,)]
    assert life.late, "prices came late"


def test_a_days_end_makes_every_check_of_the_command(database: Database, monkeypatch: pytest.MonkeyPatch):
    clockwork = open_clockwork(database)
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", database.url)
    listed = json.loads(CliRunner().invoke(create_cli(), ["verify", "--json"]).stdout)["checks"]
    assert clockwork.trouble() == []
    monkeypatch.setattr(Check, "holds", False)
    found = [line.partition(":")[0] for line in clockwork.trouble()]
    assert found == [check["name"] for check in listed]


def test_the_population_has_what_the_simulation_is_for():
    papers = population(Market(MARKET), SIZE, TERMS)
    expresses = [p for p in papers if p.class_ == "1260"]
    assert any(str(p.dues[-1].paid) != p.changes["maturity_date"] for p in expresses), "called early"
    assert any(due.amount > 40 and not due.ends for p in expresses for due in p.dues), "remembered coupons"
    assert {bool(p.hit) for p in papers if p.class_ == "2200"} == {True, False}, (
        "knock-outs, and one that survives"
    )
    assert any(p.dues[-1].amount < 1000 for p in papers if p.class_ == "1230"), "a barrier that was hit"
    assert any(due.amount == 0 for p in papers for due in p.dues if due.ends), "what ends with nothing"
