"""Classes 1100 to 1140: at least the floor of the nominal amount."""

from decimal import Decimal

from counterfoil.instruments.payoff.barriers import hit_on, watch
from counterfoil.instruments.payoff.result import Coupon, Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.schedule.structured import payment_day, redemption_day, valuation_day
from counterfoil.instruments.terms.structured import (
    CapitalProtection,
    CapitalProtectionCoupon,
    CapitalProtectionKnockOut,
    CappedCapitalProtection,
    Exchangeable,
)

HUNDRED = Decimal(100)


def uncapped(terms: CapitalProtection, sheet: Worksheet) -> Payoff:
    """1100: N·(p + a·max(0, (S_T-K)/S_0)).

    With N 1,000 and S_0 150: 1,000·(0.95 + 0.8·30/150) = 1,110.

    >>> pay("1100", floor_percent=95, participation_percent=80, strike=150, final=180)
    '1110.00'
    """
    return _participating(terms, sheet, sheet.final_in_payment_currency())


def exchangeable(terms: Exchangeable, sheet: Worksheet) -> Payoff:
    """1110: max(N·p, N·S_T/conversion price), or N/conversion price shares.

    >>> pay("1110", floor_percent=100, conversion_price=165, final=198)  # max(1,000, 1,000·198/165)
    '1200.00'
    >>> pay("1110", floor_percent=100, conversion_price=165, final=198, settlement="physical")
    '6 shares and 12.00'
    """
    final = sheet.final_in_payment_currency()
    nominal = sheet.nominal(terms.conversion_price)
    floor = sheet.step("floor", "N · p", nominal * terms.floor_percent / HUNDRED)
    value = sheet.step(
        "conversion value", "N · S_T / conversion price", nominal * final / terms.conversion_price
    )
    if value > floor and sheet.physical():
        shares = sheet.shares_of_nominal(nominal, terms.conversion_price)
        return sheet.in_shares(shares, "N / conversion price", sheet.level(sheet.valuation))
    return sheet.redeem(sheet.rounded("redemption", "max(floor, conversion value)", max(floor, value)))


def capped(terms: CappedCapitalProtection, sheet: Worksheet) -> Payoff:
    """1120: as 1100 with min(S_T, C) for S_T.

    >>> pay("1120", floor_percent=100, participation_percent=100, strike=150, cap=190, final=250)  # 1 + 40/150
    '1266.67'
    """
    final = sheet.final_in_payment_currency()
    return _participating(terms, sheet, sheet.step("S_T", "min(S_T, C)", min(final, terms.cap)))


def knock_out(terms: CapitalProtectionKnockOut, sheet: Worksheet) -> Payoff:
    """1130: as 1100 while the upper barrier is untouched, else N·(p + rebate).

    >>> pay("1130", floor_percent=100, rebate_percent=3, barrier=200, hit=True)
    '1030.00'
    >>> pay("1130", floor_percent=100, strike=150, barrier=200, hit=False, final=180)
    '1200.00'
    """
    if hit_on(sheet, watch(sheet, "barrier", terms.barrier, up=True)) is None:
        return _participating(terms, sheet, sheet.final_in_payment_currency())
    nominal = sheet.nominal(terms.strike)
    value = nominal * (terms.floor_percent + terms.rebate_percent) / HUNDRED
    return sheet.redeem(sheet.rounded("redemption", "N · (p + rebate)", value))


def coupon(terms: CapitalProtectionCoupon, sheet: Worksheet) -> Payoff:
    """1140: N·p at the end; N·c for every observation at or above its coupon barrier.

    >>> pay("1140", prices={"2027-06-17": 151, "2027-12-17": 149})  # 2 % from 150
    'coupons 20.00; 1000.00'
    """
    single = len(terms.underlyings) == 1
    nominal = sheet.nominal(sheet.initial_of(terms.underlyings[0]) if single else HUNDRED)
    as_of, final = sheet.observations.as_of, terms.final_valuation_date
    coupons = []
    for i, observation in enumerate(terms.observations):
        day = valuation_day(terms, observation.date)
        if as_of and day > as_of:
            break
        level = sheet.step(f"S_{i + 1}", f"level on {day}", sheet.level(day))
        if level >= observation.coupon_barrier:
            paid = redemption_day(terms, day) if observation.date == final else payment_day(terms, day)
            amount = sheet.rounded(f"coupon {i + 1}", "N · c", nominal * observation.coupon_percent / HUNDRED)
            coupons.append(Coupon(paid, amount, f"/observations/{i}"))
    if not sheet.over:
        return sheet.running(coupons)
    return sheet.redeem(
        sheet.rounded("redemption", "N · p", nominal * terms.floor_percent / HUNDRED), coupons=coupons
    )


def _participating(
    terms: CapitalProtection | CappedCapitalProtection | CapitalProtectionKnockOut,
    sheet: Worksheet,
    final: Decimal,
) -> Payoff:
    initial = sheet.initial()
    nominal = sheet.nominal(initial)
    floor = sheet.step("p", "floor", terms.floor_percent / HUNDRED)
    share = sheet.step("a", "participation", terms.participation_percent / HUNDRED)
    # One division, made last: what the formula would give in fractions is rounded only once.
    value = nominal * (floor * initial + share * max(Decimal(0), final - terms.strike)) / initial
    return sheet.redeem(sheet.rounded("redemption", "N · (p + a · max(0, (S_T - K) / S_0))", value))
