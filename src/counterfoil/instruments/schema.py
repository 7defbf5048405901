"""The published JSON Schema (draft 2020-12) of terms."""

from typing import Any

from counterfoil.instruments.terms import MODELS, TERMS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(class_: str | None = None) -> dict[str, Any]:
    """The schema of one class, or of all as one union. Raises KeyError for an unknown class."""
    schema = MODELS[class_].model_json_schema(by_alias=True) if class_ else TERMS.json_schema(by_alias=True)
    return {"$schema": _DIALECT, "$id": f"urn:counterfoil:schema:terms:{class_ or 'all'}", **schema}
