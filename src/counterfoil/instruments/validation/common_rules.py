"""Rules that hold for every class. A rule looks at terms whose fields may be None: where a field was broken in
itself, that has been said already and the rules that need it say nothing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from counterfoil.core.calendar import add_months, is_business_day, is_calendar
from counterfoil.core.errors import Refusal
from counterfoil.core.money import ARITHMETIC, CURRENCIES
from counterfoil.instruments import cfi, errors
from counterfoil.instruments.identifiers import ISIN_PREFIXES, is_fisn, is_isin, isin_from_wkn
from counterfoil.instruments.terms import Envelope
from counterfoil.instruments.terms.fields import Periods, Unit
from counterfoil.parties import is_lei

Rule = Callable[[Envelope, date], Iterator[Refusal]]
_YEARS = 100
_DAYS_TO_ISSUE = timedelta(days=366)
_COUNTRIES = ISIN_PREFIXES - {"XS", "EU", "XA", "XB", "XC", "XD", "QS", "XT"}

is_right_lei = lru_cache(maxsize=4096)(is_lei)
"""A day's issues share few issuers …"""
is_right_isin = lru_cache(maxsize=4096)(is_isin)
""" … and few underlyings. The issues' own ISINs are all different: those are not cached."""


def identifiers(terms: Envelope, today: date) -> Iterator[Refusal]:
    """Check digits, and codes that must agree with each other."""
    if terms.issuer and not is_right_lei(terms.issuer):
        yield errors.CHECK_DIGIT("/issuer", kind="LEI", value=terms.issuer)
    if terms.isin:
        if not is_isin(terms.isin):
            yield errors.CHECK_DIGIT("/isin", kind="ISIN", value=terms.isin)
        if terms.wkn and terms.isin[:2] == "DE" and terms.isin[5:11] != terms.wkn:
            yield errors.WKN_ISIN("/wkn", wkn=terms.wkn, isin=terms.isin)
    elif terms.wkn:
        yield errors.WKN_ALONE("/isin", wkn=terms.wkn, isin=isin_from_wkn(terms.wkn))
    if terms.fisn and not is_fisn(terms.fisn):
        yield errors.FISN_FORM("/fisn", fisn=terms.fisn)
    if terms.cfi and not cfi.is_valid(terms.cfi):
        yield errors.CFI_UNKNOWN("/cfi", cfi=terms.cfi)
    elif terms.cfi and terms.class_ and not cfi.fits(terms.cfi, terms.class_):
        letters = cfi.required_letters(terms.class_) + "…"
        yield errors.CFI_CLASS("/cfi", cfi=terms.cfi, class_=terms.class_, proposed=letters)
    if terms.currency and terms.currency not in CURRENCIES:
        yield errors.CURRENCY("/currency", currency=terms.currency)
    if terms.governing_law and terms.governing_law not in _COUNTRIES:
        yield errors.COUNTRY("/governing_law", country=terms.governing_law)
    for i, agent in enumerate(terms.agents or ()):
        if agent.lei and not is_right_lei(agent.lei):
            yield errors.CHECK_DIGIT(f"/agents/{i}/lei", kind="LEI", value=agent.lei)
        elif agent.lei is None and agent.bic is None:
            yield errors.MISSING(f"/agents/{i}/lei", field="lei")


def issue(terms: Envelope, today: date) -> Iterator[Refusal]:
    """Issue date and value date: not past, within a year, on the calendar."""
    day, calendar = terms.issue_date, terms.calendar
    if calendar and not is_calendar(calendar):
        yield errors.CALENDAR("/calendar", calendar=calendar)
    if day:
        if day < today:
            yield errors.PAST("/issue_date", field="issue_date", day=day, today=today)
        yield from open_day("issue_date", day, calendar)
    if day and day > today + _DAYS_TO_ISSUE:
        yield errors.FAR("/issue_date", field="issue_date", day=day, years=1)
    if terms.value_date:
        yield from after("value_date", terms.value_date, "issue_date", day, same=True)
        yield from open_day("value_date", terms.value_date, calendar)
        if terms.value_date > today + 2 * _DAYS_TO_ISSUE:
            yield errors.FAR("/value_date", field="value_date", day=terms.value_date, years=2)


