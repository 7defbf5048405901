"""CFI codes: the tables against an independent listing, real codes, and what is proposed for each class."""

import doctest
import json
import re
from pathlib import Path

import pytest

from counterfoil.instruments import cfi
from counterfoil.instruments.cfi import describe, fits, is_valid, propose, required_letters
from counterfoil.instruments.cfi_tables import GROUPS
from counterfoil.instruments.eusipa import CLASSES
from counterfoil.instruments.terms import MODELS
from tests.instruments.examples import ZERO_BOND
from tests.instruments.paying import TERMS, terms_of

CATEGORIES = {"debt": "D", "equities": "E", "rights": "R"}
# Where the independent listing is known to be wrong or to word it otherwise.
OTHER_ASSETS = {"RW": "FutureAsset"}


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(cfi).failed == 0


def test_the_tables_have_the_letters_of_an_independent_listing(shared_samples: Path) -> None:
    listing = json.loads((shared_samples / "cfi" / "iso10962-2021-DER.json").read_text())
    theirs = {}
    for category, content in listing.items():
        for letter, name in content["groups"].items():
            group = CATEGORIES[category] + letter
            # One equity group is spelt in two ways in the listing.
            attributes = (
                content["attributes"].get(name)
                or content["attributes"][name.replace("Prefered", "Preferred")]
            )
            kinds = [kind for _, kind in attributes]
            if group in OTHER_ASSETS:
                kinds[0] = OTHER_ASSETS[group]
            theirs[group] = [set(content["codes"].get(kind, {})) for kind in kinds]
    ours = {group: [set(attribute) for attribute in attributes] for group, (_, attributes) in GROUPS.items()}
    form = set("BRNM")  # bearer, registered and so on: not written out in the listing
    for group, attributes in theirs.items():
        expected = [
            ours[group][i] if ours[group][i] == form and not a else a for i, a in enumerate(attributes)
        ]
        assert ours[group] == expected, group
    assert set(ours) == set(theirs)


def test_real_codes_are_valid(shared_samples: Path) -> None:
    text = (shared_samples / "firds" / "real-records-from-test-fixtures.xml").read_text()
    codes = set(re.findall(r"<ClssfctnTp>([A-Z]{6})</ClssfctnTp>", text))
    known = {code for code in codes if code[0] in "DER"}
    assert {"RWSNCA", "RFSTCB", "DEEVRB", "DNFTFB"} <= known
    assert all(is_valid(code) for code in known)


@pytest.mark.parametrize("code", ["DBFTFB", "DBXXXX", "RMXXXX", "DYZNXB", "RAXXXB"])
def test_an_unknown_attribute_may_be_x(code: str) -> None:
    assert is_valid(code)


@pytest.mark.parametrize(
    "code", ["", "D", "DBFTF", "DBFTFBB", "XXXXXX", "DXFTFB", "RWNNCA", "DYZNFB", "dbftfb", "DBFTF1"]
)
def test_a_letter_without_meaning_is_refused(code: str) -> None:
    assert not is_valid(code)


def test_a_code_is_described_attribute_by_attribute() -> None:
    assert describe("DEEVRB") == (
        "structured, without capital protection", "express", "variable interest", "cash repayment", "basket",
    )  # fmt: skip
    assert describe("DYZNXB") == (
        "money market instrument",
        "zero rate",
        "senior",
        "not applicable",
        "bearer",
    )


@pytest.mark.parametrize("class_", sorted(MODELS))
def test_the_proposal_is_valid_and_fits_the_class(class_: str) -> None:
    code = propose(terms_of(class_))
    assert is_valid(code), code
    assert fits(code, class_)


@pytest.mark.parametrize(
    ("class_", "changes", "expected"),
    [
        ("1200", {}, "DEAYRS"),
        ("1200", {"settlement": "physical"}, "DEAYSS"),
        ("1220", {}, "DECFSS"),
        ("1260", {}, "DEEVRS"),
        ("1300", {}, "EYAYFI"),
        ("2100", {"option_type": "put"}, "RWSNPA"),
        ("2200", {}, "RFSTCE"),
        ("2205", {}, "RFSTPA"),
        ("bond", {}, "DBFNGB"),
        ("note", {}, "DTVNFB"),
        ("commercial_paper", {}, "DYZNXB"),
        ("commercial_paper", {"pricing": "interest", "guaranteed": True}, "DYFGXB"),
    ],
)
def test_the_proposal_says_what_the_terms_say(class_: str, changes: dict[str, object], expected: str) -> None:
    assert propose(terms_of(class_, **changes)) == expected


def test_a_zero_bond_is_proposed_as_one() -> None:
    assert propose(TERMS.validate_python(ZERO_BOND)) == "DBZNFB"


def test_the_letters_of_every_eusipa_class_begin_a_valid_code() -> None:
    assert all(is_valid(required_letters(code).ljust(6, "X")) for code in CLASSES)


def test_every_eusipa_class_has_a_model_and_a_name() -> None:
    assert set(CLASSES) | {"bond", "note", "commercial_paper"} >= set(MODELS)
    assert set(MODELS) >= set(CLASSES)
    first_digits = {"11": "Capital protection", "12": "Yield enhancement", "13": "Participation",
                    "14": "With reference entity", "21": "Leverage", "22": "Leverage", "23": "Leverage"}  # fmt: skip
    assert all(entry.category == first_digits[code[:2]] and entry.name for code, entry in CLASSES.items())
