"""The payoff as a curve: where it bends, and what it leaves out."""

from decimal import Decimal

import pytest

from counterfoil.instruments import MODELS, payoff_diagram
from tests.instruments.examples import example

CENT = Decimal("0.01")


def drawn(class_: str, **more):
    return payoff_diagram(MODELS[class_].model_validate({**example(class_), **more}))


def test_a_discount_certificate_rises_to_its_cap_and_no_further():
    diagram = drawn("1200")
    (curve,) = diagram.curves
    cap, ratio = dict(diagram.marks)["cap"], Decimal(example("1200").get("ratio", "1"))
    assert all(abs(value - min(price, cap) * ratio) <= CENT for price, value in curve.points)
    assert min(p for p, _ in curve.points) < cap < max(p for p, _ in curve.points)


def test_a_barrier_gives_two_curves_and_the_untouched_one_ends_at_it():
    diagram = drawn("1250")
    whole, hit = diagram.curves
    barrier, bonus, cap = (dict(diagram.marks)[name] for name in ("barrier", "bonus level", "cap"))
    assert (whole.hit, hit.hit) == (False, True)
    assert min(price for price, _ in whole.points) > barrier
    assert all(abs(value - min(max(price, bonus), cap)) <= CENT for price, value in whole.points)
    assert all(abs(value - min(price, cap)) <= CENT for price, value in hit.points)


def test_shares_count_at_the_price():
    diagram = drawn("1230", settlement="physical")
    hit = dict(diagram.curves[1].points)
    price = min(hit)
    assert hit[price] == pytest.approx(Decimal(1000) * price / 150, abs=Decimal("0.05"))


@pytest.mark.parametrize("class_", sorted(MODELS))
def test_every_class_is_drawn_or_has_no_drawing(class_: str):
    try:
        diagram = payoff_diagram(MODELS[class_].model_validate(example(class_)))
    except KeyError:
        pytest.skip("there is no example of this class")
    if diagram is not None:
        assert all(curve.points for curve in diagram.curves)
