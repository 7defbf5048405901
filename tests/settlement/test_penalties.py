"""What fails cost: the calculation, who pays, and the day's charge as a whole."""

import doctest
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import is_business_day
from counterfoil.core.db import Conflict
from counterfoil.core.ids import new_id
from counterfoil.instruments.store import NewInstrument, insert_instruments
from counterfoil.settlement import CashDirection, Change, Hold, Pool, change, penalty_rules, run_cycle
from counterfoil.settlement.penalties import Charged, charge, net_penalties, penalties_charged
from counterfoil.settlement.penalty_data import (
    ReferencePrice,
    declare_insolvent,
    set_overnight_rate,
    set_prices,
)
from counterfoil.settlement.penalty_rules import (
    AssetClass,
    Basis,
    Fail,
    PenaltyKind,
    Rates,
    Reference,
    Side,
    asset_class,
    at_fault,
    charges,
    daily_rate,
    is_penalty_day,
    month_cycle,
    penalty_amount,
)
from tests.ledger.books import statements_counted
from tests.settlement.market import ANNA, BERT, CORA, FIXED, ISSUER, NOON, NOTES, TODAY, Market

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
NUMBERS = st.decimals(0, 10**9, places=4, allow_nan=False)
RATES = Rates(
    {"other": [(date(2022, 2, 1), Decimal("0.00005"))], "debt": [(date(2022, 2, 1), Decimal("0.00002"))]},
    {"EUR": [(date(2025, 1, 1), Decimal("0.0001")), (date(2026, 1, 1), Decimal("0.00005"))]},
)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(penalty_rules).failed == 0


@given(NUMBERS, NUMBERS, st.decimals(0, 1, places=10), st.sampled_from(("EUR", "JPY", "KWD")))
def test_the_amount_is_the_exact_product_rounded_half_up(quantity, price, rate, currency):
    amount = penalty_amount(quantity, price, rate, currency)
    step = {"EUR": "0.01", "JPY": "1", "KWD": "0.001"}[currency]
    exact = Fraction(quantity) * Fraction(price) * Fraction(rate)
    assert abs(Fraction(amount) - exact) <= Fraction(step) / 2
    assert amount == amount.quantize(Decimal(step), ROUND_HALF_UP)
    assert Fraction(amount) >= exact or (exact - Fraction(amount)) < Fraction(step) / 2


def test_half_a_cent_is_a_cent():
    assert penalty_amount(Decimal(100), Decimal(1), Decimal("0.00005"), "EUR") == Decimal("0.01")
    assert penalty_amount(Decimal("99.99"), Decimal(1), Decimal("0.00005"), "EUR") == 0


@given(NUMBERS, NUMBERS, st.decimals(0, 1, places=6))
def test_more_securities_never_cost_less(quantity, price, rate):
    less = penalty_amount(quantity, price, rate, "EUR")
    assert penalty_amount(quantity + 1, price, rate, "EUR") >= less


@given(st.decimals(-5, 20, places=3), st.sampled_from((360, 365)))
def test_an_overnight_rate_below_zero_counts_as_zero(rate, basis):
    found = daily_rate(rate, basis)
    assert found >= 0
    assert abs(Fraction(found) - max(Fraction(0), Fraction(rate)) / 100 / basis) <= Fraction(1, 2 * 10**10)


@pytest.mark.parametrize(
    ("cfi", "expected"),
    [
        ("DBFTFB", "public_debt"),  # KfW
        ("DBZCFB", "public_debt"),  # a supranational's
        ("DNFTFB", "public_debt"),  # Land Niedersachsen
        ("DBFUFB", "debt"),
        ("DTVJGB", "debt"),
        ("DYZNXB", "debt"),
        ("DEMCRB", "debt"),  # C in the fourth place means something else for structured products
        ("DSCTVI", "debt"),
        ("RWSNCA", "other"),
        ("RFSTCB", "other"),
        ("EYAYFS", "other"),
        (None, "other"),
        ("", "other"),
    ],
)
def test_the_class_follows_from_the_cfi(cfi, expected):
    assert asset_class(cfi) == AssetClass(expected)


def test_only_shares_are_told_apart_by_liquidity():
    assert asset_class("ESVUFR", liquid=True) == AssetClass.LIQUID_SHARE
    assert asset_class("EPVUFR") == AssetClass.ILLIQUID_SHARE
    assert asset_class("EYAYFS", liquid=True) == AssetClass.OTHER


