"""The payoff as a curve: what one unit or denomination pays, by what that depends on. Every point is a payoff.

Most classes pay by the last price of the underlying. A basket is drawn by its level, all members moving alike; an
open-ended product as if it ended on a day that is given; constant leverage over its first trading day; credit-linked
notes by what becomes of their debtors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from counterfoil.core.errors import Refused
from counterfoil.instruments.errors import OBSERVATION_ODD
from counterfoil.instruments.payoff import Observations, Outcome, Payoff, payoff
from counterfoil.instruments.payoff.knock_outs import barrier_on
from counterfoil.instruments.payoff.worksheet import key
from counterfoil.instruments.schedule import schedule
from counterfoil.instruments.schedule.structured import valuation_day
from counterfoil.instruments.terms import Structured, Terms
from counterfoil.instruments.terms.fields import Barrier, Direction, Monitoring, Settlement, Underlying
from counterfoil.instruments.terms.structured import (
    CapitalProtection,
    CapitalProtectionKnockOut,
    CappedCapitalProtection,
    ConstantLeverage,
    CreditLinked,
    FreeTerms,
    KnockOut,
    MiniFuture,
)

_STEPS = 60
_LEVELS = (
    "strike", "cap", "lower_strike", "upper_strike", "conversion_price", "bonus_level", "financing_level",
)  # fmt: skip
_BARRIERS = ("barrier", "lower_barrier", "upper_barrier", "stop_loss")
_GROWN = {"K": "strike", "F": "financing level"}
"""The steps of a payoff that say where a level of the terms stands by now."""
_HUNDRED = Decimal(100)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (what is on the axis, value paid). `name` says under which condition; `hit`, that it is the worse one: a
    barrier was touched, a debtor has failed; `counted`, that there is nothing between the points.
    """

    name: str
    hit: bool
    points: tuple[tuple[Decimal, Decimal], ...]
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """The curves, and the levels (name, place on the axis) that bend them. Values are in `currency`, for `basis`
    units. `axis` says what the values depend on; `on`, for which day an open-ended product is drawn; `notes`, what
    was taken for granted or left out.
    """

    currency: str
    basis: Decimal
    axis: str
    marks: tuple[tuple[str, Decimal], ...]
    curves: tuple[Curve, ...]
    on: date | None = None
    notes: tuple[str, ...] = ()


def payoff_diagram(terms: Terms, on: date) -> Diagram | None:
    """The diagram of a structured product, of an open-ended one as if it ended on the day `on`; None for a debt
    security (see `cash_flows`).

    Raises `Refused` as the payoff does where the terms have no formula that gives an amount everywhere.
    """
    if not isinstance(terms, Structured):
        return None
    if isinstance(terms, FreeTerms):
        payoff(terms, Observations.model_validate({}))  # says why it cannot
    if isinstance(terms, CreditLinked):
        return _by_debtors(terms)
    return _over_a_day(terms) if isinstance(terms, ConstantLeverage) else _by_price(terms, on)


# By the last price ----------------------------------------------------------------------------------------


def _by_price(terms: Structured, on: date) -> Diagram | None:
    last = valuation_day(terms, terms.final_valuation_date or max(on, terms.issue_date))
    barriers = {name: _plain(level) for name, level in _barriers(terms, last)}
    marks = {**dict(_levels(terms)), **{name.replace("_", " "): level for name, level in barriers.items()}}
    prices = _around(list(marks.values()))
    curves: list[Curve] = []
    paid: list[Payoff] = []
    watched = any(not _at_the_end(terms, name) for name in barriers)
    for hit in (False, True) if watched else (False,):

        def pay(price: Decimal, hit: bool = hit) -> Payoff:
            return payoff(terms, _observed(terms, price, last, barriers, hit=hit))

        shown = [price for price in prices if hit or not watched or _untouched(terms, price, barriers)]
        points, found = _points(pay, shown)
        paid += found
        if points:
            curves.append(Curve(_condition(terms, hit=hit) if watched else "Paid", hit, points))
    if not paid:
        return None
    grown = [step for step in paid[-1].steps if step.name in _GROWN]
    marks |= {_GROWN[step.name]: step.value for step in grown if isinstance(step.value, Decimal)}
    axis = (
        "price of the underlying" if len(terms.underlyings) == 1 else "level of the basket, 100 at its start"
    )
    ordered = tuple((name, _plain(level)) for name, level in marks.items())
    is_open = terms.final_valuation_date is None
    return Diagram(
        paid[0].currency, paid[0].basis, axis, ordered, tuple(curves), last if is_open else None,
        tuple(_notes(terms, paid)),
    )  # fmt: skip


def _notes(terms: Structured, paid: Sequence[Payoff]) -> Iterable[str]:
    if any(one.coupons for one in paid):
        yield "Coupons come on top."
    if any(one.deliveries for one in paid):
        yield "Shares that are delivered count at the price."
    if terms.settlement is Settlement.ISSUER_CHOICE:
        yield "The issuer, who may choose, pays in cash."
    if terms.fx == "compo":
        yield "The exchange rate is taken as 1."


