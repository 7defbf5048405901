"""Classes 1200 to 1250: a limited gain for a discount, a coupon or a bonus."""

from collections.abc import Sequence
from decimal import Decimal

from counterfoil.instruments.payoff.barriers import hit_on, watch
from counterfoil.instruments.payoff.interest import fixed_coupons
from counterfoil.instruments.payoff.result import Coupon, Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.terms.structured import (
    BarrierDiscount,
    BarrierReverseConvertible,
    CappedBonus,
    CappedOutperformance,
    Discount,
    ReverseConvertible,
)

HUNDRED = Decimal(100)


def discount(terms: Discount | BarrierDiscount, sheet: Worksheet) -> Payoff:
    """1200: R·min(S_T, C), or R shares below the cap.

    >>> pay("1200", ratio=1, cap=160, final="152.36"), pay("1200", ratio=1, cap=160, final=171)
    ('152.36', '160.00')
    """
    final = sheet.final()
    if final < terms.cap and sheet.physical():
        return sheet.in_shares(terms.ratio, "R", final)
    return sheet.in_units(min(final, terms.cap), "min(S_T, C)")


def barrier_discount(terms: BarrierDiscount, sheet: Worksheet) -> Payoff:
    """1210: R·C while the barrier is untouched, else as 1200.

    >>> [pay("1210", cap=160, barrier=105, hit=hit, final=120) for hit in (False, True)]
    ['160.00', '120.00']
    """
    if hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False)) is None:
        return sheet.in_units(terms.cap, "C")
    return discount(terms, sheet)


def reverse_convertible(terms: ReverseConvertible, sheet: Worksheet) -> Payoff:
    """1220: N if S_T >= K, else N·S_T/K, or N/K shares with cash for the fraction; the coupon always.

    With N 1,000: 1,000·120/150 in cash; or 6.67 shares, so 6 shares and 0.67·120 in cash. Coupon 7.25 %.

    >>> pay("1220", strike=150, settlement="cash", final=120)
    'coupons 4.43 72.50; 800.00'
    >>> pay("1220", strike=150, settlement="physical", final=120)
    'coupons 4.43 72.50; 6 shares and 80.00'
    """
    final = sheet.final_in_payment_currency()
    return _nominal_or_shares(terms, sheet, final, lost=final < terms.strike)


def barrier_reverse_convertible(terms: BarrierReverseConvertible, sheet: Worksheet) -> Payoff:
    """1230: N unless the barrier was hit and S_T < K; then as 1220.

    >>> pay("1230", strike=150, barrier=105, hit=False, final=120)
    'coupons 4.43 72.50; 1000.00'
    """
    hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
    final = sheet.final_in_payment_currency()
    return _nominal_or_shares(terms, sheet, final, lost=hit is not None and final < terms.strike)


def capped_outperformance(terms: CappedOutperformance, sheet: Worksheet) -> Payoff:
    """1240: R·min(C', S_T + (a-1)·max(0, S_T-K)).

    >>> [pay("1240", strike=150, participation_percent=200, cap=200, final=price) for price in (140, 170, 180)]
    ['140.00', '190.00', '200.00']
    """
    final = sheet.final()
    if final <= terms.strike and sheet.physical():
        return sheet.in_shares(terms.ratio, "R", final)
    extra = (terms.participation_percent / HUNDRED - 1) * max(Decimal(0), final - terms.strike)
    return sheet.in_units(min(terms.cap, final + extra), "min(C', S_T + (a - 1) · max(0, S_T - K))")


def capped_bonus(terms: CappedBonus, sheet: Worksheet) -> Payoff:
    """1250: R·min(C, max(H, S_T)) while the barrier is untouched, else R·min(C, S_T).

    >>> [pay("1250", bonus_level=170, cap=180, barrier=105, hit=hit, final=130) for hit in (False, True)]
    ['170.00', '130.00']
    """
    hit = hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=False))
    final = sheet.final()
    if hit is None:
        return sheet.in_units(min(terms.cap, max(terms.bonus_level, final)), "min(C, max(H, S_T))")
    if final < terms.cap and sheet.physical():
        return sheet.in_shares(terms.ratio, "R", final)
    return sheet.in_units(min(terms.cap, final), "min(C, S_T)")


def _nominal_or_shares(
    terms: ReverseConvertible | BarrierReverseConvertible, sheet: Worksheet, final: Decimal, *, lost: bool
) -> Payoff:
    nominal = sheet.nominal(terms.strike)
    coupons: Sequence[Coupon] = fixed_coupons(terms, terms.coupons, nominal, sheet)
    if not lost:
        return sheet.redeem(sheet.rounded("redemption", "N", nominal), coupons=coupons)
    if sheet.physical():
        shares = sheet.shares_of_nominal(nominal, terms.strike)
        return sheet.in_shares(shares, "N / K", sheet.level(sheet.valuation), coupons)
    value = nominal * final / terms.strike
    return sheet.redeem(sheet.rounded("redemption", "N · S_T / K", value), coupons=coupons)