def failed(**how: Any) -> Fail:
    values: dict[str, Any] = {
        "transaction_id": new_id(), "isin": FIXED, "quantity": Decimal(100), "amount": Decimal(950),
        "currency": "EUR", "deliverer": ANNA, "receiver": BERT, "deliverer_pays": False, "deliver_holds": Hold.NONE,
        "receive_holds": Hold.NONE, "reason": "LACK", "who": (), "deliverer_was_later": False, "intended_date": TODAY,
    }  # fmt: skip
    return Fail(**(values | how))


D, R = Side.DELIVERER, Side.RECEIVER


@pytest.mark.parametrize(
    ("how", "sides"),
    [
        ({"reason": "LACK"}, [D]),
        ({"reason": "CLAC"}, [D]),
        ({"reason": "MONY"}, [R]),
        ({"reason": "CMON"}, [R]),
        ({"reason": "MONY", "deliverer_pays": True}, [D]),
        ({"reason": "MONY", "deliverer_pays": None}, []),
        ({"reason": "LATE"}, [R]),
        ({"reason": "LATE", "deliverer_was_later": True}, [D]),
        ({"reason": "LACK", "deliver_holds": Hold.PARTY}, [D]),
        ({"reason": "LACK", "receive_holds": Hold.PARTY}, [R]),
        ({"reason": "PREA", "deliver_holds": Hold.PARTY, "receive_holds": Hold.PARTY}, [D, R]),
        ({"reason": "PREA", "receive_holds": Hold.CSD}, []),
        ({"reason": "CDLR", "receive_holds": Hold.COSD, "deliver_holds": Hold.PARTY}, [D]),
        ({"reason": "PREA", "who": (BERT,)}, [R]),
        ({"reason": "BOTH", "who": (ANNA, BERT)}, [D, R]),
        ({"reason": "PREA"}, []),
        ({"reason": "LACK", "who": (ANNA,)}, [D]),
        ({"reason": "LACK", "who": (CORA,)}, []),  # another member of the pool lacks them
        ({"reason": "LINK"}, []),
        ({"reason": "SBLO"}, []),
        ({"reason": "BLOC"}, []),
        ({"reason": None}, []),
    ],
)
def test_the_stored_reason_and_the_holds_say_who_pays(how, sides):
    assert at_fault(failed(**how)) == tuple(sides)


PRICE = Reference(Decimal("9.50"), "EUR", "other")


def cost(side: Side, price: Reference | None = PRICE, **how: Any) -> list[Any]:
    found = list(charges(failed(**how), side, PenaltyKind.FAIL, TODAY, price, RATES))
    return [p if isinstance(p, str) else (p.basis, p.quantity, p.price, p.rate) for p in found]


SECURITIES = (Basis.SECURITIES, Decimal(100), Decimal("9.50"), Decimal("0.00005"))
CASH_RATE = Decimal("0.00005")


@pytest.mark.parametrize(
    ("side", "how", "expected"),
    [
        (D, {}, [SECURITIES]),
        (R, {}, [(Basis.CASH, Decimal(100), Decimal("9.50"), CASH_RATE)]),
        (D, {"deliverer_pays": None, "amount": None, "currency": None}, [SECURITIES]),
        (R, {"deliverer_pays": None, "amount": None, "currency": None}, [SECURITIES]),
        (D, {"deliverer_pays": True}, [(Basis.CASH, Decimal(950), Decimal(1), CASH_RATE), SECURITIES]),
        (R, {"deliverer_pays": True}, [SECURITIES]),
        (D, {"quantity": Decimal(0)}, [(Basis.CASH, Decimal(950), Decimal(1), CASH_RATE)]),
        (R, {"quantity": Decimal(0)}, [(Basis.CASH, Decimal(950), Decimal(1), CASH_RATE)]),
        (R, {"currency": "USD"}, ["rate of USD"]),
    ],
)
def test_each_side_pays_for_what_it_owed(side, how, expected):
    assert cost(side, **how) == expected


def test_what_has_no_price_or_rate_is_named():
    assert cost(D, None) == [FIXED]
    assert cost(D, Reference(Decimal(1), "EUR", "unheard")) == [f"rate of {FIXED}"]
    assert cost(R, None, quantity=Decimal(0)) == [(Basis.CASH, Decimal(950), Decimal(1), CASH_RATE)]


