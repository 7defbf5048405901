"""Classes 2200 to 2230: leverage that ends when a barrier is touched."""

from datetime import date
from decimal import Decimal
from functools import partial

from counterfoil.instruments.payoff.barriers import Watch, hit_on, watch
from counterfoil.instruments.payoff.result import Outcome, Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet, missing
from counterfoil.instruments.schedule.structured import barrier_window
from counterfoil.instruments.terms.fields import Direction, Monitoring, OptionType
from counterfoil.instruments.terms.structured import DoubleKnockOut, KnockOut, MiniFuture

_YEAR_DAYS = Decimal(360)
_Ended = KnockOut | MiniFuture | DoubleKnockOut


def knock_out(terms: KnockOut, sheet: Worksheet) -> Payoff:
    """2200, 2205: R·max(0, S_T-K) (short: K-S_T) while the barrier is untouched.

    Once hit: nothing where the barrier is the strike; where it lies before the strike, the residual at the price of
    unwinding; the token amount of the terms, if there is one, where that is more. Strike and barrier of 2205 grow by
    the financing rate every day: K·(1 + r/360)^days.

    >>> pay("2200", ratio="0.1", strike=120, direction="long", barrier=120, hit=False, final=151)
    '3.10'
    >>> pay("2200", ratio="0.1", strike=120, direction="long", barrier=120, hit=True)
    '0.00'
    >>> pay("2200", hit=True, knock_out_amount="0.001")
    '0.001'
    >>> pay("2205", ratio="0.1", strike=180, barrier=175, hit=True, current_strike="179.5", unwound="175.25")
    '0.43'
    """

    first, last = barrier_window(terms, terms.barrier)
    long = terms.direction is Direction.LONG
    hit = hit_on(
        sheet, Watch("barrier", not long, terms.barrier.monitoring, first, last, partial(barrier_on, terms))
    )
    if hit is not None and terms.barrier.level == terms.strike:
        return _knocked_out(terms, sheet, hit, Decimal(0), "0")
    if hit is None and not sheet.over:
        return sheet.running()
    strike = _current(sheet, "K", terms.strike, terms.financing_percent, hit or sheet.valuation)
    if hit is not None:
        return _knocked_out(terms, sheet, hit, *_residual(sheet, strike, long=long))
    value = sheet.final()
    gain = max(Decimal(0), value - strike if long else strike - value)
    return sheet.in_units(gain, "max(0, S_T - K)" if long else "max(0, K - S_T)")


def barrier_on(terms: KnockOut, day: date) -> Decimal:
    """Where the barrier stands on a day: with a financing rate it grows as the strike does."""
    return terms.barrier.level * _growth(terms.issue_date, day, terms.financing_percent)


def mini_future(terms: MiniFuture, sheet: Worksheet) -> Payoff:
    """2210: R·max(0, S_T-F) (short: F-S_T); once the stop-loss is touched, the same at the price of unwinding.

    F grows by the financing rate every day. The stop-loss is set anew by the issuer from time to time, by amendments:
    with a financing rate, whether it was touched must be stated (by persons, or by prices as they come).

    >>> pay("2210", ratio="0.1", financing_level=110, financing_percent=None, hit=True, unwound="114.2")
    '0.42'
    """
    first, last = barrier_window(terms, None)
    long = terms.direction is Direction.LONG
    level = None if terms.financing_percent else (lambda _: terms.stop_loss)
    hit = hit_on(sheet, Watch("stop_loss", not long, Monitoring.CONTINUOUS, first, last, level))
    if hit is None and not sheet.over:
        return sheet.running()
    financing = _current(sheet, "F", terms.financing_level, terms.financing_percent, hit or sheet.valuation)
    if hit is not None:
        return _knocked_out(terms, sheet, hit, *_residual(sheet, financing, long=long))
    value = sheet.final()
    gain = max(Decimal(0), value - financing if long else financing - value)
    return sheet.in_units(gain, "max(0, S_T - F)" if long else "max(0, F - S_T)")


def double_knock_out(terms: DoubleKnockOut, sheet: Worksheet) -> Payoff:
    """2230: nothing once either barrier is touched, else R·max(0, S_T-K) for a call, R·max(0, K-S_T) for a put.

    One barrier that is known to be hit is enough: nobody has to say anything of the other.

    >>> pay("2230", ratio="0.1", option_type="call", strike=100, hit=False, final=151)
    '5.10'
    >>> pay("2230", observed={"barriers": [{"barrier": "upper_barrier", "hit_on": "2027-03-01"}]})
    '0.00'
    """
    lower = watch(sheet, "lower_barrier", terms.lower_barrier, up=False)
    upper = watch(sheet, "upper_barrier", terms.upper_barrier, up=True)
    if hits := _hits(sheet, lower, upper):
        return _knocked_out(terms, sheet, min(hits), Decimal(0), "0")
    if not sheet.over:
        return sheet.running()
    final = sheet.final()
    if terms.option_type is OptionType.CALL:
        return sheet.in_units(max(Decimal(0), final - terms.strike), "max(0, S_T - K)")
    return sheet.in_units(max(Decimal(0), terms.strike - final), "max(0, K - S_T)")


def _hits(sheet: Worksheet, *barriers: Watch) -> list[date]:
    """The days on which barriers were hit: as stated of any of them, else what is known of all."""
    stated = {state.barrier for state in sheet.observations.barriers if state.hit_on}
    told = [day for barrier in barriers if barrier.name in stated and (day := hit_on(sheet, barrier))]
    return told or [day for barrier in barriers if (day := hit_on(sheet, barrier))]


def _growth(start: date, day: date, rate_percent: Decimal | None) -> Decimal:
    """What financing makes of 1 from `start` to `day`, compounded every calendar day."""
    if not rate_percent:
        return Decimal(1)
    return (1 + rate_percent / (100 * _YEAR_DAYS)) ** max(0, (day - start).days)


def _current(sheet: Worksheet, name: str, level: Decimal, rate_percent: Decimal | None, day: date) -> Decimal:
    """Strike or financing level on a day: as published if it is stated, else computed."""
    stated = sheet.observations.current_strike
    if stated is not None:
        return sheet.step(name, f"as published for {day}", stated)
    days = (day - sheet.terms.issue_date).days
    formula = f"level · (1 + r / 360) ^ {days}" if rate_percent else "level of the terms"
    return sheet.step(name, formula, level * _growth(sheet.terms.issue_date, day, rate_percent))


def _residual(sheet: Worksheet, strike: Decimal, *, long: bool) -> tuple[Decimal, str]:
    price = sheet.observations.unwinding_price
    if price is None:
        raise missing("/unwinding_price", "the price at which the hedge was unwound")
    sheet.step("S_stop", "price of unwinding", price)
    gain = price - strike if long else strike - price
    return max(Decimal(0), gain), "max(0, S_stop - K)" if long else "max(0, K - S_stop)"


def _knocked_out(terms: _Ended, sheet: Worksheet, day: date, value: Decimal, formula: str) -> Payoff:
    """R times the residual, or the token amount of the terms where that is more."""
    ratio = sheet.step("R", "ratio", terms.ratio)
    fx = sheet.fx() if value else Decimal(1)
    cash = sheet.rounded("redemption", f"R · {formula}", ratio * value * fx)
    if terms.knock_out_amount is not None and cash < terms.knock_out_amount:
        cash = sheet.step("redemption", "knock-out amount of the terms", terms.knock_out_amount)
    return sheet.redeem(cash, outcome=Outcome.KNOCKED_OUT, determined=day)