def _condition(terms: Structured, *, hit: bool) -> str:
    if not hit:
        return "No barrier was touched"
    unwound = ", by the price of unwinding" if isinstance(terms, KnockOut | MiniFuture) else ""
    return f"A barrier was touched{unwound}"


def _levels(terms: Structured) -> Iterable[tuple[str, Decimal]]:
    if len(terms.underlyings) > 1:
        yield "start of the basket", _HUNDRED
    elif terms.underlyings[0].initial_fixing is not None:
        yield "initial fixing", terms.underlyings[0].initial_fixing
    elif (assumed := _initial(terms, terms.underlyings[0])) is not None and _starts_at_fixing(terms):
        yield "initial fixing (assumed)", assumed
    for name in _LEVELS:
        if isinstance(value := getattr(terms, name, None), Decimal):
            yield name.replace("_", " "), value


def _starts_at_fixing(terms: Structured) -> bool:
    """Whether the formula divides by what the underlying stood at in the beginning."""
    return isinstance(terms, CapitalProtection | CappedCapitalProtection | CapitalProtectionKnockOut)


def _initial(terms: Structured, member: Underlying) -> Decimal | None:
    """Where an underlying began; while that is not fixed yet, at the strike, and a member of a basket anywhere."""
    if member.initial_fixing is not None or len(terms.underlyings) == 1:
        return member.initial_fixing or getattr(terms, "strike", None)
    return _HUNDRED


def _barriers(terms: Structured, day: date) -> Iterable[tuple[str, Decimal]]:
    """Where each barrier stands on a day."""
    for name in _BARRIERS:
        value = getattr(terms, name, None)
        if isinstance(terms, KnockOut) and isinstance(value, Barrier):
            yield name, barrier_on(terms, day)
        elif isinstance(value, Barrier):
            yield name, value.level
        elif isinstance(value, Decimal):
            yield name, value


def _around(levels: Sequence[Decimal]) -> list[Decimal]:
    """From well below the lowest level to well above the highest; the levels themselves and both their sides too."""
    low, high = min(levels, default=Decimal(50)), max(levels, default=Decimal(150))
    return _between(low * Decimal("0.5"), high * Decimal("1.4"), levels)


def _between(start: Decimal, end: Decimal, levels: Iterable[Decimal] = ()) -> list[Decimal]:
    step = (end - start) / _STEPS
    beside = (
        level + step * shift for level in levels for shift in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
    )
    return sorted({_plain(price) for price in (*(start + step * n for n in range(_STEPS + 1)), *beside)})


def _plain(value: Decimal) -> Decimal:
    """To four decimals, without zeros at the end."""
    text = f"{round(value, 4):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _points(
    pay: Callable[[Decimal], Payoff], places: Iterable[Decimal]
) -> tuple[tuple[tuple[Decimal, Decimal], ...], list[Payoff]]:
    """What is paid at each place, where that is an end and a number; and the payoffs themselves."""
    points, paid = [], []
    for place in places:
        try:
            found = pay(place)
        except Refused as refused:
            if any(one.code != OBSERVATION_ODD.code for one in refused.refusals):
                raise  # not only here: the terms have no formula for such an end
            continue
        if found.outcome is not Outcome.RUNNING:
            paid.append(found)
            delivered = sum((d.quantity for d in found.deliveries), Decimal(0))
            points.append((place, _plain(found.cash + delivered * place)))
    return tuple(points), paid


def _at_the_end(terms: Structured, barrier: str) -> bool:
    """Whether the last price alone decides of a barrier: nothing that came before can have touched it."""
    found = getattr(terms, barrier)
    return isinstance(found, Barrier) and found.monitoring is Monitoring.FINAL


def _untouched(terms: Structured, price: Decimal, barriers: dict[str, Decimal]) -> bool:
    """Whether a last price leaves open that no barrier was touched: it is on the side where the product goes on."""
    return all(price < at if _above(terms, name) else price > at for name, at in barriers.items())


def _above(terms: Structured, barrier: str) -> bool:
    """Whether a barrier is touched from below."""
    if isinstance(terms, KnockOut | MiniFuture):
        return terms.direction is Direction.SHORT
    return barrier == "upper_barrier" or isinstance(terms, CapitalProtectionKnockOut)


