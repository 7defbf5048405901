"""The settlement day: instants from a timetable, across summer time and holidays; shifts; what may settle when."""

import doctest
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import add_business_days, is_business_day
from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.settlement import day as days
from counterfoil.settlement import timetable
from counterfoil.settlement.day import (
    close_day,
    current_business_date,
    current_day,
    due_events,
    mark_done,
    open_day,
    phase_at,
    shift_cut_off,
)
from counterfoil.settlement.model import Payment
from counterfoil.settlement.timetable import (
    ZONE,
    Day,
    DayEvent,
    EventKind,
    PhaseName,
    TimetableEntry,
    lay_out,
    shifted,
)

MONDAY = date(2026, 11, 23)
EVE = datetime(2026, 11, 20, 17, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAMES = (
    "start_of_day night_cycle_1 night_cycle_2 night_end real_time partial_1 partial_2 partial_3 partial_4 partial_5 "
    "dvp_cut_off batm_cut_off fop_cut_off end_of_day"
).split()


def opened(database: Database, business_date: date = MONDAY, **how: Any) -> Day:
    with database.transaction() as tx:
        return open_day(tx, business_date, now=EVE, **how)


def local(day: Day) -> dict[str, str]:
    """The events' times as a clock in Frankfurt shows them."""
    return {e.name: f"{e.at.astimezone(ZONE):%a %H:%M}" for e in day.events}


def at(day: Day, clock: str) -> datetime:
    """An instant of the business date itself by the clock in Frankfurt."""
    return datetime.combine(day.business_date, time.fromisoformat(clock), ZONE).astimezone(UTC)


def refused(*codes: str) -> Any:
    return pytest.raises(Refused, match="|".join(codes))


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(timetable).failed == 0


def test_a_day_begins_on_the_evening_before_and_ends_in_the_evening(database: Database):
    day = opened(database)
    assert list(local(day)) == NAMES
    assert list(local(day).values()) == [
        "Fri 18:45", "Fri 20:00", "Fri 22:20", "Sat 03:00", "Mon 05:00", "Mon 08:00", "Mon 10:00", "Mon 12:00",
        "Mon 14:00", "Mon 15:30", "Mon 16:00", "Mon 17:40", "Mon 18:00", "Mon 18:00",
    ]  # fmt: skip
    assert day.events[0].at == EVE


@pytest.mark.parametrize(
    ("business_date", "start", "cut_off"),
    [
        (date(2026, 10, 26), "2026-10-23T16:45", "2026-10-26T15:00"),  # the clock goes back in between
        (date(2026, 10, 23), "2026-10-22T16:45", "2026-10-23T14:00"),
        (date(2026, 3, 30), "2026-03-27T17:45", "2026-03-30T14:00"),  # the clock goes forward in between
        (date(2026, 3, 27), "2026-03-26T17:45", "2026-03-27T15:00"),
        (
            date(2026, 4, 7),
            "2026-04-02T16:45",
            "2026-04-07T14:00",
        ),  # the eve of Tuesday after Easter is Thursday
        (date(2027, 1, 4), "2026-12-31T17:45", "2027-01-04T15:00"),
        (date(2024, 12, 27), "2024-12-24T17:45", "2024-12-27T15:00"),
        (date(2024, 5, 2), "2024-04-30T16:45", "2024-05-02T14:00"),
    ],
)
def test_times_hold_in_frankfurt_across_summer_time_and_holidays(
    shared_database: Database, business_date, start, cut_off
):
    with shared_database.transaction() as tx:
        found = {e.name: e.at for e in lay_out(days._timetable(tx, business_date), business_date)}
    assert f"{found['start_of_day']:%Y-%m-%dT%H:%M}" == start
    assert f"{found['dvp_cut_off']:%Y-%m-%dT%H:%M}" == cut_off


@pytest.mark.parametrize("closed", ["2026-11-22", "2026-12-25", "2026-12-26", "2026-04-03", "2026-05-01"])
def test_no_day_opens_while_target_is_closed(database: Database, closed):
    with refused("SET-040"):
        opened(database, date.fromisoformat(closed))


@given(st.dates(date(2016, 1, 1), date(2060, 12, 31)), st.none() | st.times(time(18), time(22)))
def test_events_are_in_order_on_every_day_and_within_its_own_time(business_date, night_start):
    timetable = [
        TimetableEntry("start", EventKind.START, True, time(17)),
        TimetableEntry("one", EventKind.NIGHT_CYCLE, True, time(20)),
        TimetableEntry("two", EventKind.NIGHT_CYCLE, True, time(0, 30)),
        TimetableEntry("real", EventKind.REAL_TIME, False, time(5)),
        TimetableEntry("dvp", EventKind.DVP_CUT_OFF, False, time(16)),
    ]
    if not is_business_day(business_date, "TARGET"):
        with refused("SET-040"):
            lay_out(timetable, business_date)
        return
    events = lay_out(timetable, business_date, night_start)
    assert [e.at for e in events] == sorted(e.at for e in events)
    assert events[2].at - events[1].at == timedelta(hours=4, minutes=30)
    eve = add_business_days(business_date, -1, "TARGET")
    assert events[0].at.astimezone(ZONE).date() == eve
    assert events[4].at.astimezone(ZONE).replace(tzinfo=None) == datetime.combine(business_date, time(16))
    assert all(e.at.tzinfo is UTC for e in events)


def test_the_night_can_start_later_and_its_cycles_keep_their_distance(database: Database):
    found = local(opened(database, night_start=time(0, 30)))
    assert (found["night_cycle_1"], found["night_cycle_2"]) == ("Sat 00:30", "Sat 02:50")


@pytest.mark.parametrize("start", [time(18), time(1), time(15)])
def test_the_night_cannot_start_where_its_events_would_come_out_of_order(database: Database, start):
    with refused("SET-049"):
        opened(database, night_start=start)


def test_a_new_timetable_is_data(database: Database):
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO settlement.timetable SELECT '2026-11-24', name, kind, ordinal, on_eve,"
            " CASE name WHEN 'dvp_cut_off' THEN '17:00' ELSE local_time END, lasts FROM settlement.timetable"
        )
        old, new = (lay_out(days._timetable(tx, d), d) for d in (MONDAY, date(2026, 11, 24)))
    assert [f"{e.at.astimezone(ZONE):%H:%M}" for e in (old[10], new[10])] == ["16:00", "17:00"]


