"""Validates terms: structure and cross-field rules, every broken rule at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from counterfoil.core.errors import Refusal
from counterfoil.instruments import errors
from counterfoil.instruments.terms import MODELS, Envelope
from counterfoil.instruments.validation import debt_rules as debt
from counterfoil.instruments.validation import structured_rules as structured
from counterfoil.instruments.validation.common_rules import Rule, identifiers, issue, size
from counterfoil.instruments.validation.structure import refusals, rest

_COMMON: tuple[Any, ...] = (identifiers, issue, size)
_STRUCTURED = (
    *_COMMON, structured.dates, structured.exercise, structured.underlyings, structured.volume_form
)  # fmt: skip
_BY_FIELD: tuple[tuple[str, Any], ...] = (
    ("cap", structured.cap_above),
    ("participation_percent", structured.participation),
    ("floor_percent", structured.floor),
    ("coupons", structured.coupons),
    ("observations", structured.observations),
    ("reference_entities", structured.reference_entities),
    ("leverage", structured.leverage),
    ("stop_loss", structured.mini_future),
    ("lower_barrier", structured.double_knock_out),
    ("lower_strike", structured.spread),
)


def _rules(class_: str, model: type[Envelope]) -> tuple[Rule, ...]:
    """The rules of a class, chosen by the fields that its model has."""
    if class_ in ("bond", "note"):
        return (*_COMMON, debt.maturity, debt.interest, debt.calls)
    if class_ == "commercial_paper":
        return (*_COMMON, debt.maturity, debt.paper)
    chosen = [rule for field, rule in _BY_FIELD if field in model.model_fields]
    if class_ in ("2200", "2205"):
        chosen.append(structured.knock_out)
    elif class_ == "1130":
        chosen.append(structured.upper_barrier)
    elif "barrier" in model.model_fields:
        chosen.append(structured.barriers)
    if class_ == "1260":
        chosen.append(structured.express)
    if class_ == "1330":
        chosen.append(structured.bonus_above_strike)
    return (*_STRUCTURED, *chosen)


_RULES = {class_: _rules(class_, model) for class_, model in MODELS.items()}


def validate_terms(
    raw: Mapping[str, Any], *, business_date: date, pointer: str = ""
) -> Envelope | tuple[Refusal, ...]:
    """The terms, or every broken rule. Each refusal's JSON pointer starts with `pointer`.

    `raw` is parsed JSON without floats. Rules over several fields are tried also where other fields are broken.
    Amended terms are validated as of their issue date: only new issues must not lie in the past.
    """
    class_ = raw.get("class")
    model = MODELS.get(class_) if isinstance(class_, str) else None
    if model is None:
        missing = "class" not in raw
        where = f"{pointer}/class"
        return (errors.MISSING(where, field="class") if missing else errors.CLASS(where, value=class_),)
    found: list[Refusal] = []
    terms: Envelope | None
    try:
        terms = model.model_validate(raw)
    except ValidationError as error:
        found = refusals(error, raw, pointer)
        terms = rest(error, raw, model)
    if terms is not None:
        said = {refusal.pointer for refusal in found}
        for rule in _RULES[str(class_)]:
            for refusal in rule(terms, business_date):
                if pointer + refusal.pointer not in said:
                    found.append(replace(refusal, pointer=pointer + refusal.pointer) if pointer else refusal)
    if found:
        return tuple(found)
    return terms  # type: ignore[return-value]  # without refusals there are terms
