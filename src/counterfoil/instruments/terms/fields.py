"""The kinds of fields that terms are made of, and the parts shared by several classes.

A decimal may be written as a JSON string or number. Prices and levels are in the currency of the underlying,
percentages are percent (5 means 5 %), quantities count units or currency of nominal.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _date(value: Any) -> date:
    """Only ISO 8601 calendar dates: not timestamps, not instants, not numbers."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif type(value) is date:
        return value
    raise PydanticCustomError("date_form", "a date is written YYYY-MM-DD and exists in the calendar")


def _number(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise PydanticCustomError("number_form", "a number is a JSON number or a text of digits")
    return value


def decimal(**limits: Any) -> Any:
    """Metadata of a decimal field: at most 18 digits before and 12 after the point."""
    return Field(max_digits=30, decimal_places=12, allow_inf_nan=False, **limits)


Day = Annotated[date, BeforeValidator(_date, json_schema_input_type=date)]
Number = Annotated[Decimal, BeforeValidator(_number, json_schema_input_type=Decimal | str)]
Level = Annotated[Number, decimal(gt=0, le=10**9)]
"""A price or index level, in the underlying's currency."""
Amount = Annotated[Number, decimal(gt=0, le=10**15)]
Percent = Annotated[Number, decimal(ge=0, le=10_000)]
Rate = Annotated[Number, decimal(ge=-100, le=1000)]
Ratio = Annotated[Number, decimal(gt=0, le=10**6)]
Text = Annotated[str, Field(min_length=1, max_length=140, pattern=r"^[^\p{C}]+$")]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 .:_+\-]*$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
LeiText = Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$", examples=["529900T8BM49AURSDO55"])]
IsinText = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$", examples=["DE0007164600"])]


class Part(BaseModel):
    """A group of fields; unknown names are refused and values never change."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        coerce_numbers_to_str=False,
        ser_json_inf_nan="null",
    )


class Unit(StrEnum):
    """What a quantity counts."""

    UNITS = "units"
    NOMINAL = "nominal"


class VolumeMode(StrEnum):
    """`fixed`: all is issued at once. `up_to`: an authorised volume, issued on demand."""

    FIXED = "fixed"
    UP_TO = "up_to"


class Volume(Part):
    """How much may be issued."""

    unit: Unit = Field(Unit.UNITS, description="Whether quantities count units or currency of nominal.")
    mode: VolumeMode = Field(VolumeMode.FIXED, description="All at once, or up to the authorised volume.")
    authorised: Annotated[Number, decimal(gt=0, le=10**18)] = Field(
        description="Authorised volume, in units or currency of nominal.", examples=["100000"]
    )


class Monitoring(StrEnum):
    """When a barrier is looked at."""

    CONTINUOUS = "continuous"
    CLOSE = "close"
    FINAL = "final"


class Barrier(Part):
    """A level that changes the payoff once it is touched."""

    level: Level = Field(description="In the underlying's currency.", examples=["80.5"])
    monitoring: Monitoring = Field(
        Monitoring.CONTINUOUS, description="Every price, closes only, or the last."
    )
    observed_from: Day | None = Field(
        None, description="First day on which it counts; the issue date if absent."
    )
    observed_to: Day | None = Field(None, description="Last day; the final valuation date if absent.")


class UnderlyingKind(StrEnum):
    """What an underlying is; it decides the sixth (or third) letter of the CFI."""

    EQUITY = "equity"
    INDEX = "index"
    FUND = "fund"
    COMMODITY = "commodity"
    CURRENCY = "currency"
    RATE = "rate"
    DEBT = "debt"


class Underlying(Part):
    """One asset that the payoff depends on."""

    kind: UnderlyingKind
    name: Text = Field(examples=["SAP SE"])
    isin: IsinText | None = Field(None, description="ISIN; needed for equities, funds and debt.")
    symbol: Code | None = Field(None, description="Another name where there is no ISIN.", examples=["XAUUSD"])
    currency: Currency = Field("EUR", description="Currency of its price.")
    weight: Annotated[Number, decimal(gt=0, le=1)] | None = Field(
        None, description="Share in a basket; all add up to 1."
    )
    initial_fixing: Level | None = Field(None, description="Its price at the initial valuation, S_0.")


class Agent(Part):
    """A party with a part in the issue."""

    role: Annotated[str, Field(pattern=r"^(issuing_agent|paying_agent|dealer|calculation_agent|guarantor)$")]
    lei: LeiText


class Document(Part):
    """A document by its content's hash; whoever has the file can prove it is the one."""

    kind: Annotated[str, Field(pattern=r"^(final_terms|base_prospectus|key_information|term_sheet|other)$")]
    name: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RegisterForm(StrEnum):
    """eWpG sections 12 and 16."""

    CENTRAL = "central"
    CRYPTO = "crypto"


class EntryForm(StrEnum):
    """eWpG section 8: the holder of record is a bank or CSD for all, or each holder alone."""

    COLLECTIVE = "collective"
    SINGLE = "single"


class Settlement(StrEnum):
    """What redemption delivers."""

    CASH = "cash"
    PHYSICAL = "physical"
    ISSUER_CHOICE = "issuer_choice"


class Direction(StrEnum):
    """Which way the holder gains."""

    LONG = "long"
    SHORT = "short"


class OptionType(StrEnum):
    """The right that a warrant gives."""

    CALL = "call"
    PUT = "put"


class Style(StrEnum):
    """When it may be exercised."""

    EUROPEAN = "european"
    AMERICAN = "american"
    BERMUDAN = "bermudan"


class Fixing(Part):
    """Where prices are taken from."""

    mic: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$", examples=["XETR"])]
    price_type: Annotated[str, Field(pattern=r"^(close|open|settlement|auction|fixing)$")] = "close"


class DayCount(StrEnum):
    """Day counts by their ISO 20022 code (`InterestComputationMethod`) and market name."""

    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    THIRTY_E_360 = "30E/360"
    THIRTY_360 = "30/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_AFB = "ACT/ACT AFB"
    ACT_365L = "ACT/365L"
    THIRTY_365 = "30/365"
    NL_365 = "NL/365"


class Coupons(Part):
    """When interest is paid and how its periods are counted."""

    rate_percent: Rate = Field(description="Per year, in percent of nominal.", examples=["4.25"])
    frequency: Annotated[int, Field(description="Payments a year: 1, 2, 4 or 12; 0 pays at maturity.")] = 1
    day_count: DayCount = DayCount.ACT_ACT_ICMA
    first_date: Day | None = Field(None, description="First payment where the first period is irregular.")
    end_of_month: bool = Field(False, description="Dates keep to the end of the month.")
    adjusted: bool = Field(False, description="Accrual moves with the payment date.")


__all__ = [name for name in globals() if not name.startswith("_")]
