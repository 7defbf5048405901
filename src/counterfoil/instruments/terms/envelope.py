"""What every instrument has, whatever its class: the envelope around the class terms."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from counterfoil.core.calendar import Convention
from counterfoil.core.days import IsoDate
from counterfoil.instruments.terms.fields import (
    WHOLE,
    Agent,
    Amount,
    Barrier,
    Code,
    Currency,
    Document,
    EntryForm,
    Fixing,
    IsinText,
    LeiText,
    Part,
    Percent,
    Ratio,
    RegisterForm,
    Settlement,
    Text,
    Underlying,
    Volume,
)

__all__ = ["Barrier", "Envelope", "Structured"]


class Envelope(Part):
    """Fields of every class (the common part of a term sheet; eWpG section 13 items 1 to 5)."""

    class_: str = Field(alias="class", description="EUSIPA code, `bond`, `note` or `commercial_paper`.")
    name: Text = Field(description="Product name.", examples=["SAP Discount 2027/06 cap 150"])
    issuer: LeiText = Field(description="LEI of the issuer (ISO 17442).")
    isin: IsinText | None = Field(None, description="Allocated from the depository's blocks if absent.")
    wkn: Annotated[str, Field(pattern=r"^[0-9A-HJ-NP-Z]{6}$")] | None = Field(
        None, description="German security number; it stands in a DE ISIN.", examples=["A0D655"]
    )
    cfi: Annotated[str, Field(pattern=r"^[A-Z]{6}$")] | None = Field(
        None, description="Classification (ISO 10962); proposed if absent.", examples=["DEAYRS"]
    )
    fisn: Annotated[str, Field(max_length=35)] | None = Field(
        None, description="Short name (ISO 18774); proposed if absent.", examples=["MUSTERBANK/DISC SAP 150"]
    )
    currency: Currency = Field(description="Currency of issue and payment (ISO 4217).", examples=["EUR"])
    denomination: Amount = Field(
        description="Smallest tradable amount, in the volume's unit.", examples=["1"]
    )
    volume: Volume = Field(description="How much may be issued.")
    issue_price: Amount = Field(description="Per unit in the currency, or in percent.", examples=["98.50"])
    quotation: Annotated[str, Field(pattern=r"^(unit|percent)$")] = Field(
        "unit",
        description="`unit`: prices per unit in the currency; `percent`: prices in percent of nominal.",
    )
    issue_date: IsoDate = Field(description="Day of issue, a business day.", examples=["2026-12-01"])
    value_date: IsoDate | None = Field(
        None, description="Payment of the issue price; the issue date if absent.", examples=["2026-12-03"]
    )
    calendar: Code = Field(
        "TARGET", description='Business days of payments; joint ones with "+".', examples=["TARGET+XETR"]
    )
    convention: Convention = Field(Convention.FOLLOWING, description="What a payment on a closed day does.")
    register_form: RegisterForm = Field(RegisterForm.CENTRAL, description="eWpG register.")
    entry_form: EntryForm = Field(EntryForm.COLLECTIVE, description="eWpG form of entry.")
    governing_law: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(
        "DE", description="Country of the law of the terms (ISO 3166)."
    )
    agents: tuple[Agent, ...] = Field((), max_length=20, description="Who else has a part in the issue.")
    documents: tuple[Document, ...] = Field((), max_length=20, description="Documents by their hashes.")
    target_market: Text | None = Field(
        None, description="For whom it is made (MiFID II).", examples=["Retail clients, basic knowledge"]
    )


class Structured(Envelope):
    """Fields of every structured product."""

    underlyings: tuple[Underlying, ...] = Field(
        min_length=1, max_length=30, description="What the payoff depends on; several are a basket."
    )
    ratio: Ratio = Field(Decimal(1), description="Units of underlying for one product (R).", examples=["0.1"])
    settlement: Settlement = Field(Settlement.CASH, description="What redemption delivers.")
    initial_valuation_date: IsoDate | None = Field(
        None, description="When S_0 is fixed.", examples=["2026-11-30"]
    )
    final_valuation_date: IsoDate | None = Field(
        None, description="When S_T is fixed (expiry); absent if open-ended.", examples=["2027-12-17"]
    )
    maturity_date: IsoDate | None = Field(
        None, description="Redemption payment; absent if open-ended.", examples=["2027-12-23"]
    )
    exercise_dates: tuple[IsoDate, ...] = Field(
        (), max_length=400, description="Days on which the holder may exercise, where they are listed."
    )
    minimum_exercise: Amount | None = Field(
        None, description="Fewest units that may be exercised at once.", examples=["1"]
    )
    fixing: Fixing | None = Field(None, description="Where prices are taken from.")
    fx: Annotated[str, Field(pattern=r"^(none|quanto|compo)$")] = Field(
        "none",
        description="Underlying in another currency: `quanto` one to one, `compo` at the rate of the day.",
    )
    payment_lag: Annotated[int, Field(ge=0, le=30), WHOLE] = Field(
        2, description="Business days from the valuation to the payment."
    )
    rounding_scale: Annotated[int, Field(ge=0, le=8), WHOLE] = Field(
        2, description="Decimals of an amount a unit."
    )
    issuer_call_notice: Annotated[int, Field(ge=0, le=365), WHOLE] | None = Field(
        None, description="Calendar days of notice for a termination by the issuer.", examples=[30]
    )
    management_fee_percent: Percent | None = Field(
        None, description="Per year, in percent of the value.", examples=["0.9"]
    )
