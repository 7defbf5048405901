"""The sample day is reproducible, has the shape of the market, and is exactly as wrong as asked."""

import io
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from counterfoil.core.errors import Refused
from counterfoil.core.json import loads
from counterfoil.instruments import MODELS, is_isin, json_schema, validate_terms
from counterfoil.parties.identifiers import is_lei
from counterfoil.processes.issuance.distribution import judge, read_distribution
from counterfoil.sample import fictional_buyers, sample_items, write_sample
from counterfoil.sample.day import drawn
from counterfoil.sample.defects import _STRANGERS, BROKEN_LINES, DEFECTS
from counterfoil.sample.market import CLASS_WEIGHTS, FOREIGN_INDICES, FOREIGN_SHARES, INDICES, SHARES

DAY = date(2026, 11, 20)
ISSUERS = (("529900T8BM49AURSDO55", "Muster AG"), ("INR2EJN1ERAN0W5ZP974", "Example Corp."))


def _errors(item: dict[str, Any], day: date = DAY) -> list[str]:
    result = validate_terms(item["instrument"], business_date=day)
    return [f"{r.code} {r.pointer} {r.detail}" for r in result] if isinstance(result, tuple) else []


@pytest.mark.parametrize("seed", range(3))
def test_without_invalid_share_every_item_is_valid(seed: int) -> None:
    for item in sample_items(3000, seed, 0, DAY, ISSUERS):
        assert _errors(item) == [], item


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 4, 2),
        date(2027, 12, 23),
        date(2028, 2, 29),
        date(2030, 12, 31),
        date(2026, 11, 21),
    ],
)
def test_every_item_is_valid_on_any_business_date(day: date) -> None:
    for item in sample_items(1500, 7, 0, day, ISSUERS):
        assert _errors(item, day) == [], item


def test_with_all_invalid_no_item_may_be_issued() -> None:
    issuers = {lei for lei, _ in ISSUERS}
    for defect, item in drawn(6000, 1, 1, DAY, ISSUERS):
        assert _errors(item) or item["instrument"]["issuer"] not in issuers, (defect, item)


def test_an_invalid_day_has_every_kind_of_defect() -> None:
    kinds = Counter(defect for defect, _ in drawn(8000, 3, 0.5, DAY, ISSUERS))
    assert set(kinds) == {"", "duplicate_isin", *(defect.__name__ for defect in DEFECTS)}
    assert kinds[""] == pytest.approx(4000, rel=0.1)


def test_an_item_without_defect_is_valid_and_brings_its_isin_once() -> None:
    first: dict[str, str] = {}
    for defect, item in drawn(8000, 3, 0.3, DAY, ISSUERS):
        isin = item["instrument"].get("isin") if isinstance(item["instrument"], dict) else None
        if defect == "":
            assert _errors(item) == []
            assert isin is None or isin not in first
            first[isin] = item["reference"]
        elif defect == "duplicate_isin":
            assert isin in first
            assert item["reference"] > first[isin]


def test_broken_rules_of_many_codes_occur() -> None:
    codes = {error[:7] for item in sample_items(6000, 5, 1, DAY, ISSUERS) for error in _errors(item)}
    assert len(codes) >= 22, sorted(codes)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    days = [list(sample_items(200, seed, 0.2, DAY, ISSUERS)) for seed in (1, 1, 2)]
    assert days[0] == days[1]
    assert days[0] != days[2]


def test_the_first_items_do_not_depend_on_how_many_follow() -> None:
    assert list(sample_items(50, 1, 0.2, DAY, ISSUERS)) == list(sample_items(500, 1, 0.2, DAY, ISSUERS))[:50]


def test_leverage_products_are_the_larger_part_and_every_weighted_class_occurs() -> None:
    classes = Counter(item["instrument"]["class"] for item in sample_items(6000, 1, 0, DAY, ISSUERS))
    assert set(classes) == set(CLASS_WEIGHTS) <= set(MODELS)
    leverage = sum(count for class_, count in classes.items() if class_[0] == "2")
    assert 0.7 < leverage / 6000 < 0.85
    assert classes.most_common(1)[0][0] == "2205"


