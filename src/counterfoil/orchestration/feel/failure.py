"""What goes wrong with an expression: at deployment (`FeelSyntax`) or when it is evaluated (`FeelError`)."""

from counterfoil.core.errors import Refused
from counterfoil.orchestration.errors import EXPRESSION_MALFORMED


class FeelSyntax(Refused):
    """An expression that is not FEEL, or not of the subset, or too large (ORC-104)."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(EXPRESSION_MALFORMED(position=position, reason=reason))
        self.position = position
        """Zero-based index of the offending character in the source."""
        self.reason = reason


class FeelError(Exception):
    """An expression has no value: a limit was passed, a number left its range, or no clock was given."""
