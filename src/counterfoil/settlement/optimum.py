"""Which of a contended set settles: the most value of the most urgent, then of the less urgent, then the most
transactions, that balances and links allow. Pure.

Technical netting: a position is judged by what it holds after all that is chosen has moved, so a circle settles that
no single one of its members could begin. HiGHS solves in floating point; its answer is checked and mended exactly.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from counterfoil.core.clock import stopwatch
from counterfoil.core.errors import ensure

_ZERO = Decimal(0)
_CHOSEN = 0.5
_FEASIBLE = frozenset({0, 1})
"""milp's statuses with a bound that means something: optimal, and stopped by the limit of time."""
_UNIT = 5_000.0
"""HiGHS stops within a millionth of the best: of 5,000 that is half a minor unit, and no value lies between."""
_ROUNDING = Decimal("0.005")
_PRIORITIES = range(1, 5)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A transaction: its value in money, and by how much it would change each position (by index). A lower `priority`
    is more urgent: whatever it is worth, it is never left out for something less urgent.
    """

    value: Decimal
    moves: tuple[tuple[int, Decimal], ...]
    priority: int = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """`balances` are those of the positions that must not fall below zero. Links name candidates by index: `together`
    settle all or none; of a pair in `after`, the first settles only if the second does.
    """

    candidates: Sequence[Candidate]
    balances: Sequence[Decimal]
    together: Sequence[tuple[int, ...]] = ()
    after: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """What settles, its value, and the value that no selection can exceed that leaves out nothing urgent, as far as
    was proven in the time.
    """

    chosen: tuple[bool, ...]
    value: Decimal
    bound: Decimal

    @property
    def count(self) -> int:
        """How many settle."""
        return sum(self.chosen)

    @property
    def gap(self) -> Fraction:
        """The share of the bound that is not settled: zero is a proven optimum."""
        return Fraction(self.bound - self.value) / Fraction(self.bound) if self.bound else Fraction(0)


def optimise(problem: Problem, *, time_limit_s: float) -> Solution:
    """The best selection found within the time; always one that can be booked."""
    started = stopwatch()
    chosen: set[int] = set()
    bound = _ZERO
    parts = sorted(_components(problem), key=len)
    for n, members in enumerate(parts):
        left = time_limit_s - (stopwatch() - started)
        share = left / (len(parts) - n) if len(members) < len(parts[-1]) else left
        picked, limit = _solve(problem, members, max(0.0, share))
        chosen |= picked
        bound += limit
    value = _value(problem, chosen)
    return Solution(tuple(n in chosen for n in range(len(problem.candidates))), value, max(bound, value))


def _value(problem: Problem, chosen: Collection[int]) -> Decimal:
    return sum((problem.candidates[n].value for n in chosen), _ZERO)


def _components(problem: Problem) -> list[list[int]]:
    """Candidates that share a position or a link, directly or through others: each such set is its own problem."""
    n = len(problem.candidates)
    if not n:
        return []
    rows, columns = [], []
    for index, candidate in enumerate(problem.candidates):
        for position, _ in candidate.moves:
            rows.append(index)
            columns.append(n + position)
    for linked in (*problem.together, *problem.after):
        rows += linked[:-1]
        columns += linked[1:]
    size = n + len(problem.balances)
    graph = csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    found: dict[int, list[int]] = {}
    for index in range(n):
        found.setdefault(int(labels[index]), []).append(index)
    return list(found.values())


@dataclass(slots=True)
class _Books:
    """The balances after what is chosen, and how to choose more or less of it without breaking a link."""

    problem: Problem
    members: Sequence[int]
    chosen: set[int] = field(default_factory=set)
    held: dict[int, Decimal] = field(default_factory=dict)
    needs: dict[int, set[int]] = field(default_factory=dict)
    needed_by: dict[int, set[int]] = field(default_factory=dict)
    debits: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inside = set(self.members)
        for index in self.members:
            for position, change in self.problem.candidates[index].moves:
                self.held.setdefault(position, self.problem.balances[position])
                if change < 0:
                    self.debits.setdefault(position, []).append(index)
        pairs = [(a, b) for group in self.problem.together for a in group for b in group if a != b]
        for a, b in (*pairs, *self.problem.after):
            if a in inside:
                self.needs.setdefault(a, set()).add(b)
                self.needed_by.setdefault(b, set()).add(a)

    def move(self, indices: Collection[int], sign: int) -> None:
        for index in indices:
            (self.chosen.add if sign > 0 else self.chosen.discard)(index)
            for position, change in self.problem.candidates[index].moves:
                self.held[position] += sign * change

    def reach(self, index: int, links: Mapping[int, set[int]]) -> set[int]:
        """The candidate and all that go the same way with it."""
        found, ahead = {index}, [index]
        while ahead:
            new = links.get(ahead.pop(), set()) - found
            found |= new
            ahead += new
        return found

    def mend(self) -> None:
        """Take out what balances and links do not allow, the least valuable first; then put in what still fits."""
        for index in list(self.chosen):
            if index in self.chosen and not self.needs.get(index, set()) <= self.chosen:
                self.move(self.reach(index, self.needed_by) & self.chosen, -1)
        short = [position for position, held in self.held.items() if held < 0]
        while short:
            position = short.pop()
            takers = [n for n in self.debits.get(position, ()) if n in self.chosen]
            takers.sort(key=self._rank)
            while self.held[position] < 0 and takers:
                gone = self.reach(takers.pop(), self.needed_by) & self.chosen
                self.move(gone, -1)
                short += {p for n in gone for p, _ in self.problem.candidates[n].moves if self.held[p] < 0}
        for index in sorted(self.members, key=self._rank):
            if index not in self.chosen:
                self._add(self.reach(index, self.needs) - self.chosen)

    def _rank(self, index: int) -> tuple[int, Decimal]:
        """The most urgent first, then the most valuable."""
        candidate = self.problem.candidates[index]
        return candidate.priority, -candidate.value

    def _add(self, more: set[int]) -> None:
        self.move(more, 1)
        if any(self.held[p] < 0 for n in more for p, _ in self.problem.candidates[n].moves):
            self.move(more, -1)


def _solve(problem: Problem, members: Sequence[int], time_limit_s: float) -> tuple[set[int], Decimal]:
    """A selection of one component and the bound on its value: one priority after the other, each without taking from
    those before.
    """
    started = stopwatch()
    everything = _value(problem, members)
    best = _mended(problem, members, members)
    if len(best) == len(members) or time_limit_s <= 0:
        return best, everything
    program = _Program(problem, members)
    levels = sorted({problem.candidates[n].priority for n in members})
    bound = _ZERO
    for n, level in enumerate(levels):
        of_level = {m for m in members if problem.candidates[m].priority == level}
        limit = _value(problem, of_level)
        steps = (program.most_valuable, program.most_numerous) if limit else (program.most_numerous,)
        for step in steps if not of_level <= best else ():
            left = max(0.0, time_limit_s - (stopwatch() - started)) / (len(levels) - n)
            found, proven = step(of_level, left) if left else (None, limit)
            limit = min(limit, proven)
            if found is not None:
                best = max(best, _mended(problem, members, found), key=lambda chosen: _worth(problem, chosen))
            program.keep(of_level, best)
        program.keep(of_level, best)
        bound += max(limit, _value(problem, of_level & best))
    return best, min(everything, bound)


def _worth(problem: Problem, chosen: Collection[int]) -> tuple[tuple[Decimal, int], ...]:
    """Value and number by priority, the most urgent first: what is compared first."""
    values, numbers = dict.fromkeys(_PRIORITIES, _ZERO), dict.fromkeys(_PRIORITIES, 0)
    for n in chosen:
        candidate = problem.candidates[n]
        values[candidate.priority] += candidate.value
        numbers[candidate.priority] += 1
    return tuple(zip(values.values(), numbers.values(), strict=True))


def _mended(problem: Problem, members: Sequence[int], chosen: Collection[int]) -> set[int]:
    books = _Books(problem, members)
    books.move(chosen, 1)
    books.mend()
    ensure(all(held >= 0 for held in books.held.values()), "a selection can be booked")
    return books.chosen


class _Program:
    """One component as a mixed-integer program. Rows are scaled to their largest coefficient."""

    def __init__(self, problem: Problem, members: Sequence[int]) -> None:
        column = {index: n for n, index in enumerate(members)}
        row_of: dict[int, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        data: list[float] = []
        for index in members:
            for position, change in problem.candidates[index].moves:
                rows.append(row_of.setdefault(position, len(row_of)))
                columns.append(column[index])
                data.append(float(change))
        lower = [-float(problem.balances[position]) for position in row_of]
        pairs = [(a, b) for g in problem.together for a, b in zip(g, (*g[1:], g[0]), strict=True)]
        for a, b in (*pairs, *problem.after):
            if a in column:
                rows += [len(lower)] * 2
                columns += [column[b], column[a]]
                data += [1.0, -1.0]
                lower.append(0.0)
        scale = np.ones(len(lower))
        np.maximum.at(scale, rows, np.abs(data))
        shape = (len(lower), len(members))
        matrix = csr_array((np.array(data) / scale[rows], (rows, columns)), shape=shape)
        self._problem, self._members = problem, members
        self._constraints = [LinearConstraint(matrix, np.array(lower) / scale, np.inf)]
        value = np.array([float(problem.candidates[index].value) for index in members])
        self._unit = min(max(float(value.max(initial=0.0)), 1.0), _UNIT)
        self._value = value / self._unit

    def most_valuable(self, of: Collection[int], time_limit_s: float) -> tuple[set[int] | None, Decimal]:
        """A selection with the most value of some members, not yet checked exactly, and a proven bound on it: the
        value itself where the solver's differs from it by rounding only, and that of all where it has none. That
        there is no selection, it can only say wrongly.
        """
        result = self._solved(self._value * self._mask(of), time_limit_s)
        chosen, everything = self._chosen(result), _value(self._problem, of)
        dual = result.mip_dual_bound
        if result.status not in _FEASIBLE or dual is None or not np.isfinite(dual):
            return chosen, everything
        proven = Decimal(repr(float(-dual * self._unit)))
        reached = _value(self._problem, (chosen or set()) & set(of))
        return chosen, reached if abs(proven - reached) < _ROUNDING else proven

    def most_numerous(self, of: Collection[int], time_limit_s: float) -> tuple[set[int] | None, Decimal]:
        """Of the selections worth as much, one with the most of some members, and no bound that says more."""
        return self._chosen(self._solved(self._mask(of), time_limit_s)), _value(self._problem, of)

    def keep(self, of: Collection[int], chosen: Collection[int]) -> None:
        """From now on have some members settle for no less value, and no fewer, than those chosen of them."""
        mask = self._mask(of)
        kept = [n for n in chosen if n in of]
        for row, least in (
            (self._value * mask, float(_value(self._problem, kept)) / self._unit),
            (mask, float(len(kept))),
        ):
            self._constraints.append(LinearConstraint(row[np.newaxis, :], least, np.inf))

    def _mask(self, of: Collection[int]) -> Any:
        return np.array([float(index in of) for index in self._members])

    def _solved(self, weight: Any, time_limit_s: float) -> Any:
        return milp(
            -weight,
            constraints=self._constraints,
            integrality=np.ones(len(self._members)),
            bounds=Bounds(0, 1),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
        )

    def _chosen(self, result: Any) -> set[int] | None:
        if result.x is None:
            return None
        return {index for n, index in enumerate(self._members) if result.x[n] > _CHOSEN}
