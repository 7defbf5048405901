"""One model a class of instrument, and the union of all."""

from typing import Annotated, Union, get_args

from pydantic import Field, TypeAdapter

from counterfoil.instruments.terms.debt import DEBT, Bond, CommercialPaper
from counterfoil.instruments.terms.envelope import Envelope, Structured
from counterfoil.instruments.terms.structured import STRUCTURED

__all__ = ["MODELS", "TERMS", "Bond", "CommercialPaper", "Envelope", "Structured", "Terms"]

Terms = Envelope
"""The terms of an instrument of any class."""

MODELS: dict[str, type[Envelope]] = {
    code: model
    for model in (*STRUCTURED, *DEBT)
    for code in get_args(model.model_fields["class_"].annotation)
}
"""The model of each value of `class`."""

TERMS: TypeAdapter[Envelope] = TypeAdapter(
    Annotated[Union[*STRUCTURED, *DEBT], Field(discriminator="class_")]  # type: ignore[arg-type]
)
"""Reads the terms of any class; the published JSON Schema comes from it."""
