"""What a failed settlement costs and who pays: types and calculations, all pure.

Sources: Regulation (EU) No 909/2014 article 7(2), Delegated Regulations (EU) 2017/389 (rates, reference price) and
2018/1229 articles 16 and 17 (who pays, for which days). A penalty is the market value of what was not brought times
a rate a day: that of the security's class for whoever owed securities, the overnight rate for whoever owed cash.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from counterfoil.core.money import ARITHMETIC, Rounding, minor_units, round_to
from counterfoil.settlement.model import Hold

_RATE_DECIMALS = 10
_ONE = Decimal(1)
_HELD = frozenset({"PREA", "PRCY", "BOTH"})


class PenaltyKind(StrEnum):
    """Settlement fail penalty; late matching fail penalty."""

    FAIL = "SEFP"
    LATE_MATCHING = "LMFP"


class AssetClass(StrEnum):
    """Rows of the annex of 2017/389. That an issue trades on an SME growth market, no CFI says: it is stated."""

    LIQUID_SHARE = "liquid_share"
    ILLIQUID_SHARE = "illiquid_share"
    SME_GROWTH = "sme_growth"
    PUBLIC_DEBT = "public_debt"
    DEBT = "debt"
    SME_GROWTH_DEBT = "sme_growth_debt"
    OTHER = "other"


class Side(StrEnum):
    """A side of a transaction, by the way of the securities."""

    DELIVERER = "deliverer"
    RECEIVER = "receiver"


class Basis(StrEnum):
    """What was owed and not brought."""

    SECURITIES = "securities"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Fail:
    """A transaction that failed or matched late. `quantity` and `amount` are what was left; `who` are the parties
    (LEI) that the stored reason names; `deliverer_pays` is None free of payment.
    """

    transaction_id: UUID
    isin: str
    quantity: Decimal
    amount: Decimal | None
    currency: str | None
    deliverer: str
    receiver: str
    deliverer_pays: bool | None
    deliver_holds: Hold
    receive_holds: Hold
    reason: str | None
    who: tuple[str, ...]
    deliverer_was_later: bool
    intended_date: date

    def party(self, side: Side) -> str:
        """The LEI of a side."""
        return self.deliverer if side is Side.DELIVERER else self.receiver

    @property
    def payer(self) -> Side | None:
        """The side that owes the cash."""
        if self.deliverer_pays is None:
            return None
        return Side.DELIVERER if self.deliverer_pays else Side.RECEIVER


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference price: money for one unit of quantity (a unit, or one unit of nominal amount)."""

    price: Decimal
    currency: str
    asset_class: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """What `debtor` pays to `creditor` (LEI) for one day: `amount` = `quantity` x `price` x `rate`, rounded."""

    transaction_id: UUID
    business_date: date
    kind: PenaltyKind
    basis: Basis
    debtor: str
    creditor: str
    amount: Decimal
    currency: str
    rate: Decimal
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """Daily rates, fractions, from their dates on: of securities by asset class, of cash by currency."""

    classes: Mapping[str, Sequence[tuple[date, Decimal]]]
    cash: Mapping[str, Sequence[tuple[date, Decimal]]]

    def of_class(self, asset_class: str, day: date) -> Decimal | None:
        """The rate of a class on a day."""
        return _valid(self.classes.get(asset_class, ()), day)

    def of_cash(self, currency: str | None, day: date) -> Decimal | None:
        """The rate of a currency on a day."""
        return _valid(self.cash.get(currency or "", ()), day)


def _valid(rates: Sequence[tuple[date, Decimal]], day: date) -> Decimal | None:
    return next((rate for since, rate in reversed(rates) if since <= day), None)


def asset_class(cfi: str | None, *, liquid: bool = False) -> AssetClass:
    """The penalty's class by CFI (ISO 10962): guaranteed by a state or supranational is public debt.

    >>> [asset_class(c).value for c in ("DBFTFB", "DTFUFB", "DYZNXB", "DEEVRB", "EYAYFS", "RWSNCA", "ESVUFR")]
    ['public_debt', 'debt', 'debt', 'debt', 'other', 'other', 'illiquid_share']
    """
    group, backed = (cfi or "")[:2], (cfi or "")[3:4]
    if group in ("ES", "EP", "EC", "EF"):
        return AssetClass.LIQUID_SHARE if liquid else AssetClass.ILLIQUID_SHARE
    if group == "DN" or (group in ("DB", "DC", "DT", "DW", "DY") and backed in ("T", "C")):
        return AssetClass.PUBLIC_DEBT
    return AssetClass.DEBT if group[:1] == "D" else AssetClass.OTHER


def daily_rate(rate_percent: Decimal, day_basis: int) -> Decimal:
    """A yearly overnight rate as a fraction a day with 10 decimals; never below zero.

    >>> daily_rate(Decimal("2.40"), 360), daily_rate(Decimal("-0.50"), 360)
    (Decimal('0.0000666667'), Decimal('0E-10'))
    """
    yearly = Fraction(max(rate_percent, Decimal(0))) / 100
    return round_to(yearly / day_basis, _RATE_DECIMALS, Rounding.HALF_UP)