def test_a_rate_holds_from_its_date_on():
    assert RATES.of_cash("EUR", date(2025, 12, 31)) == Decimal("0.0001")
    assert RATES.of_cash("EUR", date(2026, 1, 1)) == Decimal("0.00005")
    assert RATES.of_cash("EUR", date(2024, 12, 31)) is None
    assert RATES.of_class("other", date(2022, 1, 31)) is None


def test_the_penalty_calendar_is_open_on_targets_other_holidays():
    closed = [date(2026, 1, 1), date(2026, 12, 25), date(2026, 11, 22)]
    open_ = [date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2024, 12, 26)]
    assert [is_penalty_day(d) for d in closed + open_] == [False] * 3 + [True] * 4
    assert not any(is_business_day(d, "TARGET") for d in open_)


@given(st.integers(2022, 2060), st.integers(1, 12))
def test_a_months_penalties_are_paid_in_the_month_after(year, month):
    cycle = month_cycle(year, month)
    appeals, reported, paid = cycle["appeals_until"], cycle["reported_on"], cycle["paid_on"]
    assert appeals < reported < paid
    assert (paid.year, paid.month) == (year + month // 12, month % 12 + 1)
    first = paid.replace(day=1)
    assert sum(is_penalty_day(first + timedelta(n)) for n in range(paid.day)) == 18
    assert sum(is_penalty_day(first + timedelta(n)) for n in range(appeals.day)) == 10


# Against the database


def price(market: Market, isin: str = FIXED, value: str = "9.50", day: date = TODAY, **how: Any) -> None:
    with market.database.transaction() as tx:
        set_prices(tx, [ReferencePrice(isin, day, Decimal(value), "EUR", **how)])


def evening(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=18)


def end(market: Market, day: date = TODAY) -> Charged:
    with market.database.transaction() as tx:
        return charge(tx, day, since=evening(day - timedelta(days=1)), now=evening(day))


def charged(market: Market) -> list[tuple[Any, ...]]:
    with market.database.transaction() as tx:
        return [
            (p["kind"], p["business_date"].day, p["basis"], p["debtor"], p["creditor"], p["amount"])
            for p in penalties_charged(tx, date(2026, 1, 1), date(2027, 12, 31))
        ]


def test_whoever_lacks_securities_pays_the_class_rate_every_day_until_they_come(market: Market):
    price(market)
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    assert end(market) == Charged(1, ())
    price(market, value="19", day=TUESDAY)
    assert end(market, TUESDAY) == Charged(1, ())
    market.give(BERT, 1000)
    market.give(ANNA, 100, FIXED)
    market.submit(*market.trade(CORA, ANNA, FIXED, 1, None))  # nothing comes of it
    assert charged(market) == [
        ("SEFP", 23, "securities", ANNA, BERT, Decimal("0.05")),
        ("SEFP", 24, "securities", ANNA, BERT, Decimal("0.10")),
    ]


def test_a_day_is_charged_once(market: Market):
    price(market)
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    assert end(market).penalties == 1
    price(market, value="1000")
    assert end(market).penalties == 0
    assert charged(market) == [("SEFP", 23, "securities", ANNA, BERT, Decimal("0.05"))]
    with pytest.raises(Conflict), market.database.transaction() as tx:
        tx.execute("UPDATE settlement.penalty SET amount = 0")


def test_whoever_lacks_money_pays_the_overnight_rate_on_the_market_value(market: Market):
    price(market, value="100")
    market.give(ANNA, 1000, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 1000, 950))
    with market.database.transaction() as tx:
        set_overnight_rate(tx, "EUR", TODAY, Decimal("3.60"))
    end(market)
    assert charged(market) == [("SEFP", 23, "cash", BERT, ANNA, Decimal("10.00"))]


@pytest.mark.parametrize(
    ("held", "debtors"), [("sell_", [ANNA]), ("buy_", [BERT]), ("both", sorted([ANNA, BERT]))]
)
def test_whoever_holds_pays_and_both_do_where_both_hold(market: Market, held, debtors):
    price(market, value="10000")
    how = {"both": {"holds": Hold.PARTY}} if held == "both" else {f"{held}holds": Hold.PARTY}
    market.submit(*market.trade(ANNA, BERT, FIXED, 1000, None, **how))
    end(market)
    assert sorted(row[3] for row in charged(market)) == debtors
    assert {row[5] for row in charged(market)} == {Decimal("500.00")}


