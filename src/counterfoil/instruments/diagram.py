"""The payoff as a curve: what one unit or denomination pays at its end, for each price of a single underlying."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.core.errors import Refused
from counterfoil.instruments.payoff import Observations, Outcome, payoff
from counterfoil.instruments.schedule import schedule
from counterfoil.instruments.terms import Structured, Terms
from counterfoil.instruments.terms.fields import Barrier

_STEPS = 60
_LEVELS = ("strike", "cap", "lower_strike", "upper_strike", "conversion_price", "bonus_level", "stop_loss")
_BARRIERS = ("barrier", "lower_barrier", "upper_barrier", "stop_loss")


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (price of the underlying, value paid), `hit` with every barrier touched on the last day."""

    hit: bool
    points: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """The curves, and the levels (name, price) that bend them. Values are in `currency`, for `basis` units."""

    currency: str
    basis: Decimal
    marks: tuple[tuple[str, Decimal], ...]
    curves: tuple[Curve, ...]


def payoff_diagram(terms: Terms) -> Diagram | None:
    """The diagram of a structured product on one underlying with an end; None where there is nothing to draw: a
    basket, open-ended or free terms, or a class whose amount follows from more than the last price.
    """
    if not isinstance(terms, Structured) or len(terms.underlyings) != 1 or terms.final_valuation_date is None:
        return None
    marks = tuple(_marks(terms))
    prices = _prices([level for _, level in marks])
    states = (False, True) if any(_barriers(terms)) else (False,)
    curves = [curve for hit in states if (curve := _curve(terms, prices, hit=hit)) is not None]
    if not curves:
        return None
    any_price = payoff(terms, _observed(terms, prices[0], hit=curves[0].hit))
    return Diagram(any_price.currency, any_price.basis, marks, tuple(curves))


def _marks(terms: Structured) -> Iterable[tuple[str, Decimal]]:
    initial = terms.underlyings[0].initial_fixing
    if initial is not None:
        yield "initial fixing", initial
    for name in dict.fromkeys((*_LEVELS, *_BARRIERS)):
        value = getattr(terms, name, None)
        if isinstance(value, Barrier):
            yield name.replace("_", " "), value.level
        elif isinstance(value, Decimal):
            yield name.replace("_", " "), value


def _barriers(terms: Structured) -> Iterable[str]:
    return (name for name in _BARRIERS if isinstance(getattr(terms, name, None), Barrier))


def _prices(levels: Sequence[Decimal]) -> list[Decimal]:
    """From well below the lowest level to well above the highest; the levels themselves and both their sides too."""
    low, high = min(levels, default=Decimal(50)), max(levels, default=Decimal(150))
    start, end = low * Decimal("0.5"), high * Decimal("1.4")
    step = (end - start) / _STEPS
    beside = (
        level + step * shift for level in levels for shift in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
    )
    return sorted({_plain(price) for price in (*(start + step * n for n in range(_STEPS + 1)), *beside)})


def _plain(value: Decimal) -> Decimal:
    """To four decimals, without zeros at the end."""
    text = f"{round(value, 4):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _curve(terms: Structured, prices: Sequence[Decimal], *, hit: bool) -> Curve | None:
    points = []
    for price in prices:
        if not hit and not _untouched(terms, price):
            continue
        try:
            paid = payoff(terms, _observed(terms, price, hit=hit))
        except Refused:
            continue
        if paid.outcome is not Outcome.RUNNING:
            delivered = sum((d.quantity for d in paid.deliveries), Decimal(0))
            points.append((price, _plain(paid.cash + delivered * price)))
    return Curve(hit, tuple(points)) if points else None


def _untouched(terms: Structured, price: Decimal) -> bool:
    """Whether a last price leaves open that no barrier was touched: it is on the side where the underlying began."""
    initial = terms.underlyings[0].initial_fixing
    levels = [getattr(terms, name).level for name in _barriers(terms)]
    return initial is None or all((price > level) == (initial > level) and price != level for level in levels)


def _observed(terms: Structured, price: Decimal, *, hit: bool) -> Observations:
    """The same price on every day that counts; as barriers are judged by what was noted, not by it."""
    underlying = terms.underlyings[0]
    last = terms.final_valuation_date
    days: set[date | None] = {last, *(event.day for event in schedule(terms))}
    prices = [
        {"underlying": underlying.isin or underlying.symbol, "date": day.isoformat(), "price": f"{price:.6f}"}
        for day in sorted(day for day in days if day is not None)
    ]
    hit_on = last.isoformat() if hit and last is not None else None
    barriers = [{"barrier": name, "hit_on": hit_on} for name in _barriers(terms)]
    rates = {"fx_rate": "1", "fx_rate_initial": "1"} if terms.fx == "compo" else {}
    return Observations.model_validate({"prices": prices, "barriers": barriers, **rates})
