"""Price ticks, the barriers they touch, and what is knocked out by them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refusal
from counterfoil.instruments import isin_from_wkn
from counterfoil.servicing import (
    NewTick,
    TicksTaken,
    confirm,
    dispute,
    enter_ticks,
    knock_out,
    knock_out_hits,
)
from tests.servicing.house import ANNA, House, open_house, own

SAP = "DE0007164600"
DAY = "2027-03-01"
MORNING = datetime(2027, 3, 1, 9, tzinfo=UTC)
LATER = "2027-03-01T18:00:00"


def tick(
    price: Any, *, source: str = "XETR", minute: int = 0, at: datetime | None = None, **what: Any
) -> NewTick:
    """A price of SAP on the morning of the day."""
    value = None if price is None else Decimal(price)
    moment = at or MORNING + timedelta(minutes=minute)
    return NewTick(what.pop("underlying", SAP), source, moment, value, **what)


def enter(house: House, *ticks: NewTick, by: str = "feed") -> TicksTaken:
    with house.database.transaction() as tx:
        return enter_ticks(tx, ticks, now=house.now, actor=by)


def both(house: House, price: Any, **what: Any) -> TicksTaken:
    """The same price from two sources."""
    return enter(house, tick(price, **what), tick(price, source="REUTERS", **what))


def sweep(house: House) -> list[str]:
    with house.database.transaction() as tx:
        return [e.isin for e in knock_out_hits(tx, now=house.now)]


def knock_outs(house: House, isin: str) -> list[dict[str, Any]]:
    return [e for e in house.events(isin) if e["kind"] == "knock_out"]


@pytest.fixture
def live(house: House) -> House:
    """After the issue date, in the evening."""
    house.at(LATER)
    return house


def test_two_sources_knock_out_at_once(live: House):
    isin, higher = live.issue("2200"), live.issue("2200", strike="110", barrier={"level": "110"})
    live.lay_out()
    first = enter(live, tick("119.5"))
    assert (first.touched, first.knocked_out, live.state(isin)) == (1, [], "active"), (
        "one word does not count"
    )
    second = enter(live, tick("119.9", source="REUTERS"))
    assert [e.isin for e in second.knocked_out] == [isin]
    assert (live.state(isin), live.state(higher)) == ("suspended", "active")
    (event,) = knock_outs(live, isin)
    assert (event["day"], event["payment"], event["state"]) == (
        date(2027, 3, 1),
        date(2027, 3, 3),
        "scheduled",
    )
    assert both(live, "118", minute=5).touched == 0, "what is knocked out is not looked for any more"


@pytest.mark.parametrize(
    ("class_", "changes", "misses", "hits"),
    [
        ("2200", {}, "120.01", "120"),
        ("2200", {"direction": "short", "strike": "160", "barrier": {"level": "160"}}, "159.99", "160"),
        ("2230", {}, "120.01", "120"),
        ("2230", {}, "199.99", "200"),
        ("2210", {"financing_percent": None}, "115.01", "115"),
        ("2210", {"financing_percent": "4.5"}, "115.01", "115"),
    ],
)
def test_a_price_at_the_level_hits(live: House, class_: str, changes: dict[str, Any], misses: str, hits: str):
    isin = live.issue(class_, **changes)
    live.lay_out()
    assert both(live, misses).touched == 0
    assert [e.isin for e in both(live, hits, minute=1).knocked_out] == [isin]


def test_a_level_that_grows_is_compared_as_it_stands_on_the_day(live: House):
    isin = live.issue("2205")
    live.lay_out()
    level = Decimal(175) * (1 + Decimal("-2.5") / 36_000) ** (date(2027, 3, 1) - date(2026, 12, 1)).days
    just_below = level.quantize(Decimal("1e-12"), rounding="ROUND_FLOOR")
    assert both(live, just_below).touched == 0
    assert [e.isin for e in both(live, just_below + Decimal("1e-12"), minute=1).knocked_out] == [isin]
    assert Decimal("173.89") < level < Decimal(175)


def test_a_barrier_at_the_close_is_hit_by_the_closing_price_only(live: House):
    isin = live.issue("2200", barrier={"level": "120", "monitoring": "close"})
    live.lay_out()
    assert both(live, "100").touched == 0
    assert [e.isin for e in both(live, "120", minute=400, at_close=True).knocked_out] == [isin]


def test_a_closing_price_is_a_price_among_others(live: House):
    isin = live.issue("2200")
    live.lay_out()
    assert [e.isin for e in both(live, "120", at_close=True).knocked_out] == [isin]


def test_a_barrier_that_ends_nothing_is_noted_as_hit(live: House):
    isin = live.issue("1250")
    live.lay_out()
    taken = both(live, "100")
    assert (taken.touched, taken.knocked_out, live.state(isin)) == (2, [], "active")
    standing = live.rows(
        "SELECT source, hit_on FROM servicing.observation WHERE subject = %(s)s::text", s=f"{isin}/barrier"
    )
    assert sorted(standing) == [("REUTERS", date(2027, 3, 1)), ("XETR", date(2027, 3, 1))]


def test_a_second_person_confirms_what_one_source_saw(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("119"))
    ((id_,),) = live.rows("SELECT observation_id FROM servicing.touch")
    assert sweep(live) == []
    with live.database.transaction() as tx:
        assert confirm(tx, [id_], now=live.now, actor="Bob") == [None]
    assert (sweep(live), sweep(live)) == ([isin], [])


def test_what_is_disputed_or_in_its_window_does_not_count_yet(live: House):
    isin = live.issue("2200")
    live.lay_out()
    live.rows("UPDATE servicing.source SET dispute_window = '1 hour' WHERE name = 'XETR' RETURNING name")
    assert both(live, "119").knocked_out == []
    live.at("2027-03-01T19:00:00")
    with live.database.transaction() as tx:
        ((id_,),) = tx.rows("SELECT observation_id FROM servicing.touch WHERE source = 'XETR'")
        raised = dispute(tx, id_, "off market", now=live.now, actor="Cem")
    assert sweep(live) == []
    with live.database.transaction() as tx:
        tx.execute(
            "INSERT INTO servicing.dispute_end (dispute_id, upheld, reason, ended_at, ended_by)"
            " VALUES (%(id)s::uuid, false, 'it was the market', %(now)s::timestamptz, 'Dora')",
            id=raised, now=live.now,
        )  # fmt: skip
    assert sweep(live) == [isin]


def test_a_withdrawn_price_takes_its_touch_back(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("119"))
    (outcome,) = enter(live, tick(None, reason="mistrade")).outcomes
    assert not isinstance(outcome, Refusal)
    assert outcome.version == 2
    assert enter(live, tick("119", source="REUTERS")).knocked_out == [], "one says so, the other says no"
    again = enter(live, tick("118", minute=9))
    assert [e.isin for e in again.knocked_out] == [isin], "a further price touches it all the same"


def test_a_corrected_price_touches_what_it_reaches_now(live: House):
    isin = live.issue("2200")
    live.lay_out()
    both(live, "121")
    enter(live, tick("120", reason="typed wrong"))
    taken = enter(live, tick("119", source="REUTERS", reason="typed wrong"))
    assert [e.isin for e in taken.knocked_out] == [isin]


def test_a_correction_of_one_price_leaves_what_another_touched(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("119"), tick("118", minute=1))
    enter(live, tick("130", minute=1, reason="typed wrong"))
    assert [e.isin for e in enter(live, tick("119", source="REUTERS")).knocked_out] == [isin]


def test_a_late_price_of_an_earlier_day_counts_for_that_day(live: House):
    isin = live.issue("2200")
    live.lay_out()
    both(live, "130")
    earlier = MORNING - timedelta(days=4)
    assert [(e.isin, e.day) for e in both(live, "119", at=earlier).knocked_out] == [(isin, date(2027, 2, 25))]


def test_prices_before_the_first_day_do_not_count(live: House):
    live.issue("2200", barrier={"level": "120", "observed_from": "2027-03-01"})
    live.lay_out()
    assert both(live, "119", at=MORNING - timedelta(days=4)).touched == 0
    assert both(live, "119").touched == 2


def test_a_barrier_that_comes_after_its_price_is_hit_by_it(live: House):
    both(live, "119")
    isin = live.issue("2200")
    live.lay_out()
    assert sweep(live) == [isin]


def test_a_repeated_batch_changes_nothing(live: House):
    isin = live.issue("2200")
    live.lay_out()
    both(live, "119")
    again = both(live, "119")
    assert [getattr(o, "is_new", None) for o in again.outcomes] == [False, False]
    assert (again.touched, again.knocked_out, len(knock_outs(live, isin))) == (0, [], 1)


def test_a_batch_that_breaks_off_leaves_nothing_and_knocks_out_when_it_comes_again(live: House):
    isin = live.issue("2200")
    live.lay_out()
    batch = [tick("119"), tick("119", source="REUTERS")]

    def break_off() -> None:
        with live.database.transaction() as tx:
            assert len(enter_ticks(tx, batch, now=live.now, actor="feed").knocked_out) == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        break_off()
    assert (live.state(isin), live.rows("SELECT count(*) FROM servicing.tick")) == ("active", [(0,)])
    assert [e.isin for e in enter(live, *batch).knocked_out] == [isin]


def test_sources_sweeps_and_new_issues_at_once_knock_each_out_once(live: House):
    isins = [
        live.issue("2200", strike=str(level), barrier={"level": str(level)}) for level in range(110, 120)
    ]

    def feed(source: str) -> int:
        prices = (tick(price, source=source, minute=n) for n, price in enumerate(range(121, 108, -1)))
        return sum(len(enter(live, one).knocked_out) for one in prices)

    def lay_out_and_sweep() -> int:
        live.lay_out()
        return sum(len(sweep(live)) for _ in range(20))

    with ThreadPoolExecutor(4) as hands:
        work = [hands.submit(feed, source) for source in ("XETR", "REUTERS")]
        work += [hands.submit(lay_out_and_sweep) for _ in range(2)]
        struck = sum(done.result() for done in work)
    assert struck + len(sweep(live)) == 10
    assert [len(knock_outs(live, isin)) for isin in isins] == [1] * 10
    assert live.violations() == []


def test_a_tick_is_refused_by_itself(live: House):
    taken = enter(
        live,
        tick("100", source="NOBODY"),
        tick("100", at=live.now + timedelta(seconds=1)),
        tick(None),
        tick("130", minute=1),
        tick("131", minute=1),
    )
    codes = [o.code if isinstance(o, Refusal) else "ok" for o in taken.outcomes]
    assert codes == ["SRV-011", "SRV-015", "SRV-019", "ok", "SRV-012"]


def test_a_security_is_knocked_out_once_by_hand_or_by_price(live: House):
    isin, other = live.issue("2200"), live.issue("2200")
    live.lay_out()
    with live.database.transaction() as tx:
        knock_out(tx, [isin], date(2027, 3, 1), now=live.now)
    assert [e.isin for e in both(live, "119").knocked_out] == [other]
    with live.database.transaction() as tx:
        outcomes = knock_out(tx, [isin, other], date(2027, 3, 1), now=live.now)
    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["SRV-044", "SRV-044"]
    with pytest.raises(Conflict, match="knocked_out_once"):
        live.rows(
            "INSERT INTO servicing.pending (event_id, isin, process, starts_on)"
            " VALUES (gen_random_uuid(), %(isin)s::text, 'knock-out', '2027-03-01') RETURNING isin",
            isin=isin,
        )


def test_amended_terms_move_the_barrier_from_their_day_on(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("121", at=MORNING - timedelta(days=4)))
    live.amend(isin, strike="122", barrier={"level": "122"})
    live.lay_out()
    assert live.rows("SELECT count(*) FROM servicing.touch") == [(0,)], "the old price met the old level"
    assert [e.isin for e in both(live, "121").knocked_out] == [isin]


def test_a_stop_loss_that_the_issuer_has_raised_is_hit_where_it_is_now_and_pays_its_residual(live: House):
    isin = live.issue("2210")
    live.give(ANNA, isin, 1_000)
    live.fund(1_000)
    live.lay_out()
    live.amend(isin, financing_level="111", stop_loss="116")
    live.lay_out()
    assert both(live, "116.01").knocked_out == []
    (event,) = both(live, "116", minute=1).knocked_out
    live.observe("strike", isin, DAY, value="112")
    live.observe("unwinding", isin, DAY, value="115.5")
    live.at("2027-03-03T12:00:00")
    live.service(event.id)
    assert live.held(own(ANNA)) == 350, "1,000 · 0.1 · (115.5 - 112)"


def test_what_was_seen_before_the_barrier_is_watched_does_not_count(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("119"))
    live.amend(isin, barrier={"level": "120", "observed_from": "2027-03-02"})
    live.lay_out()
    assert both(live, "118", minute=1).knocked_out == []
    with live.database.transaction() as tx:
        ((id_,),) = tx.rows("SELECT observation_id FROM servicing.touch")
        confirm(tx, [id_], now=live.now, actor="Bob")
    assert (sweep(live), live.violations()) == ([], [])


def test_what_has_ended_is_watched_no_more(live: House):
    isin = live.issue("2200")
    live.lay_out()
    (event,) = both(live, "119").knocked_out
    live.at("2027-03-03T12:00:00")
    live.service(event.id)
    assert live.state(isin) == "redeemed"
    assert live.rows("SELECT count(*) FROM servicing.watched") == [(0,)]
    assert live.violations() == []


# --- any order of ticks, corrections and barriers, against a naive loop

DAYS = [date(2027, 3, d) for d in (1, 2, 3)]
SOURCES = ("XETR", "REUTERS", "VENUE")
_numbers = count(1)


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """A knock-out; some grow, some look at the close only, some begin later."""
    direction = draw(st.sampled_from(["long", "short"]))
    level = draw(st.integers(96, 99) if direction == "long" else st.integers(101, 104))
    barrier: dict[str, Any] = {
        "level": str(level), "monitoring": draw(st.sampled_from(["continuous", "continuous", "close"])),
    }  # fmt: skip
    if draw(st.booleans()):
        barrier["observed_from"] = draw(st.sampled_from(DAYS)).isoformat()
    return {
        "direction": direction, "barrier": barrier, "strike": str(level),
        "financing_percent": draw(st.sampled_from([None, None, "4.5", "-2.5"])),
    }  # fmt: skip


Step = tuple[str, Any]
ticks = st.tuples(
    st.sampled_from(SOURCES), st.sampled_from(DAYS), st.integers(0, 3), st.integers(95, 105), st.booleans(),
    st.sampled_from(["price", "price", "price", "withdraw"]),
)  # fmt: skip
steps = st.lists(
    st.one_of(
        st.tuples(st.just("ticks"), st.lists(ticks, min_size=1, max_size=6)),
        st.tuples(st.just("ticks"), st.lists(ticks, min_size=1, max_size=6)),
        st.tuples(st.just("issue"), st.lists(products(), min_size=1, max_size=3)),
    ),
    min_size=2,
    max_size=7,
)


class Naive:
    """Compares every barrier with every price, each time, and judges day by day."""

    def __init__(self) -> None:
        self.prices: dict[tuple[str, date, int], tuple[int | None, bool]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.ever: set[tuple[str, str, date]] = set()
        self.hit: dict[str, date] = {}

    def touched(self, isin: str) -> Iterator[tuple[str, date]]:
        product = self.products[isin]
        barrier, rate = product["barrier"], Decimal(product["financing_percent"] or 0)
        for (source, day, _), (price, close) in self.prices.items():
            growth = (1 + rate / 36_000) ** (day - date(2026, 12, 1)).days
            level = Decimal(barrier["level"]) * growth
            watched = day >= date.fromisoformat(barrier.get("observed_from", "2026-12-01"))
            seen = price is not None and (close or barrier["monitoring"] == "continuous")
            below = price is not None and price <= level
            above = price is not None and price >= level
            if watched and seen and (below if product["direction"] == "long" else above):
                yield source, day

    def judge(self) -> None:
        """A source that saw a barrier touched and has taken that back denies it."""
        for isin in self.products:
            if isin in self.hit:
                continue
            now = {(isin, source, day) for source, day in self.touched(isin)}
            self.ever |= now
            for day in DAYS:
                yes = [k for k in now if k[2] == day]
                no = [k for k in self.ever if k[0] == isin and k[2] == day and k not in now]
                if len(yes) >= 2 and not no:
                    self.hit[isin] = day
                    break


@pytest.fixture(scope="module")
def lasting(shared_database: Database) -> House:
    house = open_house(shared_database)
    house.rows(
        "INSERT INTO servicing.source (name, dispute_window, added_at, added_by)"
        " VALUES ('VENUE', '0', now(), 'test') RETURNING name"
    )
    house.at("2027-03-04T18:00:00")
    return house


@settings(max_examples=30)
@given(steps=steps)
def test_what_is_knocked_out_is_what_a_naive_loop_knocks_out(lasting: House, steps: list[Step]):
    naive, underlying = Naive(), isin_from_wkn(f"UL{next(_numbers):04d}")
    for kind, what in steps:
        if kind == "issue":
            for product in what:
                share = {"kind": "equity", "name": "A share", "isin": underlying, "initial_fixing": "100"}
                class_ = "2205" if product["financing_percent"] else "2200"
                isin = lasting.issue(class_, **product, underlyings=[share])
                naive.products[isin] = product
            lasting.lay_out()
            sweep(lasting)
        else:
            _enter_both(lasting, naive, underlying, what)
        naive.judge()
    found = lasting.rows(
        "SELECT isin, hit_on FROM servicing.watched WHERE underlying = %(u)s::text AND hit_on IS NOT NULL",
        u=underlying,
    )
    assert dict(found) == naive.hit
    events = lasting.rows(
        "SELECT e.isin, e.day FROM servicing.event AS e JOIN servicing.pending AS p ON p.event_id = e.id"
        " WHERE e.kind = 'knock_out' AND e.isin = ANY(%(isins)s::text[])",
        isins=list(naive.products),
    )
    assert sorted(events) == sorted(naive.hit.items())
    assert lasting.violations() == []
    assert all(
        lasting.state(isin) == ("suspended" if isin in naive.hit else "active") for isin in naive.products
    )


def test_verify_notices_a_price_that_was_passed_over(live: House):
    isin = live.issue("2200")
    live.lay_out()
    enter(live, tick("119"))
    assert live.violations() == []
    live.rows("UPDATE servicing.watched SET touched = false RETURNING isin")
    assert live.violations() == [f"servicing.barriers: ('{isin}/barrier',)"]
    live.rows("UPDATE servicing.watched SET touched = true RETURNING isin")
    live.rows("UPDATE servicing.extreme SET reach = reach - 1 WHERE side = -1 RETURNING day")
    assert live.violations() == [f"servicing.barriers: ('{SAP} 2027-03-01 XETR',)"]


def _enter_both(house: House, naive: Naive, underlying: str, what: list[Any]) -> None:
    batch = []
    for source, day, minute, price, close, kind in what:
        at = datetime(day.year, day.month, day.day, 9, minute, tzinfo=UTC)
        key = source, day, minute
        if kind == "withdraw" and key not in naive.prices:
            continue
        value = None if kind == "withdraw" else price
        naive.prices[key] = value, close
        batch.append(
            tick(value, source=source, at=at, at_close=close, underlying=underlying, reason="corrected")
        )
    enter(house, *batch)
