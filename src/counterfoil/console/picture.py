"""A payoff diagram and a time line as points of a drawing, to be written as SVG."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from counterfoil.instruments import Curve, Diagram, Flow

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 60, 36
_LETTER, _ROW = 6.2, 14
"""Width of a letter, on the wide side, and height of a row of words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: the points of a polyline; of a counted one, of a line for each point, up from the axis."""

    name: str
    hit: bool
    points: str
    stems: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A level on the axis of prices, at `x`; its words are around `words_x`, in a row that keeps neighbours apart."""

    name: str
    price: Decimal
    x: float
    words_x: float
    words_y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: curves, levels, and the ends of both axes; the words of the levels are above `top`."""

    lines: Sequence[Line]
    marks: Sequence[Mark]
    prices: tuple[Decimal, Decimal]
    values: tuple[Decimal, Decimal]
    top: int


def picture(diagram: Diagram) -> Picture:
    """The drawing of a diagram."""
    points = [point for curve in diagram.curves for point in curve.points]
    prices = (min(p for p, _ in points), max(p for p, _ in points))
    values = (min(Decimal(0), *(v for _, v in points)), max(v for _, v in points) or Decimal(1))

    start = LEFT + 4 if any(curve.counted for curve in diagram.curves) else LEFT

    def x(price: Decimal) -> float:
        share = float((price - prices[0]) / (prices[1] - prices[0]))
        return round(start + share * (WIDTH - start - 10), 1)

    marks, top = _marks(diagram.marks, x)

    def y(value: Decimal) -> float:
        share = float((value - values[0]) / (values[1] - values[0]))
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - top - 10), 1)

    def line(curve: Curve) -> Line:
        places = [(x(price), y(value)) for price, value in curve.points]
        joined = "" if curve.counted else " ".join(f"{across},{down}" for across, down in places)
        return Line(curve.name, curve.hit, joined, places if curve.counted else ())

    lines = [line(curve) for curve in diagram.curves]
    return Picture(lines, marks, prices, values, top)


def _marks(
    levels: Sequence[tuple[str, Decimal]], x: Callable[[Decimal], float]
) -> tuple[Sequence[Mark], int]:
    """The levels from left to right, those at one price together, each in the first row with room for its words; and
    where the rows end.
    """
    named: dict[Decimal, list[str]] = {}
    for name, price in sorted(levels, key=lambda level: level[1]):
        named.setdefault(price, []).append(name)
    ends: list[float] = []
    """Where the words of each row end so far."""
    marks = []
    for price, names in named.items():
        words = ", ".join(names)
        half = (len(words) + len(f" {price:,f}")) * _LETTER / 2
        middle = round(min(max(x(price), half), WIDTH - half), 1)
        row = next((n for n, end in enumerate(ends) if end < middle - half), len(ends))
        ends[row : row + 1] = [middle + half]
        marks.append(Mark(words, price, x(price), middle, 11 + _ROW * row))
    return marks, max(_ROW * len(ends) + 4, 32)


@dataclass(frozen=True, slots=True)
class Moment:
    """An event on the time line, at `x`."""

    x: float
    day: date
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of an instrument from the first to the last; `today` is where the day stands, if between."""

    moments: Sequence[Moment]
    first: date
    last: date
    today: float | None


def timeline(events: Sequence[Mapping[str, Any]], today: date) -> Timeline | None:
    """The events by their days; None where all are on one day, or there are none."""
    days: list[date] = [event["on"] for event in events]
    if not days or min(days) == max(days):
        return None
    first, last = min(days), max(days)

    def x(day: date) -> float:
        share = (day - first).days / (last - first).days
        return float(round(10 + share * (WIDTH - 20), 1))

    moments = [Moment(x(e["on"]), e["on"], str(e["kind"]), str(e["state"])) for e in events]
    return Timeline(moments, first, last, x(today) if first <= today <= last else None)


@dataclass(frozen=True, slots=True)
class Bar:
    """A payment on the axis of time. `height` is that of the drawing where its amount is yet to be fixed."""

    x: float
    y: float
    height: float
    flow: Flow


@dataclass(frozen=True, slots=True)
class Flows:
    """Payments from the first to the last; the bars stand on the line at HEIGHT - BOTTOM."""

    bars: Sequence[Bar]
    highest: Decimal


def flow_picture(found: Sequence[Flow]) -> Flows | None:
    """Payments over time as bars; None where there are none. A negative amount has no height, only its row."""
    if not found:
        return None
    first, days = found[0].day, max((found[-1].day - found[0].day).days, 1)
    highest = max(
        [flow.amount for flow in found if flow.amount is not None and flow.amount > 0] or [Decimal(1)]
    )
    full = HEIGHT - BOTTOM - 40

    def bar(flow: Flow) -> Bar:
        share = 1.0 if flow.amount is None else max(float(flow.amount / highest), 0.0)
        height = max(round(share * full, 1), 1.0)
        x = round(LEFT + 8 + (flow.day - first).days / days * (WIDTH - LEFT - 30), 1)
        return Bar(x, HEIGHT - BOTTOM - height, height, flow)

    return Flows([bar(flow) for flow in found], highest)
