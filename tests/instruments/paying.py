"""`pay`: the payoff of a class in one line, for worked examples in docstrings and tests."""

from typing import Any

from counterfoil.instruments.payoff import Observations, Payoff, payoff
from counterfoil.instruments.terms import TERMS, Envelope
from tests.instruments.examples import example

HIT_ON = "2027-03-01"


def terms_of(class_: str, **changes: Any) -> Envelope:
    """The example terms of a class with some fields changed; a bare number for a barrier changes its level."""
    raw = example(class_)
    if "initial_fixing" in changes:
        raw["underlyings"][0]["initial_fixing"] = str(changes.pop("initial_fixing"))
    for name, value in changes.items():
        plain = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        raw[name] = (
            {**raw[name], "level": plain}
            if name.endswith("barrier") and not isinstance(value, dict)
            else plain
        )
    return TERMS.validate_python(raw)


def pay_fully(
    class_: str,
    *,
    final: Any = None,
    prices: dict[str, Any] | None = None,
    hit: bool | None = None,
    on: str | None = None,
    unwound: Any = None,
    failed: dict[str, str] | None = None,
    rates: dict[str, Any] | None = None,
    observed: dict[str, Any] | None = None,
    current_strike: Any = None,
    **changes: Any,
) -> Payoff:
    """The payoff of example terms with `changes`.

    final: price on the final valuation date or `on`. prices: by date, a price or (price, low, high).
    hit: whether barriers were hit (on 1 March 2027). unwound: price of unwinding. failed: entity to day of its credit
    event. rates: by fixing date. observed: any other field of the observations.
    """
    terms = terms_of(class_, **changes)
    names = {"2210": ["stop_loss"], "2230": ["lower_barrier", "upper_barrier"]}.get(class_, ["barrier"])
    series = dict(prices or {})
    if final is not None:
        series[on or "2027-12-17"] = final
    underlying = terms.underlyings[0] if getattr(terms, "underlyings", ()) else None
    return payoff(
        terms,
        Observations.model_validate(
            {
                "prices": [_price(underlying, day, value) for day, value in series.items()],
                "barriers": []
                if hit is None
                else [{"barrier": name, "hit_on": HIT_ON if hit else None} for name in names],
                "valuation_date": on,
                "unwinding_price": None if unwound is None else str(unwound),
                "current_strike": None if current_strike is None else str(current_strike),
                "credit_events": [{"entity": name, "date": day} for name, day in (failed or {}).items()],
                "rates": [{"date": day, "rate_percent": str(rate)} for day, rate in (rates or {}).items()],
                **(observed or {}),
            }
        ),
    )


def pay(class_: str, **given: Any) -> str:
    """The same as text: "coupons …; cash", or "n shares and cash" for a delivery."""
    result = pay_fully(class_, **given)
    text = f"{result.cash:f}"
    if result.deliveries:
        text = f"{result.deliveries[0].quantity:f} shares and {text}"
    if result.coupons:
        text = f"coupons {' '.join(f'{c.amount:f}' for c in result.coupons)}; {text}"
    return text


def _price(underlying: Any, day: str, value: Any) -> dict[str, Any]:
    price, low, high = value if isinstance(value, tuple) else (value, None, None)
    return {
        "underlying": underlying.isin or underlying.symbol,
        "date": day,
        "price": str(price),
        "low": None if low is None else str(low),
        "high": None if high is None else str(high),
    }