def size(terms: Envelope, today: date) -> Iterator[Refusal]:
    """Volume in denominations, price in the volume's unit, no document twice."""
    volume = terms.volume
    # ARITHMETIC: the quotient may have more digits than the default context takes
    if volume and terms.denomination and ARITHMETIC.remainder(volume.authorised, terms.denomination):
        yield errors.VOLUME(
            "/volume/authorised", volume=f"{volume.authorised:f}", denomination=f"{terms.denomination:f}"
        )
    if volume and terms.quotation:
        wanted = "percent" if volume.unit is Unit.NOMINAL else "unit"
        if terms.quotation != wanted:
            yield errors.UNIT("/quotation", reason=f"A volume in {volume.unit} is quoted per {wanted}")
    if terms.issue_price and terms.quotation == "percent" and terms.issue_price > 200:
        yield errors.PRICE("/issue_price", reason="A price in percent is at most 200")
    if terms.documents:
        shas = [document.sha256 for document in terms.documents]
        if len(set(shas)) != len(shas):
            yield errors.DUPLICATE("/documents", what="A document")


def open_day(name: str, day: date | None, calendar: str | None) -> Iterator[Refusal]:
    """`day` is a business day; nothing is said where the calendar itself is unknown."""
    if day and calendar and is_calendar(calendar) and not is_business_day(day, calendar):
        yield errors.CLOSED(f"/{name.replace('.', '/')}", day=day, calendar=calendar)


def after(
    name: str, day: date | None, earlier_name: str, earlier: date | None, *, same: bool = False
) -> Iterator[Refusal]:
    """`day` lies behind `earlier` (or on it, with `same`)."""
    if day and earlier and (day < earlier if same else day <= earlier):
        yield order(name, day, "on or after" if same else "after", earlier_name, earlier)


def order(name: str, day: date, relation: str, earlier_name: str, earlier: date) -> Refusal:
    """The refusal of two dates that are out of order."""
    return errors.ORDER(
        f"/{name.replace('.', '/')}",
        later=name, later_day=day, relation=relation, earlier=earlier_name, earlier_day=earlier,
    )  # fmt: skip


def rising(name: str, days: list[date], first: date | None, last: date | None) -> Iterator[Refusal]:
    """Days of a list rise, after `first` and up to `last`. `name` holds {} for the place in the list."""
    before, before_name = first, "issue_date"
    for i, day in enumerate(days):
        yield from after(name.format(i), day, before_name, before)
        before, before_name = day, name.format(i)
    if days and last and days[-1] > last:
        yield order(name.format(len(days) - 1), days[-1], "on or before", "the end", last)


def irregular(part: str, when: Periods, issued: date | None, maturity: date | None) -> Iterator[Refusal]:
    """First and last date of interest: after the issue, in order, up to maturity, a number of periods apart."""
    first, last = when.first_date, when.last_date
    name, last_name = f"{part}.first_date", f"{part}.last_date"
    if first:
        yield from after(name, first, "issue_date", issued)
        if maturity and first > maturity:
            yield order(name, first, "on or before", "maturity_date", maturity)
    if not last:
        return
    yield from after(last_name, last, "issue_date", issued)
    if maturity and last >= maturity:
        yield order(last_name, last, "before", "maturity_date", maturity)
    if first:
        yield from after(last_name, last, name, first, same=True)
    days = [day for day in (first, issued) if day and day <= last]
    if first in days and when.frequency and last not in {_regular(day, last, when) for day in days}:
        reason = "The last date lies no whole number of periods behind the first"
        yield errors.COUPON_RULE(f"/{part}/last_date", reason=reason)


def _regular(first: date, last: date, when: Periods) -> date:
    """The payment in the month of `last`, counted on from `first` (or a month before it that has one)."""
    step = max(12 // when.frequency, 1)
    months = (last.year - first.year) * 12 + last.month - first.month
    return add_months(first, max(months, 0) // step * step, end_of_month=bool(when.end_of_month))


def not_too_far(name: str, day: date | None, today: date) -> Iterator[Refusal]:
    """A day within a hundred years."""
    if day and day.year > today.year + _YEARS:
        yield errors.FAR(f"/{name}", field=name, day=day, years=_YEARS)
