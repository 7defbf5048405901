"""How fast something goes, and how long the rest of it takes."""

from collections import deque

from counterfoil.console.durations import spoken
from counterfoil.core.clock import stopwatch

_WINDOW_S = 20.0


class Pace:
    """Watches a count that grows. A pace is that of the last 20 seconds: what was before says nothing of the rest."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def told(self, done: int, total: int, *, now: float | None = None) -> str:
        """The pace and the time left, as people say it; a dash while two looks have not seen it move."""
        at = stopwatch() if now is None else now
        self._seen.append((at, done))
        while len(self._seen) > 2 and at - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()
        since, first = self._seen[0]
        if done <= first or at <= since:
            return "–"
        rate = (done - first) / (at - since)
        return f"{_rounded(rate)} a second, about {_left((total - done) / rate)} left"


def average(done: int, seconds: float) -> str:
    """How long something took, and how fast it went."""
    if seconds < 0.1:
        return f"took {spoken(seconds)}"
    return f"took {spoken(seconds)}, {_rounded(done / seconds)} a second"


def _rounded(rate: float) -> str:
    return (
        f"{rate:.1f}" if rate < 10 else f"{round(rate, -1 if rate >= 100 else 0):,.0f}".replace(",", "\u202f")
    )


def _left(seconds: float) -> str:
    """In whole seconds at least: what is guessed is not told to the tenth."""
    return f"{max(1, round(seconds))} s" if seconds < 10 else spoken(seconds)