def test_a_hold_that_was_lifted_too_late_counts_as_what_then_blocks(market: Market):
    price(market)
    sell, buy = market.trade(ANNA, BERT, FIXED, 100, None, buy_holds=Hold.PARTY)
    market.submit(sell, buy)
    with market.database.transaction() as tx:
        lifted = Change(release=Hold.PARTY, by=BERT)
        change(tx, buy.id, lifted, now=market.now, business_date=TODAY, actor="bert")
    end(market)
    assert [row[3] for row in charged(market)] == [ANNA]


def test_a_deliverer_who_owes_money_too_pays_for_both(market: Market):
    price(market)
    trade = market.trade(
        ANNA, BERT, FIXED, 100, 7200, sell_cash_direction=CashDirection.DEBIT,
        buy_cash_direction=CashDirection.CREDIT,
    )  # fmt: skip
    market.submit(*trade)
    end(market)
    assert charged(market) == [
        ("SEFP", 23, "cash", ANNA, BERT, Decimal("0.48")),
        ("SEFP", 23, "securities", ANNA, BERT, Decimal("0.05")),
    ]


def test_cash_that_moves_alone_costs_the_overnight_rate_on_the_amount(market: Market):
    market.submit(*market.trade(ANNA, BERT, FIXED, 0, 150_000))
    assert end(market) == Charged(1, ())
    assert charged(market) == [("SEFP", 23, "cash", BERT, ANNA, Decimal("10.00"))]


def test_only_the_rest_of_a_part_is_charged(market: Market):
    price(market)
    market.give(ANNA, 60, FIXED)
    market.submit(*market.trade(ANNA, BERT, FIXED, 1000, None))
    end(market)
    with market.database.transaction() as tx:
        assert [p["quantity"] for p in penalties_charged(tx, TODAY, TODAY)] == [940]


def test_a_price_in_per_cent_is_of_the_nominal_amount_and_the_cfi_gives_the_rate(market: Market):
    price(market, NOTES, "99.87", quotation="percent")
    with market.database.transaction() as tx:
        note = NewInstrument(NOTES, "note", ISSUER, "Note", "EUR", None, "DTFTFB", "X/Y", bytes(32), "{}")
        insert_instruments(tx, [note], NOON)
    market.submit(*market.trade(ANNA, BERT, NOTES, 1_000_000, None))
    end(market)
    with market.database.transaction() as tx:
        (found,) = penalties_charged(tx, TODAY, TODAY)
    assert (found["amount"], found["price"], found["rate"]) == (
        Decimal("9.99"), Decimal("0.9987"), Decimal("0.00001"),
    )  # fmt: skip


def test_a_stated_class_overrides_the_cfi(market: Market):
    price(market, value="10000", asset_class=AssetClass.SME_GROWTH)
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, None))
    end(market)
    assert charged(market)[0][5] == Decimal("25.00")


def test_without_a_price_the_issue_is_named_and_the_last_price_before_serves(market: Market):
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, None))
    assert end(market) == Charged(0, (FIXED,))
    price(market, day=TUESDAY)
    assert end(market) == Charged(0, (FIXED,))
    assert end(market, WEDNESDAY) == Charged(1, ())
    price(market, day=date(2026, 11, 20))
    assert end(market) == Charged(1, ())


def late(market: Market, first: str, **how: Any) -> None:
    """A trade intended for Thursday 19 November whose second side comes on Monday."""
    thursday = date(2026, 11, 19)
    both = {"intended_date": thursday, "trade_date": thursday, **how}
    sell, buy = market.trade(ANNA, BERT, FIXED, 100, 950, both=both)
    one, other = (sell, buy) if first == "sell" else (buy, sell)
    market.now, market.today = NOON - timedelta(days=4), thursday
    market.submit(one)
    market.now, market.today = NOON, TODAY
    market.submit(other)


@pytest.mark.parametrize(("first", "basis", "debtor"), [("sell", "cash", BERT), ("buy", "securities", ANNA)])
def test_the_later_side_pays_for_the_days_before_the_match(market: Market, first, basis, debtor):
    price(market, value="100", day=date(2026, 11, 2))
    market.give(ANNA, 100, FIXED)
    market.give(BERT, 950)
    late(market, first)
    assert end(market) == Charged(2, ())
    creditor = ANNA if debtor == BERT else BERT
    amount = {"cash": Decimal("0.67"), "securities": Decimal("0.50")}[basis]
    assert charged(market) == [
        ("LMFP", 19, basis, debtor, creditor, amount), ("LMFP", 20, basis, debtor, creditor, amount),
    ]  # fmt: skip
    assert end(market, TUESDAY) == Charged(0, ())


