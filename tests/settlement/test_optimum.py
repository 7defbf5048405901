"""The selection of a contended set against trying every selection there is."""

from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.settlement import optimum
from counterfoil.settlement.optimum import Candidate, Problem, optimise

ENOUGH_S = 10.0
MONEY, PAPER = 100, 3


def trade(value: int, giver: int, taker: int, units: int = 1, priority: int = 4) -> Candidate:
    """Units of one paper from `giver` to `taker` against money; each has a position of money and one of paper."""
    return Candidate(
        Decimal(value),
        (
            (2 * giver, Decimal(value)), (2 * taker, Decimal(-value)),
            (2 * giver + 1, Decimal(-units)), (2 * taker + 1, Decimal(units)),
        ),
        priority,
    )  # fmt: skip


def can_be_booked(problem: Problem, chosen: tuple[bool, ...]) -> bool:
    held = list(problem.balances)
    for candidate, taken in zip(problem.candidates, chosen, strict=True):
        for position, change in candidate.moves if taken else ():
            held[position] += change
    return (
        min(held, default=Decimal(0)) >= 0
        and all(len({chosen[n] for n in group}) == 1 for group in problem.together)
        and all(chosen[b] or not chosen[a] for a, b in problem.after)
    )


def worth(problem: Problem, chosen: tuple[bool, ...]) -> tuple[tuple[Decimal, int], ...]:
    """Value and number by priority, the most urgent first."""
    taken = [c for c, t in zip(problem.candidates, chosen, strict=True) if t]
    by_priority = [[c.value for c in taken if c.priority == n] for n in range(1, 5)]
    return tuple((sum(values, Decimal(0)), len(values)) for values in by_priority)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    parties = draw(st.integers(2, 4))
    party = st.integers(0, parties - 1)
    priority = st.integers(1, 4) if draw(st.booleans()) else st.just(4)
    trades = st.tuples(st.integers(0, MONEY), party, party, st.integers(1, PAPER), priority).filter(
        lambda t: t[1] != t[2]
    )
    wanted = draw(st.lists(trades, max_size=8))
    balances = draw(
        st.lists(st.tuples(st.integers(0, MONEY), st.integers(0, PAPER)), min_size=parties, max_size=parties)
    )
    n = len(wanted)
    index = st.integers(0, max(0, n - 1))
    pairs = (
        st.lists(st.tuples(index, index).filter(lambda p: p[0] != p[1]), max_size=2) if n > 1 else st.just([])
    )
    return Problem(
        [trade(*one) for one in wanted],
        [Decimal(x) for pair in balances for x in pair],
        draw(pairs),
        draw(pairs),
    )


@settings(max_examples=150)
@given(problems())
def test_no_selection_is_worth_more(problem):
    solution = optimise(problem, time_limit_s=ENOUGH_S)
    assert can_be_booked(problem, solution.chosen)
    every = product((False, True), repeat=len(problem.candidates))
    best = max(worth(problem, chosen) for chosen in every if can_be_booked(problem, chosen))
    assert worth(problem, solution.chosen) == best
    assert solution.value == sum(value for value, _ in best) == solution.bound


@given(problems())
def test_without_time_the_selection_can_still_be_booked(problem):
    solution = optimise(problem, time_limit_s=0.0)
    assert can_be_booked(problem, solution.chosen)
    assert solution.value <= solution.bound


def test_the_urgent_is_not_left_out_for_what_is_worth_more():
    urgent, dear = trade(1, 0, 1, priority=2), trade(99, 0, 1)
    solution = optimise(
        Problem([dear, urgent], [Decimal(0), Decimal(1), Decimal(99), Decimal(0)]), time_limit_s=ENOUGH_S
    )
    assert solution.chosen == (False, True)
    assert (solution.value, solution.gap) == (1, 0)


def test_the_less_urgent_settles_where_it_lets_the_urgent_settle():
    """What brings the units that the urgent one delivers is needed, however little it is worth itself."""
    brings, urgent = trade(1, 2, 0), trade(5, 0, 1, priority=1)
    balances = [Decimal(n) for n in (1, 0, 5, 0, 0, 1)]
    assert all(optimise(Problem([brings, urgent], balances), time_limit_s=ENOUGH_S).chosen)


def test_a_circle_settles_that_nobody_could_begin():
    parties = 50
    circle = [trade(10, n, (n + 1) % parties) for n in range(parties)]
    solution = optimise(Problem(circle, [Decimal(0)] * (2 * parties)), time_limit_s=ENOUGH_S)
    assert all(solution.chosen)
    assert solution.gap == 0


def test_amounts_beyond_the_precision_of_floats_are_never_overdrawn():
    owned = Decimal("123456789012345678.99")
    spend = [
        Candidate(owned, ((0, -owned), (1, owned))),
        Candidate(Decimal("0.01"), ((0, Decimal("-0.01")), (1, Decimal("0.01")))),
    ]
    solution = optimise(Problem(spend, [owned, Decimal(0)]), time_limit_s=ENOUGH_S)
    assert solution.chosen == (True, False)


def test_the_gap_says_what_was_not_proven():
    two = [trade(10, 0, 1), trade(7, 0, 1)]
    solution = optimise(Problem(two, [Decimal(0), Decimal(1), Decimal(20), Decimal(0)]), time_limit_s=0.0)
    assert (solution.value, solution.bound) == (10, 17)
    assert solution.gap > 0


@pytest.mark.parametrize("dear", [10**8, 10**10, 10**12])
def test_small_values_are_chosen_well_beside_one_that_dwarfs_them(dear: int):
    """All pay out of one account: what is best for the small ones is no less proven for the large one's size."""
    small = [Decimal(n) / 100 for n in (31357, 18813, 27741, 9923, 38457, 22391, 14557, 35011, 6779, 29983)]
    spend = [Candidate(value, ((0, -value),)) for value in small]
    balance = Decimal("1177.77")
    every = (sum(c, Decimal(0)) for c in product(*((Decimal(0), value) for value in small)))
    best = max(total for total in every if total <= balance)
    free = Candidate(Decimal(dear), ((0, Decimal(0)),))
    solution = optimise(Problem([*spend, free], [balance]), time_limit_s=ENOUGH_S)
    assert (solution.value, solution.bound) == (best + dear, best + dear)


@pytest.mark.parametrize(
    ("status", "dual"), [(2, float("inf")), (4, None), (4, float("nan")), (1, float("-inf"))],
    ids=["infeasible", "failed", "failed with no number", "too slow for a bound"],
)  # fmt: skip
def test_a_solver_that_fails_proves_nothing(monkeypatch: pytest.MonkeyPatch, status: int, dual: float | None):
    answer = SimpleNamespace(x=None, status=status, mip_dual_bound=dual)
    monkeypatch.setattr(optimum, "milp", lambda *_, **__: answer)
    two_of_five = [Candidate(Decimal(n), ((0, Decimal(-n)),)) for n in (6, 5, 5)]
    solution = optimise(Problem(two_of_five, [Decimal(10)]), time_limit_s=ENOUGH_S)
    assert (solution.value, solution.bound) == (6, 16)
