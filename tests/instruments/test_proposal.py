"""What the issuer leaves out is proposed; what the issuer states stays."""

import pytest

from counterfoil.instruments import MODELS, Terms, validate_terms, with_proposals
from tests.instruments.examples import BUSINESS_DATE, FULL_ENVELOPE, example


def _terms(raw: dict[str, object]) -> Terms:
    terms = validate_terms(raw, business_date=BUSINESS_DATE)
    assert isinstance(terms, Terms), terms
    return terms


@pytest.mark.parametrize("class_", MODELS)
def test_proposed_identifiers_pass_the_rules_of_their_class(class_: str) -> None:
    completed = with_proposals(
        _terms(example(class_)), isin="DE000A0D6554", issuer_name="Müller & Söhne Bank AG"
    )
    stated = {name: getattr(completed, name) for name in ("isin", "wkn", "cfi", "fisn")}
    assert None not in stated.values()
    assert stated["wkn"] == "A0D655"
    assert _terms(example(class_) | stated) == completed


def test_what_the_issuer_stated_stays() -> None:
    completed = with_proposals(_terms(FULL_ENVELOPE), isin=FULL_ENVELOPE["isin"], issuer_name="Other AG")
    assert completed == _terms(FULL_ENVELOPE)


def test_an_international_isin_has_no_wkn() -> None:
    assert with_proposals(_terms(example("bond")), isin="XS9000000016", issuer_name="A AG").wkn is None