def test_only_one_day_is_open_and_no_day_opens_twice(database: Database):
    day = opened(database)
    assert opened(database).events == day.events
    with refused("SET-041"):
        opened(database, date(2026, 11, 24))
    run_through(database, day)
    with refused("SET-042"):
        opened(database)
    with refused("SET-042"):
        opened(database, date(2026, 11, 20))
    assert opened(database, date(2026, 11, 24)).is_open


def test_the_database_lets_no_second_day_be_open(database: Database):
    opened(database)
    with pytest.raises(Conflict, match="one_open_day"), database.transaction() as tx:
        tx.execute("INSERT INTO settlement.day VALUES ('2026-11-24', 'open', now())")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM settlement.day",
        "DELETE FROM settlement.day_event",
        "UPDATE settlement.day_event SET name = name || 'x'",
        "UPDATE settlement.day_shift SET reason = ''",
        "UPDATE settlement.day SET state = 'closed'",
        "UPDATE settlement.day_event SET shifted_by = 'nobody'",
        "UPDATE settlement.day_event SET done_at = at - interval '1 second'",
    ],
)
def test_the_database_keeps_what_happened(database: Database, statement):
    day = opened(database)
    with database.transaction() as tx:
        shift_cut_off(tx, MONDAY, "dvp_cut_off", at(day, "16:30"), now=EVE, actor="ops", reason="late")
    with pytest.raises(Conflict), database.transaction() as tx:
        tx.execute(statement)


def run_through(database: Database, day: Day) -> list[str]:
    """Do every event in order, one transaction each, and close the day."""
    done = []
    for event in day.events:
        with database.transaction() as tx:
            (due, *_) = due_events(tx, now=event.at)
            assert mark_done(tx, day.business_date, due.name, now=event.at)
            done.append(due.name)
    with database.transaction() as tx:
        close_day(tx, day.business_date, now=day.events[-1].at)
        assert current_day(tx) is None
        assert due_events(tx, now=day.events[-1].at) == []
    return done


def test_a_day_runs_through_its_events_in_order(database: Database):
    assert run_through(database, opened(database)) == NAMES


def test_what_is_due_comes_in_order_and_is_done_once(database: Database):
    day = opened(database)
    now = at(day, "08:00")
    with database.transaction() as tx:
        assert [e.name for e in due_events(tx, now=now)] == NAMES[:6]
        assert mark_done(tx, MONDAY, "start_of_day", now=now)
        assert not mark_done(tx, MONDAY, "start_of_day", now=now)
        assert [e.name for e in due_events(tx, now=now)] == NAMES[1:6]
        assert due_events(tx, now=EVE - MINUTE) == []


