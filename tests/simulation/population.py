"""Instruments of many classes with generated terms, and what each must pay, worked out by hand in plain Python.

Nothing here uses the engine's schedules or payoffs: only dates of business days are shared.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from counterfoil.core.calendar import add_business_days
from tests.simulation import other_classes
from tests.simulation.market import (
    START,
    Due,
    Maker,
    Market,
    Paper,
    cents,
    following,
    open_day,
)
from tests.simulation.market import dates as _dates
from tests.simulation.market import level as _level
from tests.simulation.market import paid_after as _paid


def discount(chance: Random, market: Market, final: date) -> Paper:
    cap = _level(chance, 120, 190)
    value = cents(min(market.closes[final], cap))
    return Paper("1200", {"cap": str(cap), **_dates(final)}, 1, [Due(_paid(final), value, ends=True)])


def barrier_discount(chance: Random, market: Market, final: date) -> Paper:
    cap, barrier = _level(chance, 130, 190), _level(chance, 80, 120)
    untouched = market.low_between(START, final) > barrier
    value = cents(cap if untouched else min(market.closes[final], cap))
    changes = {"cap": str(cap), "barrier": {"level": str(barrier)}, **_dates(final)}
    return Paper("1210", changes, 1, [Due(_paid(final), value, ends=True)])


def capped_bonus(chance: Random, market: Market, final: date) -> Paper:
    barrier, bonus, cap = _level(chance, 80, 120), _level(chance, 151, 170), _level(chance, 171, 190)
    close, untouched = market.closes[final], market.low_between(START, final) > barrier
    value = cents(min(cap, max(bonus, close) if untouched else close))
    changes = {
        "bonus_level": str(bonus), "cap": str(cap), "barrier": {"level": str(barrier)}, **_dates(final),
    }  # fmt: skip
    return Paper("1250", changes, 1, [Due(_paid(final), value, ends=True)])


def bonus_at_close(chance: Random, market: Market, final: date) -> Paper:
    """A barrier that only closing prices touch."""
    barrier, bonus = _level(chance, 80, 120), _level(chance, 151, 170)
    close = market.closes[final]
    untouched = all(price > barrier for day, price in market.closes.items() if START <= day <= final)
    value = cents(max(bonus, close) if untouched else close)
    changes = {
        "bonus_level": str(bonus), "barrier": {"level": str(barrier), "monitoring": "close"}, **_dates(final),
    }  # fmt: skip
    return Paper("1320", changes, 1, [Due(_paid(final), value, ends=True)])


def reverse_convertible(chance: Random, market: Market, final: date) -> Paper:
    strike, barrier = _level(chance, 130, 170), _level(chance, 80, 120)
    close, hit = market.closes[final], market.low_between(START, final) <= barrier
    value = cents(1000 * close / strike) if hit and close < strike else Decimal(1000)
    changes = {
        "strike": str(strike), "barrier": {"level": str(barrier)}, **_dates(final),
        "coupons": {"rate_percent": "6", "frequency": 0, "day_count": "30E/360"},
    }  # fmt: skip
    days = (_paid(final).year - 2026) * 360 + (_paid(final).month - 12) * 30 + min(_paid(final).day, 30) - 1
    interest = cents(Decimal(1000) * 6 * days / 36_000)
    dues = [Due(_paid(final), interest), Due(_paid(final), value, ends=True)]
    return Paper("1230", changes, 1000, dues)


def express(chance: Random, market: Market, final: date) -> Paper:
    """Called at 150 or above; a coupon of 4 at 110 or above, with memory; protected down to 90 at the end."""
    days = sorted({open_day(final - timedelta(days=182 * n)) for n in range(3)})
    days = [d for d in days if d > date(2026, 12, 10)]
    call, coupon = _level(chance, 150, 170), _level(chance, 120, 149)
    dues: list[Due] = []
    missed = 0
    for day in days:
        close, last = market.closes[day], day == final
        paid = _paid(final) if last else add_business_days(day, 2, "TARGET")
        due = Decimal(0)
        if close >= coupon:
            due, missed = Decimal(40) * (missed + 1), 0
        else:
            missed += 1
        if close >= call or last:
            back = Decimal(1000) if close >= call or close >= 90 else cents(1000 * close / 150)
            dues.append(Due(paid, due + back, ends=True))
            break
        if due:
            dues.append(Due(paid, due))
    observed = [
        {"date": d.isoformat(), "call_level": str(call), "coupon_percent": "4", "coupon_barrier": str(coupon)}
        for d in days
    ]
    changes = {"observations": observed, "memory": True, **_dates(final)}
    return Paper("1260", changes, 1000, dues, needs=frozenset(days))


def warrant(chance: Random, market: Market, final: date) -> Paper:
    strike = _level(chance, 120, 200)
    put = chance.random() < 0.5
    gain = strike - market.closes[final] if put else market.closes[final] - strike
    changes = {
        "strike": str(strike), "option_type": "put" if put else "call", "style": "european", **_dates(final),
    }  # fmt: skip
    return Paper("2100", changes, 1, [Due(_paid(final), cents(gain / 10), ends=True)])


def knock_out(chance: Random, market: Market, final: date) -> Paper:
    strike = _level(chance, 90, 125)
    hit = market.hit_on(strike, START, final)
    paid, value = _paid(final), cents((market.closes[final] - strike) / 10)
    if hit is not None:
        paid, value = add_business_days(hit, 2, "TARGET"), Decimal(0)
    changes = {"strike": str(strike), "barrier": {"level": str(strike)}, **_dates(final)}
    return Paper("2200", changes, 1, [Due(paid, value, ends=True)], hit)


def protected(chance: Random, market: Market, final: date) -> Paper:
    strike = _level(chance, 120, 160)
    gain = max(Decimal(0), (market.closes[final] - strike) / 150)
    value = cents(1000 * (Decimal("0.95") + Decimal("0.8") * gain))
    return Paper(
        "1100", {"strike": str(strike), **_dates(final)}, 1000, [Due(_paid(final), value, ends=True)]
    )


def bond(chance: Random, market: Market, final: date) -> Paper:
    """Fixed interest once a year by 30E/360, the first period a stub; negative interest pays nothing here."""
    rate = Decimal(chance.randint(0, 700)) / 100
    month = chance.randint(1, 11)
    ends = [date(year, month, 15) for year in (2027, 2028, 2029)]
    first = cents(Decimal(1000) * rate * ((month + 12 - 12) * 30 + 14) / 36_000)
    dues = [Due(following(d), first if d is ends[0] else cents(1000 * rate / 100)) for d in ends]
    changes = {
        "maturity_date": ends[-1].isoformat(), "calls": [],
        "interest": {
            "kind": "fixed", "rate_percent": str(rate), "frequency": 1, "day_count": "30E/360",
        },
    }  # fmt: skip
    return Paper("bond", changes, 1000, [*dues, Due(following(ends[-1]), Decimal(1000), ends=True)])


def paper(chance: Random, market: Market, final: date) -> Paper:
    end = START + timedelta(days=chance.randint(30, 360))
    changes = {
        "maturity_date": end.isoformat(), "pricing": "interest", "rate_percent": "3", "issue_price": "100",
        "programme_ceiling": None, "programme": None,
    }  # fmt: skip
    interest = cents(Decimal(100_000) * 3 * (end - START).days / 36_000)
    paid = following(end)
    return Paper(
        "commercial_paper", changes, 100_000, [Due(paid, interest), Due(paid, Decimal(100_000), ends=True)]
    )


MAKERS: tuple[Maker, ...] = (
    discount, barrier_discount, capped_bonus, bonus_at_close, reverse_convertible, express, warrant, knock_out,
    protected, bond, paper, *other_classes.ALL,
)  # fmt: skip


def population(market: Market, size: int, seed: int) -> list[Paper]:
    """Instruments of every class in turn, with final valuations spread over the years, each on a day of its own."""
    chance, used = Random(seed), set[date]()
    found = []
    for n in range(size):
        final = open_day(date(2027, 3, 1) + timedelta(days=chance.randint(0, 970)))
        while final in used:
            final = open_day(final + timedelta(days=1))
        used.add(final)
        found.append(MAKERS[n % len(MAKERS)](chance, market, final))
    return found