def unit_price(price: Decimal, quotation: str) -> Decimal:
    """The price of one unit of quantity.

    >>> unit_price(Decimal("99.87"), "percent"), unit_price(Decimal("2.50"), "unit")
    (Decimal('0.9987'), Decimal('2.50'))
    """
    return price.scaleb(-2, ARITHMETIC) if quotation == "percent" else price


def penalty_amount(quantity: Decimal, price: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Quantity times price times daily rate, rounded half up to the currency's minor unit.

    1,000 warrants at 2.50 and half a basis point; 1,000,000 nominal of a corporate bond at 99.87 % and 0.2 basis
    points; the same paid for too late, at 2.40 % a year:

    >>> penalty_amount(Decimal(1000), Decimal("2.50"), Decimal("0.00005"), "EUR")
    Decimal('0.13')
    >>> penalty_amount(Decimal(1000000), Decimal("0.9987"), Decimal("0.00002"), "EUR")
    Decimal('19.97')
    >>> penalty_amount(Decimal(1000000), Decimal("0.9987"), daily_rate(Decimal("2.40"), 360), "EUR")
    Decimal('66.58')
    """
    exact = Fraction(quantity) * Fraction(price) * Fraction(rate)
    decimals = minor_units(currency)
    return round_to(exact, 2 if decimals is None else decimals, Rounding.HALF_UP)


def at_fault(fail: Fail) -> tuple[Side, ...]:
    """Who is to blame for a fail: whoever holds it, lacks securities (LACK, CLAC) or cash (MONY, CMON), or came late
    (LATE). Nobody, where the depository holds it or it waits for another transaction.
    """
    holds = ((Side.DELIVERER, fail.deliver_holds), (Side.RECEIVER, fail.receive_holds))
    holders = tuple(side for side, flags in holds if Hold.PARTY in flags)
    if holders:
        return holders
    if fail.deliver_holds | fail.receive_holds:
        return ()
    late = Side.DELIVERER if fail.deliverer_was_later else Side.RECEIVER
    blamed: tuple[Side | None, ...] = {
        "LACK": (Side.DELIVERER,), "CLAC": (Side.DELIVERER,), "COLL": (Side.DELIVERER,),
        "MONY": (fail.payer,), "CMON": (fail.payer,),
        "LATE": (late,), **dict.fromkeys(_HELD, tuple(Side)),
    }.get(fail.reason or "", ())  # fmt: skip
    # In a pool the lack may be another's, who is then the one named.
    named = fail.who if fail.who or fail.reason in _HELD else (fail.deliverer, fail.receiver)
    return tuple(side for side in blamed if side is not None and fail.party(side) in named)


def charges(
    fail: Fail, debtor: Side, kind: PenaltyKind, day: date, reference: Reference | None, rates: Rates
) -> Iterator[Penalty | str]:
    """The penalties of one side for one day; a text names the price or rate that is missing.

    Whoever delivers owes the class's rate on the market value, whoever pays for the securities the cash rate on the
    same value. Cash that moves alone or beside securities (PFoD, DwP) is its own value.
    """
    creditor = Side.RECEIVER if debtor is Side.DELIVERER else Side.DELIVERER

    def penalty(
        basis: Basis, rate: Decimal | None, price: Decimal, quantity: Decimal, currency: str
    ) -> Penalty | str:
        if rate is None:
            return f"rate of {fail.currency if basis is Basis.CASH else fail.isin}"
        amount = penalty_amount(quantity, price, rate, currency)
        return Penalty(
            fail.transaction_id, day, kind, basis, fail.party(debtor), fail.party(creditor), amount, currency, rate,
            price, quantity,
        )  # fmt: skip

    cash_rate = rates.of_cash(fail.currency, day)
    if (
        fail.amount
        and fail.currency
        and (not fail.quantity or (fail.deliverer_pays and fail.payer is debtor))
    ):
        yield penalty(Basis.CASH, cash_rate, _ONE, fail.amount, fail.currency)
    if not fail.quantity:
        return
    if reference is None:
        yield fail.isin
    elif debtor is Side.RECEIVER and fail.payer is debtor:
        yield penalty(Basis.CASH, cash_rate, reference.price, fail.quantity, reference.currency)
    else:
        rate = rates.of_class(reference.asset_class, day)
        yield penalty(Basis.SECURITIES, rate, reference.price, fail.quantity, reference.currency)


def is_penalty_day(day: date) -> bool:
    """The penalty calendar: weekdays but 1 January and 25 December (ECSDA)."""
    return day.weekday() < 5 and (day.month, day.day) not in ((1, 1), (12, 25))


def month_cycle(year: int, month: int) -> dict[str, date]:
    """When the penalties of a month may last be appealed against, are reported and are paid: on the 10th, 14th and
    18th penalty business day of the month after.

    >>> month_cycle(2026, 10)["paid_on"]
    datetime.date(2026, 11, 25)
    """
    first = date(year + month // 12, month % 12 + 1, 1)
    days = [d for n in range(28) if is_penalty_day(d := first + timedelta(days=n))]
    return {"appeals_until": days[9], "reported_on": days[13], "paid_on": days[17]}
