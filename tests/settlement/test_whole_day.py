"""A settlement day lived through by a simulated clock: what arrives when, and when it settles."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.errors import Refused
from counterfoil.settlement import (
    Change,
    Hold,
    Instruction,
    change,
    checks,
    current_business_date,
    current_day,
    do_event,
    events,
    find_instructions,
    instruct,
    open_day,
    resume,
    run_extra_cycle,
    shift_cut_off,
)
from counterfoil.settlement.day import due_events
from counterfoil.settlement.penalties import penalties_charged
from counterfoil.settlement.penalty_data import ReferencePrice, set_prices
from counterfoil.settlement.timetable import ZONE
from tests.conftest import fresh_database
from tests.settlement.market import ANNA, BERT, CORA, FIXED, Market, opened

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
START = datetime(2026, 11, 20, 17, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CNCB = {"transaction_type": "CNCB"}


def frankfurt(clock: str) -> datetime:
    """The instant of "Fri 19:00": weekdays from the eve of Monday, 23 November 2026, on."""
    weekday, at = clock.split()
    day = MONDAY + timedelta(days={"Fri": -3, "Sat": -2, "Sun": -1, "Mon": 0, "Tue": 1}[weekday])
    return datetime.combine(day, time.fromisoformat(at), ZONE).astimezone(UTC)


def told(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(ZONE):%a %H:%M}"


@dataclass
class House:
    """A market whose days are done by the clock, as a worker does them."""

    market: Market
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))

    def open(self, business_date: date = MONDAY) -> "House":
        with self.market.database.transaction() as tx:
            open_day(tx, business_date, now=self.clock.now())
        return self

    def until(self, instant: datetime) -> None:
        """Let the time pass; each event is done when it is due, and after the last the next day opens."""
        while True:
            with self.market.database.transaction() as tx:
                due = due_events(tx, now=instant)[:1]
                if due:
                    self._move_to(due[0].at)
                    do_event(tx, due[0], now=self.clock.now(), actor="day")
                    if due[0].name == "end_of_day":
                        open_day(tx, TUESDAY, now=self.clock.now())
            if not due:
                self._move_to(instant)
                return

    def _move_to(self, instant: datetime) -> None:
        self.clock.advance(max(instant - self.clock.now(), timedelta()))

    def today(self) -> dict[str, Any]:
        with self.market.database.transaction() as tx:
            now = self.clock.now()
            return {"now": now, "business_date": current_business_date(tx, now=now)}

    def send(self, *sides: Instruction) -> None:
        how = self.today()
        with self.market.database.transaction() as tx:
            instruct(tx, sides, actor="test", **how)

    def status(self, instruction: Instruction) -> dict[str, Any]:
        with self.market.database.transaction() as tx:
            return find_instructions(tx, ids=[instruction.id], **self.today())[0]

    def why(self, instruction: Instruction) -> str:
        found = self.status(instruction)
        waits = found["waits_for"] or {"code": "-"}
        following = found["tried_next"] or {"event": "-"}
        return f"{found['state']} {waits['code']} {following['event']}"


@pytest.fixture
def house(market: Market) -> House:
    for party in (ANNA, BERT, CORA):
        market.give(party, 100_000)
        market.give(party, 100, FIXED)
    return House(market).open()


TABLE = """
arrives    kind   then            settles     state, reason, next try on arrival
Fri 18:30  dvp    -               Fri 20:00   pending OTHR night_cycle_1
Fri 19:00  fop    -               Fri 20:00   pending OTHR night_cycle_1
Fri 21:00  dvp    -               Fri 22:20   pending OTHR night_cycle_2
Sat 02:00  dvp    -               Mon 05:00   pending OTHR real_time
Sun 12:00  fop    -               Mon 05:00   pending OTHR real_time
Mon 07:00  dvp    -               Mon 07:00   settled - -
Mon 09:00  fop    -               Mon 09:00   settled - -
Mon 09:00  held   Mon 11:00       Mon 11:00   pending PREA -
Mon 15:59  dvp    -               Mon 15:59   settled - -
Mon 15:00  held   Mon 16:30       Mon 20:00   pending PREA -
Mon 16:00  dvp    -               Mon 20:00   failing LATE night_cycle_1
Mon 16:30  cncb   -               Mon 16:30   settled - -
Mon 17:30  fop    -               Mon 17:30   settled - -
Mon 17:40  cncb   -               Mon 20:00   failing LATE night_cycle_1
Mon 18:00  fop    -               Mon 20:00   failing CYCL night_cycle_1
"""
HOW = {"dvp": {"amount": 10}, "fop": {"amount": None}, "cncb": {"amount": 10, "both": CNCB},
       "held": {"amount": 10, "buy_holds": Hold.PARTY}}  # fmt: skip


def test_a_whole_day_settles_each_kind_in_its_phases(house: House):
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    plan: list[tuple[str, str, int]] = []
    sides: dict[int, tuple[Instruction, Instruction]] = {}
    for n, row in enumerate(rows):
        how = dict(HOW[row[2]])
        sides[n] = house.market.trade(ANNA, BERT, FIXED, 1, how.pop("amount"), **how)
        plan.append((f"{row[0]} {row[1]}", "send", n))
        if row[2] == "held":
            plan.append((f"{row[3]} {row[4]}", "release", n))
    for clock, what, n in sorted(plan, key=lambda entry: frankfurt(entry[0])):
        house.until(frankfurt(clock))
        if what == "send":
            house.send(*sides[n])
            expected = " ".join(rows[n][-3:])
            # The deliverer instructed first: it is the receiver that was late.
            late_for_me = expected.replace("PREA", "PRCY").replace("LATE", "CLAT")
            assert house.why(sides[n][1]) == expected, rows[n]
            assert house.why(sides[n][0]) == late_for_me, rows[n]
        else:
            with house.market.database.transaction() as tx:
                change(tx, sides[n][1].id, Change(release=Hold.PARTY), actor="test", **house.today())
    house.until(frankfurt("Tue 04:00"))
    found = {n: told(house.status(pair[0])["settled_at"]) for n, pair in sides.items()}
    settles = {n: " ".join(row[5:7] if row[2] == "held" else row[4:6]) for n, row in enumerate(rows)}
    assert found == settles
    with house.market.database.transaction() as tx:
        assert all(not check.violations for check in checks(tx))


CYCLES = ("Fri 20:00", "Fri 22:20", "Mon 05:00")
CUT_OFFS = {"dvp": "Mon 16:00", "cncb": "Mon 17:40", "fop": "Mon 18:00"}


def should_settle(kind: str, arrival: datetime) -> datetime:
    """The day in four lines: the next cycle until real time opens, then at once, after the cut-off the next night."""
    for cycle in CYCLES:
        if arrival < frankfurt(cycle):
            return frankfurt(cycle)
    return arrival if arrival < frankfurt(CUT_OFFS[kind]) else frankfurt("Mon 20:00")


ARRIVAL = st.tuples(
    st.sampled_from(sorted(CUT_OFFS)),
    st.integers(0, int((frankfurt("Mon 19:59") - START) / MINUTE))
    | st.sampled_from([*CYCLES, *CUT_OFFS.values()]).map(lambda c: int((frankfurt(c) - START) / MINUTE)),
)


@settings(max_examples=4)
@given(st.lists(ARRIVAL, min_size=20, max_size=40))
def test_whatever_arrives_at_any_minute_settles_when_its_phase_says(postgres, arrivals):
    with fresh_database(postgres) as database:
        market = opened(database)
        market.give(ANNA, 100, FIXED)
        market.give(BERT, 100_000)
        house, sent = House(market).open(), []
        for kind, minute in sorted(arrivals, key=lambda arrival: arrival[1]):
            how = dict(HOW[kind])
            house.until(START + minute * MINUTE)
            pair = market.trade(ANNA, BERT, FIXED, 1, how.pop("amount"), **how)
            house.send(*pair)
            sent.append((pair[0], kind, house.clock.now()))
        house.until(frankfurt("Mon 20:00"))
        for instruction, kind, arrived in sent:
            assert told(house.status(instruction)["settled_at"]) == told(should_settle(kind, arrived))


def test_parts_settle_in_the_windows_only(house: House):
    sides = house.market.trade(ANNA, BERT, FIXED, 150, 150)
    house.until(frankfurt("Mon 09:00"))
    house.send(*sides)
    assert house.why(sides[0]) == "pending LACK -"
    house.until(frankfurt("Mon 10:00"))
    assert house.status(sides[0])["settled_quantity"] == 100
    house.until(frankfurt("Mon 10:05"))
    later = house.market.trade(BERT, CORA, FIXED, 300, 300)
    house.send(*later)
    assert house.status(later[0])["settled_quantity"] == 200


def test_money_that_comes_after_the_cut_off_frees_nothing_and_the_lack_stays_the_reason(house: House):
    market = house.market
    sides = market.trade(ANNA, CORA, FIXED, 1, 100_001)
    house.until(frankfurt("Mon 15:00"))
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, MONDAY, 1_000_000, "EUR")])
    house.send(*sides)
    house.until(frankfurt("Mon 16:10"))
    market.give(CORA, 1)
    with market.database.transaction() as tx:
        (payer,) = tx.row("SELECT DISTINCT payer_account FROM settlement.pending")
        assert resume(tx, [("EUR", payer)], actor="test", **house.today()) == []
    assert house.why(sides[1]) == "failing MONY night_cycle_1"
    house.until(frankfurt("Mon 20:00"))
    assert told(house.status(sides[0])["settled_at"]) == "Mon 20:00"
    with market.database.transaction() as tx:
        assert [(p["kind"], p["debtor"]) for p in penalties_charged(tx, MONDAY, MONDAY)] == [("SEFP", CORA)]


def test_whoever_instructs_after_the_cut_off_pays_for_matching_late(house: House):
    with house.market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, MONDAY, 1_000_000, "EUR")])
    delivers, receives = house.market.trade(ANNA, BERT, FIXED, 1, 10)
    house.until(frankfurt("Mon 15:00"))
    house.send(delivers)
    house.until(frankfurt("Mon 16:01"))
    house.send(receives)
    assert house.status(receives)["waits_for"]["who"] == [BERT]
    house.until(frankfurt("Tue 12:00"))
    with house.market.database.transaction() as tx:
        found = [(p["kind"], p["business_date"], p["debtor"]) for p in penalties_charged(tx, MONDAY, TUESDAY)]
    assert found == [("LMFP", MONDAY, BERT)]


def test_what_settles_no_more_on_its_day_turns_failing_at_its_cut_off(house: House):
    against = house.market.trade(ANNA, BERT, FIXED, 1, 10, sell_holds=Hold.PARTY)
    free = house.market.trade(ANNA, BERT, FIXED, 1, None, sell_holds=Hold.PARTY)
    house.until(frankfurt("Mon 12:00"))
    house.send(*against, *free)
    states = []
    for clock in ("Mon 15:59", "Mon 16:00", "Mon 17:59", "Mon 18:00"):
        house.until(frankfurt(clock))
        states.append((house.status(against[0])["state"], house.status(free[1])["state"]))
    assert states == [
        ("pending", "pending"),
        ("failing", "pending"),
        ("failing", "pending"),
        ("failing", "failing"),
    ]
    with house.market.database.transaction() as tx:
        at = [
            told(e["at"])
            for side in (against[0], free[1])
            for e in events(tx, side.id)
            if e["kind"] == "FAILING"
        ]
    assert at == ["Mon 16:00", "Mon 18:00"]


def test_a_shifted_cut_off_binds_from_its_new_time(house: House):
    house.until(frankfurt("Mon 15:30"))
    with house.market.database.transaction() as tx:
        new = frankfurt("Mon 17:00")
        shift_cut_off(
            tx, MONDAY, "dvp_cut_off", new, now=house.clock.now(), actor="ops", reason="RTGS is late"
        )
    house.until(frankfurt("Mon 16:59"))
    in_time = house.market.trade(ANNA, BERT, FIXED, 1, 10)
    house.send(*in_time)
    house.until(frankfurt("Mon 17:00"))
    late = house.market.trade(ANNA, BERT, FIXED, 1, 10)
    house.send(*late)
    assert [house.status(pair[0])["state"] for pair in (in_time, late)] == ["settled", "failing"]


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        ("Fri 19:00", False),
        ("Fri 21:00", True),
        ("Sun 12:00", False),
        ("Mon 09:00", True),
        ("Mon 16:00", False),
    ],
)
def test_an_extra_cycle_runs_only_while_sets_settle(house: House, clock, allowed):
    house.until(frankfurt(clock))
    sides = house.market.trade(ANNA, BERT, FIXED, 1, 10)
    house.send(*sides)
    with house.market.database.transaction() as tx:
        if allowed:
            run_extra_cycle(tx, now=house.clock.now(), actor="ops")
        else:
            with pytest.raises(Refused, match="SET-050"):
                run_extra_cycle(tx, now=house.clock.now(), actor="ops")
    assert (house.status(sides[0])["state"] == "settled") == allowed


def test_without_an_open_day_the_house_settles_around_the_clock(market: Market):
    market.give(ANNA, 1, FIXED)
    market.give(BERT, 10)
    sunday = datetime(2026, 11, 22, 3, tzinfo=UTC)
    house = House(market, SimulatedClock(sunday))
    sides = market.trade(
        ANNA, BERT, FIXED, 1, 10, both={"intended_date": date(2026, 11, 20), "trade_date": date(2026, 11, 20)}
    )
    house.send(*sides)
    assert house.status(sides[0])["state"] == "settled"


def test_the_evening_belongs_to_the_next_business_date(house: House):
    house.until(frankfurt("Mon 18:00"))
    assert house.today()["business_date"] == TUESDAY
    sides = house.market.trade(ANNA, BERT, FIXED, 1, 10, both={"intended_date": TUESDAY})
    house.send(*sides)
    assert house.why(sides[0]) == "pending OTHR night_cycle_1"
    with house.market.database.transaction() as tx:
        day = current_day(tx)
    assert day is not None
    assert day.business_date == TUESDAY
