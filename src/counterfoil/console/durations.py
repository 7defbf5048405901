"""Durations as people say them."""

from decimal import Decimal

_STEPS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def spoken(seconds: Decimal | float | None) -> str:
    """A duration in two units at most: "210 ms", "4 min 10 s", "3 d 2 h". Nothing for None."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for size, unit, part, of_it in _STEPS:
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            return f"{whole} {unit}" + (f" {rest // part} {of_it}" if rest // part else "")
    return ""