def _observed(
    terms: Structured, price: Decimal, last: date, barriers: Iterable[str], *, hit: bool
) -> Observations:
    """The same price on every day that counts; as barriers are judged by what was noted, not by it."""
    begun = terms.initial_valuation_date and valuation_day(terms, terms.initial_valuation_date)
    days = sorted({last, *(event.day for event in schedule(terms) if event.day is not None)})
    prices = []
    for member in terms.underlyings:
        moved, start = _moved(terms, member, price), _initial(terms, member)
        for day in days:
            seen = start if day == begun and start is not None else moved
            prices.append({"underlying": key(member), "date": day.isoformat(), "price": f"{seen:.6f}"})
    states = [{"barrier": name, "hit_on": last.isoformat() if hit else None} for name in barriers]
    more = {"fx_rate": "1", "fx_rate_initial": "1"} if terms.fx == "compo" else {}
    if terms.settlement is Settlement.ISSUER_CHOICE:
        more["settlement"] = "cash"
    if terms.final_valuation_date is None:
        more["valuation_date"] = last.isoformat()
    if isinstance(terms, KnockOut | MiniFuture):
        more["unwinding_price"] = f"{price:.6f}"
    return Observations.model_validate({"prices": prices, "barriers": states, **more})


def _moved(terms: Structured, member: Underlying, level: Decimal) -> Decimal:
    """The price of a member where the level is such: of a basket, moved from its own start as all are."""
    if len(terms.underlyings) == 1:
        return level
    return (_initial(terms, member) or _HUNDRED) * level / _HUNDRED


# Over the first trading day -------------------------------------------------------------------------------


def _over_a_day(terms: ConstantLeverage) -> Diagram | None:
    """What becomes of the issue price by the next close, for each price of then; the day went straight there."""
    underlying = terms.underlyings[0]  # of several, none has a formula
    start = valuation_day(terms, terms.initial_valuation_date or terms.issue_date)
    end = valuation_day(terms, max(start, terms.issue_date) + _DAY)
    base = underlying.initial_fixing or _HUNDRED
    threshold = base * terms.reset_threshold_percent / _HUNDRED
    reset = base - threshold if terms.direction is Direction.LONG else base + threshold
    reach = base / terms.leverage * Decimal("1.25")
    days = [start + n * _DAY for n in range((end - start).days)]

    def pay(price: Decimal) -> Payoff:
        fixed = [{"date": day.isoformat(), "price": f"{base:.6f}"} for day in days]
        moved = {"date": end.isoformat(), "price": f"{price:.6f}", "low": f"{min(price, base):.6f}",
            "high": f"{max(price, base):.6f}"}  # fmt: skip
        prices = [{"underlying": key(underlying), **one} for one in (*fixed, moved)]
        rates = {"fx_rate": "1", "fx_rate_initial": "1"} if terms.fx == "compo" else {}
        told = {"prices": prices, "valuation_date": end.isoformat(), **rates}
        return payoff(terms, Observations.model_validate(told))

    prices = _between(max(base - reach, base / 1000), base + reach, [base, reset])
    points, paid = _points(pay, prices)
    if not paid:
        return None
    axis = f"price of {underlying.name} a trading day after it stood at {_plain(base):f}"
    marks = (("start", _plain(base)), ("reset within the day", _plain(reset)))
    shown = tuple(mark for mark in marks if prices[0] <= mark[1] <= prices[-1])
    curves = (Curve("Value", False, points),)
    began = f"The value began at the issue price, {terms.issue_price:f}; the day went straight to its price."
    notes = (began, *_notes(terms, paid))
    return Diagram(paid[0].currency, paid[0].basis, axis, shown, curves, notes=notes)


# By what becomes of the debtors ---------------------------------------------------------------------------


def _by_debtors(terms: CreditLinked) -> Diagram | None:
    """With a recovery in the terms, by how many debtors fail, in their order; else by what an auction finds."""
    names = [entity.lei or entity.name for entity in terms.reference_entities]

    def pay(failed: Sequence[str], recovery: Decimal | None) -> Payoff:
        day = terms.issue_date.isoformat()
        told = {} if recovery is None else {"recovery_percent": f"{recovery:f}"}
        events = [{"entity": name, "date": day, **told} for name in failed]
        return payoff(terms, Observations.model_validate({"credit_events": events}))

    if terms.recovery_percent is not None:
        order = ", in the order of the terms" if len(names) > 1 else ""
        axis, counts = f"debtors with a credit event{order}", [Decimal(n) for n in range(len(names) + 1)]
        points, paid = _points(lambda count: pay(names[: int(count)], None), counts)
        curves = [Curve("Paid", False, points, counted=True)]
    else:
        axis, rates = "recovery in percent", _between(Decimal(0), _HUNDRED)
        points, paid = _points(lambda rate: pay((), rate), rates)
        failing, lost = _points(lambda rate: pay(names, rate), rates)
        paid += lost
        curves = [
            Curve("No credit event", False, points), Curve("A credit event of every debtor", True, failing),
        ]  # fmt: skip
    if not paid:
        return None
    shown, notes = tuple(curve for curve in curves if curve.points), tuple(_notes(terms, paid))
    return Diagram(paid[0].currency, paid[0].basis, axis, (), shown, notes=notes)
