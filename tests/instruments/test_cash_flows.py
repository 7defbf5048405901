"""What a debt security pays over time."""

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.instruments import Flow, flows, validate_terms
from tests.instruments.examples import BUSINESS_DATE, EXAMPLES, STEP_UP_BOND, ZERO_BOND


def _flows(raw: dict) -> list[Flow]:
    return list(flows(validate_terms(raw, business_date=BUSINESS_DATE)))


def test_a_bond_pays_its_coupons_and_then_itself():
    found = _flows(EXAMPLES["bond"])
    assert [(f.kind, f.amount) for f in found] == [
        *[("coupon", Decimal("2.875"))] * 5,
        ("redemption", Decimal(100)),
    ]
    assert [f.day for f in found] == sorted(f.day for f in found)
    assert found[-1].day == date(2031, 12, 1)


def test_a_step_changes_what_is_paid_and_a_zero_bond_pays_once():
    assert [f.amount for f in _flows(STEP_UP_BOND)[:4]] == [
        Decimal(2),
        Decimal(2),
        Decimal("2.5"),
        Decimal("2.5"),
    ]
    assert [(f.kind, f.amount) for f in _flows(ZERO_BOND)] == [("redemption", Decimal(100))]


def test_a_rate_that_is_not_fixed_yet_has_no_amount():
    found = _flows(EXAMPLES["note"])
    assert {f.amount for f in found if f.kind == "coupon"} == {None}
    assert found[-1].amount == Decimal(100)


@pytest.mark.parametrize("class_", ["1200", "2100"])
def test_what_is_no_debt_security_has_no_flows(class_: str):
    assert _flows(EXAMPLES[class_]) == []
