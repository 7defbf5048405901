"""What penalties are worked out from: reference prices, rates, insolvencies, each valid from its date on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from counterfoil.core.days import IsoDate
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.money import minor_units
from counterfoil.parties import entities
from counterfoil.settlement import errors
from counterfoil.settlement.penalty_rules import AssetClass

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """A price as delivered. `quotation` is "unit" (money a unit) or "percent" (of a nominal amount); `asset_class`
    overrides what the CFI says.
    """

    isin: str
    business_date: date
    price: Decimal
    currency: str
    quotation: str = "unit"
    liquid: bool = False
    asset_class: AssetClass | None = None


class _PriceRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    isin: Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]
    business_date: IsoDate
    price: Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=30)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    quotation: Literal["unit", "percent"] = "unit"
    liquid: bool = False
    asset_class: AssetClass | None = None


def read_prices(rows: Sequence[Mapping[str, Any]]) -> list[ReferencePrice] | list[Refusal]:
    """The prices of a file, or every field of every row that is wrong; rows count from 0 in the pointers."""
    prices: list[ReferencePrice] = []
    refusals: list[Refusal] = []
    seen: set[tuple[str, date]] = set()
    for n, row in enumerate(rows):
        try:
            found = _PriceRequest.model_validate(row)
        except ValidationError as error:
            refusals += [
                errors.PRICE(f"/{n}" + "".join(f"/{part}" for part in e["loc"]), reason=e["msg"])
                for e in error.errors()
            ]
            continue
        if minor_units(found.currency) is None:
            refusals.append(errors.PRICE(f"/{n}/currency", reason=f"{found.currency} is no currency"))
        if (found.isin, found.business_date) in seen:
            reason = f"{found.isin} has a price of {found.business_date} already"
            refusals.append(errors.PRICE(f"/{n}", reason=reason))
        seen.add((found.isin, found.business_date))
        prices.append(ReferencePrice(**dict(found)))
    return refusals or prices


def set_prices(tx: Transaction, prices: Sequence[ReferencePrice]) -> None:
    """Store reference prices; one of the same issue and day is replaced, penalties charged with it stay."""
    tx.execute(
        SQL.set_prices,
        isins=[p.isin for p in prices],
        days=[p.business_date for p in prices],
        prices=[p.price for p in prices],
        quotations=[p.quotation for p in prices],
        currencies=[p.currency for p in prices],
        liquid=[p.liquid for p in prices],
        classes=[p.asset_class and p.asset_class.value for p in prices],
    )


def prices(
    tx: Transaction,
    *,
    isin: str | None = None,
    business_date: date | None = None,
    after: tuple[date, str] = (date.min, ""),
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Reference prices as delivered, by day and ISIN; `after` is day and ISIN of the last one of the page before."""
    names = ("isin", "business_date", "price", "currency", "quotation", "liquid", "asset_class")
    rows = tx.rows(
        SQL.prices, isin=isin, business_date=business_date, day=after[0], last=after[1], limit=limit
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def set_overnight_rate(
    tx: Transaction, currency: str, valid_from: date, rate_percent: Decimal, *, day_basis: int = 360
) -> None:
    """Store a central bank's overnight credit rate in per cent a year (ECB: marginal lending facility)."""
    if minor_units(currency) is None:
        raise Refused(errors.RATE("/currency", reason=f"{currency} is no currency"))
    tx.execute(
        SQL.set_overnight_rate, currency=currency, valid_from=valid_from, rate_percent=rate_percent,
        day_basis=day_basis,
    )  # fmt: skip


def overnight_rates(tx: Transaction) -> list[dict[str, Any]]:
    """Every overnight rate, by currency and date."""
    names = ("currency", "valid_from", "rate_percent", "day_basis")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.overnight_rates)]


def set_penalty_rate(tx: Transaction, asset_class: AssetClass, valid_from: date, rate: Decimal) -> None:
    """Store a class's rate a day as a fraction (0.0001 is a basis point)."""
    tx.execute(SQL.set_penalty_rate, asset_class=asset_class.value, valid_from=valid_from, rate=rate)


def penalty_rates(tx: Transaction) -> list[dict[str, Any]]:
    """Every rate, by asset class and date."""
    names = ("asset_class", "valid_from", "rate")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.penalty_rates)]


def declare_insolvent(tx: Transaction, party: str, opened_on: date, *, now: datetime, actor: str) -> None:
    """Record that insolvency was opened over a party (LEI): its fails cost nobody anything from that day on. Raises
    `Refused` (SET-005).
    """
    if party not in entities(tx, [party]):
        raise Refused(errors.UNKNOWN_COUNTERPARTY("/party", party=party))
    tx.execute(SQL.declare_insolvent, party=party, opened_on=opened_on, now=now, actor=actor)


def insolvencies(tx: Transaction) -> list[dict[str, Any]]:
    """The parties over which insolvency was opened."""
    names = ("party", "opened_on", "recorded_at", "actor")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.insolvencies)]
