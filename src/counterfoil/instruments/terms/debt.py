"""Terms of bonds, notes and commercial paper."""

from typing import Annotated, Literal

from pydantic import Field

from counterfoil.instruments.terms.envelope import Envelope
from counterfoil.instruments.terms.fields import (
    Amount,
    Code,
    Day,
    DayCount,
    Number,
    Part,
    Percent,
    Rate,
    decimal,
)

Frequency = Annotated[int, Field(description="Payments a year: 1, 2, 4 or 12; 0 pays at maturity.")]


class FixedInterest(Part):
    """One rate to maturity."""

    kind: Literal["fixed"]
    rate_percent: Rate = Field(description="Per year.", examples=["2.875"])
    frequency: Frequency = 1
    day_count: DayCount = DayCount.ACT_ACT_ICMA
    first_date: Day | None = Field(None, description="First payment where the first period is irregular.")
    end_of_month: bool = False
    adjusted: bool = False


class Step(Part):
    """From a day on, another rate."""

    from_date: Day
    rate_percent: Rate


class StepInterest(Part):
    """Rates that change on days known beforehand."""

    kind: Literal["step"]
    steps: tuple[Step, ...] = Field(min_length=1, max_length=60)
    frequency: Frequency = 1
    day_count: DayCount = DayCount.ACT_ACT_ICMA
    first_date: Day | None = None
    end_of_month: bool = False
    adjusted: bool = False


class FloatingInterest(Part):
    """A reference rate and a margin."""

    kind: Literal["floating"]
    index: Code = Field(examples=["EURIBOR 3M"])
    margin_percent: Rate = Field("0", validate_default=True)
    floor_percent: Rate | None = None
    cap_percent: Rate | None = None
    fixing_lag: Annotated[int, Field(ge=0, le=30)] = Field(2, description="Business days before the period.")
    frequency: Frequency = 4
    day_count: DayCount = DayCount.ACT_360
    first_date: Day | None = None
    end_of_month: bool = False
    adjusted: bool = True


class ZeroInterest(Part):
    """No payments before maturity."""

    kind: Literal["zero"]


Interest = Annotated[
    FixedInterest | StepInterest | FloatingInterest | ZeroInterest, Field(discriminator="kind")
]


class Call(Part):
    """A right to redeem early."""

    date: Day
    price_percent: Percent = Field("100", validate_default=True)
    by: Literal["issuer", "holder"] = "issuer"


class Bond(Envelope):
    """A bond or a note: interest by a schedule, redemption at the end."""

    class_: Literal["bond", "note"] = Field(alias="class")
    maturity_date: Day
    interest: Interest
    rank: Literal["senior_secured", "senior_preferred", "senior_non_preferred", "subordinated"] = (
        "senior_preferred"
    )
    guaranteed: bool = False
    redemption_percent: Percent = Field("100", validate_default=True)
    calls: tuple[Call, ...] = Field((), max_length=130)


class CommercialPaper(Envelope):
    """Short paper: sold at a discount, or with interest at maturity; 1 to 364 days."""

    class_: Literal["commercial_paper"] = Field(alias="class")
    maturity_date: Day
    pricing: Literal["discount", "yield", "interest"] = Field(
        description="Whether `rate_percent` is a bank discount, a money-market yield, or interest on par."
    )
    rate_percent: Annotated[Number, decimal(ge=-10, le=100)]
    day_count: Literal[DayCount.ACT_360, DayCount.ACT_365F] = DayCount.ACT_360
    programme: Code | None = None
    programme_ceiling: Amount | None = None
    guaranteed: bool = False


DEBT = (Bond, CommercialPaper)
