"""The rest of the classes, and what persons do: exercises, calls, terminations, declarations, credit events."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from counterfoil.core.calendar import add_business_days
from tests.servicing.house import ANNA, CORA
from tests.simulation.deeds import (
    Call,
    CreditEvent,
    Declare,
    Elect,
    Exercise,
    Part,
    RateFixing,
    SellAndWait,
    Termination,
    Unwinding,
)
from tests.simulation.market import (
    SPLIT_ON,
    START,
    Due,
    Market,
    Paper,
    cents,
    dates,
    following,
    level,
    open_day,
    paid_after,
)

N = Decimal(1000)
TERMINATED = date(2029, 9, 3)
"""What has no end is ended by its issuer on this day, if nothing has ended it before."""


def _at_end(class_: str, changes: dict[str, Any], value: Decimal, final: date, basis: int = 1) -> Paper:
    return Paper(class_, changes | dates(final), basis, [Due(paid_after(final), cents(value), ends=True)])


def exchangeable(chance: Random, market: Market, final: date) -> Paper:
    price = level(chance, 130, 180)
    return _at_end(
        "1110",
        {"conversion_price": str(price)},
        max(N, N * market.closes[final] / price),
        final,
        1000,
    )


def capped_protection(chance: Random, market: Market, final: date) -> Paper:
    strike, cap = level(chance, 110, 150), level(chance, 151, 190)
    gain = max(Decimal(0), min(market.closes[final], cap) - strike) / 150
    return _at_end("1120", {"strike": str(strike), "cap": str(cap)}, N * (1 + gain), final, 1000)


def protected_until_hit(chance: Random, market: Market, final: date) -> Paper:
    strike, barrier = level(chance, 110, 150), level(chance, 165, 220)
    gain = max(Decimal(0), market.closes[final] - strike) / 150
    hit = market.high_between(START, final) >= barrier
    changes = {"strike": str(strike), "barrier": {"level": str(barrier)}}
    return _at_end("1130", changes, N * Decimal("1.03") if hit else N * (1 + gain), final, 1000)


def conditional_coupons(chance: Random, market: Market, final: date) -> Paper:
    floor = level(chance, 120, 170)
    days = [d for d in (open_day(final - timedelta(days=90)), final) if d > date(2026, 12, 10)]
    observed = [{"date": d.isoformat(), "coupon_percent": "2", "coupon_barrier": str(floor)} for d in days]
    dues = [
        Due(paid_after(d) if d == final else add_business_days(d, 2, "TARGET"), Decimal(20))
        for d in days
        if market.closes[d] >= floor
    ]
    dues.append(Due(paid_after(final), N, ends=True))
    return Paper("1140", {"observations": observed, **dates(final)}, 1000, dues, needs=frozenset(days))


def free_terms(chance: Random, market: Market, final: date) -> Paper:
    value = Decimal(chance.randint(1, 20_000)) / 100
    found = _at_end("1199", {}, value, final)
    found.deeds.append(Declare(add_business_days(final, 1, "TARGET"), value))
    return found


def delivered_discount(chance: Random, market: Market, final: date) -> Paper:
    """The shares, where the price stays below the cap."""
    cap, close = level(chance, 120, 220), market.closes[final]
    found = _at_end("1200", {"cap": str(cap), "settlement": "physical"}, cap, final)
    if close < cap:
        found.dues = [Due(paid_after(final), Decimal(0), ends=True, shares=2 if final >= SPLIT_ON else 1)]
    return found


def delivered_convertible(chance: Random, market: Market, final: date) -> Paper:
    """Whole shares and cash for the fraction, where the price stays below the strike."""
    strike, close = level(chance, 130, 220), market.closes[final]
    coupons = {"rate_percent": "6", "frequency": 0, "day_count": "30E/360"}
    found = _at_end("1220", {"strike": str(strike), "coupons": coupons}, N, final, 1000)
    if close < strike:
        split = 2 if final >= SPLIT_ON else 1
        whole = int(N * split / strike)
        fraction = cents((N * split / strike - whole) * close / split)
        found.dues = [Due(paid_after(final), fraction, ends=True, shares=whole)]
    found.dues.insert(0, Due(paid_after(final), cents(N * 6 * _days_30e(START, paid_after(final)) / 36_000)))
    return found


def capped_outperformance(chance: Random, market: Market, final: date) -> Paper:
    strike, cap, close = level(chance, 120, 160), level(chance, 180, 240), market.closes[final]
    value = min(cap, close + max(Decimal(0), close - strike))
    return _at_end("1240", {"strike": str(strike), "cap": str(cap)}, value, final)


def tracker(chance: Random, market: Market, final: date) -> Paper:
    """Its issuer ends it with 90 days of notice."""
    price = market.index(final)
    kept = 1 - Decimal("0.005") * (final - START).days / 365
    paid = add_business_days(final, 2, "TARGET")
    deed = Termination(final - timedelta(days=100), final, price)
    return Paper("1300", {}, 1, [Due(paid, cents(price * kept / 100), ends=True)], deeds=[deed])


def outperformance(chance: Random, market: Market, final: date) -> Paper:
    strike, close = level(chance, 120, 180), market.closes[final]
    return _at_end("1310", {"strike": str(strike)}, close + max(Decimal(0), close - strike) / 2, final)


def outperformance_bonus(chance: Random, market: Market, final: date) -> Paper:
    strike, barrier, close = level(chance, 120, 160), level(chance, 90, 115), market.closes[final]
    value = close + max(Decimal(0), close - strike) * 3 / 10
    if market.low_between(START, final) > barrier:
        value = max(Decimal(165), value)
    changes = {"strike": str(strike), "bonus_level": "165", "barrier": {"level": str(barrier)}}
    return _at_end("1330", changes, value, final)


def twin_win(chance: Random, market: Market, final: date) -> Paper:
    strike, barrier, close = level(chance, 130, 180), level(chance, 90, 125), market.closes[final]
    intact = market.low_between(START, final) > barrier
    value = strike + abs(close - strike) if intact else close
    return _at_end("1340", {"strike": str(strike), "barrier": {"level": str(barrier)}}, value, final)


def credit_linked(chance: Random, market: Market, final: date) -> Paper:
    """Without interest and with 40 % of its nominal amount once its debtor has failed."""
    name, fails = f"Debtor {final}", chance.random() < 0.5
    coupons = {"rate_percent": "5", "frequency": 0, "day_count": "30E/360"}
    interest = cents(N * 5 * _days_30e(START, paid_after(final)) / 36_000)
    changes = {"reference_entities": [{"name": name}], "coupons": coupons}
    found = _at_end("1400", changes, Decimal(400) if fails else N, final, 1000)
    if fails:
        found.deeds.append(CreditEvent(open_day(final - timedelta(days=60)), name))
    else:
        found.dues.insert(0, Due(paid_after(final), interest))
    return found


def american_warrant(chance: Random, market: Market, final: date) -> Paper:
    """Anna exercises one by message, the rest is exercised by itself."""
    strike, early = level(chance, 110, 170), open_day(final - timedelta(days=60))
    found = _at_end("2100", {"strike": str(strike)}, (market.closes[final] - strike) / 10, final)
    value = cents((market.closes[early] - strike) / 10)
    found.dues.insert(0, Due(add_business_days(early, 2, "TARGET"), value, only=(ANNA, 1)))
    found.deeds.append(Elect(early, ANNA, 1))
    found.needs = frozenset({early})
    return found


def lapsing_warrant(chance: Random, market: Market, final: date) -> Paper:
    """Cora exercises two on the last day, the rest lapses."""
    strike = level(chance, 110, 170)
    changes = {"strike": str(strike), "style": "european", "automatic_exercise": False}
    found = _at_end("2100", changes, Decimal(0), final)
    value = cents((market.closes[final] - strike) / 10)
    found.dues.insert(0, Due(add_business_days(final, 2, "TARGET"), value, only=(CORA, 2)))
    found.deeds.append(Exercise(final, CORA, 2))
    found.needs = frozenset({final})
    return found


def spread_warrant(chance: Random, market: Market, final: date) -> Paper:
    low, high, close = level(chance, 110, 150), level(chance, 151, 190), market.closes[final]
    put = chance.random() < 0.5
    value = max(Decimal(0), high - max(close, low) if put else min(close, high) - low) / 10
    changes = {"lower_strike": str(low), "upper_strike": str(high), "option_type": "put" if put else "call"}
    return _at_end("2110", changes, value, final)


def financed_knock_out(chance: Random, market: Market, final: date) -> Paper:
    """Short, without end; strike and barrier fall every day by the financing. A hit leaves a residual."""
    strike, barrier = level(chance, 185, 230), Decimal(180)

    def grown(of: Decimal, day: date) -> Decimal:
        return of * (1 - Decimal("2.5") / 36_000) ** (day - START).days

    changes = {"strike": str(strike), "barrier": {"level": "180"}, "issuer_call_notice": 30}
    days = (d for d in sorted(market.highs) if START <= d <= TERMINATED)
    hit = next((d for d in days if market.highs[d] >= grown(barrier, d)), None)
    if hit is None:
        value = cents(max(Decimal(0), grown(strike, TERMINATED) - market.closes[TERMINATED]) / 10)
        return _terminated("2205", changes, value)
    unwound = grown(barrier, hit).quantize(Decimal(1))
    value = cents(max(Decimal(0), grown(strike, hit) - unwound) / 10)
    return _unwound("2205", changes, value, hit, unwound, "barrier")


def mini_future(chance: Random, market: Market, final: date) -> Paper:
    stop = level(chance, 105, 135)
    changes = {
        "financing_level": str(stop - 5), "stop_loss": str(stop), "financing_percent": None,
        "issuer_call_notice": 30,
    }  # fmt: skip
    hit = market.hit_on(stop, START, TERMINATED)
    if hit is None:
        return _terminated("2210", changes, cents((market.closes[TERMINATED] - stop + 5) / 10))
    return _unwound("2210", changes, Decimal("0.42"), hit, stop - 5 + Decimal("4.2"), "stop_loss")


def double_knock_out(chance: Random, market: Market, final: date) -> Paper:
    low, high = level(chance, 90, 120), level(chance, 190, 240)
    down = market.hit_on(low, START, final)
    up = next((d for d in sorted(market.highs) if START <= d <= final and market.highs[d] >= high), None)
    changes = {"lower_barrier": {"level": str(low)}, "upper_barrier": {"level": str(high)}}
    found = _at_end("2230", changes, (market.closes[final] - 100) / 10, final)
    hits = sorted((d, name) for d, name in ((down, "lower_barrier"), (up, "upper_barrier")) if d)
    if hits:
        found.hit, found.barrier = hits[0]
        found.dues = [Due(add_business_days(found.hit, 2, "TARGET"), Decimal(0), ends=True)]
    return found


def factor(chance: Random, market: Market, final: date) -> Paper:
    """Three times each day's move, reset within the day at a fall of 15 %, less costs; ended by its issuer."""
    value, before, since = Decimal(100), Decimal(150), date(2026, 12, 1)
    days = [d for d in sorted(market.closes) if since < d <= final]
    for day in days:
        base = before
        while market.lows[day] <= base * Decimal("0.85"):
            value *= 1 + 3 * Decimal("-0.15")
            base *= Decimal("0.85")
        costs = Decimal("0.012") * (day - since).days / 360
        value = max(Decimal(0), value * (1 + 3 * (market.closes[day] / base - 1) - costs))
        before, since = market.closes[day], day
    changes = {"leverage": "3", "issue_price": "100", "issuer_call_notice": 30}
    dues = [Due(add_business_days(final, 2, "TARGET"), cents(value), ends=True)]
    deed = Termination(final - timedelta(days=40), final)
    return Paper("2300", changes, 1, dues, deeds=[deed], needs=frozenset(days[-15:]))


