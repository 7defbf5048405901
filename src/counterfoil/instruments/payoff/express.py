"""Class 1260: early redemption on observation dates, conditional coupons with or without memory, a final barrier."""

from datetime import date
from decimal import Decimal

from counterfoil.instruments.payoff.barriers import hit_on, watch
from counterfoil.instruments.payoff.result import Coupon, Outcome, Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.schedule.structured import payment_day, redemption_day, valuation_day
from counterfoil.instruments.terms.fields import Monitoring
from counterfoil.instruments.terms.structured import Express, Observation

HUNDRED = Decimal(100)


def express(terms: Express, sheet: Worksheet) -> Payoff:
    """1260: on each date in order: at or above the call level N and the coupon, and the product ends; otherwise the
    coupon where its barrier holds (with memory, the missed ones too). At the end N at or above the barrier, else
    N·S_T/K (or N/K shares).

    Strike and call level 150, coupons of 4 % from 100, final barrier 90, N 1,000:

    >>> pay("1260", memory=True, prices={"2027-06-17": 95, "2027-12-17": 155})  # misses one, then both
    'coupons 80.00; 1000.00'
    >>> pay("1260", prices={"2027-06-17": 150})  # called on the first date
    'coupons 40.00; 1000.00'
    >>> pay("1260", prices={"2027-06-17": 99, "2027-12-17": 84})  # below the barrier: 1,000·84/150
    '560.00'
    """
    nominal = sheet.nominal(terms.strike)
    as_of = sheet.observations.as_of
    coupons: list[Coupon] = []
    missed = Decimal(0)
    for i, observation in enumerate(terms.observations):
        day = valuation_day(terms, observation.date)
        if as_of and day > as_of:
            return sheet.running(coupons)
        level = sheet.step(f"S_{i + 1}", f"level on {day}", sheet.level(day))
        called = observation.call_level is not None and level >= observation.call_level
        if called or observation.coupon_barrier is None or level >= observation.coupon_barrier:
            coupons.extend(_coupon(terms, sheet, i, nominal, missed))
            missed = Decimal(0)
        elif terms.memory:
            missed = sheet.step("missed", "coupons kept in memory", missed + observation.coupon_percent)
        if called:
            cash = sheet.rounded("redemption", "N", nominal)
            return sheet.redeem(cash, outcome=Outcome.CALLED, determined=day, coupons=coupons)
    if not sheet.over:
        return sheet.running(coupons)
    return _final(terms, sheet, nominal, coupons)


def _coupon(terms: Express, sheet: Worksheet, i: int, nominal: Decimal, missed: Decimal) -> list[Coupon]:
    percent = terms.observations[i].coupon_percent + missed
    if not percent:
        return []
    formula = "N · (c + missed)" if missed else "N · c"
    amount = sheet.rounded(f"coupon {i + 1}", formula, nominal * percent / HUNDRED)
    return [Coupon(_payment(terms, terms.observations[i]), amount, f"/observations/{i}")]


def _payment(terms: Express, observation: Observation) -> date:
    day = valuation_day(terms, observation.date)
    last = observation.date == terms.final_valuation_date
    return redemption_day(terms, day) if last else payment_day(terms, day)


def _final(terms: Express, sheet: Worksheet, nominal: Decimal, coupons: list[Coupon]) -> Payoff:
    final = sheet.final_in_payment_currency()
    if terms.barrier.monitoring is Monitoring.FINAL:
        lost = final < terms.barrier.level  # at the barrier the nominal amount is still paid
    else:
        hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
        lost = hit is not None and final < terms.strike
    if not lost:
        return sheet.redeem(sheet.rounded("redemption", "N", nominal), coupons=coupons)
    if sheet.physical():
        shares = sheet.shares_of_nominal(nominal, terms.strike)
        return sheet.in_shares(shares, "N / K", sheet.level(sheet.valuation), coupons)
    cash = sheet.rounded("redemption", "N · S_T / K", nominal * final / terms.strike)
    return sheet.redeem(cash, coupons=coupons)
