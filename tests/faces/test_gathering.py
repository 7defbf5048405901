"""What arrives together is done together, and nobody pays for another."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from counterfoil.core.db import Unavailable
from counterfoil.faces.gathering import Gathering


class Work:
    """Doubles numbers; the first batch lasts until it is let go. 13 fails, and whoever shares a batch with it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go = Event(), Event()
        self.failure: Exception | None = None

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.go.wait(20)
        elif self.failure:
            raise self.failure
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


@pytest.fixture
def work() -> Work:
    return Work()


def outcomes(work: Work, gathering: Gathering[int, int], calls: Sequence[Sequence[int]]) -> list:
    """What each call gets, where all but the first arrive while the first is under way."""

    def called(items: Sequence[int]) -> object:
        try:
            return list(gathering.do(items))
        except Exception as error:  # noqa: BLE001 - told, to be compared
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        first = pool.submit(called, calls[0])
        assert work.begun.wait(20)
        rest = []
        for number, items in enumerate(calls[1:], 1):
            rest.append(pool.submit(called, items))
            while len(gathering._queue) < number:
                pass
        work.go.set()
        return [job.result(20) for job in (first, *rest)]


def test_who_comes_while_a_batch_is_under_way_shares_the_next_one(work):
    told = outcomes(work, Gathering(work, most=10), [[1], [2], [3, 4], [5]])
    assert told == [[2], [4], [6, 8], [10]]
    assert work.batches == [[1], [2, 3, 4, 5]]


def test_a_batch_has_no_more_than_allowed_unless_one_caller_brings_more(work):
    told = outcomes(work, Gathering(work, most=3), [[1], [2], [3], [4, 5], [6, 7, 8, 9], [10]])
    assert told == [[2], [4], [6], [8, 10], [12, 14, 16, 18], [20]]
    assert work.batches == [[1], [2, 3], [4, 5], [6, 7, 8, 9], [10]]


def test_nobody_fails_for_the_sake_of_another(work):
    told = outcomes(work, Gathering(work, most=10), [[1], [2], [13], [4]])
    assert [told[0], told[1], told[3]] == [[2], [4], [8]]
    assert isinstance(told[2], ValueError)
    assert work.batches == [[1], [2, 13, 4], [2], [13], [4]]


def test_without_a_database_all_fail_at_once(work):
    work.failure = Unavailable("gone")
    told = outcomes(work, Gathering(work, most=10), [[1], [2], [3]])
    assert told[1] is told[2] is work.failure
    assert work.batches == [[1], [2, 3]]


def test_after_a_failure_the_next_caller_is_served(work):
    work.go.set()
    gathering = Gathering(work, most=10)
    with pytest.raises(ValueError, match="13"):
        gathering.do([13])
    assert gathering.do([3]) == [6]


def test_many_callers_all_get_their_own(work):
    work.go.set()
    gathering = Gathering(work, most=7)
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda n: list(gathering.do([n, n + 1000])), range(14, 400)))
    assert told == [[2 * n, 2 * n + 2000] for n in range(14, 400)]
    assert sum(map(len, work.batches)) == 2 * len(told)
