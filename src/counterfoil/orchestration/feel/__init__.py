"""FEEL, the expression language of DMN 1.3, in the dialect of Zeebe: the subset that process models use."""

from counterfoil.orchestration.feel.expression import (
    CLOCK,
    FeelExpression,
    FixedText,
    Storable,
    compile,  # noqa: A004 - as in re.compile
    from_model,
)
from counterfoil.orchestration.feel.failure import FeelError, FeelSyntax

__all__ = [
    "CLOCK",
    "FeelError",
    "FeelExpression",
    "FeelSyntax",
    "FixedText",
    "Storable",
    "compile",
    "from_model",
]
