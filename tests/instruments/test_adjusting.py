"""An adjusted product is worth after a corporate action what it was worth before."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.instruments import adjusted_terms, canonical
from counterfoil.instruments.payoff import Observations, payoff
from counterfoil.instruments.terms import Structured
from tests.instruments.examples import EXAMPLES
from tests.instruments.paying import terms_of

SAP = "DE0007164600"
CLASSES = [
    name
    for name, raw in EXAMPLES.items()
    if raw.get("underlyings") and not name.endswith("99") and not name.startswith("14") and name != "2300"
]
DAY = "2027-12-17"


def worth(terms: Any, price: Decimal, *, hit: bool) -> tuple[Decimal, Decimal]:
    """Cash and the worth of shares delivered, when every price is `price`."""
    names = {"2210": ["stop_loss"], "2230": ["lower_barrier", "upper_barrier"]}.get(terms.class_, ["barrier"])
    days = {str(o.date) for o in getattr(terms, "observations", ())} | {DAY}
    result = payoff(
        terms,
        Observations.model_validate(
            {
                "prices": [
                    {"underlying": terms.underlyings[0].isin, "date": day, "price": f"{price:f}"}
                    for day in days
                ],
                "barriers": [{"barrier": n, "hit_on": "2027-03-01" if hit else None} for n in names],
                "valuation_date": None if terms.final_valuation_date else DAY,
                "unwinding_price": f"{price:f}",
            }
        ),
    )
    shares = sum((d.quantity for d in result.deliveries), Decimal(0)) * price
    return result.cash + shares, sum((c.amount for c in result.coupons), Decimal(0))


@pytest.mark.parametrize("class_", CLASSES)
@given(
    price=st.integers(50, 250).map(lambda p: Decimal(p) + Decimal("0.25")),
    factor=st.sampled_from([Decimal("0.5"), Decimal(2), Decimal("0.1"), Decimal("0.25")]),
    hit=st.booleans(),
)
def test_what_it_pays_does_not_change(class_: str, price: Decimal, factor: Decimal, hit: bool):
    before = terms_of(class_, financing_percent=None) if class_ in ("2205", "2210") else terms_of(class_)
    assert isinstance(before, Structured)
    after = adjusted_terms(before, before.underlyings[0].isin or "", factor)
    paid, coupons = worth(before, price, hit=hit)
    paid_after, coupons_after = worth(after, price * factor, hit=hit)
    assert coupons_after == coupons
    assert abs(paid_after - paid) <= Decimal("0.01")


def test_a_factor_that_does_not_come_out_even_is_rounded_half_up():
    after = adjusted_terms(terms_of("1250"), SAP, Decimal("0.98765432"))
    assert isinstance(after, Structured)
    assert (after.cap, after.ratio) == (Decimal("177.7778"), Decimal("1.01250000"))


def test_another_underlying_changes_nothing_but_is_not_asked_for():
    terms = terms_of("bond")
    assert canonical(adjusted_terms(terms, SAP, Decimal(2))) == canonical(terms)
