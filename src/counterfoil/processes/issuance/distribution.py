"""How a new issue is distributed: who buys how much at what price, as asked for, and as it will be settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from counterfoil.core.calendar import Convention, adjust, is_business_day
from counterfoil.core.errors import Refusal
from counterfoil.core.money import ARITHMETIC, Rounding, fits_amount, minor_units, round_to
from counterfoil.instruments import Terms
from counterfoil.ledger import AccountKind, proposed_number
from counterfoil.processes import errors
from counterfoil.processes.issuance import readers

CALENDAR = "TARGET"
"""Settlement days."""
MOST_ALLOTMENTS = 200
_FURTHEST = timedelta(days=366)
_WHAT = "allotment"


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one buyer gets, as asked for. `price` is per unit or in percent, as the terms are quoted; without it and
    without an amount the issue price holds. `reference` becomes the common reference of both sides.
    """

    buyer: str
    quantity: Decimal
    account: str | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    intended_date: date | None = None
    reference: str | None = None

    @property
    def buyer_account(self) -> str:
        """Where the buyer takes the units, and pays from: unless it is said, its own account."""
        return self.account or proposed_number(self.buyer, AccountKind.OWN)


_READERS: Mapping[str, readers.Reader] = {
    "buyer": readers.lei,
    "quantity": readers.quantity,
    "account": readers.account,
    "price": readers.quantity,
    "amount": readers.quantity,
    "intended_date": readers.day,
    "reference": readers.network_text,
}
_REQUIRED = frozenset({"buyer", "quantity"})


def read_distribution(value: object) -> tuple[tuple[Allotment, ...], list[Refusal]]:
    """The allotments, and everything that is wrong with their form."""
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ALLOTMENTS:
        wanted = f"a list of 1 to {MOST_ALLOTMENTS} allotments"
        return (), [errors.WRONG_FIELD("/distribution", wanted=wanted)]
    found: list[Allotment] = []
    refusals: list[Refusal] = []
    for n, raw in enumerate(value):
        pointer = f"/distribution/{n}"
        if not isinstance(raw, dict):
            refusals.append(errors.WRONG_FIELD(pointer, wanted="an object"))
            continue
        fields, broken = readers.read_fields(raw, _READERS, _REQUIRED, _WHAT, pointer)
        refusals += broken
        if not broken:
            found.append(Allotment(**fields))
    return tuple(found), refusals


def judge(allotments: Sequence[Allotment], terms: Terms, business_date: date) -> Iterable[Refusal]:
    """Every rule that the terms decide: how much there is to sell, lots, prices and dates."""
    with localcontext(ARITHMETIC):
        total = sum((a.quantity for a in allotments), Decimal(0))
    if total > terms.volume.authorised:
        yield errors.OVERSOLD("/distribution", total=f"{total:f}", volume=f"{terms.volume.authorised:f}")
    unit = settlement_unit(terms)
    for n, allotment in enumerate(allotments):
        pointer = f"/distribution/{n}"
        if allotment.quantity % unit:
            yield errors.NOT_IN_LOTS(
                f"{pointer}/quantity", quantity=f"{allotment.quantity:f}", unit=f"{unit:f}"
            )
        if allotment.buyer == terms.issuer:
            yield errors.OWN_BUYER(f"{pointer}/buyer", lei=allotment.buyer)
        yield from _broken_amount(allotment, terms, pointer)
        day = intended_date(allotment, terms, business_date)
        near = business_date <= day <= business_date + _FURTHEST
        if not near or not is_business_day(day, CALENDAR):
            yield errors.PAYMENT_DAY(f"{pointer}/intended_date", day=day, business_date=business_date)


def settlement_unit(terms: Terms) -> Decimal:
    """Smallest quantity that settles: a unit, or the denomination."""
    return Decimal(1) if terms.volume.unit == "units" else terms.denomination


def _broken_amount(allotment: Allotment, terms: Terms, pointer: str) -> Iterable[Refusal]:
    if allotment.price is not None and allotment.amount is not None:
        yield errors.PRICE_AND_AMOUNT(pointer)
        return
    scale = minor_units(terms.currency)
    amount = amount_of(allotment, terms)
    if scale is None or amount <= 0 or not fits_amount(amount) or amount != round(amount, scale):
        name = "amount" if allotment.amount is not None else "price"
        yield errors.PROCEEDS(f"{pointer}/{name}", amount=f"{amount:f}", currency=terms.currency)


def amount_of(allotment: Allotment, terms: Terms) -> Decimal:
    """What the buyer pays: the amount that is named, or quantity times price, rounded half up to the minor unit."""
    if allotment.amount is not None:
        return allotment.amount
    with localcontext(ARITHMETIC):
        exact = allotment.quantity * (allotment.price or terms.issue_price)
        exact = exact / 100 if terms.quotation == "percent" else exact
    return round_to(exact, minor_units(terms.currency) or 0, Rounding.HALF_UP)


def intended_date(allotment: Allotment, terms: Terms, business_date: date) -> date:
    """When it settles: the day that is named, or that of the terms' payment, which is never before today."""
    if allotment.intended_date is not None:
        return allotment.intended_date
    due = max(terms.value_date or terms.issue_date, business_date)
    return adjust(due, Convention.FOLLOWING, CALENDAR)
