"""The kinds of fields that terms are made of, and the parts shared by several classes.

A decimal may be written as a JSON number or as a text of digits. Prices and levels are in the currency of the
underlying, percentages are percent (5 means 5 %), quantities count units or currency of nominal.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, LiteralString
from unicodedata import is_normalized

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from counterfoil.core.days import IsoDate
from counterfoil.core.money import decimal_text

_WHOLE_DIGITS, _DECIMALS = 18, 12
_DIGITS = re.compile(rf"-?[0-9]{{1,{_WHOLE_DIGITS}}}(?:\.[0-9]{{1,{_DECIMALS}}})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_FREE_LENGTH = 500
_LIMIT = 10**_WHOLE_DIGITS
_NUMBER_FORM: LiteralString = "a number has at most 18 digits before and 12 after the point"


@dataclass(frozen=True, slots=True)
class Digits:
    """A decimal between limits: `above` is excluded, `least` and `most` are included.

    One plain function instead of pydantic's decimal: it refuses what `Decimal` would read but no JSON number is
    (blanks, underscores, other scripts' digits, NaN), and takes a third of the time.
    """

    most: Decimal
    least: Decimal = Decimal(0)
    above: Decimal | None = None

    def read(self, value: object) -> Decimal:
        """The number, or pydantic's error `number_form` or `number_range`."""
        number = _decimal(value)
        low = self.least if self.above is None else self.above
        if number > self.most or number < low or (number == low and self.above is not None):
            raise PydanticCustomError(
                "number_range",
                "it must be {low} {level} and at most {most}",
                {
                    "low": "at least" if self.above is None else "above",
                    "level": f"{low:f}",
                    "most": f"{self.most:f}",
                },
            )
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        low = {"minimum": int(self.least)} if self.above is None else {"exclusiveMinimum": int(self.above)}
        number = {"type": "number", **low, "maximum": int(self.most)}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_DIGITS.pattern}$"}]}


def _decimal(value: Any) -> Decimal:
    kind = type(value)
    if kind is str and _DIGITS.fullmatch(value):
        return Decimal(value)
    if kind is Decimal and value.is_finite():
        if value.as_tuple().exponent >= -_DECIMALS and value.adjusted() < _WHOLE_DIGITS:
            return Decimal(value)
        raise PydanticCustomError("number_range", _NUMBER_FORM)
    if kind is int:
        if -_LIMIT < value < _LIMIT:
            return Decimal(value)
        raise PydanticCustomError("number_range", _NUMBER_FORM)
    raise PydanticCustomError("number_form", "a number is a JSON number or a text of digits")


def _whole(value: object) -> object:
    """JSON integers, and texts of digits because a CSV file has nothing else."""
    if type(value) is int or (isinstance(value, str) and _WHOLE.fullmatch(value)):
        return value
    raise PydanticCustomError("int_form", "a whole number is written with digits only")


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("bool_form", "only true and false")


def _words(value: str) -> str:
    """Also in Python because JSON Schema has no portable pattern for it."""
    if not value.isprintable() or value != value.strip():
        raise PydanticCustomError(
            "text_form", "it must hold printable characters only, and no blanks at its ends"
        )
    if not value.isascii() and not is_normalized("NFC", value):
        raise PydanticCustomError("text_form", "it must be in Unicode normal form C")
    return value


