"""Terms of bonds, notes and commercial paper."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from counterfoil.core.days import IsoDate
from counterfoil.instruments.terms.envelope import Envelope
from counterfoil.instruments.terms.fields import (
    WHOLE,
    Amount,
    Code,
    Coupons,
    DayCount,
    Flag,
    Part,
    Percent,
    Periods,
    Rate,
    Whole,
    decimal,
)


class FixedInterest(Coupons):
    """One rate to maturity."""

    kind: Literal["fixed"] = Field(description="`fixed`")


class Step(Part):
    """From a day on, another rate."""

    from_date: IsoDate = Field(description="First day of the rate.", examples=["2028-12-01"])
    rate_percent: Rate = Field(description="Per year, in percent of nominal.", examples=["3.5"])


class StepInterest(Periods):
    """Rates that change on days known beforehand."""

    kind: Literal["step"] = Field(description="`step`")
    steps: tuple[Step, ...] = Field(
        min_length=1, max_length=60, description="The rates in order; the first from the issue date."
    )


class FloatingInterest(Periods):
    """A reference rate and a margin."""

    kind: Literal["floating"] = Field(description="`floating`")
    index: Code = Field(description="Reference rate and its term.", examples=["EURIBOR 3M"])
    margin_percent: Rate = Field(Decimal(0), description="Added to the index, in percent per year.")
    floor_percent: Rate | None = Field(None, description="Lowest rate per year.", examples=["0"])
    cap_percent: Rate | None = Field(None, description="Highest rate per year.", examples=["6"])
    fixing_lag: Annotated[int, Field(ge=0, le=30), WHOLE] = Field(
        2, description="Business days before the period on which the index is fixed."
    )
    frequency: Whole = Field(4, description="Payments a year: 1, 2, 4 or 12; 0 pays at maturity.")
    day_count: DayCount = Field(DayCount.ACT_360, description="How a period becomes a fraction of a year.")
    adjusted: Flag = Field(True, description="Accrual moves with the payment date.")


class ZeroInterest(Part):
    """No payments before maturity."""

    kind: Literal["zero"] = Field(description="`zero`")


Interest = Annotated[
    FixedInterest | StepInterest | FloatingInterest | ZeroInterest, Field(discriminator="kind")
]


class Call(Part):
    """A right to redeem early."""

    date: IsoDate = Field(description="Day of early redemption.", examples=["2030-12-01"])
    price_percent: Percent = Field(Decimal(100), description="In percent of nominal.")
    by: Literal["issuer", "holder"] = Field("issuer", description="Who has the right.")


class Bond(Envelope):
    """A bond or a note: interest by a schedule, redemption at the end."""

    class_: Literal["bond", "note"] = Field(alias="class", description="`bond` or `note`")
    maturity_date: IsoDate = Field(description="Day of redemption.", examples=["2031-12-01"])
    interest: Interest = Field(description="Fixed, step, floating or zero.")
    rank: Literal["senior_secured", "senior_preferred", "senior_non_preferred", "subordinated"] = Field(
        "senior_preferred", description="Place in the order of creditors."
    )
    guaranteed: Flag = Field(False, description="Whether another party guarantees it.")
    redemption_percent: Percent = Field(Decimal(100), description="At maturity, in percent of nominal.")
    calls: tuple[Call, ...] = Field((), max_length=130, description="Rights to redeem early, in order.")


class CommercialPaper(Envelope):
    """Short paper: sold at a discount, or with interest at maturity; 1 to 364 days."""

    class_: Literal["commercial_paper"] = Field(alias="class", description="`commercial_paper`")
    maturity_date: IsoDate = Field(description="Day of redemption at par.", examples=["2027-03-01"])
    pricing: Literal["discount", "yield", "interest"] = Field(
        description="Whether `rate_percent` is a bank discount, a money-market yield, or interest on par."
    )
    rate_percent: Annotated[Decimal, decimal(ge=-10, le=100)] = Field(
        description="Per year.", examples=["2.35"]
    )
    day_count: Literal[DayCount.ACT_360, DayCount.ACT_365F] = Field(
        DayCount.ACT_360, description="360 for most currencies, 365 for sterling."
    )
    programme: Code | None = Field(
        None, description="Programme under which it is issued.", examples=["ECP-1"]
    )
    programme_ceiling: Amount | None = Field(
        None, description="Highest volume of the programme, in the currency.", examples=["2000000000"]
    )
    guaranteed: Flag = Field(False, description="Whether another party guarantees it.")


DEBT = (Bond, CommercialPaper)
