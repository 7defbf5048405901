"""How fast something goes is told of its last seconds, and how long the rest takes."""

from counterfoil.console.pace import Pace, average


def test_a_pace_is_told_once_it_is_seen_to_move() -> None:
    pace = Pace()
    assert pace.told(0, 1000, now=0.0) == "–"
    assert pace.told(0, 1000, now=1.0) == "–"
    assert pace.told(100, 1000, now=2.0) == "50 a second, about 18 s left"


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    for second in range(100):
        pace.told(second * 1000, 10**6, now=float(second))
    slow = [pace.told(99_000 + n, 10**6, now=99.0 + n) for n in range(1, 41)]
    assert slow[-1].startswith("1.0 a second")


def test_what_stands_still_has_no_pace_any_more() -> None:
    pace = Pace()
    for second in range(40):
        told = pace.told(min(second, 5), 10, now=float(second))
    assert told == "–"


def test_an_end_says_how_long_it_took() -> None:
    assert average(40_000, 20.0) == "took 20 s, 2\u202f000 a second"
    assert average(3, 0.01) == "took 10 ms"


def test_what_is_left_is_told_in_whole_seconds() -> None:
    pace = Pace()
    pace.told(0, 1000, now=0.0)
    assert pace.told(500, 1000, now=2.5).endswith("about 2 s left")