def called_bond(chance: Random, market: Market, final: date) -> Paper:
    """Its issuer calls it at 101 on the day of a coupon."""
    called = date(2028, 6, 15)
    dues = [Due(following(d), a) for d, a in _coupons(6, 3) if d <= called]
    dues.append(Due(following(called), Decimal(1010), ends=True))
    return Paper("bond", _callable(called), 1000, dues, deeds=[Call(called - timedelta(days=30), called)])


def halved_bond(chance: Random, market: Market, final: date) -> Paper:
    """Half of it is redeemed at 101 on the day of a coupon, in whole denominations."""
    called = date(2028, 6, 15)
    dues = [Due(following(d), a) for d, a in _coupons(6, 3)]
    dues.append(Due(following(date(2029, 6, 15)), N, ends=True))
    deeds = [
        Call(called - timedelta(days=30), called, Decimal("0.5")),
        Part(following(called), Decimal("0.5"), Decimal(1010)),
    ]
    return Paper("bond", _callable(called), 1000, dues, deeds=deeds)


def claimed_bond(chance: Random, market: Market, final: date) -> Paper:
    """Sold over the record date of a coupon and over its redemption, delivered late or never."""
    dues = [Due(following(d), a) for d, a in _coupons(6, 3)]
    dues.append(Due(following(date(2029, 6, 15)), N, ends=True))
    deeds = [
        SellAndWait(date(2028, 6, 8), date(2028, 6, 29)),
        SellAndWait(date(2029, 6, 8), None),
    ]
    return Paper("bond", _callable(None), 1000, dues, deeds=deeds)


