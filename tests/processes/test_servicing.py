"""Lifecycles by the clock: every event is started, decided, recorded and paid on its days, without a hand."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refused
from counterfoil.ledger import AccountKind, Step, open_accounts
from counterfoil.orchestration import Tasks, Worker, complete_user_tasks, instance
from counterfoil.processes import all_tasks, requesters, start_correction, start_release, sweep_events
from counterfoil.servicing import (
    Call,
    Exercise,
    askers,
    call_early,
    consent_to_deletion,
    declare,
    exercise,
    knock_out,
    release_elsewhere,
    reopen,
    request_release,
)
from counterfoil.settlement import Change, Hold, change, sides
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, BERT, ISSUER, House, own

MONTH = timedelta(days=14)


@pytest.fixture
def clockwork(database: Database) -> Iterator[Clockwork]:
    found = open_clockwork(database)
    yield found
    assert found.trouble() == []


@pytest.fixture
def house(clockwork: Clockwork) -> House:
    return clockwork.house


def states(house: House, isin: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for e in house.events(isin):
        if e["state"] != "date":
            found.setdefault(e["kind"], []).append(e["state"])
    return found


def test_a_bond_lives_from_its_first_coupon_to_its_deletion(clockwork: Clockwork, house: House):
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 1_000_000)
    house.fund(2_000_000)
    with house.database.transaction() as tx:
        consent_to_deletion(tx, ISSUER, now=house.now, actor="issuer")
    clockwork.until("2027-12-01T08:00:00", timedelta(days=60))
    assert states(house, isin) == {"coupon": ["begun", *["scheduled"] * 4], "redemption": ["scheduled"]}
    clockwork.until("2027-12-01T10:00:00")
    assert house.held(own(ANNA)) == 28_750
    clockwork.until("2031-11-28T20:00:00", timedelta(days=30))
    assert house.held(own(ANNA)) == 4 * 28_750
    assert house.state(isin) == "matured", "from the record date on nothing settles"
    clockwork.until("2031-12-01T12:00:00")
    assert house.held(own(ANNA)) == 5 * 28_750 + 1_000_000
    assert house.state(isin) == "deleted"
    assert states(house, isin) == {"coupon": ["paid"] * 5, "redemption": ["paid"]}
    assert clockwork.running() == []


def test_an_express_is_called_and_its_later_dates_lapse(clockwork: Clockwork, house: House):
    isin = house.issue("1260")
    house.give(ANNA, isin, 5_000)
    house.fund(10_000)
    clockwork.until("2027-06-17T18:00:00", MONTH)
    assert clockwork.running() == ["autocall"]
    house.price("2027-06-17", 151)
    clockwork.until("2027-06-21T12:00:00")
    assert house.held(own(ANNA)) == 5_200
    assert house.state(isin) == "redeemed"
    assert states(house, isin) == {"observation": ["paid", "lapsed"], "redemption": ["lapsed"]}
    assert clockwork.running() == []


def test_an_express_that_misses_its_coupon_goes_on(clockwork: Clockwork, house: House):
    isin = house.issue("1260")
    house.give(ANNA, isin, 5_000)
    house.fund(10_000)
    clockwork.until("2027-06-17T18:00:00", MONTH)
    house.price("2027-06-17", 99)
    clockwork.until("2027-06-18T18:00:00")
    assert states(house, isin)["observation"] == ["nothing", "scheduled"]
    clockwork.until("2027-12-17T18:00:00", MONTH)
    house.price("2027-12-17", 120)
    clockwork.until("2027-12-23T18:00:00")
    assert house.held(own(ANNA)) == 5_000 + 400, "the missed coupon comes with the second"
    assert states(house, isin) == {"observation": ["nothing", "paid"], "redemption": ["paid"]}


def test_what_lacks_money_is_paid_when_it_comes(clockwork: Clockwork, house: House):
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 1_000_000)
    clockwork.until("2027-03-01T12:00:00", MONTH)
    assert (house.held(own(ANNA)), house.state(isin)) == (0, "matured")
    house.fund(1_000_000)
    clockwork.until("2027-03-01T12:02:00", timedelta(minutes=1))
    assert (house.held(own(ANNA)), house.state(isin)) == (1_000_000, "redeemed")


def test_a_person_decides_where_the_paying_agent_says_otherwise(clockwork: Clockwork, house: House):
    stands, refused = (house.issue("commercial_paper") for _ in range(2))
    for isin in (stands, refused):
        house.give(ANNA, isin, 100_000)
    house.fund(200_000)
    clockwork.work()
    for isin, amount in ((stands, 99_000), (refused, 101_000)):
        with house.database.transaction() as tx:
            event = house.event(isin, "redemption")["id"]
            declare(tx, event, Decimal(amount), now=house.now, actor="agent")
    clockwork.until("2027-03-01T12:00:00", MONTH)
    by_isin = {task["variables"]["isin"]: task for task in clockwork.tasks()}
    assert {t["variables"]["declared"] for t in by_isin.values()} == {"99000", "101000"}
    with house.database.transaction() as tx:
        barred = requesters(tx, list(by_isin.values()))
        assert barred == [frozenset({"agent"})] * 2, "who declares an amount does not clear it"
        for isin, approved in ((stands, True), (refused, False)):
            complete_user_tasks(tx, [by_isin[isin]["id"]], {"approved": approved}, actor="Eve", now=house.now)
    clockwork.work()
    assert house.held(own(ANNA)) == 100_000
    assert (states(house, stands)["redemption"], states(house, refused)["redemption"]) == (
        ["paid"],
        ["withdrawn"],
    )


def test_a_refused_redemption_is_reopened_and_paid(clockwork: Clockwork, house: House):
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 100_000)
    house.fund(100_000)
    clockwork.work()
    event = house.event(isin, "redemption")["id"]
    with house.database.transaction() as tx:
        declare(tx, event, Decimal(101_000), now=house.now, actor="agent")
    clockwork.until("2027-03-01T12:00:00", MONTH)
    (task,) = clockwork.tasks()
    with house.database.transaction() as tx:
        complete_user_tasks(tx, [task["id"]], {"approved": False}, actor="Eve", now=house.now)
    clockwork.work()
    assert house.held(own(ANNA)) == 0
    with house.database.transaction() as tx:
        again = reopen(tx, event, "the agent was wrong", now=house.now, actor="Eve")
        assert askers(tx, [event, again]) == {event: frozenset({"agent"}), again: frozenset({"Eve"})}
    clockwork.work()
    assert (house.held(own(ANNA)), house.state(isin)) == (100_000, "redeemed")
    assert states(house, isin)["redemption"] == ["withdrawn", "paid"]


def test_a_blocked_holder_is_paid_by_the_sweep_after_the_block(clockwork: Clockwork, house: House):
    isin = house.issue("commercial_paper")
    for holder in (ANNA, BERT):
        house.give(holder, isin, 100_000)
    house.fund(200_000)
    house.block(own(BERT), debit=False)
    clockwork.until("2027-03-01T12:00:00", MONTH)
    assert (house.held(own(ANNA)), house.held(own(BERT)), house.state(isin)) == (100_000, 0, "redeemed")
    house.unblock(own(BERT), debit=False)
    sweep_events(house.database, house.now)
    assert house.held(own(BERT)) == 100_000


def owed_by_a_closed_account(clockwork: Clockwork) -> UUID:
    """An event whose payment stands in suspense for Anna, who has another account now."""
    house = clockwork.house
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.fund(10_000)
    clockwork.until("2027-11-30T20:00:00", MONTH)
    house.pass_on(ANNA, BERT, isin, 100_000)
    house.block(own(ANNA), Step.CLOSE)
    with house.database.transaction() as tx:
        open_accounts(tx, [("ANNA-2", AccountKind.CLIENT_OMNIBUS, ANNA)], house.now)
    clockwork.until("2027-12-01T12:00:00")
    return UUID(str(house.event(isin, "coupon")["id"]))


def ask_for_release(house: House, event: UUID, requester: str) -> UUID:
    with house.database.transaction() as tx:
        return start_release(tx, event, own(ANNA), "ANNA-2", "closed", now=house.now, requester=requester)


def test_what_a_closed_account_is_owed_is_released_by_another_person(clockwork: Clockwork, house: House):
    event = owed_by_a_closed_account(clockwork)
    ask_for_release(house, event, "Ada")
    clockwork.work()
    (task,) = clockwork.tasks()
    assert (task["name"], task["asked_by"], house.held("ANNA-2")) == ("Approve release", "Ada", 0)
    with house.database.transaction() as tx:
        assert requesters(tx, [task]) == [frozenset({"Ada"})]
    clockwork.answer(approved=False)
    assert (house.held("ANNA-2"), clockwork.running()) == (0, [])
    both = [ask_for_release(house, event, "Ada") for _ in range(2)]
    clockwork.work()
    clockwork.answer(approved=True)
    assert (house.held("ANNA-2"), clockwork.running()) == (2875, [])
    assert house.rows("SELECT requested_by, released_by FROM servicing.release") == [("Ada", "Eve")]
    with house.database.transaction() as tx:
        outcomes = sorted(instance(tx, id_)["variables"]["outcome"] for id_ in both)
    assert outcomes == ["impossible", "released"], "what was asked for twice is released once"


def test_the_database_refuses_a_release_by_who_asked_for_it(clockwork: Clockwork, house: House):
    event = owed_by_a_closed_account(clockwork)
    with house.database.transaction() as tx:
        asked = request_release(tx, event, own(ANNA), "ANNA-2", "closed", now=house.now, actor="Ada")
    with pytest.raises(Conflict), house.database.transaction() as tx:
        release_elsewhere(tx, asked, now=house.now, actor="Ada")
    assert house.held("ANNA-2") == 0


def test_the_sweep_passes_a_coupon_on_to_who_bought_before(clockwork: Clockwork, house: House):
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.fund(10_000)
    clockwork.until("2027-11-26T12:00:00", MONTH)
    house.sell(isin, 40_000, 39_000, traded=house.now.date())
    clockwork.until("2027-12-01T12:00:00", timedelta(days=1))
    sweep_events(house.database, house.now)
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (1725, 1150)


def test_an_issuer_calls_a_bond_once_a_person_has_approved(clockwork: Clockwork, house: House):
    isin = house.issue("bond")
    house.give(ANNA, isin, 100_000)
    house.fund(200_000)
    clockwork.until("2030-11-15T12:00:00", timedelta(days=60))
    with house.database.transaction() as tx:
        with pytest.raises(Refused, match="SRV-041"):
            call_early(
                tx, Call(isin, date(2030, 11, 29)), business_date=house.now.date(), now=house.now, actor="x"
            )
        call_early(
            tx, Call(isin, date(2030, 12, 1)), business_date=house.now.date(), now=house.now, actor="x"
        )
    clockwork.until("2030-11-29T12:00:00")
    (task,) = clockwork.tasks()
    assert task["name"] == "Approve call"
    clockwork.answer(approved=True)
    clockwork.until("2030-12-02T12:00:00")
    assert house.state(isin) == "redeemed"
    assert house.held(own(ANNA)) == 4 * 2_875 + 101_000
    assert states(house, isin) == {
        "coupon": ["paid"] * 4 + ["lapsed"], "early_redemption": ["paid"], "redemption": ["lapsed"],
    }  # fmt: skip


def test_a_part_is_redeemed_in_whole_denominations(clockwork: Clockwork, house: House):
    isin = house.issue("bond")
    house.give(ANNA, isin, 4_999_000)
    house.give(BERT, isin, 1_000)
    house.fund(10_000_000)
    clockwork.until("2030-11-29T12:00:00", timedelta(days=60))
    with house.database.transaction() as tx:
        call = Call(isin, date(2030, 12, 1), Decimal("0.5"))
        call_early(tx, call, business_date=house.now.date(), now=house.now, actor="x")
    clockwork.work()
    clockwork.answer(approved=True)
    clockwork.until("2030-12-02T12:00:00")
    assert (house.held(own(ANNA), isin), house.held(own(BERT), isin)) == (2_500_000, 1_000)
    assert house.state(isin) == "active"
    assert states(house, isin)["redemption"] == ["scheduled"]


def test_a_holder_exercises_a_warrant_and_the_others_keep_theirs(clockwork: Clockwork, house: House):
    isin = house.issue("2100")
    house.give(ANNA, isin, 1_000)
    house.give(BERT, isin, 500)
    house.fund(10_000)
    clockwork.until("2027-03-01T09:00:00", MONTH)
    with house.database.transaction() as tx:
        wanted = Exercise(isin, own(ANNA), Decimal(400), date(2027, 3, 1))
        exercise(tx, wanted, business_date=house.now.date(), now=house.now, actor="Anna")
    house.pass_on(ANNA, BERT, isin, 600)
    clockwork.work()
    house.at("2027-03-01T18:00:00")
    house.price("2027-03-01", "172.5")
    clockwork.until("2027-03-03T12:00:00")
    assert house.held(own(ANNA)) == 500, "400 · 0.1 · (172.5 - 160)"
    assert (house.held(own(ANNA), isin), house.held(own(BERT), isin)) == (0, 1_100)
    assert house.state(isin) == "active"


def test_what_is_valued_late_stops_settling_at_its_record_moment(clockwork: Clockwork, house: House):
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.fund(20_000)
    clockwork.until("2027-12-22T12:00:00", MONTH)
    assert house.state(isin) == "active"
    traded = house.sell(isin, 40, traded=house.now.date(), held=True)
    clockwork.until("2027-12-22T18:00:00", timedelta(hours=1))
    assert house.state(isin) == "matured", "nobody has told the price of the 17th yet"
    with house.database.transaction() as tx:
        given, _ = sides(tx, [traded])
        released = Change(release=Hold.PARTY)
        change(tx, given, released, now=house.now, business_date=house.now.date(), actor="Anna")
    assert house.held(own(BERT), isin) == 0
    clockwork.until("2027-12-29T12:00:00", timedelta(days=1))
    house.price("2027-12-17", 150)
    clockwork.until("2027-12-29T13:00:00", timedelta(hours=1))
    assert (house.state(isin), house.held(own(ANNA))) == ("redeemed", 15_000)
    sweep_events(house.database, house.now)
    assert (house.held(own(ANNA)), house.held(own(BERT))) == (9_000, 6_000)


def test_what_was_exercised_is_paid_though_its_price_comes_after_the_end(clockwork: Clockwork, house: House):
    isin = house.issue("2100", style="european", automatic_exercise=False)
    house.give(ANNA, isin, 1_000)
    house.fund(10_000)
    clockwork.until("2027-12-17T10:00:00", MONTH)
    with house.database.transaction() as tx:
        wanted = Exercise(isin, own(ANNA), Decimal(400), date(2027, 12, 17))
        exercise(tx, wanted, business_date=house.now.date(), now=house.now, actor="Anna")
    clockwork.until("2027-12-27T12:00:00", timedelta(days=1))
    assert (house.state(isin), house.held(own(ANNA))) == ("matured", 0)
    house.price("2027-12-17", "172.5")
    clockwork.until("2027-12-27T14:00:00", timedelta(hours=1))
    assert (house.state(isin), house.held(own(ANNA)), house.held(own(ANNA), isin)) == ("redeemed", 500, 0)


def test_a_knock_out_suspends_at_once_and_ends_with_nothing(clockwork: Clockwork, house: House):
    isin = house.issue("2200")
    house.give(ANNA, isin, 1_000)
    clockwork.until("2027-03-01T15:00:00", MONTH)
    house.observe("barrier", f"{isin}/barrier", "2027-03-01", hit_on="2027-03-01")
    with house.database.transaction() as tx:
        knock_out(tx, [isin], date(2027, 3, 1), now=house.now)
    clockwork.work()
    assert house.state(isin) == "matured", "suspended, then recorded at once"
    clockwork.until("2027-03-03T12:00:00")
    assert (house.state(isin), house.held(own(ANNA), isin), house.held(own(ANNA))) == ("redeemed", 0, 0)
    assert states(house, isin) == {"knock_out": ["paid"], "redemption": ["lapsed"]}


def test_a_residual_is_paid_once_the_hedge_is_unwound(clockwork: Clockwork, house: House):
    isin = house.issue("2210", financing_percent=None)
    house.give(ANNA, isin, 1_000)
    house.fund(1_000)
    clockwork.until("2027-03-01T15:00:00", MONTH)
    house.observe("barrier", f"{isin}/stop_loss", "2027-03-01", hit_on="2027-03-01")
    with house.database.transaction() as tx:
        knock_out(tx, [isin], date(2027, 3, 1), now=house.now)
    clockwork.work()
    assert house.state(isin) == "suspended"
    house.observe("unwinding", isin, "2027-03-01", value="114.2")
    clockwork.until("2027-03-03T12:00:00")
    assert (house.state(isin), house.held(own(ANNA))) == ("redeemed", 420)


def test_a_correction_waits_for_a_second_person_and_for_money_to_take_back(
    clockwork: Clockwork, house: House
):
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.fund(20_000)
    clockwork.until("2027-12-17T18:00:00", MONTH)
    house.price("2027-12-17", 150)
    clockwork.until("2027-12-23T12:00:00")
    assert house.held(own(ANNA)) == 15_000
    house.fund(-15_000, own(ANNA))
    house.price("2027-12-17", 149, reason="typed wrongly")
    event = house.event(isin, "redemption")["id"]
    with house.database.transaction() as tx:
        start_correction(tx, event, isin, "the fixing was corrected", now=house.now, requester="Ada")
    clockwork.work()
    clockwork.answer(approved=True)
    (task,) = clockwork.tasks()
    assert (task["name"], task["variables"]["short"]) == ("Recover from holders", [f"{own(ANNA)} 0 of 100"])
    house.fund(100, own(ANNA))
    clockwork.answer(approved=True)
    assert (house.held(own(ANNA)), house.held(house.payer)) == (0, 5_100)
    assert clockwork.running() == []


def test_no_event_is_started_twice_or_left_out(clockwork: Clockwork, house: House):
    isins = house.issue_many(
        [house.terms(class_) for class_ in ("bond", "1230", "1140", "1260", "2300", "1400")]
    )
    clockwork.until("2032-01-05T12:00:00", timedelta(days=90))
    begun = [e for isin in isins for e in house.events(isin) if e["state"] == "scheduled"]
    assert begun == []
    started = house.rows("SELECT count(*), count(DISTINCT business_key) FROM orchestration.process_instance")
    events = [
        e
        for isin in isins
        for e in house.events(isin)
        if e["kind"] in ("coupon", "observation", "redemption")
    ]
    assert started[0][0] == len(events)


def crashing(real: Tasks, at: str, calls: list[int]) -> Tasks:
    """The real tasks; one of them does its work and dies before it can commit, the first time."""
    wrapped = Tasks()
    for name in sorted(real.types()):
        wrapped.add(name, real.function(name) if name != at else dying(real.function(name), calls))
    return wrapped


def dying(function: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    def once(tx: Any, jobs: Any, context: Any) -> Any:
        outcomes = function(tx, jobs, context)
        calls.append(1)
        if len(calls) == 1:
            raise SystemExit
        return outcomes

    return once


@pytest.mark.parametrize("step", ["determine", "record", "pay", "delete"])
def test_a_crash_before_any_commit_changes_nothing(clockwork: Clockwork, house: House, step: str):
    isins = house.issue_many([house.terms("commercial_paper")] * 5)
    for isin in isins:
        house.give(ANNA, isin, 100_000)
    house.fund(500_000)
    with house.database.transaction() as tx:
        consent_to_deletion(tx, ISSUER, now=house.now, actor="issuer")
    calls: list[int] = []
    clockwork.worker = Worker(
        house.database, crashing(all_tasks(), f"servicing.{step}", calls), clock=house.clock
    )
    with pytest.raises(SystemExit):
        clockwork.until("2027-03-01T12:00:00", MONTH)
    clockwork.until("2027-03-02T12:00:00", MONTH)
    assert len(calls) >= 2
    assert house.held(own(ANNA)) == 500_000
    assert {house.state(isin) for isin in isins} == {"deleted"}
    assert house.rows("SELECT count(*) FROM servicing.payment") == [(5,)]
