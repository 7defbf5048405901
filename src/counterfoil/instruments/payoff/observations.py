"""What was observed: the only input of a payoff beside the terms."""

from typing import Annotated, Literal

from pydantic import Field

from counterfoil.core.days import IsoDate
from counterfoil.instruments.terms.fields import (
    Code,
    Level,
    Number,
    Part,
    Percent,
    Rate,
    Ratio,
    Text,
    decimal,
)

Quote = Annotated[Number, decimal(ge=0, le=10**9)]
"""An observed price; unlike a level in terms it may be zero."""


class Price(Part):
    """The fixing of an underlying on a day, and how far its price moved within the day."""

    underlying: Code = Field(description="ISIN of the underlying, or its symbol.", examples=["DE0007164600"])
    date: IsoDate
    price: Quote = Field(description="The fixing, in the underlying's currency.", examples=["152.36"])
    low: Quote | None = Field(None, description="Lowest price of the day.")
    high: Quote | None = Field(None, description="Highest price of the day.")


class BarrierState(Part):
    """What is known of a barrier once its observation is over: the day it was hit, or that it was not."""

    barrier: Literal["barrier", "lower_barrier", "upper_barrier", "stop_loss"] = "barrier"
    hit_on: IsoDate | None = Field(description="The first day on which it was touched; null if it never was.")


class RateFixing(Part):
    """A reference rate as fixed for one interest period."""

    date: IsoDate = Field(description="The fixing day of the schedule.")
    rate_percent: Rate


class CreditEvent(Part):
    """A credit event of a reference entity, as determined."""

    entity: Text = Field(description="LEI or name of the reference entity.")
    date: IsoDate
    recovery_percent: Percent | None = Field(None, description="Auction result, where the terms fix none.")


class Observations(Part):
    """Everything observed for one instrument. What a class does not need may be left out."""

    prices: tuple[Price, ...] = Field((), max_length=100_000)
    barriers: tuple[BarrierState, ...] = Field((), max_length=3)
    rates: tuple[RateFixing, ...] = Field((), max_length=2_000)
    credit_events: tuple[CreditEvent, ...] = Field((), max_length=125)
    valuation_date: IsoDate | None = Field(
        None, description="Day of exercise or termination, where that is not the final valuation date."
    )
    as_of: IsoDate | None = Field(
        None, description="Only what is determined on or before this day; the whole life if absent."
    )
    called_on: IsoDate | None = Field(
        None, description="Day of a call or put of the terms that was exercised."
    )
    fx_rate: Ratio | None = Field(
        None, description="Payment currency for one unit of the underlying's currency, at the valuation."
    )
    fx_rate_initial: Ratio | None = Field(None, description="The same at the initial valuation.")
    current_strike: Level | None = Field(
        None, description="Strike or financing level as published for the day; computed if absent."
    )
    unwinding_price: Quote | None = Field(
        None, description="Price at which the hedge was unwound after a knock-out or stop-loss."
    )
    settlement: Literal["cash", "physical"] | None = Field(None, description="What the issuer chose.")
