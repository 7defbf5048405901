"""Payoffs: worked examples by hand, path dependence, missing observations, and QuantLib for bonds."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.calendar import is_business_day
from counterfoil.core.errors import Refused
from counterfoil.instruments.payoff import Observations, Outcome, payoff
from counterfoil.instruments.terms import MODELS, TERMS
from tests.instruments.examples import BASKET_NOTE, STEP_UP_BOND, ZERO_BOND, example
from tests.instruments.paying import pay, pay_fully, terms_of

DAX_ISIN, SAP_ISIN = "DE0008469008", "DE0007164600"


def refusal(class_: str, **given: Any) -> str:
    with pytest.raises(Refused) as caught:
        pay(class_, **given)
    first = caught.value.refusals[0]
    return f"{first.code} {first.pointer}"


def series(first: str, last: str, price: Any) -> dict[str, Any]:
    """The same price on every day on which Xetra is open."""
    start, days = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days
    all_days = [start + timedelta(days=n) for n in range(days + 1)]
    return {day.isoformat(): price for day in all_days if is_business_day(day, "XETR")}


LIFE = ("2026-12-01", "2027-12-17")


# A table of cases, independent of the docstrings: class, given, result (worked out by hand) --------------------
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("1100", {"final": 150}, "950.00"),
    ("1100", {"final": 75}, "950.00"),
    ("1100", {"final": "200.01"}, "1216.72"),  # 950 + 800·50.01/150 = 1216.72
    ("1100", {"final": 180, "strike": 165}, "1030.00"),  # the gain is measured from K, divided by S_0
    ("1110", {"final": 165}, "1000.00"),
    ("1110", {"final": 200}, "1212.12"),
    ("1120", {"final": 189}, "1260.00"),
    ("1120", {"final": 300}, "1266.67"),
    ("1130", {"hit": True, "final": 180}, "1030.00"),
    ("1130", {"hit": False, "final": 120}, "1000.00"),
    ("1140", {"prices": {"2027-06-17": 150, "2027-12-17": 150}}, "coupons 20.00 20.00; 1000.00"),
    ("1140", {"prices": {"2027-06-17": 149, "2027-12-17": 10}}, "1000.00"),
    ("1200", {"final": 160}, "160.00"),
    ("1200", {"final": 0}, "0.00"),
    ("1200", {"final": 155, "ratio": "0.1"}, "15.50"),
    ("1200", {"final": 120, "settlement": "physical"}, "1 shares and 0.00"),
    ("1200", {"final": 161, "settlement": "physical"}, "160.00"),
    ("1200", {"final": 120, "ratio": "2.5", "settlement": "physical"}, "2 shares and 60.00"),
    ("1200", {"final": 120, "ratio": "0.1", "settlement": "physical"}, "12.00"),
    ("1210", {"final": 170, "hit": True}, "160.00"),
    ("1210", {"final": 100, "hit": False}, "160.00"),
    ("1220", {"final": 150, "settlement": "cash"}, "coupons 4.43 72.50; 1000.00"),
    ("1220", {"final": "149.99", "settlement": "cash"}, "coupons 4.43 72.50; 999.93"),
    ("1220", {"final": "149.99"}, "coupons 4.43 72.50; 6 shares and 99.99"),  # 1000/150 = 6.6667 shares
    ("1230", {"final": 150, "hit": True}, "coupons 4.43 72.50; 1000.00"),
    ("1230", {"final": 140, "hit": True}, "coupons 4.43 72.50; 933.33"),
    ("1240", {"final": 150}, "150.00"),
    ("1240", {"final": 165, "participation_percent": 150}, "172.50"),
    ("1240", {"final": 175}, "200.00"),
    ("1250", {"final": 175, "hit": False}, "175.00"),
    ("1250", {"final": 200, "hit": False}, "180.00"),
    ("1250", {"final": 200, "hit": True}, "180.00"),
    ("1250", {"final": 104, "hit": True, "settlement": "physical"}, "1 shares and 0.00"),
    (
        "1260",
        {"prices": {"2027-06-17": 120, "2027-12-17": 90}},
        "coupons 40.00; 1000.00",
    ),  # at the barrier: N
    ("1260", {"prices": {"2027-06-17": 120, "2027-12-17": "89.99"}}, "coupons 40.00; 599.93"),
    ("1260", {"prices": {"2027-06-17": 99, "2027-12-17": 101}, "memory": False}, "coupons 40.00; 1000.00"),
    ("1260", {"prices": {"2027-06-17": 99, "2027-12-17": 101}}, "coupons 80.00; 1000.00"),
    (
        "1260",
        {"prices": {"2027-06-17": 120, "2027-12-17": 60}, "settlement": "physical"},
        "coupons 40.00; 6 shares and 40.00",
    ),
    ("1300", {"on": "2026-12-01", "final": 24000}, "240.00"),
    ("1300", {"on": "2028-11-30", "final": 24000}, "237.60"),  # 730 days: 1 %
    ("1310", {"final": 151}, "151.50"),
    ("1320", {"final": "105.01", "hit": False}, "170.00"),
    ("1320", {"final": 300, "hit": True}, "300.00"),
    ("1320", {"final": 90, "hit": True, "settlement": "physical"}, "1 shares and 0.00"),
    ("1330", {"final": 250, "hit": True}, "280.00"),
    ("1330", {"final": 110, "hit": False}, "165.00"),
    ("1340", {"final": 180, "hit": False}, "180.00"),
    ("1340", {"final": 180, "hit": True}, "180.00"),
    ("1340", {"final": 106, "hit": False}, "194.00"),
    ("1400", {}, "coupons 4.43 72.50; 1000.00"),
    ("1430", {"failed": {"Muster AG": "2027-12-17"}}, "coupons 4.43 0.00; 400.00"),
    (
        "1410",
        {"failed": {"Muster AG": "2027-12-20"}},
        "coupons 4.43 72.50; 1000.00",
    ),  # after the final valuation
    ("2100", {"final": 160}, "0.00"),
    ("2100", {"final": 161, "ratio": "0.01"}, "0.01"),
    ("2100", {"final": 170, "on": "2027-05-03"}, "1.00"),  # exercised before the end
    ("2100", {"final": 120, "option_type": "put"}, "4.00"),
    ("2110", {"final": 160}, "2.00"),
    ("2110", {"final": 139, "option_type": "put"}, "2.00"),
    ("2200", {"final": "120.49", "hit": False}, "0.05"),
    ("2200", {"final": 100, "hit": False, "direction": "short", "strike": 180, "barrier": 180}, "8.00"),
    ("2200", {"hit": True, "barrier": 125, "unwound": 124}, "0.40"),
    ("2200", {"hit": True, "barrier": 125, "unwound": 119}, "0.00"),
    ("2205", {"on": "2026-12-01", "final": 150, "hit": False}, "3.00"),
    ("2205", {"on": "2027-12-01", "final": 150, "hit": False, "current_strike": "175.5"}, "2.55"),
    ("2210", {"on": "2027-12-01", "final": 150, "hit": False, "current_strike": "115"}, "3.50"),
    ("2210", {"hit": True, "unwound": "114.2", "current_strike": "112"}, "0.22"),
    ("2230", {"hit": True}, "0.00"),
    ("2230", {"hit": False, "final": 121, "option_type": "put", "strike": 130}, "0.90"),
    ("commercial_paper", {"pricing": "interest"}, "coupons 587.50; 100000.00"),  # 90/360 of 2.35 % on 100,000
]


@pytest.mark.parametrize(("class_", "given_", "expected"), CASES)
def test_a_worked_example_holds(class_: str, given_: dict[str, Any], expected: str) -> None:
    assert pay(class_, **given_) == expected


def test_every_class_but_free_terms_has_a_worked_example() -> None:
    free = {code for code in MODELS if code.endswith("99")}
    elsewhere = {"bond", "note", "2300", "1420"}
    assert {case[0] for case in CASES} | free | elsewhere == set(MODELS)
    assert all(refusal(code) == "INS-062 /class" for code in free)


# Path dependence ------------------------------------------------------------------------------------------------


def test_a_low_at_the_barrier_is_a_hit() -> None:
    path = series(*LIFE, (140, 139, 141))
    assert pay("1320", prices=path) == "170.00"
    path["2027-05-05"] = (140, "105.00", 141)
    assert pay("1320", prices=path) == "140.00"


def test_a_close_above_the_barrier_is_no_hit_where_only_closes_count() -> None:
    path = series(*LIFE, (140, 100, 141))
    assert pay("1320", prices=path, barrier={"level": "105", "monitoring": "close"}) == "170.00"
    assert pay("1320", prices=path, barrier={"level": "105", "monitoring": "continuous"}) == "140.00"


def test_only_the_last_price_counts_where_the_terms_say_so() -> None:
    final_only = {"level": "105", "monitoring": "final"}
    assert pay("1320", final=106, barrier=final_only) == "170.00"
    assert pay("1320", final=105, barrier=final_only) == "105.00"


def test_a_barrier_counts_only_within_its_window() -> None:
    path = series(*LIFE, (140, 139, 141))
    path["2027-05-05"] = (140, 90, 141)
    window = {"level": "105", "observed_from": "2027-06-01"}
    assert pay("1320", prices=path, barrier=window) == "170.00"


def test_nobody_claims_that_a_barrier_held_on_a_day_without_a_price() -> None:
    path = series(*LIFE, (140, 139, 141))
    del path["2027-08-11"]
    assert refusal("1320", prices=path) == "INS-060 /prices"
    assert refusal("1320", prices=series(*LIFE, 140)) == "INS-060 /prices"  # closes only, no lows
    assert refusal("1320") == "INS-060 /barriers"


def test_a_knock_out_ends_the_product_on_the_day() -> None:
    result = pay_fully("2200", prices={**series("2026-12-01", "2027-03-01", (130, 119, 131))})
    assert (result.outcome, result.determined, result.cash) == (Outcome.KNOCKED_OUT, date(2026, 12, 1), 0)
    assert result.payment == date(2026, 12, 3)


def test_an_upper_barrier_is_hit_from_below() -> None:
    path = series(*LIFE, (150, 149, 151))
    assert pay("2230", prices=path) == "5.00"
    path["2027-02-02"] = (199, 149, 200)
    assert pay("2230", prices=path) == "0.00"
    assert pay("1130", prices=path) == "1030.00"


def test_an_express_product_ends_on_its_first_call() -> None:
    result = pay_fully("1260", prices={"2027-06-17": 150, "2027-12-17": 10})
    assert (result.outcome, result.determined) == (Outcome.CALLED, date(2027, 6, 17))
    assert result.payment == result.coupons[0].payment == date(2027, 6, 21)


def test_an_express_product_with_a_watched_barrier_pays_by_the_strike() -> None:
    prices = {"2027-06-17": 120, "2027-12-17": 140}
    watched = {"level": "90", "monitoring": "continuous"}
    assert pay("1260", prices=prices, barrier=watched, hit=False) == "coupons 40.00 40.00; 1000.00"
    assert pay("1260", prices=prices, barrier=watched, hit=True) == "coupons 40.00 40.00; 933.33"


def test_before_the_end_only_what_is_known_is_told() -> None:
    result = pay_fully("1260", prices={"2027-06-17": 120}, observed={"as_of": "2027-07-01"})
    assert (result.outcome, [c.amount for c in result.coupons]) == (Outcome.RUNNING, [Decimal("40.00")])
    assert pay_fully("1200", observed={"as_of": "2027-07-01"}).outcome is Outcome.RUNNING
    assert pay("1220", observed={"as_of": "2027-07-01"}) == "coupons 4.43; 0"
    assert pay("2205", hit=False, observed={"as_of": "2027-07-01"}) == "0"
    assert pay("2205", hit=True, observed={"as_of": "2027-02-01"}) == "0"  # hit later


def test_a_tracker_can_be_ended_after_notice_only() -> None:
    assert refusal("1300") == "INS-060 /valuation_date"
    assert refusal("1200", on="2027-05-05", final=150) == "INS-061 /valuation_date"


# Constant leverage ----------------------------------------------------------------------------------------------

FACTOR = {
    "leverage": 5,
    "costs_percent": 0,
    "issue_price": 10,
    "initial_fixing": 100,
    "reset_threshold_percent": 10,
}


def test_the_leverage_is_reset_within_the_day_at_the_threshold() -> None:
    # 100 falls to 85: reset at 90 (10 → 5), then -5.56 % times 5 from there: 5·(1 - 5/18) = 3.61
    path = {"2026-12-02": (85, 84, 100)}
    assert pay("2300", **FACTOR, direction="long", prices=path, on="2026-12-02") == "3.61"
    # without a low the reset is not known and 15 % times 5 are lost
    assert pay("2300", **FACTOR, direction="long", prices={"2026-12-02": 85}, on="2026-12-02") == "2.50"


def test_a_short_factor_gains_when_the_price_falls() -> None:
    assert pay("2300", **FACTOR, direction="short", prices={"2026-12-02": 98}, on="2026-12-02") == "11.00"
    path = {"2026-12-02": (112, 100, 112)}  # reset at 110 (10 → 5), then +1.82 % against it
    assert pay("2300", **FACTOR, direction="short", prices=path, on="2026-12-02") == "4.55"


def test_costs_are_taken_by_calendar_days() -> None:
    given_ = {
        **FACTOR,
        "costs_percent": 36,
        "direction": "long",
        "prices": {"2026-12-04": 100, "2026-12-07": 100},
    }
    path = {**series("2026-12-02", "2026-12-03", 100), **given_.pop("prices")}
    # 1 December to 7 December: 0.1 % a day, three of them over the weekend: 10·0.999³·0.997
    assert pay("2300", **given_, prices=path, on="2026-12-07") == "9.94"


def test_absurd_prices_are_refused_not_crashed_on() -> None:
    given_ = {**FACTOR, "direction": "long"}
    gone = {"2026-12-02": 0, "2026-12-03": 0}
    assert refusal("2300", **given_, prices=gone, on="2026-12-03") == "INS-061 /prices"
    assert refusal("2300", **given_, prices={"2026-12-02": (1, 0, 1)}, on="2026-12-02") == "INS-061 /prices"
    wild = {
        day: (10**9 if n % 2 else "0.000000001")
        for n, day in enumerate(series("2026-12-02", "2027-12-01", 1))
    }
    wild = {**wild, "2027-12-01": 10**9}
    assert refusal("2300", **{**given_, "leverage": 5, "direction": "short"}, prices=wild, on="2029-12-01")
    assert refusal("2205", hit=False, on="2199-12-31", final=100) == "INS-061 /valuation_date"


# Baskets and currencies -----------------------------------------------------------------------------------------


def basket(**levels: Any) -> dict[str, Any]:
    return {**BASKET_NOTE, **levels, "barrier": {"level": "70", "monitoring": "close"}}


def basket_prices(day: str, sap: Any, dax: Any) -> list[dict[str, Any]]:
    return [
        {"underlying": SAP_ISIN, "date": day, "price": str(sap)},
        {"underlying": DAX_ISIN, "date": day, "price": str(dax)},
    ]


def test_a_basket_starts_at_one_hundred() -> None:
    terms = TERMS.validate_python(basket(bonus_level="120"))
    held = [{"barrier": "barrier", "hit_on": None}]
    # SAP +50 % at 60 %, DAX -10 % at 40 %: 100·(0.6·1.5 + 0.4·0.9) = 126
    prices = basket_prices("2027-12-17", 225, 21600)
    assert payoff(terms, Observations(prices=prices, barriers=held)).cash == Decimal("126.00")
    low = basket_prices("2027-12-17", 100, 24000)  # 60·2/3 + 40 = 80
    assert payoff(terms, Observations(prices=low, barriers=held)).cash == Decimal("120.00")


def test_a_basket_is_not_delivered() -> None:
    terms = TERMS.validate_python(basket(bonus_level="120", settlement="physical"))
    prices = basket_prices("2027-12-17", 100, 20000)
    with pytest.raises(Refused, match="INS-062"):
        payoff(terms, Observations(prices=prices, barriers=[{"barrier": "barrier", "hit_on": "2027-02-01"}]))


def test_a_compo_leverage_product_is_converted_at_the_end() -> None:
    given_ = {"final": 170, "fx": "compo", "hit": False}
    assert pay("2200", **given_, observed={"fx_rate": "0.8"}) == "4.00"
    assert refusal("2200", **given_) == "INS-060 /fx_rate"


def test_a_compo_on_nominal_follows_price_and_exchange_rate() -> None:
    rates = {"fx_rate": "0.9", "fx_rate_initial": "1"}
    assert (
        pay("1220", final=160, fx="compo", settlement="cash", observed=rates) == "coupons 4.43 72.50; 960.00"
    )
    delivered = pay("1220", final=160, fx="compo", settlement="physical", observed=rates)
    assert delivered == "coupons 4.43 72.50; 6 shares and 96.00"  # 6·160·0.9 + 96 = 960


# Credit ---------------------------------------------------------------------------------------------------------

TWO = [{"name": "Alpha", "weight": "0.5"}, {"name": "Beta", "weight": "0.5"}]


def test_each_failed_entity_takes_its_weight() -> None:
    given_ = {"reference_entities": TWO, "failed": {"Alpha": "2027-06-01"}}
    assert pay("1420", **given_) == "coupons 4.43 36.25; 700.00"
    both = {"Alpha": "2027-06-01", "Beta": "2027-07-01"}
    assert pay("1420", reference_entities=TWO, failed=both) == "coupons 4.43 0.00; 400.00"


def test_a_recovery_comes_from_the_auction_where_the_terms_fix_none() -> None:
    event = {"entity": "Muster AG", "date": "2027-06-01"}
    assert (
        refusal("1400", recovery_percent=None, observed={"credit_events": [event]})
        == "INS-060 /credit_events"
    )
    auction = {"credit_events": [{**event, "recovery_percent": "23.375"}]}
    assert pay("1400", recovery_percent=None, observed=auction) == "coupons 4.43 0.00; 233.75"


def test_a_stranger_cannot_fail() -> None:
    assert refusal("1400", failed={"Nobody": "2027-06-01"}) == "INS-061 /credit_events"


# Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_", "given_", "expected"),
    [
        ("1200", {}, "INS-060 /prices"),
        ("1200", {"prices": {"2027-12-16": 150}}, "INS-060 /prices"),
        ("1200", {"final": 120, "settlement": "issuer_choice"}, "INS-060 /settlement"),
        ("2100", {"final": 170, "settlement": "physical"}, "INS-062 /settlement"),
        ("2205", {"hit": True, "barrier": 175}, "INS-060 /unwinding_price"),
        ("2210", {"on": "2027-05-05", "prices": {"2027-05-05": 150}}, "INS-060 /barriers"),
        ("1320", {"final": 150, "observed": {"barriers": [{"hit_on": "2026-11-30"}]}}, "INS-061 /barriers"),
        ("bond", {"observed": {"called_on": "2029-12-01"}}, "INS-061 /called_on"),
        ("note", {}, "INS-060 /rates"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(
    class_: str, given_: dict[str, Any], expected: str
) -> None:
    assert refusal(class_, **given_) == expected


def test_the_issuer_chooses_between_cash_and_shares() -> None:
    choice = {"final": 120, "settlement": "issuer_choice"}
    assert pay("1200", **choice, observed={"settlement": "physical"}) == "1 shares and 0.00"
    assert pay("1200", **choice, observed={"settlement": "cash"}) == "120.00"


# Debt -----------------------------------------------------------------------------------------------------------


def debt(raw: dict[str, Any], **observed: Any) -> str:
    result = payoff(TERMS.validate_python(raw), Observations.model_validate(observed))
    return f"{' '.join(f'{c.amount:f}' for c in result.coupons)} | {result.cash:f} {result.outcome} {result.payment}"


def test_a_step_up_bond_pays_more_later() -> None:
    assert debt(STEP_UP_BOND) == "20.00 20.00 25.00 25.00 25.00 | 1000.00 redeemed 2031-12-01"


def test_a_zero_bond_pays_once() -> None:
    assert debt(ZERO_BOND) == " | 1000.00 redeemed 2031-12-01"


def test_a_called_bond_pays_its_call_price_and_no_later_coupon() -> None:
    expected = "28.75 28.75 28.75 28.75 | 1010.00 called 2030-12-02"  # 1 December 2030 is a Sunday
    assert debt(example("bond"), called_on="2030-12-01") == expected


def test_the_last_coupon_is_paid_where_maturity_moves() -> None:
    raw = {**example("bond"), "maturity_date": "2029-12-01", "calls": []}  # a Saturday: 367 days
    raw["interest"].update(adjusted=True, day_count="ACT/360")
    assert debt(raw) == "29.15 29.23 29.31 | 1000.00 redeemed 2029-12-03"


def test_a_call_within_a_period_pays_what_has_accrued() -> None:
    raw = {**example("bond"), "calls": [{"date": "2030-06-03", "price_percent": "100.5", "by": "holder"}]}
    # 184 of 365 days of 28.75
    assert debt(raw, called_on="2030-06-03") == "28.75 28.75 28.75 14.49 | 1005.00 called 2030-06-03"


def test_a_floating_rate_keeps_within_floor_and_cap() -> None:
    raw = {**example("note"), "maturity_date": "2027-12-01"}
    fixings = {"2026-11-27": "2", "2027-02-25": "-3", "2027-05-28": "9", "2027-08-30": "1.25"}
    rates = [{"date": day, "rate_percent": rate} for day, rate in fixings.items()]
    # 2.75 % for 90 days, the floor of 0 %, the cap of 6 % for 92 days, 2 % for 91 days
    assert debt(raw, rates=rates) == "6.88 0.00 15.33 5.06 | 1000.00 redeemed 2027-12-01"
    assert debt(raw, rates=rates[:1], as_of="2027-03-01") == "6.88 | 0 running None"


@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
@pytest.mark.parametrize("day_count", ["ACT/ACT ICMA", "30E/360", "ACT/365F"])
def test_quantlib_pays_the_same_fixed_bond(frequency: int, day_count: str) -> None:
    raw = example("bond")
    raw["interest"].update(frequency=frequency, day_count=day_count, rate_percent="3.125")
    raw.update(denomination="1000000", maturity_date="2031-11-28", calls=[])
    grid = ql.Schedule(
        ql.Date(1, 12, 2026), ql.Date(28, 11, 2031), ql.Period(12 // frequency, ql.Months), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward, False,
    )  # fmt: skip
    counts = {
        "ACT/ACT ICMA": ql.ActualActual(ql.ActualActual.ISMA, grid),
        "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
        "ACT/365F": ql.Actual365Fixed(),
    }
    theirs = ql.FixedRateBond(0, 1_000_000.0, grid, [0.03125], counts[day_count], ql.Following, 100.0)
    amounts = [flow.amount() for flow in theirs.cashflows()][:-1]
    ours = payoff(TERMS.validate_python(raw), Observations()).coupons
    assert len(ours) == len(amounts)
    for coupon, amount in zip(ours, amounts, strict=True):
        assert abs(float(coupon.amount) - amount) < 0.0051


# Properties -----------------------------------------------------------------------------------------------------

LEVELS = st.decimals(0, 1000, places=2).map(str)
WITH_FINAL = ["1100", "1110", "1120", "1130", "1200", "1210", "1220", "1230", "1240", "1250", "1310", "1320", "1330",
              "1340", "2100", "2110", "2200", "2230"]  # fmt: skip


@given(st.sampled_from(WITH_FINAL), LEVELS, st.booleans())
def test_nobody_ever_owes_the_issuer_and_every_result_explains_itself(
    class_: str, final: str, hit: bool
) -> None:
    result = pay_fully(class_, final=final, hit=hit, unwound=final)
    assert result.cash >= 0
    assert result.steps
    assert json.loads(json.dumps(result.as_dict()))["steps"][0]["name"]


@given(
    st.sampled_from(["1200", "1210", "1220", "1230", "1240", "1250", "1320", "2100", "2200"]), LEVELS, LEVELS
)
def test_a_higher_price_never_pays_less(class_: str, one: str, other: str) -> None:
    low, high = sorted((one, other), key=Decimal)
    paid = [
        pay_fully(class_, final=price, hit=True, settlement="cash", unwound=price).cash
        for price in (low, high)
    ]
    assert paid[0] <= paid[1]


@given(LEVELS)
def test_shares_and_fraction_are_worth_what_cash_would_be(final: str) -> None:
    cash = pay_fully("1220", final=final, settlement="cash")
    shares = pay_fully("1220", final=final, settlement="physical")
    value = shares.cash + sum(d.quantity * Decimal(final) for d in shares.deliveries)
    assert abs(value - cash.cash) <= Decimal("0.01")


@given(LEVELS)
def test_a_discount_and_a_call_on_the_cap_make_the_underlying(final: str) -> None:
    discount = pay_fully("1200", final=final).cash
    call = pay_fully("2100", final=final, ratio="1", strike=160).cash
    assert discount + call == Decimal(final)


def test_a_tie_is_rounded_away_from_zero_once() -> None:
    # N·S_T/K = 1000·112.50075/150 = 750.005 exactly
    assert Fraction("112.50075") * 1000 / 150 == Fraction("750.005")
    assert pay_fully("1220", final="112.50075", settlement="cash").cash == Decimal("750.01")


def test_the_same_input_gives_the_same_steps() -> None:
    one, other = (pay_fully("1330", final="171.3", hit=False) for _ in range(2))
    assert one == other
    assert [step.name for step in one.steps] == ["barrier", "S_T", "V", "R", "redemption"]


def test_terms_of_no_known_kind_are_a_programming_error() -> None:
    with pytest.raises(TypeError):
        payoff(None, Observations())  # type: ignore[arg-type]
    assert terms_of("1200").class_ == "1200"
