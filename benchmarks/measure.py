"""The result of a measurement and its limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table. `must` and `aim` are upper limits, or lower ones where `more_is_better`."""

    name: str
    value: float
    unit: str
    must: float
    aim: float
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """How the value stands to its limits."""

        def within(limit: float) -> bool:
            return self.value >= limit if self.more_is_better else self.value <= limit

        return "aim" if within(self.aim) else "must" if within(self.must) else "MISSED"

    def cells(self) -> tuple[str, str, str, str, str]:
        """Name, must, aim, measured, verdict as texts."""
        sign = "≥" if self.more_is_better else "≤"
        must, aim = (f"{sign} {limit:,g} {self.unit}".strip() for limit in (self.must, self.aim))
        digits = ".0f" if self.value >= 100 else ".3g"
        return self.name, must, aim, f"{self.value:,{digits}} {self.unit}".strip(), self.verdict


@dataclass(frozen=True, slots=True)
class Report:
    """What one module measured; `details` are shown below its lines, in order."""

    measures: list[Measure]
    details: Mapping[str, str] = field(default_factory=dict)