def test_references_are_unique_and_kinds_are_new() -> None:
    items = list(sample_items(500, 1, 0.5, DAY, ISSUERS))
    assert len({item["reference"] for item in items}) == 500
    assert {item["kind"] for item in items} == {"NEW"}


def test_underlyings_have_right_isins_and_appear_once() -> None:
    assets = (*SHARES, *FOREIGN_SHARES, *INDICES, *FOREIGN_INDICES)
    isins = [asset.isin for asset in assets]
    assert [isin for isin in isins if isin is None or not is_isin(isin)] == []
    assert len(set(isins)) == len(isins)
    assert len(SHARES) >= 40


def test_strangers_are_right_leis() -> None:
    assert [lei for lei in _STRANGERS if not is_lei(lei)] == []


def test_a_sample_fits_the_published_schema() -> None:
    import jsonschema

    validator = jsonschema.Draft202012Validator(json_schema("2205"))
    for item in sample_items(300, 1, 0, DAY, ISSUERS):
        if item["instrument"]["class"] == "2205":
            assert list(validator.iter_errors(item["instrument"])) == []


def test_a_written_day_has_one_item_a_line() -> None:
    stream = io.BytesIO()
    written = write_sample(stream, 500, 1, 0, DAY, ISSUERS)
    lines = stream.getvalue().splitlines()
    assert written == len(stream.getvalue())
    assert [json.loads(line) for line in lines] == list(sample_items(500, 1, 0, DAY, ISSUERS))


def test_a_written_invalid_day_also_has_lines_that_are_no_items() -> None:
    stream = io.BytesIO()
    write_sample(stream, 3000, 1, 1, DAY, ISSUERS)
    lines = stream.getvalue().split(b"\n")[:-1]
    assert len(lines) == 3000
    assert max(map(len, lines)) < 256 * 1024
    assert set(BROKEN_LINES) <= set(lines)


@pytest.mark.parametrize("line", BROKEN_LINES)
def test_a_broken_line_cannot_become_an_instrument(line: bytes) -> None:
    try:
        value = loads(line)
    except Refused:
        return
    assert not isinstance(value, dict) or validate_terms(value["instrument"], business_date=DAY)
    assert not isinstance(value, dict) or _errors(value)


def test_issuers_are_needed() -> None:
    with pytest.raises(AssertionError, match="issuers"):
        next(sample_items(1, 1, 0, DAY, ()))


def test_a_placed_day_has_the_same_products_sold_to_known_buyers_by_the_rules() -> None:
    plain = list(sample_items(2000, 4, 0.1, DAY, ISSUERS))
    placed = list(sample_items(2000, 4, 0.1, DAY, ISSUERS, 0.25))
    assert [{k: v for k, v in item.items() if k != "distribution"} for item in placed] == plain
    assert placed == list(sample_items(2000, 4, 0.1, DAY, ISSUERS, 0.25))
    sold = [item for item in placed if "distribution" in item]
    assert len(sold) == pytest.approx(0.25 * 0.9 * 2000, rel=0.15)
    buyers = {lei for lei, _ in fictional_buyers()}
    assert all(map(is_lei, buyers))
    for item in sold:
        allotments, broken = read_distribution(item["distribution"])
        terms = validate_terms(item["instrument"], business_date=DAY)
        assert not isinstance(terms, tuple)
        assert (broken, list(judge(allotments, terms, DAY))) == ([], []), item
        assert 1 <= len({a.buyer for a in allotments} & buyers) == len(allotments) <= 3


def test_nothing_is_sold_unless_it_is_asked_for() -> None:
    assert not [i for i in sample_items(500, 1, 0, DAY, ISSUERS) if "distribution" in i]
    assert all("distribution" in i for i in sample_items(500, 1, 0, DAY, ISSUERS, 1.0))