def test_an_event_is_not_done_early_nor_before_those_ahead_of_it(database: Database):
    day = opened(database)
    with database.transaction() as tx:
        with refused("SET-047"):
            mark_done(tx, MONDAY, "start_of_day", now=EVE - MINUTE)
        with refused("SET-048"):
            mark_done(tx, MONDAY, "night_cycle_1", now=at(day, "06:00"))
        with refused("SET-044"):
            mark_done(tx, MONDAY, "lunch", now=EVE)
        with refused("SET-043"):
            mark_done(tx, date(2026, 11, 24), "start_of_day", now=EVE)


@pytest.mark.parametrize(
    ("when", "name", "night", "dvp", "fop", "treasury", "parts"),
    [
        ("Fri 18:44", "before", 0, 0, 0, 0, 0),
        ("Fri 18:45", "start_of_day", 0, 0, 0, 0, 0),
        ("Fri 20:00", "night", 1, 0, 0, 0, 0),
        ("Fri 22:20", "night", 1, 0, 0, 0, 1),
        ("Sat 03:00", "maintenance", 0, 0, 0, 0, 0),
        ("Sun 12:00", "maintenance", 0, 0, 0, 0, 0),
        ("Mon 05:00", "real_time", 0, 1, 1, 1, 0),
        ("Mon 08:00", "real_time", 0, 1, 1, 1, 1),
        ("Mon 08:29", "real_time", 0, 1, 1, 1, 1),
        ("Mon 08:30", "real_time", 0, 1, 1, 1, 0),
        ("Mon 14:14", "real_time", 0, 1, 1, 1, 1),
        ("Mon 14:15", "real_time", 0, 1, 1, 1, 0),
        ("Mon 15:59", "real_time", 0, 1, 1, 1, 1),
        ("Mon 16:00", "real_time", 0, 0, 1, 1, 0),
        ("Mon 17:39", "real_time", 0, 0, 1, 1, 0),
        ("Mon 17:40", "real_time", 0, 0, 1, 0, 0),
        ("Mon 17:59", "real_time", 0, 0, 1, 0, 0),
        ("Mon 18:00", "end_of_day", 0, 0, 0, 0, 0),
    ],
)
def test_what_may_settle_depends_on_the_time(
    shared_database: Database, when, name, night, dvp, fop, treasury, parts
):
    day = opened(shared_database)
    weekday, clock = when.split()
    on = MONDAY - timedelta(days={"Fri": 3, "Sat": 2, "Sun": 1, "Mon": 0}[weekday])
    now = datetime.combine(on, time.fromisoformat(clock), ZONE).astimezone(UTC)
    phase = day.phase(now)
    assert (phase.name, phase.night_set, phase.real_time_dvp, phase.real_time_fop) == (
        PhaseName(name), night, dvp, fop,
    )  # fmt: skip
    assert (phase.treasury, phase.in_parts) == (treasury, parts)
    assert phase.allows(Payment.AGAINST) == bool(dvp)
    assert phase.allows(Payment.FREE) == bool(fop)
    assert phase.allows(Payment.AGAINST, "CNCB") == bool(dvp or treasury)
    assert phase.allows_cycle == bool(night or dvp)
    with shared_database.transaction() as tx:
        assert phase_at(tx, now=now) == phase


def test_without_an_open_day_there_is_no_phase(database: Database):
    with database.transaction() as tx:
        assert phase_at(tx, now=EVE) is None
        assert due_events(tx, now=EVE) == []


def test_the_business_date_is_that_of_the_open_day_from_its_eve_on(database: Database):
    with database.transaction() as tx:
        assert current_business_date(tx, now=EVE) == EVE.date()
    opened(database)
    with database.transaction() as tx:
        assert current_business_date(tx, now=EVE) == MONDAY
        tx.execute("UPDATE settlement.day SET state = 'closed', closed_at = now()")
        assert current_business_date(tx, now=EVE) == EVE.date()


def test_each_kind_of_settlement_has_its_own_cut_off(shared_database: Database):
    day = opened(shared_database)
    for payment, kind, clock in (
        (Payment.AGAINST, "TRAD", "16:00"),
        (Payment.AGAINST, "CNCB", "17:40"),
        (Payment.FREE, "TRAD", "18:00"),
    ):
        assert day.is_past_cut_off(payment, at(day, clock), kind)
        assert not day.is_past_cut_off(payment, at(day, clock) - MINUTE, kind)
        assert not day.is_past_cut_off(payment, EVE, kind)


