"""A day ends once: fails, penalties, expiry and the integrity report together, whatever else is booked meanwhile."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Conflict, Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.ledger import accounts_by_number, positions
from counterfoil.register import EntryKind, record
from counterfoil.register import Instruction as Entry
from counterfoil.settlement import checks, daily_statements, mark_down
from counterfoil.settlement.day import current_day, day, due_events, mark_done, open_day
from counterfoil.settlement.end_of_day import EndOfDay, run_end_of_day
from counterfoil.settlement.integrity import IntegrityReport, integrity_report, report_integrity
from counterfoil.settlement.penalties import penalties_charged
from counterfoil.settlement.penalty_data import ReferencePrice, set_prices
from counterfoil.settlement.timetable import EventKind
from tests.ledger.books import book_now, statements_counted, transfer
from tests.settlement.market import ANNA, BERT, CORA, FIXED, ISSUER, NOTES, TODAY, UP_TO, Market, own

TOMORROW = date(2026, 11, 24)


def evening(business_date: date) -> datetime:
    return datetime.combine(business_date, datetime.min.time(), UTC) + timedelta(hours=18)


def do_all_but_the_end(tx: Transaction, business_date: date) -> None:
    open_day(tx, business_date, now=evening(business_date) - timedelta(days=1))
    for event in due_events(tx, now=evening(business_date)):
        if event.kind is not EventKind.END:
            mark_done(tx, business_date, event.name, now=evening(business_date))


def end(market: Market, business_date: date = TODAY) -> EndOfDay:
    with market.database.transaction() as tx:
        do_all_but_the_end(tx, business_date)
        return run_end_of_day(tx, business_date, now=evening(business_date), actor="ops")


def test_a_day_ends_with_everything_that_belongs_to_it(market: Market):
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, TODAY, Decimal("9.50"), "EUR")])
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 100)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, 95))
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    market.submit(*market.trade(ANNA, BERT, NOTES, 1000, None))
    found = end(market)
    assert (found.failing, found.penalties, found.unpriced) == (2, 1, (NOTES,))
    assert (found.expired_matched, found.expired_unmatched, found.expired_requests) == (0, 0, 0)
    # Three issues; EUR on the central bank, Anna, Bert; FIXED on the control, the issuer, Anna, Bert; NOTES on two.
    assert (found.integrity.issues, found.integrity.accounts) == (3, 9)
    assert found.integrity.mismatches == ()
    with market.database.transaction() as tx:
        assert current_day(tx) is None
        assert day(tx, TODAY).events[-1].done_at == evening(TODAY)


def test_a_day_ends_once_and_gives_the_same_answer_again(market: Market):
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    first = end(market)
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, TODAY, Decimal("9.50"), "EUR")])
        later = evening(TODAY) + timedelta(hours=1)
        assert run_end_of_day(tx, TODAY, now=later, actor="somebody else") == first
        assert penalties_charged(tx, TODAY, TODAY) == []


def test_a_day_that_is_not_over_does_not_end(market: Market):
    with market.database.transaction() as tx:
        with pytest.raises(Refused, match="SET-043"):
            run_end_of_day(tx, TODAY, now=evening(TODAY), actor="ops")
        open_day(tx, TODAY, now=market.now)
        with pytest.raises(Refused, match="SET-048"):
            run_end_of_day(tx, TODAY, now=evening(TODAY), actor="ops")
        for event in due_events(tx, now=evening(TODAY))[:-1]:
            mark_done(tx, TODAY, event.name, now=evening(TODAY))
        with pytest.raises(Refused, match="SET-047"):
            run_end_of_day(tx, TODAY, now=market.now, actor="ops")
        assert run_end_of_day(tx, TODAY, now=evening(TODAY), actor="ops").business_date == TODAY


def test_the_last_day_of_a_life_still_costs(market: Market):
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, TODAY, Decimal("9.50"), "EUR")])
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    last = add_business_days(TODAY, 60, "TARGET")
    found = end(market, last)
    assert (found.failing, found.penalties, found.expired_matched) == (1, 1, 2)
    following = end(market, add_business_days(last, 1, "TARGET"))
    assert (following.failing, following.penalties, following.expired_matched) == (0, 0, 0)
    with market.database.transaction() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


def test_late_matches_are_charged_by_the_days_end_that_follows_them(market: Market):
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(FIXED, TODAY, Decimal("9.50"), "EUR")])
    market.give(ANNA, 100, FIXED)
    sell, buy = market.trade(ANNA, BERT, FIXED, 100, None)
    market.submit(sell)
    assert end(market).penalties == 0
    market.now, market.today = evening(TODAY) + timedelta(hours=2), TOMORROW  # in the night of the next day
    market.submit(buy)
    assert market.held(BERT, FIXED) == 100
    assert end(market, TOMORROW).penalties == 1
    with market.database.transaction() as tx:
        (late,) = penalties_charged(tx, TOMORROW, TOMORROW)
    assert (late["kind"], late["business_date"], late["debtor"]) == ("LMFP", TODAY, BERT)


def test_what_is_marked_down_in_the_same_transaction_is_in_the_report_and_only_in_it(market: Market):
    top_up = Entry(new_id(), EntryKind.TOP_UP, UP_TO, market.now, Decimal(20), ISSUER)
    with market.database.transaction() as tx:
        record(tx, [top_up], changed_at=market.now, actor="test")
    with market.database.transaction() as tx:
        do_all_but_the_end(tx, TODAY)
        assert mark_down(tx, now=evening(TODAY), actor="ops") == {UP_TO: 20}
        found = run_end_of_day(tx, TODAY, now=evening(TODAY), actor="ops").integrity
    assert (found.accounts, found.mismatches) == (6, ())
    assert end(market, TOMORROW).integrity.accounts == 0


# Integrity


def report(market: Market, business_date: date) -> IntegrityReport:
    with market.database.transaction() as tx:
        return report_integrity(tx, business_date, now=evening(business_date))


def test_every_later_report_compares_what_changed_since_the_one_before(market: Market):
    market.give(ANNA, 100, FIXED)
    assert report(market, TODAY).accounts == 5
    assert report(market, TOMORROW).accounts == 0
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    market.submit(*market.trade(BERT, CORA, FIXED, 10, None))
    third = report(market, date(2026, 11, 25))
    assert (third.accounts, third.mismatches) == (3, ())
    closing = market.rows(
        "SELECT a.number, c.business_date, c.quantity FROM settlement.closing_balance AS c"
        " JOIN ledger.account AS a ON a.id = c.account_id"
        f" WHERE c.asset = '{FIXED}' AND a.kind = 'own' ORDER BY 2, 1"
    )
    assert sorted(closing) == sorted(
        [
            (own(ANNA), TODAY, 100),
            (own(ANNA), date(2026, 11, 25), 90),
            (own(BERT), date(2026, 11, 25), 0),
            (own(CORA), date(2026, 11, 25), 10),
        ]
    )


def test_a_report_is_made_once_a_day(market: Market):
    first = report(market, TODAY)
    market.give(ANNA, 100, FIXED)
    assert report(market, TODAY) == first
    with market.database.transaction() as tx:
        assert integrity_report(tx, TOMORROW) is None
    with pytest.raises(Conflict), market.database.transaction() as tx:
        tx.execute("DELETE FROM settlement.integrity_report")


def test_a_booking_that_commits_after_the_report_belongs_to_the_next(market: Market):
    """Its time and its transaction's number are earlier than the report's; only its commit is later."""
    with market.database.transaction() as slow:
        move(slow, 7)
        assert report(market, TODAY).accounts == 4
    assert (second := report(market, TOMORROW)).mismatches == ()
    assert second.accounts == 2


def test_what_the_report_s_own_transaction_books_before_and_after_it_is_counted_once(market: Market):
    market.give(ANNA, 100)
    report(market, TODAY)
    with market.database.transaction() as tx:
        move(tx, 1)
        with market.database.transaction() as other:
            other.execute("SELECT pg_current_xact_id()")  # numbered after `tx`, and done before the report
        report_integrity(tx, TOMORROW, now=evening(TOMORROW))
        move(tx, 2)
    third = report(market, date(2026, 11, 25))
    assert (third.accounts, third.mismatches) == (2, ())
    assert closing_of(market, ANNA) == [100, 101, 103]


def move(tx: Transaction, amount: int) -> None:
    known = accounts_by_number(tx, ["RTGS", own(ANNA)])
    book_now(tx, [transfer(known["RTGS"], known[own(ANNA)], "EUR", amount)])


def closing_of(market: Market, party: str) -> list[Decimal]:
    rows = market.rows(
        "SELECT c.quantity FROM settlement.closing_balance AS c JOIN ledger.account AS a ON a.id = c.account_id"
        f" WHERE a.number = '{own(party)}' ORDER BY c.business_date"
    )
    return [quantity for (quantity,) in rows]


def tamper(market: Market, statement: str) -> None:
    """Change what the guards protect, as only the owner of the disk can."""
    with psycopg.connect(market.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode())


def test_a_changed_position_is_found_on_its_account_and_its_issue(market: Market):
    market.give(ANNA, 100, FIXED)
    report(market, TODAY)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    tamper(market, f"UPDATE ledger.position SET quantity = 11 WHERE asset = '{FIXED}' AND quantity = 10")
    found = report(market, TOMORROW)
    assert found.mismatch_count == 2
    kinds: dict[str, Any] = {m["kind"]: m for m in found.mismatches}
    assert (kinds["issue"]["isin"], kinds["issue"]["issued"], kinds["issue"]["accounts"]) == (
        FIXED,
        1000,
        1001,
    )
    account = kinds["account"]
    assert (account["opening"], account["movements"], account["closing"]) == (0, 10, 11)


def test_an_issue_that_the_register_states_differently_is_found(market: Market):
    report(market, TODAY)
    tamper(market, f"UPDATE register.issue SET issued = issued - 1 WHERE isin = '{FIXED}'")
    (mismatch,) = report(market, TOMORROW).mismatches
    assert (mismatch["isin"], mismatch["issued"], mismatch["control"]) == (FIXED, 999, -1000)


def test_an_issue_that_does_not_add_up_is_suspended_and_settles_no_more(market: Market):
    market.give(ANNA, 100, FIXED)
    market.give(ANNA, 2000, NOTES)
    end(market, TODAY)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    tamper(market, f"UPDATE ledger.position SET quantity = 11 WHERE asset = '{FIXED}' AND quantity = 10")
    found = end(market, TOMORROW)
    assert (found.suspended, found.unsuspended) == ((FIXED,), ())
    market.submit(*market.trade(ANNA, BERT, FIXED, 1, None), *market.trade(ANNA, BERT, NOTES, 1000, None))
    assert (market.held(BERT, FIXED), market.held(BERT, NOTES)) == (11, 1000)
    assert list(market.reasons().values()) == ["SBLO"]
    assert end(market, date(2026, 11, 25)).suspended == ()


def test_a_day_ends_though_the_register_takes_no_entry_of_an_issue_and_says_so(market: Market):
    market.give(ANNA, 100, FIXED)
    tamper(market, f"UPDATE register.issue SET issued = issued - 1 WHERE isin = '{FIXED}'")
    found = end(market, TODAY)
    assert (found.suspended, found.unsuspended, found.integrity.parted) == ((), (FIXED,), (FIXED,))


def test_units_of_an_issue_that_nobody_registered_are_found(market: Market):
    tamper(market, f"DELETE FROM register.issue WHERE isin = '{FIXED}'")
    assert [m["issued"] for m in report(market, TODAY).mismatches] == [0]


def test_daily_statements_open_where_the_day_before_has_closed(market: Market):
    market.give(ANNA, 100, FIXED)
    end(market, TODAY)
    market.give(ANNA, 1, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 10, None))
    end(market, TOMORROW)
    with market.database.transaction() as tx:
        found = daily_statements(tx, TOMORROW, account=own(ANNA))
        both = daily_statements(tx, TOMORROW, owner=BERT)
        first = daily_statements(tx, TOMORROW, limit=1)[0]
        rest = daily_statements(tx, TOMORROW, after=(first["account"], first["asset"]))
    (anna,), (bert,) = found, both
    assert (anna["opening"], anna["movements"], anna["closing"]) == (100, -9, 91)
    assert (bert["opening"], bert["movements"], bert["closing"]) == (0, 10, 10)
    assert first not in rest
    assert len(rest) == 2


def test_after_a_restore_everything_is_counted_again_from_zero(market: Market):
    market.give(ANNA, 100, FIXED)
    first = report(market, TODAY)
    tamper(market, "UPDATE settlement.integrity_report SET snapshot = '999999999:999999999:'")
    second = report(market, TOMORROW)
    assert (second.accounts, second.mismatches) == (first.accounts, ())


def test_the_number_of_statements_does_not_depend_on_what_there_is(market: Market):
    def statements(business_date: date, trades: int) -> int:
        market.today = business_date
        for n in range(trades):
            market.submit(
                *market.trade(ANNA, BERT, FIXED, n + 1, None), market.trade(BERT, ANNA, FIXED, 5, 5)[0]
            )
        with market.database.transaction() as tx:
            do_all_but_the_end(tx, business_date)
            with statements_counted() as calls:
                run_end_of_day(tx, business_date, now=evening(business_date), actor="ops")
                return calls()

    assert statements(TODAY, 1) == statements(TOMORROW, 15)


def test_positions_are_those_of_the_report(market: Market):
    market.give(ANNA, 100, FIXED)
    report(market, TODAY)
    with market.database.transaction() as tx:
        held = {p["account"]: p["quantity"] for p in positions(tx, asset=FIXED)}
    stored = dict(
        market.rows(
            "SELECT a.number, c.quantity FROM settlement.closing_balance AS c"
            f" JOIN ledger.account AS a ON a.id = c.account_id WHERE c.asset = '{FIXED}'"
        )
    )
    assert stored == held
