"""Classes 1300 to 1340: the underlying's performance, more of it, or a bonus."""

from decimal import Decimal

from counterfoil.instruments.payoff.barriers import hit_on, watch
from counterfoil.instruments.payoff.result import Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.terms.structured import (
    Bonus,
    Outperformance,
    OutperformanceBonus,
    Tracker,
    TwinWin,
)

HUNDRED = Decimal(100)


def tracker(terms: Tracker, sheet: Worksheet) -> Payoff:
    """1300: R·S_T·(1 - fee·days/365), days since the issue.

    >>> pay("1300", ratio="0.01", management_fee_percent="0.5", on="2027-12-01", final=25000)  # 250·0.995
    '248.75'
    """
    final = sheet.final()
    days = Decimal((sheet.valuation - terms.issue_date).days)
    fee = (terms.management_fee_percent or Decimal(0)) * days / (365 * HUNDRED)
    kept = sheet.step("kept", f"1 - fee · {days} / 365", max(Decimal(0), 1 - fee))
    if sheet.physical():
        return sheet.in_shares(terms.ratio * kept, "R · kept", final)
    return sheet.in_units(final * kept, "S_T · kept")


def outperformance(terms: Outperformance, sheet: Worksheet) -> Payoff:
    """1310: R·(S_T + (a-1)·max(0, S_T-K)), or R shares at or below the strike.

    >>> [pay("1310", strike=150, participation_percent=150, final=price) for price in (140, 170)]
    ['140.00', '180.00']
    """
    final = sheet.final()
    if final <= terms.strike and sheet.physical():
        return sheet.in_shares(terms.ratio, "R", final)
    return sheet.in_units(_outperforming(terms, final), "S_T + (a - 1) · max(0, S_T - K)")


def bonus(terms: Bonus, sheet: Worksheet) -> Payoff:
    """1320: R·max(H, S_T) while the barrier is untouched, else R·S_T, or R shares.

    >>> [pay("1320", bonus_level=170, barrier=105, hit=hit, final=130) for hit in (False, True)]
    ['170.00', '130.00']
    >>> pay("1320", bonus_level=170, barrier=105, hit=False, final=190)
    '190.00'
    """
    hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
    final = sheet.final()
    if hit is None:
        return sheet.in_units(max(terms.bonus_level, final), "max(H, S_T)")
    return _underlying(sheet, final)


def outperformance_bonus(terms: OutperformanceBonus, sheet: Worksheet) -> Payoff:
    """1330: R·max(H, S_T + (a-1)·max(0, S_T-K)) while the barrier is untouched; without H once it was hit.

    >>> given = {"strike": 150, "participation_percent": 130, "bonus_level": 165}
    >>> [pay("1330", **given, hit=hit, final=160) for hit in (False, True)]
    ['165.00', '163.00']
    >>> pay("1330", **given, hit=False, final=200)
    '215.00'
    """
    hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
    final = sheet.final()
    value = sheet.step("V", "S_T + (a - 1) · max(0, S_T - K)", _outperforming(terms, final))
    if hit is None:
        return sheet.in_units(max(terms.bonus_level, value), "max(H, V)")
    return _underlying(sheet, final) if final <= terms.strike else sheet.in_units(value, "V")


def twin_win(terms: TwinWin, sheet: Worksheet) -> Payoff:
    """1340: R·(K + |S_T-K|) while the barrier is untouched, else R·S_T.

    >>> [pay("1340", strike=150, barrier=105, hit=hit, final=120) for hit in (False, True)]
    ['180.00', '120.00']
    """
    hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
    final = sheet.final()
    if hit is None:
        return sheet.in_units(terms.strike + abs(final - terms.strike), "K + |S_T - K|")
    return _underlying(sheet, final)


def _outperforming(terms: Outperformance | OutperformanceBonus, final: Decimal) -> Decimal:
    return final + (terms.participation_percent / HUNDRED - 1) * max(Decimal(0), final - terms.strike)


def _underlying(sheet: Worksheet, final: Decimal) -> Payoff:
    """The value of R units of the underlying, or the units themselves."""
    if sheet.physical():
        return sheet.in_shares(sheet.terms.ratio, "R", final)
    return sheet.in_units(final, "S_T")
