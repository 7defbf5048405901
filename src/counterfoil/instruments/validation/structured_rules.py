"""Rules of structured products."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from counterfoil.core.errors import Refusal
from counterfoil.core.money import CURRENCIES
from counterfoil.instruments import errors
from counterfoil.instruments.terms import Structured
from counterfoil.instruments.terms.fields import Barrier, Coupons, Settlement, Underlying, UnderlyingKind
from counterfoil.instruments.validation.common_rules import (
    after,
    irregular,
    is_right_isin,
    is_right_lei,
    not_too_far,
    open_day,
    order,
    rising,
)
from counterfoil.instruments.validation.debt_rules import FREQUENCIES

OPEN_END_POSSIBLE = {"1300", "2205", "2210", "2300", "1199", "1299", "1399", "1499", "2199", "2299", "2399"}
OPEN_END_ALWAYS = {"2205"}
_NEEDS_ISIN = {UnderlyingKind.EQUITY, UnderlyingKind.FUND, UnderlyingKind.DEBT}
_DOWN_BARRIER = {"1210", "1230", "1250", "1260", "1320", "1330", "1340"}
_UNDELIVERABLE = {UnderlyingKind.INDEX, UnderlyingKind.RATE}
_ONE = Decimal(1)


def dates(t: Structured, today: date) -> Iterator[Refusal]:
    """Initial valuation, issue, final valuation and maturity in this order; an end where the class has one."""
    final, maturity = t.final_valuation_date, t.maturity_date
    if t.class_ in OPEN_END_ALWAYS:
        for name, day in (("final_valuation_date", final), ("maturity_date", maturity)):
            if day:
                yield errors.OPEN_END(f"/{name}", class_=t.class_, field=name)
        return
    if t.class_ and (t.class_ not in OPEN_END_POSSIBLE or (final is None) != (maturity is None)):
        for name, day in (("final_valuation_date", final), ("maturity_date", maturity)):
            if day is None:
                yield errors.NO_END(f"/{name}", class_=t.class_, field=name)
    yield from after("final_valuation_date", final, "issue_date", t.issue_date)
    yield from after("final_valuation_date", final, "initial_valuation_date", t.initial_valuation_date)
    yield from after("maturity_date", maturity, "final_valuation_date", final, same=True)
    yield from open_day("initial_valuation_date", t.initial_valuation_date, t.calendar)
    yield from open_day("final_valuation_date", final, t.calendar)
    yield from not_too_far("maturity_date", maturity, today)


def exercise(t: Any, today: date) -> Iterator[Refusal]:
    """Exercise dates rise between issue and expiry; a bermudan right has some, a european one none."""
    days = list(t.exercise_dates or ())
    yield from rising("exercise_dates.{}", days, t.issue_date, t.final_valuation_date)
    style = getattr(t, "style", None)
    if style == "bermudan" and t.exercise_dates == ():
        yield errors.EXERCISE("/exercise_dates", reason="A bermudan right needs exercise dates")
    if style == "european" and days:
        yield errors.EXERCISE("/exercise_dates", reason="A european right is exercised at expiry only")


def underlyings(t: Structured, today: date) -> Iterator[Refusal]:
    """Identifiers, currencies, and whether what settles can be delivered."""
    members = t.underlyings
    if not members:
        return
    for i, u in enumerate(members):
        yield from _underlying(t, u, f"/underlyings/{i}")
    if len(members) > 1 or members[0].weight is not None:
        yield from _basket(members)
    if t.fx == "none" and t.currency and any(u.currency != t.currency for u in members):
        yield errors.UNDERLYING("/fx", reason="An underlying in another currency needs fx quanto or compo")
    if t.settlement and t.settlement != Settlement.CASH and any(u.kind in _UNDELIVERABLE for u in members):
        yield errors.UNDERLYING("/settlement", reason="An index or a rate cannot be delivered")


def _underlying(t: Structured, u: Underlying, pointer: str) -> Iterator[Refusal]:
    if u.isin is not None:
        if not is_right_isin(u.isin):
            yield errors.CHECK_DIGIT(f"{pointer}/isin", kind="ISIN", value=u.isin)
        elif u.isin == t.isin:
            yield errors.UNDERLYING(f"{pointer}/isin", reason="An instrument cannot be its own underlying")
    elif u.kind in _NEEDS_ISIN:
        yield errors.UNDERLYING(f"{pointer}/isin", reason=f"An underlying of kind {u.kind} needs an ISIN")
    elif u.symbol is None:
        yield errors.UNDERLYING(pointer, reason="An underlying needs an ISIN or a symbol")
    if u.currency not in CURRENCIES:
        yield errors.CURRENCY(f"{pointer}/currency", currency=u.currency)


def _basket(members: tuple[Underlying, ...]) -> Iterator[Refusal]:
    names = [u.isin or u.symbol for u in members]
    if len(set(names)) != len(names):
        yield errors.DUPLICATE("/underlyings", what="An underlying")
    weights = [u.weight for u in members if u.weight is not None]
    if len(weights) != len(members):
        yield errors.BASKET("/underlyings", reason="A member of the basket has no weight")
    elif sum(weights) != _ONE:
        yield errors.BASKET("/underlyings", reason=f"The weights add up to {sum(weights):f}")


def barriers(t: Any, today: date) -> Iterator[Refusal]:
    """A barrier of an investment product lies below the initial fixing, the strike and the bonus level."""
    barrier: Barrier | None = t.barrier
    if not barrier:
        return
    yield from _window(t, barrier, "barrier")
    if t.class_ not in _DOWN_BARRIER:
        return
    for name in ("strike", "bonus_level", "cap"):
        level = getattr(t, name, None)
        if level and barrier.level >= level and not (name == "strike" and barrier.level == level):
            yield _side("/barrier/level", barrier.level, "below", name, level)
    initial = _initial(t)
    if initial and barrier.level >= initial:
        yield _side("/barrier/level", barrier.level, "below", "the initial fixing", initial)


def upper_barrier(t: Any, today: date) -> Iterator[Refusal]:
    """1130: the barrier lies above the strike and the initial fixing."""
    if not t.barrier:
        return
    yield from _window(t, t.barrier, "barrier")
    if t.strike and t.barrier.level <= t.strike:
        yield _side("/barrier/level", t.barrier.level, "above", "strike", t.strike)
    yield from _alive(t, t.barrier.level, "short", "/barrier/level")


def knock_out(t: Any, today: date) -> Iterator[Refusal]:
    """Long: barrier at or above the strike, both below the price; short: the other way round."""
    if t.barrier:
        yield from _window(t, t.barrier, "barrier")
    if t.barrier and t.direction:
        yield from _alive(t, t.barrier.level, t.direction, "/barrier/level")
    if t.barrier and t.direction and t.strike:
        if t.direction == "long" and t.barrier.level < t.strike:
            yield _side("/barrier/level", t.barrier.level, "at or above", "strike", t.strike)
        if t.direction == "short" and t.barrier.level > t.strike:
            yield _side("/barrier/level", t.barrier.level, "at or below", "strike", t.strike)
    if t.class_ == "2205" and t.financing_percent is None:
        yield errors.MISSING("/financing_percent", field="financing_percent")


def mini_future(t: Any, today: date) -> Iterator[Refusal]:
    """The stop-loss lies before the financing level, seen from the price."""
    if t.financing_level and t.stop_loss and t.direction:
        if t.direction == "long" and t.stop_loss <= t.financing_level:
            yield _side("/stop_loss", t.stop_loss, "above", "financing_level", t.financing_level)
        if t.direction == "short" and t.stop_loss >= t.financing_level:
            yield _side("/stop_loss", t.stop_loss, "below", "financing_level", t.financing_level)
    if t.stop_loss and t.direction:
        yield from _alive(t, t.stop_loss, t.direction, "/stop_loss")


def double_knock_out(t: Any, today: date) -> Iterator[Refusal]:
    """The price stands between the two barriers, and so must the strike where the gain begins."""
    lower, upper = t.lower_barrier, t.upper_barrier
    if lower:
        yield from _window(t, lower, "lower_barrier")
        yield from _alive(t, lower.level, "long", "/lower_barrier/level")
    if upper:
        yield from _window(t, upper, "upper_barrier")
        yield from _alive(t, upper.level, "short", "/upper_barrier/level")
    if lower and upper:
        yield from levels("upper_barrier/level", upper.level, "lower_barrier", lower.level)
    if upper and t.strike and t.option_type == "call" and t.strike >= upper.level:
        yield _side("/upper_barrier/level", upper.level, "above", "strike", t.strike)
    if lower and t.strike and t.option_type == "put" and t.strike <= lower.level:
        yield _side("/lower_barrier/level", lower.level, "below", "strike", t.strike)


def spread(t: Any, today: date) -> Iterator[Refusal]:
    """K1 below K2."""
    yield from levels("upper_strike", t.upper_strike, "lower_strike", t.lower_strike)


def cap_above(t: Any, today: date) -> Iterator[Refusal]:
    """A cap lies above strike and bonus level (on the bonus level it is allowed)."""
    if t.cap:
        yield from levels("cap", t.cap, "strike", getattr(t, "strike", None))
        bonus = getattr(t, "bonus_level", None)
        if bonus and t.cap < bonus:
            yield errors.LEVELS(
                "/cap", upper_name="cap", upper=f"{t.cap:f}", relation="at or above", lower_name="bonus_level",
                lower=f"{bonus:f}",
            )  # fmt: skip


def bonus_above_strike(t: Any, today: date) -> Iterator[Refusal]:
    """1330: the bonus level is not below the strike."""
    if t.bonus_level and t.strike and t.bonus_level < t.strike:
        yield from levels("bonus_level", t.bonus_level, "strike", t.strike)


def participation(t: Any, today: date) -> Iterator[Refusal]:
    """A participation that changes something; outperformance takes more than 100 %."""
    if t.participation_percent is None:
        return
    if t.participation_percent == 0 or (
        t.class_ in ("1240", "1310", "1330") and t.participation_percent <= 100
    ):
        least = "100 %" if t.class_[1] in "23" else "0 %"
        yield errors.PERCENT("/participation_percent", reason=f"The participation must be above {least}")


def floor(t: Any, today: date) -> Iterator[Refusal]:
    """Capital protection of 1 to 200 %."""
    if t.floor_percent is not None and not 1 <= t.floor_percent <= 200:
        yield errors.PERCENT("/floor_percent", reason="Protection is between 1 and 200 percent")


def coupons(t: Any, today: date) -> Iterator[Refusal]:
    """Frequency and first date."""
    c: Coupons | None = t.coupons
    if not c:
        return
    if c.frequency not in FREQUENCIES:
        yield errors.COUPON_RULE("/coupons/frequency", reason="The frequency is 0, 1, 2, 4 or 12 a year")
    if c.rate_percent < 0 or c.rate_percent > 100:
        yield errors.COUPON_RULE(
            "/coupons/rate_percent", reason="The rate is between 0 and 100 percent a year"
        )
    yield from irregular("coupons", c, t.issue_date, t.maturity_date)


def observations(t: Any, today: date) -> Iterator[Refusal]:
    """Observation dates rise, after the issue, up to the final valuation, on the calendar."""
    if not t.observations:
        return
    days = [o.date for o in t.observations]
    yield from rising("observations.{}.date", days, t.issue_date, t.final_valuation_date)
    for i, day in enumerate(days):
        yield from open_day(f"observations.{i}.date", day, t.calendar)


def express(t: Any, today: date) -> Iterator[Refusal]:
    """1260: it can be called at all, and a coupon asks for no more than the call."""
    seen = t.observations or ()
    if seen and all(o.call_level is None for o in seen):
        yield errors.COUPON_RULE("/observations", reason="No observation has a call level")
    for i, o in enumerate(seen):
        if o.call_level and o.coupon_barrier and o.coupon_barrier > o.call_level:
            yield errors.LEVELS(
                f"/observations/{i}/call_level", upper_name="call_level", upper=f"{o.call_level:f}",
                relation="at or above", lower_name="coupon_barrier", lower=f"{o.coupon_barrier:f}",
            )  # fmt: skip


def reference_entities(t: Any, today: date) -> Iterator[Refusal]:
    """Check digits, and weights where there are several."""
    members = t.reference_entities or ()
    for i, entity in enumerate(members):
        if entity.lei and not is_right_lei(entity.lei):
            yield errors.CHECK_DIGIT(f"/reference_entities/{i}/lei", kind="LEI", value=entity.lei)
    if len(members) > 1 and sum((e.weight or Decimal(0)) for e in members) != 1:
        yield errors.BASKET("/reference_entities", reason="The weights do not add up to 1")


def leverage(t: Any, today: date) -> Iterator[Refusal]:
    """Factor above 1; the threshold resets before the value is gone."""
    if t.leverage and not 1 < t.leverage <= 100:
        yield errors.PERCENT("/leverage", reason="The leverage is above 1 and at most 100")
    if t.leverage and t.reset_threshold_percent is not None and t.reset_threshold_percent * t.leverage >= 100:
        yield errors.PERCENT(
            "/reset_threshold_percent",
            reason="A move to the threshold would use up the value before the reset",
        )


def volume_form(t: Structured, today: date) -> Iterator[Refusal]:
    """Leverage products are counted in units."""
    if t.volume and t.class_ and t.class_[0] == "2" and t.volume.unit != "units":
        yield errors.UNIT("/volume/unit", reason="Leverage products are counted in units")


def levels(
    upper_name: str, upper: Decimal | None, lower_name: str, lower: Decimal | None
) -> Iterator[Refusal]:
    """`upper` is above `lower`."""
    if upper and lower and upper <= lower:
        yield errors.LEVELS(
            f"/{upper_name}", upper_name=upper_name.partition("/")[0], upper=f"{upper:f}", relation="above",
            lower_name=lower_name, lower=f"{lower:f}",
        )  # fmt: skip


def _window(t: Any, barrier: Barrier, name: str) -> Iterator[Refusal]:
    if barrier.observed_from and barrier.observed_to and barrier.observed_to < barrier.observed_from:
        yield order(
            f"{name}.observed_to", barrier.observed_to, "on or after", "observed_from", barrier.observed_from
        )
    if barrier.observed_to and t.final_valuation_date and barrier.observed_to > t.final_valuation_date:
        yield order(
            f"{name}.observed_to",
            barrier.observed_to,
            "on or before",
            "final_valuation_date",
            t.final_valuation_date,
        )


def _alive(t: Any, level: Decimal, direction: str, pointer: str) -> Iterator[Refusal]:
    """The product is not knocked out at its initial fixing."""
    price = _initial(t)
    if price is None:
        return
    if direction == "long" and level >= price:
        yield _side(pointer, level, "below", "the initial fixing", price)
    if direction == "short" and level <= price:
        yield _side(pointer, level, "above", "the initial fixing", price)


def _initial(t: Any) -> Decimal | None:
    """The initial fixing of the one underlying; the level of a basket cannot be told from its members."""
    return t.underlyings[0].initial_fixing if t.underlyings and len(t.underlyings) == 1 else None


def _side(pointer: str, barrier: Decimal, relation: str, what: str, level: Decimal) -> Refusal:
    return errors.BARRIER_SIDE(
        pointer, barrier=f"{barrier:f}", relation=relation, what=what, level=f"{level:f}"
    )
