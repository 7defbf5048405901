"""Classes 2100 and 2110: options. Settled in cash; a delivery against the strike has no single amount."""

from decimal import Decimal

from counterfoil.instruments.payoff.result import Payoff
from counterfoil.instruments.payoff.worksheet import Worksheet
from counterfoil.instruments.terms.fields import OptionType
from counterfoil.instruments.terms.structured import SpreadWarrant, Warrant


def warrant(terms: Warrant, sheet: Worksheet) -> Payoff:
    """2100: R·max(0, S_T-K) for a call, R·max(0, K-S_T) for a put.

    >>> [pay("2100", ratio="0.1", strike=160, option_type=right, final="172.5") for right in ("call", "put")]
    ['1.25', '0.00']
    """
    final = sheet.final()
    if terms.option_type is OptionType.CALL:
        return sheet.in_units(max(Decimal(0), final - terms.strike), "max(0, S_T - K)")
    return sheet.in_units(max(Decimal(0), terms.strike - final), "max(0, K - S_T)")


def spread_warrant(terms: SpreadWarrant, sheet: Worksheet) -> Payoff:
    """2110: R·max(0, min(S_T, K2)-K1) for a call, R·max(0, K2-max(S_T, K1)) for a put.

    >>> spread = {"ratio": "0.1", "lower_strike": 140, "upper_strike": 160}
    >>> [pay("2110", **spread, option_type="call", final=price) for price in (130, 150, 170)]
    ['0.00', '1.00', '2.00']
    >>> [pay("2110", **spread, option_type="put", final=price) for price in (130, 150, 170)]
    ['2.00', '1.00', '0.00']
    """
    final, low, high = sheet.final(), terms.lower_strike, terms.upper_strike
    if terms.option_type is OptionType.CALL:
        return sheet.in_units(max(Decimal(0), min(final, high) - low), "max(0, min(S_T, K2) - K1)")
    return sheet.in_units(max(Decimal(0), high - max(final, low)), "max(0, K2 - max(S_T, K1))")