def test_a_late_match_that_fails_on_its_day_costs_both_ways(market: Market):
    price(market, day=date(2026, 11, 19))
    late(market, "sell")
    end(market)
    assert [row[:4] for row in charged(market)] == [
        ("LMFP", 19, "cash", BERT), ("LMFP", 20, "cash", BERT), ("SEFP", 23, "securities", ANNA),
    ]  # fmt: skip


def test_what_was_matched_on_an_earlier_day_is_not_late_again(market: Market):
    price(market, day=date(2026, 11, 19))
    late(market, "sell")
    with market.database.transaction() as tx:
        charge(tx, TODAY, since=NOON, now=evening(TODAY))
    assert [row[0] for row in charged(market)] == ["SEFP"]


def test_what_is_due_later_costs_nothing_yet(market: Market):
    price(market)
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950, both={"intended_date": TUESDAY}))
    assert end(market) == Charged(0, ())
    with market.database.transaction() as tx:
        run_cycle(tx, now=evening(TODAY), business_date=TUESDAY, actor="night")
    assert end(market, TUESDAY) == Charged(1, ())


def test_nothing_is_due_while_the_issue_is_suspended(market: Market):
    price(market)
    late(market, "sell")
    with market.database.transaction() as tx:
        # The register's guards ask for an entry, which suspending will bring.
        tx.execute("SET LOCAL session_replication_role = replica")
        tx.execute("UPDATE register.issue SET state = 'suspended'")
    assert end(market) == Charged(0, ())


@pytest.mark.parametrize(
    ("party", "since", "count"),
    [(ANNA, TODAY, 0), (BERT, TODAY, 0), (CORA, TODAY, 1), (ANNA, TUESDAY, 1)],
)
def test_nothing_is_due_from_or_to_an_insolvent_party(market: Market, party, since, count):
    price(market)
    market.submit(*market.trade(ANNA, BERT, FIXED, 100, 950))
    with market.database.transaction() as tx:
        declare_insolvent(tx, party, since, now=NOON, actor="ops")
    assert end(market).penalties == count


def test_in_a_pool_only_the_one_that_lacks_something_pays(market: Market):
    price(market)
    market.give(CORA, 10, FIXED)
    pool = Pool("P", 2)
    market.submit(*market.trade(CORA, BERT, FIXED, 10, None, buy_pool=pool))
    assert end(market) == Charged(0, ())  # the pool is not complete
    short = market.trade(ANNA, BERT, FIXED, 100, None, buy_pool=pool)
    market.submit(*short)
    assert set(market.reasons().values()) == {"LACK", "LINK"}
    end(market)
    assert [row[3] for row in charged(market)] == [ANNA]


def test_debits_and_credits_add_up_to_zero(market: Market):
    price(market, value="100")
    market.give(CORA, 200, FIXED)
    market.submit(
        *market.trade(ANNA, BERT, FIXED, 700, 70_000),
        *market.trade(BERT, CORA, FIXED, 500, None),
        *market.trade(CORA, ANNA, FIXED, 200, 20_000),
    )
    end(market)
    with market.database.transaction() as tx:
        found = net_penalties(tx, TODAY, TODAY)
        assert net_penalties(tx, TUESDAY, TUESDAY) == []
    by_party = {row["party"]: row for row in found}
    assert sum(row["net"] for row in found) == 0
    assert all(row["net"] == row["credit"] - row["debit"] for row in found)
    assert by_party[BERT]["net"] == Decimal("3.50") - Decimal("2.50")
    assert {row[3] for row in charged(market)} == {ANNA, BERT}


def test_the_number_of_statements_does_not_depend_on_the_fails(market: Market):
    price(market, day=date(2026, 11, 1))

    def statements(count: int) -> int:
        for _ in range(count):
            market.submit(*market.trade(ANNA, BERT, FIXED, 1, None))
            late(market, "sell")
        with statements_counted() as calls:
            end(market)
            return calls()

    assert statements(1) == statements(12)
