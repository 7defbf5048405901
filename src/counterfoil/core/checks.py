"""One line of `verify`: an invariant, checked from the stored data alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, over how many rows, and the first violations (none: it holds)."""

    name: str
    invariant: str
    count: int
    violations: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no violation was found."""
        return not self.violations
