"""Days kept by the clock: opened in turn, done when due, caught up in order."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from counterfoil.core.db import Database
from counterfoil.settlement import current_day, do_event, keep_day, open_day
from counterfoil.settlement.clockwork import day_to_open
from counterfoil.settlement.day import any_day
from tests.settlement.market import ANNA, BERT, FIXED, TODAY, Market

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))


def instant(text: str) -> datetime:
    """Of November 2026, in UTC: "23 17:00" is 18:00 in Frankfurt."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def kept(database: Database, now: datetime) -> list[str]:
    """What is done, one transaction a step, until nothing is due."""
    found = []
    while True:
        with database.transaction() as tx:
            told = keep_day(tx, now=now, actor="clock")
        if told is None:
            return found
        if "event" in told:
            found.append(f"{told['business_date']:%d} {told['event']}")
        if told.get("opened"):
            found.append(f"open {told['opened']:%d}")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("23 16:59", MONDAY),  # before its end in Frankfurt
        ("23 17:00", TUESDAY),
        ("24 03:00", TUESDAY),
        ("20 17:00", MONDAY),  # Friday evening
        ("22 12:00", MONDAY),  # Sunday
    ],
)
def test_the_first_day_of_all_is_the_one_that_the_clock_shows(shared_database: Database, now, opens):
    with shared_database.transaction() as tx:
        assert day_to_open(tx, now=instant(now)) == opens


def test_each_event_is_done_when_it_is_due_and_the_next_day_opens_at_the_end(database: Database):
    assert kept(database, instant("22 12:00")) == [
        "open 23", "23 start_of_day", "23 night_cycle_1", "23 night_cycle_2", "23 night_end"
    ]  # fmt: skip
    assert kept(database, instant("23 03:59")) == []
    assert kept(database, instant("23 04:00")) == ["23 real_time"]
    assert kept(database, instant("23 16:59"))[-2:] == ["23 dvp_cut_off", "23 batm_cut_off"]
    assert kept(database, instant("23 17:00")) == ["23 fop_cut_off", "23 end_of_day", "open 24"]
    assert kept(database, instant("23 17:44")) == []
    assert kept(database, instant("23 17:45")) == ["24 start_of_day"]


def test_an_outage_is_caught_up_day_by_day_in_order(database: Database):
    kept(database, instant("23 12:00"))
    found = kept(database, instant("25 12:00"))
    ends = [entry for entry in found if "end_of_day" in entry or "open" in entry]
    assert ends == ["23 end_of_day", "open 24", "24 end_of_day", "open 25"]
    assert found[-1] == "25 partial_3"
    with database.transaction() as tx:
        events = any_day(tx, TUESDAY).events
    assert [e.done_at for e in events] == [instant("25 12:00")] * len(events)


def test_a_day_that_was_run_ahead_of_the_clock_is_waited_for(database: Database):
    with database.transaction() as tx:
        for event in open_day(tx, WEDNESDAY, now=instant("23 12:00")).events:
            do_event(tx, event, now=event.at, actor="ops")
    assert kept(database, instant("23 12:00")) == []
    with database.transaction() as tx:
        assert current_day(tx) is None
    assert kept(database, instant("25 17:00")) == ["open 26"]


def test_two_that_keep_the_day_at_once_do_each_event_once(market: Market):
    market.give(ANNA, 5, FIXED)
    market.give(BERT, 50)
    market.submit(*market.trade(ANNA, BERT, FIXED, 5, 50), at_once=False)
    found: list[list[str]] = [[], [], []]

    def work(n: int) -> None:
        for minutes in range(0, 60 * 6, 30):
            found[n] += kept(market.database, instant("23 11:00") + timedelta(minutes=minutes))

    threads = [Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept(market.database, instant("23 17:00"))
    done = [entry for part in found for entry in part]
    assert len(done) == len(set(done))
    cycles = market.rows("SELECT count(*) FROM settlement.cycle WHERE business_date = '2026-11-23'")
    assert cycles[0][0] == 9
    with market.database.transaction() as tx:
        assert any_day(tx, TODAY).state == "closed"
