"""Equal terms have equal bytes, and the bytes give the terms back."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.instruments import (
    MODELS,
    Terms,
    canonical,
    from_canonical,
    terms_hash,
    validate_terms,
    with_proposals,
)
from tests.instruments.examples import BUSINESS_DATE, EXAMPLES, VARIANTS, example


def _terms(raw: dict[str, Any]) -> Terms:
    terms = validate_terms(raw, business_date=BUSINESS_DATE)
    assert isinstance(terms, Terms), terms
    return terms


@pytest.mark.parametrize("raw", [*EXAMPLES.values(), *VARIANTS], ids=lambda raw: raw["name"])
def test_terms_come_back_from_their_canonical_form(raw: dict[str, Any]) -> None:
    for terms in (_terms(raw), with_proposals(_terms(raw), isin="DE000A0D6554", issuer_name="Muster AG")):
        text = canonical(terms)
        again = from_canonical(text)
        assert again == terms
        assert type(again) is type(terms)
        assert canonical(again) == text


def test_the_canonical_form_of_a_known_item_never_changes() -> None:
    """A golden text: a change of it changes the hash of every stored version of terms."""
    assert canonical(_terms(example("2200"))) == (
        '{"agents":[],"barrier":{"level":"120","monitoring":"continuous"},"calendar":"TARGET","class":"2200",'
        '"convention":"following","currency":"EUR","denomination":"1","direction":"long","documents":[],'
        '"entry_form":"collective","exercise_dates":[],"final_valuation_date":"2027-12-17",'
        '"fixing":{"mic":"XETR","price_type":"close"},"fx":"none","governing_law":"DE",'
        '"initial_valuation_date":"2026-11-24","issue_date":"2026-12-01","issue_price":"98.5",'
        '"issuer":"529900T8BM49AURSDO55","maturity_date":"2027-12-23","name":"Example of class 2200",'
        '"payment_lag":2,"quotation":"unit","ratio":"0.1","register_form":"central","rounding_scale":2,'
        '"settlement":"cash","strike":"120","underlyings":[{"currency":"EUR","initial_fixing":"150",'
        '"isin":"DE0007164600","kind":"equity","name":"SAP SE"}],'
        '"volume":{"authorised":"100000","mode":"fixed","unit":"units"}}'
    )


@pytest.mark.parametrize("value", ["160", "160.0", "160.000", 160, Decimal("1.60E+2"), Decimal("160.00")])
def test_equal_numbers_have_one_form(value: Any) -> None:
    assert canonical(_terms(example("1200") | {"cap": value})) == canonical(_terms(example("1200")))


def test_the_order_of_fields_does_not_matter() -> None:
    raw = example("1250")
    assert canonical(_terms(dict(reversed(raw.items())))) == canonical(_terms(raw))


def test_defaults_are_written_out_so_that_a_later_default_changes_no_hash() -> None:
    stated = example("1200") | {"calendar": "TARGET", "ratio": "1", "agents": [], "fx": "none"}
    assert canonical(_terms(stated)) == canonical(_terms(example("1200")))


def test_the_hash_is_sha256_of_the_utf8_text() -> None:
    text = canonical(_terms(example("1200") | {"name": "Übergrößenträger 🚀"}))
    assert "Übergrößenträger 🚀" in text
    assert terms_hash(text) == hashlib.sha256(text.encode()).digest()


_digits = st.decimals(min_value="0.000000000001", max_value=10**9, places=12)
_name = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@settings(max_examples=300, deadline=None)
@given(class_=st.sampled_from(sorted(EXAMPLES)), name=_name, price=_digits, ratio=_digits, free=st.data())
def test_any_valid_terms_come_back(
    class_: str, name: str, price: Decimal, ratio: Decimal, free: st.DataObject
) -> None:
    raw = example(class_) | {
        "name": name,
        "issue_price": price,
        "volume": {"authorised": 3},
        "denomination": 1,
    }
    if class_.endswith("99"):
        values = st.none() | st.booleans() | _name | _digits | st.integers(0, 10**9)
        raw["free_terms"] = free.draw(
            st.dictionaries(st.from_regex(r"[A-Za-z]\w{0,20}\Z", fullmatch=False), values, min_size=1)
        )
    elif "underlyings" in raw:
        raw["ratio"] = ratio
    terms = validate_terms(raw, business_date=BUSINESS_DATE)
    if not isinstance(terms, Terms):
        return
    text = canonical(terms)
    assert from_canonical(text) == terms
    assert (
        json.loads(text, parse_float=Decimal).keys()
        <= MODELS[class_].model_json_schema()["properties"].keys()
    )
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
