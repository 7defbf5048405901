"""What currencies are worth in EUR: by which a cycle weighs them, never by which anything is booked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.money import minor_units
from counterfoil.settlement import errors

SQL = queries(__file__)
REFERENCE = "EUR"
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` is worth `rate` EUR from `valid_from` on."""

    currency: str
    valid_from: date
    rate: Decimal


def set_exchange_rates(tx: Transaction, rates: Sequence[ExchangeRate]) -> None:
    """Enter rates; one of the same currency and day takes the place of the one before. Raises `Refused` (SET-011,
    SET-078).
    """
    refusals: list[Refusal] = []
    for n, rate in enumerate(rates):
        if rate.currency == REFERENCE or minor_units(rate.currency) is None:
            refusals.append(errors.CURRENCY(f"/{n}/currency", currency=rate.currency))
        if not 0 < rate.rate < _LARGEST:
            refusals.append(errors.EXCHANGE_RATE(f"/{n}/rate", rate=rate.rate))
    if refusals:
        raise Refused(*refusals)
    latest = {(rate.currency, rate.valid_from): rate for rate in rates}.values()
    tx.execute(
        SQL.enter,
        currencies=[rate.currency for rate in latest],
        days=[rate.valid_from for rate in latest],
        rates=[rate.rate for rate in latest],
    )


def known_exchange_rates(tx: Transaction, on: date) -> list[ExchangeRate]:
    """The rate of each currency that is valid on a day."""
    return [ExchangeRate(*row) for row in tx.rows(SQL.valid, currencies=None, on=on)]


def exchange_rates(
    tx: Transaction, currencies: Collection[str | None], on: date
) -> tuple[dict[str, Decimal], tuple[str, ...]]:
    """The worth in EUR of one unit of each currency, and the currencies of which it is not known."""
    wanted = sorted({currency for currency in currencies if currency} - {REFERENCE})
    found = (
        {currency: rate for currency, _, rate in tx.rows(SQL.valid, currencies=wanted, on=on)}
        if wanted
        else {}
    )
    return found, tuple(currency for currency in wanted if currency not in found)