def shift(database: Database, day: Day, name: str, clock: str, now: str = "12:00") -> Day:
    with database.transaction() as tx:
        return shift_cut_off(
            tx,
            day.business_date,
            name,
            at(day, clock),
            now=at(day, now),
            actor="ops",
            reason="TARGET is late",
        )


def test_a_cut_off_is_shifted_and_keeps_who_why_and_from_when(database: Database):
    day = opened(database)
    moved = shift(database, day, "dvp_cut_off", "17:00")
    event = moved.events[10]
    assert (event.at, event.shifted_from) == (at(day, "17:00"), at(day, "16:00"))
    assert (event.shifted_by, event.reason) == ("ops", "TARGET is late")
    assert [e for e in moved.events if e.name != "dvp_cut_off"] == [
        e for e in day.events if e.name != "dvp_cut_off"
    ]
    assert not moved.is_past_cut_off(Payment.AGAINST, at(day, "16:30"))
    assert moved.phase(at(day, "16:30")).in_parts
    again = shift(database, day, "dvp_cut_off", "17:30")
    assert again.events[10].shifted_from == at(day, "16:00")
    with database.transaction() as tx:
        rows = tx.rows("SELECT from_at, to_at FROM settlement.day_shift ORDER BY id")
    assert rows == [(at(day, "16:00"), at(day, "17:00")), (at(day, "17:00"), at(day, "17:30"))]


def test_what_would_be_overtaken_moves_along_and_the_rest_stays(database: Database):
    day = opened(database)
    assert list(local(shift(database, day, "dvp_cut_off", "18:30")).values())[10:] == [
        "Mon 18:30", "Mon 20:10", "Mon 20:30", "Mon 20:30",
    ]  # fmt: skip
    assert list(local(shift(database, day, "fop_cut_off", "21:00")).values())[10:] == [
        "Mon 18:30", "Mon 20:10", "Mon 21:00", "Mon 21:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "clock", "code"),
    [
        ("partial_3", "13:00", "SET-045"),  # its time has come
        ("real_time", "13:00", "SET-045"),
        ("dvp_cut_off", "11:59", "SET-046"),  # in the past
        ("dvp_cut_off", "12:00", "SET-046"),
        ("dvp_cut_off", "15:29", "SET-046"),  # before the last window
        ("fop_cut_off", "17:00", "SET-046"),
        ("teatime", "17:00", "SET-044"),
    ],
)
def test_only_what_is_to_come_is_shifted_and_only_forward_of_what_comes_first(
    database: Database, name, clock, code
):
    day = opened(database)
    with refused(code):
        shift(database, day, name, clock)
    with database.transaction() as tx:
        assert current_day(tx) == day


def test_a_shift_does_not_reach_into_the_next_day(database: Database):
    day = opened(database)
    for new_at, fine in ((at(day, "05:00") + timedelta(days=1), False), (at(day, "23:30"), True)):
        with database.transaction() as tx:
            values: Any = {"now": EVE, "actor": "ops", "reason": "outage"}
            if fine:
                assert shift_cut_off(tx, MONDAY, "end_of_day", new_at, **values).events[-1].at == new_at
            else:
                with refused("SET-046"):
                    shift_cut_off(tx, MONDAY, "end_of_day", new_at, **values)


def test_what_is_done_is_not_shifted(database: Database):
    day = opened(database)
    run_through(database, day)
    with refused("SET-045"):
        shift(database, day, "end_of_day", "22:00")


EVENTS = [
    DayEvent(MONDAY, str(n), EventKind.PARTIAL_WINDOW, EVE + gap * MINUTE)
    for n, gap in enumerate((0, 10, 10, 25, 60, 61))
]


@given(st.integers(0, 5), st.integers(-30, 200))
def test_a_shift_keeps_the_order_of_what_follows_and_moves_as_little_as_it_must(index, minutes):
    new_at = EVENTS[index].at + minutes * MINUTE
    moved = shifted(EVENTS, str(index), new_at)
    assert moved[:index] == EVENTS[:index]
    assert moved[index].at == new_at
    tail = [e.at for e in moved[index:]]
    assert tail == sorted(tail)
    delays = {m.at - e.at for m, e in zip(moved[index + 1 :], EVENTS[index + 1 :], strict=True)}
    assert delays <= {timedelta(), timedelta(minutes=minutes)}
    if minutes <= 0:
        assert moved[index + 1 :] == EVENTS[index + 1 :]
