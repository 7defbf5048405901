"""What forms send."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Form
from pydantic import BeforeValidator

from counterfoil.console.rendering import words

BLANK = BeforeValidator(lambda value: value or None)
"""For a field of another type than text: a form sends an empty text for what was left blank."""
Reason = Annotated[str, Form(min_length=1, max_length=500), BeforeValidator(str.strip)]
"""Why somebody does something; never blank."""


def choices(values: Iterable[str]) -> list[tuple[str, str]]:
    """The options of a field: each value with its words."""
    return [(str(value), words(value)) for value in values]
