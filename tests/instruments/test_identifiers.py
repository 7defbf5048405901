"""Identifiers of securities, with python-stdnum as the second opinion."""

import doctest
import re
import string
from pathlib import Path

import pytest
import stdnum.de.wkn
import stdnum.isin
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.instruments import identifiers
from counterfoil.instruments.identifiers import (
    ISIN_PREFIXES,
    is_cfi_form,
    is_dti,
    is_fisn,
    is_isin,
    is_mic,
    is_uti,
    is_wkn,
    isin_check_digit,
    isin_from_wkn,
    wkn_from_isin,
)

LETTERS = string.ascii_uppercase + string.digits
BODIES = st.tuples(st.sampled_from(sorted(ISIN_PREFIXES)), st.text(LETTERS, min_size=9, max_size=9)).map(
    "".join
)
# Prefixes on which the oracle is behind: XT (digital tokens), and codes it keeps or lacks.
NOT_IN_ORACLE = {
    prefix for prefix in ISIN_PREFIXES if not stdnum.isin.is_valid(stdnum.isin.from_natid(prefix, "1"))
}


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(identifiers).failed == 0


@pytest.mark.parametrize(
    "isin", ["DE0007164600", "DE000A0D6554", "US0378331005", "XS0104440986", "AT0000A2B3D9", "CH1143296924"]
)
def test_a_real_isin_is_valid(isin: str) -> None:
    assert is_isin(isin)


@given(BODIES)
def test_the_oracle_finds_the_same_check_digit(body: str) -> None:
    assert str(isin_check_digit(body)) == stdnum.isin.calc_check_digit(body)
    assert is_isin(f"{body}{isin_check_digit(body)}")


@given(BODIES, st.integers(1, 9))
def test_any_other_check_digit_is_refused(body: str, shift: int) -> None:
    assert not is_isin(f"{body}{(isin_check_digit(body) + shift) % 10}")


@given(BODIES, st.integers(2, 10), st.sampled_from(string.digits))
def test_any_single_wrong_digit_is_noticed(body: str, place: int, digit: str) -> None:
    isin = f"{body}{isin_check_digit(body)}"
    if isin[place].isdigit() and isin[place] != digit:
        assert not is_isin(isin[:place] + digit + isin[place + 1 :])


@given(st.text(max_size=14))
def test_no_text_breaks_a_check(text: str) -> None:
    for check in (is_isin, is_wkn, is_cfi_form, is_fisn, is_dti, is_uti, is_mic):
        assert check(text) in (True, False)
    if is_isin(text) and text[:2] not in NOT_IN_ORACLE:
        assert stdnum.isin.is_valid(text)


@pytest.mark.parametrize(
    "text", ["", "DE0007164601", "de0007164600", "DE000716460", "DE00071646000", " DE0007164600", "DE0007164600\n",
             "ZZ0007164600", "DE000716460٠", "DE00071646００"],
)  # fmt: skip
def test_what_only_looks_like_an_isin_is_refused(text: str) -> None:
    assert not is_isin(text)


@pytest.mark.parametrize("prefix", ["XS", "EU", "XA", "XB", "XC", "XD", "QS", "XT"])
def test_prefixes_that_are_no_country_are_known(prefix: str) -> None:
    body = prefix + "000000001"
    assert is_isin(f"{body}{isin_check_digit(body)}")


def test_the_oracle_knows_nearly_all_prefixes() -> None:
    assert {"XT"} >= NOT_IN_ORACLE, NOT_IN_ORACLE


@given(st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=6, max_size=6))
def test_a_wkn_makes_an_isin_and_comes_back(wkn: str) -> None:
    isin = isin_from_wkn(wkn)
    assert is_isin(isin)
    assert wkn_from_isin(isin) == wkn
    assert isin == stdnum.de.wkn.to_isin(wkn)


@pytest.mark.parametrize("wkn", ["A0D65", "A0D6555", "A0D65I", "A0D65O", "a0d655", ""])
def test_a_wkn_has_six_characters_without_i_and_o(wkn: str) -> None:
    assert not is_wkn(wkn)


def test_only_german_isins_hold_a_wkn() -> None:
    assert wkn_from_isin("US0378331005") is None


def test_real_short_names_have_the_right_form(shared_samples: Path) -> None:
    text = (shared_samples / "firds" / "real-records-from-test-fixtures.xml").read_text()
    names = re.findall(r"<ShrtNm>([^<]+)</ShrtNm>", text)
    assert len(names) == 3
    assert all(is_fisn(name) for name in names)


@pytest.mark.parametrize(
    "name", ["", "NO SLASH", "SIXTEEN LETTERS X/A", "LOWER/case", "A/" + "B" * 34, "/X", "X/", "Ä/B"]
)
def test_a_short_name_without_the_form_is_refused(name: str) -> None:
    assert not is_fisn(name)


def test_token_and_transaction_identifiers_have_a_form() -> None:
    assert is_dti("4H95J0R2X")
    assert not is_dti("0H95J0R2X")  # no leading zero
    assert not is_dti("4H95J0R2A")  # no vowels
    assert is_uti("529900T8BM49AURSDO55TRADE0001")
    assert not is_uti("529900T8BM49AURSDO55" + "A" * 33)
    assert is_mic("XETR")
    assert not is_mic("XET")
