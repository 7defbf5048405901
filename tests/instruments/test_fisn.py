"""Short names proposed for instruments."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.instruments import fisn
from counterfoil.instruments.fisn import issuer_short_name, propose
from counterfoil.instruments.identifiers import is_fisn
from counterfoil.instruments.terms import MODELS
from tests.instruments.paying import terms_of


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(fisn).failed == 0


@pytest.mark.parametrize("class_", sorted(MODELS))
@pytest.mark.parametrize(
    "issuer", ["Erste Group Bank AG", "Bundesrepublik Deutschland - Finanzagentur GmbH", "AG"]
)
def test_the_proposal_for_every_class_has_the_form_of_the_standard(class_: str, issuer: str) -> None:
    name = propose(terms_of(class_), issuer)
    assert is_fisn(name), name
    assert len(name) <= 35


@given(st.text(max_size=80))
def test_any_legal_name_makes_a_short_name(legal_name: str) -> None:
    short = issuer_short_name(legal_name)
    assert 1 <= len(short) <= 15
    assert is_fisn(propose(terms_of("1200"), legal_name))


@given(st.text(min_size=1, max_size=80))
def test_any_name_of_an_underlying_can_be_used(name: str) -> None:
    terms = terms_of("1200")
    underlying = terms.underlyings[0].model_copy(update={"name": name})  # type: ignore[attr-defined]
    assert is_fisn(propose(terms.model_copy(update={"underlyings": (underlying,)}), "Muster Bank"))


def test_german_letters_are_written_out() -> None:
    assert issuer_short_name("Münchener Rück Straße") == "MUENCHENER"
    assert issuer_short_name("Müller AG") == "MUELLER"