def _free(value: object) -> str | bool | None:
    """A number in free terms is kept as the text of its digits: the reader of free terms is a person."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        if 0 < len(value) <= _FREE_LENGTH:
            return _words(value)
        raise PydanticCustomError("text_form", "it must be 1 to 500 characters long")
    if isinstance(value, int | Decimal):
        return decimal_text(_decimal(value))
    raise PydanticCustomError("free_form", "free terms are texts, numbers, true, false or null")


def decimal(*, le: int, ge: int = 0, gt: int | None = None) -> Digits:
    """Metadata of a decimal field: at most 18 digits before and 12 after the point, between limits."""
    return Digits(Decimal(le), Decimal(ge), None if gt is None else Decimal(gt))


WHOLE = BeforeValidator(_whole)
"""Stands behind the limits of an integer: pydantic would leave limits behind it out of the JSON Schema."""
Whole = Annotated[int, WHOLE]
Flag = Annotated[bool, BeforeValidator(_flag)]
Number = Annotated[Decimal, decimal(ge=-(10**15), le=10**15)]
"""Any number: for what its own rules bound."""
Level = Annotated[Decimal, decimal(gt=0, le=10**9)]
"""A price or index level, in the underlying's currency."""
Amount = Annotated[Decimal, decimal(gt=0, le=10**15)]
Percent = Annotated[Decimal, decimal(ge=0, le=10_000)]
Rate = Annotated[Decimal, decimal(ge=-100, le=1000)]
"""A yearly rate in percent."""
Ratio = Annotated[Decimal, decimal(gt=0, le=10**6)]
Weight = Annotated[Decimal, decimal(gt=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=140), AfterValidator(_words)]
"""Words for people: no control or format characters, no blanks at its ends, Unicode normal form C."""
Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 .:_+\-]*$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
LeiText = Annotated[str, Field(pattern=r"^[A-Z0-9]{18}[0-9]{2}$", examples=["529900T8BM49AURSDO55"])]
BicText = Annotated[
    str,
    Field(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", examples=["DAKVDEFFXXX"]),
]
IsinText = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$", examples=["DE0007164600"])]
FreeName = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
FreeValue = Annotated[
    str | bool | None, PlainValidator(_free, json_schema_input_type=bool | str | Decimal | None)
]


class Part(BaseModel):
    """A group of fields; unknown names are refused and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    authorised: Amount = Field(
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
    observed_from: IsoDate | None = Field(
        None, description="First day on which it counts; the issue date if absent.", examples=["2026-12-01"]
    )
    observed_to: IsoDate | None = Field(
        None, description="Last day; the final valuation date if absent.", examples=["2027-12-17"]
    )


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
    """One asset that the payoff depends on; several make a basket."""

    kind: UnderlyingKind = Field(description="What it is; it decides a letter of the CFI.")
    name: Text = Field(description="Its name, for people.", examples=["SAP SE"])
    isin: IsinText | None = Field(None, description="ISIN; needed for equities, funds and debt.")
    symbol: Code | None = Field(
        None, description="Another identifier where there is no ISIN.", examples=["XAUUSD"]
    )
    currency: Currency = Field("EUR", description="Currency of its price (ISO 4217).")
    weight: Weight | None = Field(None, description="Share in a basket; all add up to 1.", examples=["0.25"])
    initial_fixing: Level | None = Field(
        None, description="Its price at the initial valuation, S_0.", examples=["150.25"]
    )


class Agent(Part):
    """A party with a part in the issue, by LEI, BIC or both."""

    role: Annotated[
        str, Field(pattern=r"^(issuing_agent|paying_agent|dealer|calculation_agent|guarantor)$")
    ] = Field(
        description="issuing_agent, paying_agent, dealer, calculation_agent or guarantor.",
        examples=["paying_agent"],
    )
    lei: LeiText | None = Field(None, description="LEI of the agent.")
    bic: BicText | None = Field(None, description="BIC of the agent.")


class Document(Part):
    """A document by its content's hash; whoever has the file can prove it is the one."""

    kind: Annotated[
        str, Field(pattern=r"^(final_terms|base_prospectus|key_information|term_sheet|other)$")
    ] = Field(
        description="final_terms, base_prospectus, key_information, term_sheet or other.",
        examples=["final_terms"],
    )
    name: Text = Field(description="Its title or file name.", examples=["Final Terms No. 4711"])
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the file, 64 hexadecimal digits.", examples=["00" * 32]
    )


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

    mic: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$")] = Field(
        description="Market (ISO 10383).", examples=["XETR"]
    )
    price_type: Annotated[str, Field(pattern=r"^(close|open|settlement|auction|fixing)$")] = Field(
        "close", description="close, open, settlement, auction or fixing."
    )
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = Field(
        None, description="Local time of the market, where the price type leaves it open.", examples=["13:00"]
    )


class DayCount(StrEnum):
    """Day counts by market name (ISO 20022 `InterestComputationMethod` has codes for them)."""

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


class Periods(Part):
    """When interest is paid and how its periods are counted."""

    frequency: Whole = Field(1, description="Payments a year: 1, 2, 4 or 12; 0 pays at maturity.")
    day_count: DayCount = Field(
        DayCount.ACT_ACT_ICMA, description="How a period becomes a fraction of a year."
    )
    first_date: IsoDate | None = Field(
        None, description="First payment where the first period is irregular.", examples=["2027-06-15"]
    )
    last_date: IsoDate | None = Field(
        None,
        description="Last payment before maturity where the last period is irregular.",
        examples=["2031-06-15"],
    )
    end_of_month: Flag = Field(False, description="Dates keep to the end of the month.")
    adjusted: Flag = Field(False, description="Accrual moves with the payment date.")


class Coupons(Periods):
    """Fixed interest of a structured product."""

    rate_percent: Rate = Field(description="Per year, in percent of nominal.", examples=["4.25"])


__all__ = [name for name in globals() if not name.startswith("_")]
