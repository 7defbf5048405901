"""Payoffs against arithmetic by hand: every class has an example, and the document shows them all."""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from counterfoil.core.errors import Refused
from counterfoil.instruments import eusipa
from counterfoil.instruments.payoff import Observations, payoff
from counterfoil.instruments.pricing import price_from_discount, price_from_yield
from counterfoil.instruments.terms import MODELS, TERMS
from tests.instruments.worked import PAID_FINAL, WORKED, Worked, raw_terms

PAGE = Path(__file__).parents[2] / "docs" / "worked-examples.md"
AWKWARD = (
    "memory", "stub", "month-end", "fraction", "negative", "zero residual", "closes", "short first period",
)  # fmt: skip


def observations(worked: Worked, raw: dict[str, Any]) -> Observations:
    """What is observed of an example, in the form that payoffs take."""
    prices = []
    for day, value in worked.prices.items():
        for n, one in enumerate(value if isinstance(value, list) else [value]):
            price, low, high = one if isinstance(one, tuple) else (one, None, None)
            name = raw["underlyings"][n]["isin"]
            prices.append({"underlying": name, "date": day, "price": price, "low": low, "high": high})
    plain: dict[str, Any] = {
        "prices": prices,
        "barriers": [{"barrier": name, "hit_on": day} for name, day in worked.hits.items()],
        "unwinding_price": worked.unwound,
        "current_strike": worked.strike,
        "fx_rate": worked.fx,
        "rates": [{"date": day, "rate_percent": rate} for day, rate in worked.rates.items()],
    }
    if worked.failed:
        entity = raw["reference_entities"][0]["name"]
        plain["credit_events"] = [{"entity": entity, "date": worked.failed}]
    if worked.called:
        plain["called_on" if worked.class_ == "bond" else "valuation_date"] = worked.called
    return Observations.model_validate(plain)


@pytest.mark.parametrize("worked", [w for w in WORKED if not w.declared], ids=lambda w: w.name)
def test_a_payoff_is_what_the_arithmetic_says(worked: Worked) -> None:
    raw = raw_terms(worked, 1)
    result = payoff(TERMS.validate_python(raw), observations(worked, raw))
    paid: Counter[str] = Counter()
    for coupon in result.coupons:
        paid[coupon.payment.isoformat()] += max(coupon.amount, Decimal(0))  # type: ignore[assignment]
    paid[str(result.payment)] += result.cash  # type: ignore[assignment]
    expected: Counter[str] = Counter()
    for due in worked.dues:
        assert due.by_hand() == Decimal(due.digits), due
        expected[due.day] += due.by_hand()  # type: ignore[assignment]
    assert {day: amount for day, amount in paid.items() if amount} == {
        day: amount for day, amount in expected.items() if amount
    }
    assert str(result.payment) == worked.dues[-1].day
    assert sum(d.quantity for d in result.deliveries) == sum(due.shares for due in worked.dues)


@pytest.mark.parametrize("worked", [w for w in WORKED if w.declared], ids=lambda w: w.class_)
def test_free_terms_have_no_formula_and_pay_what_is_declared(worked: Worked) -> None:
    raw = raw_terms(worked, 1)
    with pytest.raises(Refused, match="INS-062"):
        payoff(TERMS.validate_python(raw), observations(worked, raw))
    (due,) = worked.dues
    assert (due.day, due.by_hand()) == (PAID_FINAL, Decimal(worked.declared or 0))


def test_every_class_has_a_worked_example() -> None:
    worked = {w.class_ for w in WORKED}
    assert worked == set(MODELS)
    assert set(eusipa.CLASSES) <= worked
    assert {w.section for w in WORKED} == {"1.2", "2.2", "2.3", "5"}
    assert len({w.name for w in WORKED}) == len(WORKED)


@pytest.mark.parametrize("word", AWKWARD)
def test_the_awkward_cases_are_among_them(word: str) -> None:
    assert any(word in w.title for w in WORKED)


def test_the_prices_of_commercial_paper_are_those_of_the_rules() -> None:
    fifty = Decimal(50_000_000)
    assert price_from_yield(fifty, Decimal("2.35"), 90, year_days=360, scale=2) == Decimal("49707965.70")
    assert price_from_discount(fifty, Decimal("2.35"), 90, year_days=360, scale=2) == Decimal("49706250.00")


def page() -> str:
    """The document: one line an example, its arithmetic as it is tested."""
    lines = [
        "# Worked examples",
        "",
        "What each class pays for one unit or denomination, by the arithmetic of its formula. Every line is tested",
        "twice: the payoff against the arithmetic, and a whole life in a database, from the register's entry to its",
        "deletion, with the money on the holder's account and the proof repeated offline. The terms behind them",
        "stand in `tests/instruments/worked.py`; `make golden` writes this page from there.",
        "",
        "| Class | Name | Example | Paid | Arithmetic | Amount | Shares |",
        "|---|---|---|---|---|---|---|",
    ]
    for worked in WORKED:
        known = eusipa.CLASSES.get(worked.class_)
        name = known.name if known else worked.class_.replace("_", " ").capitalize()
        for due in worked.dues:
            arithmetic = due.arithmetic.replace("**", "^").replace("*", "·")
            lines.append(
                f"| {worked.class_} | {name} | {worked.title} | {due.day} | {arithmetic} | {due.digits} "
                f"| {due.shares or ''} |"
            )
    return "\n".join([*lines, ""])


def test_the_document_shows_what_is_tested() -> None:
    if os.environ.get("COUNTERFOIL_GOLDEN") == "rewrite":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
