"""The payoff as a curve: where it bends, and what it leaves out."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.errors import Refused
from counterfoil.instruments import MODELS, payoff_diagram
from counterfoil.instruments.payoff import Observations, payoff
from tests.instruments.examples import BASKET_NOTE, EXAMPLES, example

CENT = Decimal("0.01")
ON = date(2027, 12, 1)
"""A year after the issue of the examples."""


def drawn(class_: str, **more):
    return payoff_diagram(MODELS[class_].model_validate({**example(class_), **more}), ON)


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


def near(value, expected) -> bool:
    return abs(value - expected) <= CENT


def test_an_open_ended_knock_out_is_drawn_with_what_its_levels_have_become():
    diagram = drawn("2205")
    grown = (1 - Decimal("0.025") / 360) ** 365
    marks = dict(diagram.marks)
    assert (diagram.on, near(marks["strike"], 180 * grown), near(marks["barrier"], 175 * grown)) == (
        ON,
        True,
        True,
    )
    whole, hit = diagram.curves
    for curve in (whole, hit):
        gain = {price: max(Decimal(0), (180 * grown - price) / 10) for price, _ in curve.points}
        assert all(near(value, gain[price]) for price, value in curve.points)
    assert max(price for price, _ in whole.points) < marks["barrier"] < max(price for price, _ in hit.points)


def test_a_mini_future_ends_at_its_stop_loss():
    whole, hit = drawn("2210").curves
    financing = 110 * (1 + Decimal("0.045") / 360) ** 365
    assert min(price for price, _ in whole.points) > 115
    assert min(price for price, _ in hit.points) < 110
    for price, value in (*whole.points, *hit.points):
        assert near(value, max(Decimal(0), price - financing) / 10)


def test_a_tracker_pays_the_underlying_less_a_year_of_fees():
    diagram = drawn("1300")
    (curve,) = diagram.curves
    assert curve.name == "Paid"
    assert all(near(value, price / 100 * Decimal("0.995")) for price, value in curve.points)


def test_constant_leverage_multiplies_the_move_of_a_day_and_resets_within_it():
    diagram = drawn("2300", costs_percent="0")
    (curve,) = diagram.curves
    start = Decimal("98.50")
    for price, value in curve.points:
        reset = Decimal("127.5")
        whole = start * (1 + 5 * (price / 150 - 1))
        after = max(Decimal(0), start / 4 * (1 + 5 * (price / reset - 1)))
        assert near(value, after if price <= reset else whole), price
    assert dict(diagram.marks)["reset within the day"] == Decimal("127.5")
    assert "150" in diagram.axis


def test_a_credit_linked_note_is_drawn_by_what_becomes_of_its_debtors():
    (fixed,) = drawn("1400").curves
    assert fixed.points == ((0, 1000), (1, 400))
    debtors = [{"name": "A", "weight": "0.25"}, {"name": "B", "weight": "0.75"}]
    (several,) = drawn("1400", reference_entities=debtors).curves
    assert several.points == ((0, 1000), (1, 850), (2, 400))
    none, every = drawn("1420", recovery_percent=None).curves
    assert {value for _, value in none.points} == {1000}
    assert all(near(value, 10 * rate) for rate, value in every.points)
    assert (none.hit, every.hit) == (False, True)


def test_a_basket_is_drawn_by_its_level():
    terms = {**BASKET_NOTE, "ratio": "1", "bonus_level": "110", "barrier": {"level": "70"}}
    diagram = payoff_diagram(MODELS["1320"].model_validate(terms), ON)
    whole, hit = diagram.curves
    assert diagram.axis.startswith("level of the basket")
    assert all(near(value, max(level, Decimal(110))) for level, value in whole.points)
    assert all(near(value, level) for level, value in hit.points)
    assert min(level for level, _ in whole.points) > 70


def test_a_day_before_the_issue_shows_the_day_of_issue():
    terms = MODELS["2205"].model_validate(example("2205"))
    assert payoff_diagram(terms, date(2020, 1, 1)).on == terms.issue_date


@pytest.mark.parametrize("class_", sorted(EXAMPLES))
def test_every_class_with_a_formula_is_drawn(class_: str):
    if class_.endswith("99"):
        with pytest.raises(Refused, match="free terms without a formula"):
            drawn(class_)
        return
    diagram = drawn(class_)
    assert (diagram is None) == (not class_.isdigit())
    assert diagram is None or all(curve.points for curve in diagram.curves)


def test_a_barrier_watched_at_the_end_gives_one_curve():
    (curve,) = drawn("1320", barrier={"level": "105", "monitoring": "final"}).curves
    assert (curve.name, curve.hit) == ("Paid", False)
    assert all(near(v, max(p, Decimal(170)) if p > 105 else p) for p, v in curve.points)


def test_what_is_not_fixed_yet_is_taken_to_begin_at_the_strike():
    known = drawn("1100")
    begun = [{**one, "initial_fixing": None} for one in example("1100")["underlyings"]]
    assumed = drawn("1100", underlyings=begun)
    assert assumed.curves == known.curves
    assert dict(assumed.marks) == {"initial fixing (assumed)": 150, "strike": 150}


def test_members_of_a_basket_that_are_not_fixed_yet_move_from_wherever_they_begin():
    begun = [{**one, "initial_fixing": None} for one in BASKET_NOTE["underlyings"]]
    terms = [MODELS["1320"].model_validate({**BASKET_NOTE, **more}) for more in ({}, {"underlyings": begun})]
    fixed, open_ = (payoff_diagram(one, ON) for one in terms)
    assert open_.curves == fixed.curves


def test_an_untouched_product_is_on_its_side_of_the_barrier_even_before_it_is_fixed():
    begun = [{**one, "initial_fixing": None} for one in example("1250")["underlyings"]]
    untouched = drawn("1250", underlyings=begun).curves[0]
    assert min(price for price, _ in untouched.points) > 105


@pytest.mark.parametrize(
    ("class_", "more", "note"),
    [
        ("1220", {"settlement": "issuer_choice"}, "The issuer, who may choose, pays in cash."),
        ("1220", {"settlement": "cash"}, "Coupons come on top."),
        ("1230", {"settlement": "physical"}, "Shares that are delivered count at the price."),
        ("2100", {"fx": "compo"}, "The exchange rate is taken as 1."),
    ],
)
def test_what_is_taken_for_granted_is_said(class_: str, more: dict[str, str], note: str):
    diagram = drawn(class_, **more)
    assert note in diagram.notes
    assert len({len(curve.points) for curve in diagram.curves}) == len(diagram.curves)


@pytest.mark.parametrize("class_", ["1100", "2100", "2210", "2300"])
def test_a_delivery_that_a_class_does_not_define_is_refused_with_the_reason(class_: str):
    with pytest.raises(Refused, match="computed in cash only"):
        drawn(class_, settlement="physical")


def test_a_curve_with_a_part_that_has_no_formula_is_not_drawn_in_part():
    with pytest.raises(Refused, match="without quanto can be delivered"):
        drawn("1220", settlement="physical", fx="quanto")


BY_PRICE = sorted(
    set(EXAMPLES) - {c for c in EXAMPLES if c.endswith("99") or c[:2] == "14" or not c.isdigit()}
)
BY_PRICE.remove("2300")
CASH_ONLY = {"1100", "1120", "1130", "1140", *(class_ for class_ in BY_PRICE if class_[0] == "2")}


@given(
    class_=st.sampled_from(BY_PRICE),
    ratio=st.sampled_from(["0.01", "0.1", "1", "3"]),
    settlement=st.sampled_from(["cash", "physical", "issuer_choice"]),
    monitoring=st.sampled_from(["continuous", "close", "final"]),
    data=st.data(),
)
def test_every_point_is_what_the_payoff_gives(class_, ratio, settlement, monitoring, data):
    raw = {**example(class_), "ratio": ratio, "settlement": "cash" if class_ in CASH_ONLY else settlement}
    for name in ("barrier", "lower_barrier", "upper_barrier"):
        if name in raw:
            raw[name] = {**raw[name], "monitoring": monitoring}
    terms = MODELS[class_].model_validate(raw)
    diagram = payoff_diagram(terms, ON)
    curve = data.draw(st.sampled_from(diagram.curves))
    price, value = data.draw(st.sampled_from(curve.points))
    last = (terms.final_valuation_date or ON).isoformat()
    days = {last, *(one["date"] for one in raw.get("observations", ()))}
    underlying = raw["underlyings"][0]["isin"]
    names = ("barrier", "lower_barrier", "upper_barrier", "stop_loss")
    observed = {
        "prices": [{"underlying": underlying, "date": day, "price": f"{price:f}"} for day in sorted(days)],
        "barriers": [
            {"barrier": name, "hit_on": last if curve.hit else None} for name in names if name in raw
        ],
        "valuation_date": last,
        "unwinding_price": f"{price:f}",
        "settlement": "cash",
    }
    paid = payoff(terms, Observations.model_validate(observed))
    assert near(value, paid.cash + sum(one.quantity for one in paid.deliveries) * price)


@pytest.mark.parametrize("class_", BY_PRICE)
def test_levels_stand_where_the_terms_put_them(class_):
    raw, diagram = example(class_), drawn(class_)
    for name, place in diagram.marks:
        field = raw.get(name.replace(" ", "_"))
        if field is None:
            assert name == "initial fixing"
            field = raw["underlyings"][0]["initial_fixing"]
        level = Decimal(field["level"] if isinstance(field, dict) else field)
        growth = place / level
        grows = raw.get("financing_percent") and name in ("strike", "barrier", "financing level")
        rate = Decimal(raw["financing_percent"]) / 36000 if grows else 0
        assert abs(growth - (1 + rate) ** 365) < Decimal("0.0001")
