"""The drawing of a payoff: its words stand apart and inside, and its curves below them."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.console.picture import BOTTOM, HEIGHT, WIDTH, picture
from counterfoil.instruments import MODELS, Curve, Diagram, payoff_diagram
from tests.instruments.examples import example

LETTER = 6.0
"""Width of an average letter of eleven pixels."""
levels = st.lists(
    st.tuples(
        st.sampled_from(
            ["barrier", "initial fixing (assumed)", "strike", "upper barrier", "financing level"]
        ),
        st.integers(50, 150).map(Decimal),
    ),
    unique_by=lambda level: level[0],
)


def words(mark) -> tuple[float, float]:
    half = (len(mark.name) + len(f" {mark.price:,f}")) * LETTER / 2
    return mark.words_x - half, mark.words_x + half


@given(levels=levels)
def test_words_of_levels_stand_apart_and_inside(levels):
    curve = Curve("Paid", False, ((Decimal(50), Decimal(0)), (Decimal(150), Decimal(7))))
    drawn = picture(Diagram("EUR", Decimal(1), "price", tuple(levels), (curve,)))
    for n, mark in enumerate(drawn.marks):
        assert words(mark)[0] >= 0
        assert words(mark)[1] <= WIDTH
        assert mark.words_y < drawn.top
        for other in drawn.marks[:n]:
            apart = words(other)[1] <= words(mark)[0] or words(mark)[1] <= words(other)[0]
            assert apart or mark.words_y != other.words_y, (mark, other)


def test_levels_at_one_price_share_their_words():
    diagram = payoff_diagram(MODELS["2200"].model_validate(example("2200")), date(2027, 12, 1))
    names = [mark.name for mark in picture(diagram).marks]
    assert "strike, barrier" in names


def test_what_is_counted_stands_in_lines_of_its_own():
    diagram = payoff_diagram(MODELS["1400"].model_validate(example("1400")), date(2027, 12, 1))
    (line,) = picture(diagram).lines
    (none, one) = line.stems
    assert line.points == ""
    assert none[0] < one[0]
    assert none[1] < one[1], "the more is paid, the higher"


def test_curves_stay_between_the_words_and_the_axis():
    for class_ in ("1250", "2230", "2300"):
        drawn = picture(payoff_diagram(MODELS[class_].model_validate(example(class_)), date(2027, 12, 1)))
        heights = [float(p.partition(",")[2]) for line in drawn.lines for p in line.points.split()]
        assert drawn.top < min(heights)
        assert max(heights) <= HEIGHT - BOTTOM
