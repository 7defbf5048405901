"""What every instrument has, whatever its class: the envelope around the class terms."""

from typing import Annotated

from pydantic import Field

from counterfoil.core.calendar import Convention
from counterfoil.instruments.terms.fields import (
    Agent,
    Amount,
    Barrier,
    Code,
    Currency,
    Day,
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
    """Fields of every class (DOMAIN: envelope; eWpG section 13 items 1 to 5)."""

    class_: str = Field(alias="class", description="EUSIPA code, `bond`, `note` or `commercial_paper`.")
    name: Text = Field(description="Product name.", examples=["SAP Discount 2027/06 cap 150"])
    issuer: LeiText = Field(description="LEI of the issuer.")
    isin: IsinText | None = Field(None, description="Allocated from the depository's blocks if absent.")
    wkn: Annotated[str, Field(pattern=r"^[0-9A-HJ-NP-Z]{6}$")] | None = None
    cfi: Annotated[str, Field(pattern=r"^[A-Z]{6}$")] | None = Field(None, description="Proposed if absent.")
    fisn: Annotated[str, Field(max_length=35)] | None = Field(None, description="Proposed if absent.")
    currency: Currency = Field(description="Currency of issue and payment (ISO 4217).", examples=["EUR"])
    denomination: Amount = Field(
        description="Smallest tradable amount, in the volume's unit.", examples=["1"]
    )
    volume: Volume
    issue_price: Amount = Field(description="Per unit in the currency, or in percent.", examples=["98.50"])
    quotation: Annotated[str, Field(pattern=r"^(unit|percent)$")] = "unit"
    issue_date: Day = Field(examples=["2026-12-01"])
    value_date: Day | None = Field(None, description="Payment of the issue price; the issue date if absent.")
    calendar: Code = Field("TARGET", description="Business days of payments.", examples=["TARGET"])
    convention: Convention = Field(Convention.FOLLOWING, description="What a payment on a closed day does.")
    register_form: RegisterForm = Field(RegisterForm.CENTRAL, description="eWpG register.")
    entry_form: EntryForm = Field(EntryForm.COLLECTIVE, description="eWpG form of entry.")
    governing_law: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field("DE", description="ISO 3166 country.")
    agents: tuple[Agent, ...] = Field((), max_length=20)
    documents: tuple[Document, ...] = Field((), max_length=20)
    target_market: Text | None = None


class Structured(Envelope):
    """Fields of every structured product."""

    underlyings: tuple[Underlying, ...] = Field(min_length=1, max_length=30)
    ratio: Ratio = Field("1", validate_default=True, description="Units of underlying for one product (R).")
    settlement: Settlement = Settlement.CASH
    initial_valuation_date: Day | None = Field(None, description="When S_0 is fixed.")
    final_valuation_date: Day | None = Field(None, description="When S_T is fixed; absent if open-ended.")
    maturity_date: Day | None = Field(None, description="Redemption payment; absent if open-ended.")
    fixing: Fixing | None = None
    fx: Annotated[str, Field(pattern=r"^(none|quanto|compo)$")] = "none"
    payment_lag: Annotated[int, Field(ge=0, le=30)] = Field(2, description="Business days to the payment.")
    rounding_scale: Annotated[int, Field(ge=0, le=8)] = Field(2, description="Decimals of an amount a unit.")
    issuer_call_notice: Annotated[int, Field(ge=0, le=365)] | None = Field(
        None, description="Days of notice for a termination by the issuer."
    )
    management_fee_percent: Percent | None = Field(None, description="Per year.")
