"""LEI and BIC, with python-stdnum as the second opinion."""

import csv
import doctest
import json
import string
from pathlib import Path

import pytest
import stdnum.bic
import stdnum.lei
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.parties import identifiers
from counterfoil.parties.identifiers import is_bic, is_lei, lei_check_digits

BODIES = st.text(string.ascii_uppercase + string.digits, min_size=18, max_size=18)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(identifiers).failed == 0


@given(BODIES)
def test_the_oracle_accepts_our_check_digits(body: str) -> None:
    lei = body + lei_check_digits(body)
    assert is_lei(lei)
    assert stdnum.lei.is_valid(lei)


@given(BODIES, st.integers(0, 99))
def test_no_other_check_digits_pass(body: str, digits: int) -> None:
    lei = f"{body}{digits:02d}"
    # 00, 01 and 99 have the right remainder for some bodies but are never computed (ISO 17442: 02 to 98).
    if digits in range(2, 99):
        assert is_lei(lei) == (lei_check_digits(body) == f"{digits:02d}")


@given(st.text(max_size=22))
def test_no_text_breaks_a_check(text: str) -> None:
    assert is_lei(text) in (True, False)
    assert is_bic(text) in (True, False)


def test_every_real_lei_and_bic_is_valid(shared_samples: Path) -> None:
    with next((shared_samples / "gleif").glob("lei-bic-*.csv")).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 5000
    for row in rows:
        assert is_lei(row["LEI"]), row
        assert is_bic(row["BIC"]), row


def test_every_real_record_has_a_valid_lei(shared_samples: Path) -> None:
    text = next((shared_samples / "gleif").glob("*golden*.json")).read_text()
    leis = [record["LEI"]["$"] for record in json.loads(text)["records"]]
    assert len(leis) > 500
    assert all(is_lei(lei) for lei in leis)


@pytest.mark.parametrize(
    "text", ["", "529900T8BM49AURSDO5", "529900t8bm49aursdo55", "529900T8BM49AURSDO55 ", "５" * 20]
)
def test_what_only_looks_like_a_lei_is_refused(text: str) -> None:
    assert not is_lei(text)


@pytest.mark.parametrize(
    ("bic", "valid"), [("DAKVDEFFXXX", True), ("DAKVDEFF", True), ("DAKVDEFFX", False), ("DAKV12FF", False)]
)
def test_a_bic_has_eight_or_eleven_characters(bic: str, valid: bool) -> None:
    assert is_bic(bic) is valid
    if valid:
        assert stdnum.bic.is_valid(bic)
