"""Slows guessing: after some failed sign-ins an address has to wait, longer each time."""

from threading import Lock

from counterfoil.core.clock import stopwatch

_FREE = 5
_WAIT_MAX_S = 60.0
_FORGOTTEN_S = 900.0
_ADDRESSES = 10_000


class Throttle:
    """Failed sign-ins by address, in this process."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    def wait_s(self, address: str) -> float:
        """How long the address has to wait until it is heard again."""
        with self._lock:
            count, last = self._failures.get(address, (0, 0.0))
        if count < _FREE:
            return 0.0
        pause: float = min(_WAIT_MAX_S, 2.0 ** (count - _FREE))
        return max(0.0, last + pause - stopwatch())

    def failed(self, address: str) -> None:
        """Count a failed sign-in."""
        now = stopwatch()
        with self._lock:
            if len(self._failures) >= _ADDRESSES:
                self._failures = {a: f for a, f in self._failures.items() if now - f[1] < _FORGOTTEN_S}
            if len(self._failures) >= _ADDRESSES:
                self._failures.clear()
            count, last = self._failures.get(address, (0, now))
            self._failures[address] = (1 if now - last > _FORGOTTEN_S else count + 1, now)

    def succeeded(self, address: str) -> None:
        """Forget the address's failures."""
        with self._lock:
            self._failures.pop(address, None)