def floating_note(chance: Random, market: Market, final: date) -> Paper:
    """EURIBOR and 0.75 %, between 0 and 6 %, each quarter."""
    ends = [following(date(y, m, 1)) for y in (2026, 2027, 2028) for m in (3, 6, 9, 12)][3:]
    dues, deeds = [], []
    for start, end in itertools.pairwise(ends):
        rate = Decimal(chance.randint(-200, 600)) / 100
        deeds.append(RateFixing(add_business_days(start, -2, "TARGET"), rate))
        paid = min(max(rate + Decimal("0.75"), Decimal(0)), Decimal(6))
        dues.append(Due(end, cents(N * paid * (end - start).days / 36_000)))
    dues.append(Due(ends[-1], N, ends=True))
    return Paper("note", {"maturity_date": "2028-12-01"}, 1000, dues, deeds=[*deeds])


def zero_bond(chance: Random, market: Market, final: date) -> Paper:
    end = following(final)
    changes = {
        "maturity_date": end.isoformat(),
        "calls": [],
        "interest": {"kind": "zero"},
        "issue_price": "88",
    }
    return Paper("bond", changes, 1000, [Due(end, N, ends=True)])


def _terminated(class_: str, changes: dict[str, Any], value: Decimal) -> Paper:
    paid = add_business_days(TERMINATED, 2, "TARGET")
    deed = Termination(TERMINATED - timedelta(days=40), TERMINATED)
    needs = frozenset({TERMINATED})
    return Paper(class_, changes, 1, [Due(paid, value, ends=True)], deeds=[deed], needs=needs)


