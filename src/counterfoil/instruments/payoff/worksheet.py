"""The sheet on which a structured payoff is worked out: it looks observations up and writes every step down."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from counterfoil.core.errors import Refused
from counterfoil.core.money import Rounding, round_to
from counterfoil.instruments import errors
from counterfoil.instruments.payoff.observations import Observations, Price
from counterfoil.instruments.payoff.result import Coupon, Delivery, Outcome, Payoff, Step
from counterfoil.instruments.schedule.structured import payment_day, redemption_day, valuation_day
from counterfoil.instruments.terms import Structured
from counterfoil.instruments.terms.fields import Settlement, Underlying, Unit

BASKET_BASE = Decimal(100)
"""A basket starts at 100: levels in the terms of a basket product are percent of its initial value."""
_ZERO = Decimal(0)
_LIFE_YEARS_MAX = 100


class Worksheet:
    """Terms, observations, and the steps so far. Used once, inside `payoff`, under the context of `core.money`."""

    def __init__(self, terms: Structured, observations: Observations) -> None:
        self.terms = terms
        self.observations = observations
        self.steps: list[Step] = []
        self._prices = {(p.underlying, p.date): p for p in observations.prices}
        if len(self._prices) != len(observations.prices):
            raise Refused(errors.OBSERVATION_ODD("/prices", reason="An underlying has two prices on one day"))
        self.end = self._end()
        as_of = observations.as_of
        self.over = as_of is None or (self.end is not None and self.end <= as_of)
        """Whether the final valuation lies inside what is to be looked at."""

    @property
    def valuation(self) -> date:
        """The day of S_T; refused for an open-ended product that nobody has ended."""
        if self.end is None:
            raise missing("/valuation_date", "the day of exercise or termination of an open-ended product")
        return self.end

    def step(self, name: str, formula: str, value: Decimal) -> Decimal:
        """Writes a step down and gives its value back."""
        self.steps.append(Step(name, formula, value))
        return value

    def note(self, name: str, formula: str, value: date | str) -> None:
        """Writes down what is no number."""
        self.steps.append(Step(name, formula, value))

    # Prices ------------------------------------------------------------------------------------------------

    def price_of(self, underlying: Underlying, day: date) -> Price:
        """The observation of an underlying on a day; refused where there is none."""
        name = key(underlying)
        found = self._prices.get((name, day))
        if found is None:
            raise missing("/prices", f"the price of {name} on {day}")
        return found

    def find(self, underlying: Underlying, day: date) -> Price | None:
        """The observation of an underlying on a day, if there is one."""
        return self._prices.get((key(underlying), day))

    def initial_of(self, underlying: Underlying) -> Decimal:
        """S_0 of one underlying: from the terms, else observed on the initial valuation date."""
        if underlying.initial_fixing is not None:
            return underlying.initial_fixing
        if self.terms.initial_valuation_date is None:
            raise missing("/prices", f"the initial fixing of {key(underlying)}")
        return self.price_of(underlying, valuation_day(self.terms, self.terms.initial_valuation_date)).price

    def initial(self) -> Decimal:
        """S_0: of the single underlying, or 100 for a basket."""
        members = self.terms.underlyings
        if len(members) > 1:
            return self.step("S_0", "basket at its start", BASKET_BASE)
        return self.step("S_0", f"initial fixing of {key(members[0])}", self.initial_of(members[0]))

    def level(self, day: date) -> Decimal:
        """S on a day: the price of the single underlying, or 100·Σ w·S/S_0 of a basket."""
        members = self.terms.underlyings
        if len(members) == 1:
            return self.price_of(members[0], day).price
        return BASKET_BASE * sum(
            ((u.weight or _ZERO) * self.price_of(u, day).price / self.initial_of(u) for u in members), _ZERO
        )

    def final(self) -> Decimal:
        """S_T, written down."""
        members = self.terms.underlyings
        formula = f"fixing of {key(members[0])}" if len(members) == 1 else "100 · Σ w_i · S_i / S_i,0"
        return self.step("S_T", f"{formula} on {self.valuation}", self.level(self.valuation))

    def final_in_payment_currency(self) -> Decimal:
        """S_T for products on a nominal amount: with a compo, moved by the exchange rate since the start."""
        level = self.final()
        if self.terms.fx != "compo":
            return level
        now, start = self.fx(), self._fx_initial()
        return self.step("S_T", "S_T · FX_T / FX_0", level * now / start)

    # Exchange rate -----------------------------------------------------------------------------------------

    def fx(self) -> Decimal:
        """FX_T of a compo product; 1 otherwise (same currency, or a quanto)."""
        if self.terms.fx != "compo":
            return Decimal(1)
        if self.observations.fx_rate is None:
            raise missing("/fx_rate", "the exchange rate at the valuation")
        return self.step("FX_T", "exchange rate at the valuation", self.observations.fx_rate)

    def _fx_initial(self) -> Decimal:
        if self.terms.fx != "compo":
            return Decimal(1)
        if self.observations.fx_rate_initial is None:
            raise missing("/fx_rate_initial", "the exchange rate at the initial valuation")
        return self.step("FX_0", "exchange rate at the initial valuation", self.observations.fx_rate_initial)

    # Amounts -----------------------------------------------------------------------------------------------

    @property
    def basis(self) -> Decimal:
        """What amounts are for: one unit, or one denomination."""
        return self.terms.denomination if self.terms.volume.unit is Unit.NOMINAL else Decimal(1)

    def nominal(self, reference: Decimal | None) -> Decimal:
        """N: the denomination; for a product in units, R times the level that the terms refer to."""
        if self.terms.volume.unit is Unit.NOMINAL:
            return self.step("N", "denomination", self.terms.denomination)
        if reference is None:
            raise Refused(
                errors.NO_FORMULA("", reason="A product in units without an underlying has no nominal")
            )
        return self.step("N", "R · reference level", self.terms.ratio * reference)

    def rounded(self, name: str, formula: str, value: Decimal) -> Decimal:
        """An amount, never below zero, rounded half up to the decimals of the terms."""
        scale = self.terms.rounding_scale
        amount = round_to(max(value, _ZERO), scale, Rounding.HALF_UP)
        return self.step(name, f"{formula}, rounded half up to {scale} decimals", amount)

    def redeem(
        self,
        cash: Decimal,
        *,
        outcome: Outcome = Outcome.REDEEMED,
        determined: date | None = None,
        deliveries: Sequence[Delivery] = (),
        coupons: Sequence[Coupon] = (),
    ) -> Payoff:
        """The result, with its day: the final valuation, or an earlier day that ended the product."""
        day = determined or self.valuation
        final = self.terms.final_valuation_date
        ends = final is not None and day == valuation_day(self.terms, final)
        paid = redemption_day(self.terms, day) if ends else payment_day(self.terms, day)
        return Payoff(
            outcome, self.basis, self.terms.currency, cash, tuple(deliveries), tuple(coupons), day, paid,
            tuple(self.steps),
        )  # fmt: skip

    def in_units(self, value: Decimal, formula: str) -> Payoff:
        """Cash of R times a value per unit of underlying."""
        ratio = self.step("R", "ratio", self.terms.ratio)
        fx, suffix = self.fx(), " · FX_T" if self.terms.fx == "compo" else ""
        return self.redeem(self.rounded("redemption", f"R · ({formula}){suffix}", ratio * value * fx))

    def in_shares(
        self, shares: Decimal, formula: str, price: Decimal, coupons: Sequence[Coupon] = ()
    ) -> Payoff:
        """Whole shares, and cash for the fraction at `price` (of the underlying, in its own currency)."""
        members = self.terms.underlyings
        if len(members) != 1 or self.terms.fx == "quanto":
            reason = "Only a single underlying without quanto can be delivered"
            raise Refused(errors.NO_FORMULA("/settlement", reason=reason))
        self.step("shares", formula, shares)
        whole = self.step("delivered", "whole shares", round_to(shares, 0, Rounding.DOWN))
        cash = self.rounded("cash", "(shares - delivered) · S_T · FX_T", (shares - whole) * price * self.fx())
        deliveries = [Delivery(key(members[0]), whole)] if whole else []
        return self.redeem(cash, deliveries=deliveries, coupons=coupons)

    def shares_of_nominal(self, nominal: Decimal, price: Decimal) -> Decimal:
        """How many shares a nominal amount stands for at a price fixed at the start."""
        return nominal / (price * self._fx_initial())

    def physical(self) -> bool:
        """Whether shares are delivered where the formula says so: by the terms, or as the issuer chose."""
        if self.terms.settlement is Settlement.ISSUER_CHOICE:
            if self.observations.settlement is None:
                raise missing("/settlement", "the issuer's choice between cash and delivery")
            return self.observations.settlement == "physical"
        return self.terms.settlement is Settlement.PHYSICAL

    def running(self, coupons: Sequence[Coupon] = ()) -> Payoff:
        """Nothing has ended the product yet."""
        return Payoff(
            Outcome.RUNNING,
            self.basis,
            self.terms.currency,
            _ZERO,
            (),
            tuple(coupons),
            None,
            None,
            tuple(self.steps),
        )

    def _end(self) -> date | None:
        """The final valuation, or the day of exercise or termination; None for an open end."""
        stated, final = self.observations.valuation_date, self.terms.final_valuation_date
        end = final and valuation_day(self.terms, final)
        if stated and end and (stated > end or (stated < end and not _may_end_early(self.terms))):
            reason = f"The valuation is on {end}, not on {stated}"
            raise Refused(errors.OBSERVATION_ODD("/valuation_date", reason=reason))
        if stated and stated.year - self.terms.issue_date.year > _LIFE_YEARS_MAX:
            reason = f"The valuation on {stated} is more than {_LIFE_YEARS_MAX} years after the issue"
            raise Refused(errors.OBSERVATION_ODD("/valuation_date", reason=reason))
        if stated and stated < self.terms.issue_date:
            reason = f"The valuation on {stated} is before the issue"
            raise Refused(errors.OBSERVATION_ODD("/valuation_date", reason=reason))
        return stated or end


def key(underlying: Underlying) -> str:
    """The name by which prices refer to an underlying."""
    return underlying.isin or underlying.symbol or underlying.name


def missing(pointer: str, what: str) -> Refused:
    """The refusal of a calculation that lacks an observation."""
    return Refused(errors.OBSERVATION_MISSING(pointer, what=what))


def _may_end_early(terms: Structured) -> bool:
    return terms.issuer_call_notice is not None or getattr(terms, "style", "european") != "european"
