"""The published JSON Schema says what validation does."""

from typing import Any

import jsonschema
import pytest

from counterfoil.core.json import dumps, loads
from counterfoil.instruments import MODELS, Terms, canonical, json_schema, validate_terms
from tests.instruments.examples import BUSINESS_DATE, EXAMPLES, VARIANTS, example

_UNION = json_schema()


def _errors(schema: dict[str, Any], item: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(item)]


@pytest.mark.parametrize("class_", MODELS)
def test_every_class_has_a_schema_that_takes_its_example_and_its_canonical_form(class_: str) -> None:
    schema = json_schema(class_)
    jsonschema.Draft202012Validator.check_schema(schema)
    terms = validate_terms(example(class_), business_date=BUSINESS_DATE)
    assert isinstance(terms, Terms)
    assert _errors(schema, EXAMPLES[class_]) == []
    assert _errors(schema, loads(canonical(terms))) == []


@pytest.mark.parametrize("raw", [*EXAMPLES.values(), *VARIANTS], ids=lambda raw: raw["name"])
def test_the_schema_of_all_classes_takes_every_example(raw: dict[str, Any]) -> None:
    assert _errors(_UNION, raw) == []


@pytest.mark.parametrize(
    "change",
    [
        {"cap": "1e3"},
        {"cap": True},
        {"cap": 0},
        {"cap": None},
        {"extra": 1},
        {"issue_date": "01.12.2026"},
        {"currency": "euro"},
        {"payment_lag": 31},
        {"payment_lag": "x"},
        {"underlyings": []},
        {"volume": {"authorised": "x"}},
        {"settlement": "beer"},
        {"class": "9999"},
    ],
    ids=str,
)
def test_the_schema_refuses_what_validation_refuses_by_structure(change: dict[str, Any]) -> None:
    raw = example("1200") | change
    assert isinstance(validate_terms(raw, business_date=BUSINESS_DATE), tuple)
    assert _errors(json_schema("1200"), raw)
    assert _errors(_UNION, raw)


def test_every_field_is_described() -> None:
    schemas = [_UNION, *_UNION["$defs"].values()]
    bare = [
        f"{schema.get('title')}.{name}"
        for schema in schemas
        for name, field in schema.get("properties", {}).items()
        if "description" not in _UNION["$defs"].get(field.get("$ref", "").rpartition("/")[2], field)
    ]
    assert bare == []


def test_fields_without_default_or_choices_have_an_example() -> None:
    bare = set()
    for schema in _UNION["$defs"].values():
        for name, field in schema.get("properties", {}).items():
            said = {"default", "examples", "$ref", "const", "enum", "items", "discriminator"} & field.keys()
            if name in schema.get("required", ()) and not said:
                bare.add(f"{schema['title']}.{name}")
    assert bare == set()


def test_the_schema_is_draft_2020_12_and_can_be_written() -> None:
    assert _UNION["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert loads(dumps(_UNION))["$id"] == "urn:counterfoil:schema:terms:all"


def test_there_is_no_schema_of_an_unknown_class() -> None:
    with pytest.raises(KeyError):
        json_schema("9999")