def _unwound(
    class_: str, changes: dict[str, Any], value: Decimal, hit: date, price: Decimal, barrier: str
) -> Paper:
    dues = [Due(add_business_days(hit, 2, "TARGET"), value, ends=True)]
    deed = Unwinding(add_business_days(hit, 1, "TARGET"), hit, price)
    return Paper(class_, changes, 1, dues, hit, barrier, [deed])


def _callable(called: date | None) -> dict[str, Any]:
    calls = [{"date": called.isoformat(), "price_percent": "101"}] if called else []
    return {
        "maturity_date": "2029-06-15", "calls": calls,
        "interest": {"kind": "fixed", "rate_percent": "3", "frequency": 1, "day_count": "30E/360"},
    }  # fmt: skip


def _coupons(month: int, rate: int) -> list[tuple[date, Decimal]]:
    """Yearly on the fifteenth, the first for less than a year."""
    first = cents(N * rate * (month * 30 + 14) / 36_000)
    return [(date(year, month, 15), first if year == 2027 else N * rate / 100) for year in (2027, 2028, 2029)]


def _days_30e(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


ALL = (
    exchangeable, capped_protection, protected_until_hit, conditional_coupons, free_terms, delivered_discount,
    delivered_convertible, capped_outperformance, tracker, outperformance, outperformance_bonus, twin_win,
    credit_linked, american_warrant, lapsing_warrant, spread_warrant, financed_knock_out, mini_future,
    double_knock_out, factor, called_bond, halved_bond, claimed_bond, floating_note, zero_bond,
)  # fmt: skip
