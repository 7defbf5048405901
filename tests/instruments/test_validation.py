"""Every rule by an example of what breaks it, every structural mistake by its code, and hostile input by chance."""
# ruff: noqa: E501  # the table of cases has one line a case

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.errors import CATALOGUE, Refusal
from counterfoil.instruments import MODELS, validate_terms
from tests.instruments.examples import BUSINESS_DATE, EXAMPLES, VARIANTS, example

# class | JSON merge patch on its example | code and pointer of each refusal
TABLE = """
1200 | {"isin": "DE000A0D6555"}                        | INS-010 /isin
1200 | {"isin": "ZZ000A0D6554"}                        | INS-010 /isin
1200 | {"issuer": "529900T8BM49AURSDO56"}              | INS-010 /issuer
1200 | {"isin": "DE000A0D6554", "wkn": "A0D656"}       | INS-011 /wkn
1200 | {"wkn": "A0D655"}                               | INS-043 /isin
1200 | {"cfi": "DEAYQS"}                               | INS-012 /cfi
1200 | {"cfi": "DEBYRS"}                               | INS-013 /cfi
1200 | {"fisn": "no slash"}                            | INS-014 /fisn
1200 | {"currency": "XXX"}                             | INS-015 /currency INS-034 /fx
1200 | {"calendar": "MOON"}                            | INS-016 /calendar
1200 | {"governing_law": "XS"}                         | INS-044 /governing_law
1200 | {"agents": [{"role": "dealer"}]}                | INS-001 /agents/0/lei
1200 | {"agents": [{"role": "dealer", "lei": "529900T8BM49AURSDO00"}]} | INS-010 /agents/0/lei
1200 | {"issue_date": "2026-11-19"}                    | INS-020 /issue_date
1200 | {"issue_date": "2026-12-25"}                    | INS-022 /issue_date
1200 | {"issue_date": "2028-02-01"}                    | INS-023 /issue_date INS-021 /final_valuation_date
1200 | {"issue_date": "1026-12-01"}                    | INS-005 /issue_date
1200 | {"value_date": "2026-11-30"}                    | INS-021 /value_date
1200 | {"value_date": "2026-12-05"}                    | INS-022 /value_date
1200 | {"value_date": "2099-12-07"}                    | INS-023 /value_date
1200 | {"final_valuation_date": "2026-11-30"}          | INS-021 /final_valuation_date
1200 | {"final_valuation_date": "2027-12-18"}          | INS-022 /final_valuation_date
1200 | {"maturity_date": "2027-12-16"}                 | INS-021 /maturity_date
1200 | {"maturity_date": "2127-12-16"}                 | INS-023 /maturity_date
1200 | {"maturity_date": null}                         | INS-024 /maturity_date
2205 | {"maturity_date": "2027-12-23"}                 | INS-025 /maturity_date
2300 | {"maturity_date": "2027-12-23"}                 | INS-024 /final_valuation_date
2205 | {"financing_percent": null}                     | INS-001 /financing_percent
1210 | {"barrier": {"level": "160"}}                   | INS-030 /barrier/level INS-030 /barrier/level
1320 | {"barrier": {"level": "171"}}                   | INS-030 /barrier/level INS-030 /barrier/level
1230 | {"barrier": {"level": "151"}}                   | INS-030 /barrier/level INS-030 /barrier/level
1130 | {"barrier": {"level": "140"}}                   | INS-030 /barrier/level INS-030 /barrier/level
1320 | {"barrier": {"observed_to": "2028-01-03"}}      | INS-021 /barrier/observed_to
1320 | {"barrier": {"observed_from": "2027-03-01", "observed_to": "2027-02-01"}} | INS-021 /barrier/observed_to
2200 | {"barrier": {"level": "119"}}                   | INS-030 /barrier/level
2200 | {"barrier": {"level": "150"}}                   | INS-030 /barrier/level
2200 | {"direction": "short"}                          | INS-030 /barrier/level
2205 | {"barrier": {"level": "181"}}                   | INS-030 /barrier/level
2210 | {"stop_loss": "110"}                            | INS-030 /stop_loss
2210 | {"direction": "short"}                          | INS-030 /stop_loss INS-030 /stop_loss
2230 | {"lower_barrier": {"level": "151"}}             | INS-030 /lower_barrier/level
2230 | {"upper_barrier": {"level": "99"}}              | INS-031 /upper_barrier/level INS-030 /upper_barrier/level INS-030 /upper_barrier/level
2230 | {"strike": "200"}                               | INS-030 /upper_barrier/level
2110 | {"lower_strike": "160"}                         | INS-031 /upper_strike
1120 | {"cap": "150"}                                  | INS-031 /cap
1250 | {"cap": "169"}                                  | INS-031 /cap
1330 | {"bonus_level": "149"}                          | INS-031 /bonus_level
1310 | {"participation_percent": "100"}                | INS-036 /participation_percent
1100 | {"participation_percent": "0"}                  | INS-036 /participation_percent
1100 | {"floor_percent": "201"}                        | INS-036 /floor_percent
2300 | {"leverage": "1"}                               | INS-036 /leverage
2300 | {"leverage": "8"}                               | INS-036 /reset_threshold_percent
1220 | {"coupons": {"frequency": 3}}                   | INS-032 /coupons/frequency
1220 | {"coupons": {"rate_percent": "-1"}}             | INS-032 /coupons/rate_percent
1220 | {"coupons": {"first_date": "2026-12-01"}}       | INS-021 /coupons/first_date
1260 | {"observations": [{"date": "2027-06-17"}]}      | INS-032 /observations
1260 | {"observations": [{"date": "2027-06-17", "call_level": "1", "coupon_barrier": "2"}]} | INS-031 /observations/0/call_level
1260 | {"observations": [{"date": "2028-06-19", "call_level": "1"}]} | INS-021 /observations/0/date
1260 | {"observations": [{"date": "2027-06-19", "call_level": "1"}]} | INS-022 /observations/0/date
1140 | {"observations": [{"date": "2026-11-30", "coupon_percent": 1, "coupon_barrier": 1}]} | INS-021 /observations/0/date
1300 | {"settlement": "physical"}                      | INS-034 /settlement
1200 | {"underlyings": [{"kind": "equity", "name": "SAP SE", "symbol": "SAP"}]} | INS-034 /underlyings/0/isin
1200 | {"underlyings": [{"kind": "index", "name": "DAX"}]} | INS-034 /underlyings/0
1200 | {"underlyings": [{"kind": "equity", "name": "SAP SE", "isin": "DE0007164601"}]} | INS-010 /underlyings/0/isin
1200 | {"isin": "DE0007164600"}                        | INS-034 /underlyings/0/isin
1200 | {"underlyings": [{"kind": "index", "name": "S&P 500", "symbol": "SPX", "currency": "USD"}]} | INS-034 /fx
1200 | {"underlyings": [{"kind": "index", "name": "A", "symbol": "A", "weight": "0.5"}]} | INS-033 /underlyings
1200 | {"underlyings": [{"kind": "index", "name": "A", "symbol": "A"}, {"kind": "index", "name": "B", "symbol": "B"}]} | INS-033 /underlyings
1200 | {"underlyings": [{"kind": "index", "name": "A", "symbol": "A", "weight": "0.5"}, {"kind": "index", "name": "B", "symbol": "A", "weight": "0.5"}]} | INS-039 /underlyings
1200 | {"underlyings": []}                             | INS-005 /underlyings
2100 | {"style": "bermudan"}                           | INS-045 /exercise_dates
2100 | {"style": "european", "exercise_dates": ["2027-06-17"]} | INS-045 /exercise_dates
2100 | {"exercise_dates": ["2027-06-17", "2027-06-17"]} | INS-021 /exercise_dates/1
2100 | {"volume": {"unit": "nominal"}}                 | INS-041 /quotation INS-041 /volume/unit
1400 | {"reference_entities": []}                      | INS-005 /reference_entities
1400 | {"reference_entities": null}                    | INS-003 /reference_entities
1400 | {"reference_entities": [{"name": "A"}, {"name": "B", "weight": "0.5"}]} | INS-033 /reference_entities
1200 | {"volume": {"authorised": "100000.5"}}          | INS-035 /volume/authorised
1200 | {"denomination": "0.000000000007"}              | INS-035 /volume/authorised
1200 | {"volume": {"authorised": "1000000000000001"}}  | INS-005 /volume/authorised
1200 | {"volume": {"authorised": "0"}}                 | INS-005 /volume/authorised
1220 | {"issue_price": "201"}                          | INS-040 /issue_price
1220 | {"quotation": "unit"}                           | INS-041 /quotation
bond | {"maturity_date": "2026-12-01", "calls": []}    | INS-021 /maturity_date
bond | {"calls": [{"date": "2031-12-01"}]}             | INS-021 /calls/0/date
bond | {"interest": {"rate_percent": "101"}}           | INS-032 /interest/rate_percent
bond | {"interest": {"frequency": 5}}                  | INS-032 /interest/frequency
bond | {"interest": {"rate_percent": "x"}}             | INS-003 /interest/rate_percent
bond | {"interest": {"kind": "lottery"}}               | INS-006 /interest
bond | {"interest": {"kind": null}}                    | INS-006 /interest
bond | {"interest": {"fixed": 1}}                      | INS-002 /interest/fixed
note | {"interest": {"floor_percent": "7"}}            | INS-032 /interest/cap_percent
note | {"interest": {"first_date": "2030-01-01"}}      | INS-021 /interest/first_date
bond | {"interest": {"last_date": "2031-12-01"}}       | INS-021 /interest/last_date
bond | {"interest": {"last_date": "2026-12-01"}}       | INS-021 /interest/last_date
bond | {"interest": {"first_date": "2027-12-01", "last_date": "2030-11-01"}} | INS-032 /interest/last_date
bond | {"interest": {"first_date": "2029-12-01", "last_date": "2028-12-01"}} | INS-021 /interest/last_date
1220 | {"coupons": {"last_date": "2027-12-23"}}        | INS-021 /coupons/last_date
commercial_paper | {"maturity_date": "2027-12-01"}     | INS-037 /maturity_date
commercial_paper | {"programme_ceiling": "1000"}       | INS-038 /volume/authorised
commercial_paper | {"issue_price": "99.5"}             | INS-040 /issue_price
commercial_paper | {"pricing": "discount"}             | INS-040 /issue_price
commercial_paper | {"volume": {"unit": "units"}}       | INS-041 /quotation INS-041 /volume/unit
1200 | {"cap": null}                                   | INS-003 /cap
1200 | {"captain": 1}                                  | INS-002 /captain
1200 | {"volume": {"autorised": 1}}                    | INS-002 /volume/autorised
1200 | {"cap": true}                                   | INS-003 /cap
1200 | {"cap": "1e3"}                                  | INS-003 /cap
1200 | {"cap": " 160"}                                 | INS-003 /cap
1200 | {"cap": "1_000"}                                | INS-003 /cap
1200 | {"cap": "١٢٣"}                                  | INS-003 /cap
1200 | {"cap": "NaN"}                                  | INS-003 /cap
1200 | {"cap": "Infinity"}                             | INS-003 /cap
1200 | {"cap": {}}                                     | INS-003 /cap
1200 | {"cap": -1}                                     | INS-005 /cap
1200 | {"cap": 1.0000000000001}                        | INS-005 /cap
1200 | {"cap": 1000000000000000000000000000000000000}  | INS-005 /cap
1200 | {"cap": 1e40}                                   | INS-005 /cap
1200 | {"payment_lag": true}                           | INS-003 /payment_lag
1200 | {"payment_lag": "two"}                          | INS-003 /payment_lag
1200 | {"payment_lag": 31}                             | INS-005 /payment_lag
1260 | {"memory": 1}                                   | INS-003 /memory
1200 | {"issue_date": "2026-02-30"}                    | INS-004 /issue_date
1200 | {"issue_date": "2026-12-01T00:00:00Z"}          | INS-004 /issue_date
1200 | {"issue_date": "20261201"}                      | INS-004 /issue_date
1200 | {"issue_date": 20261201}                        | INS-004 /issue_date
1200 | {"name": ""}                                    | INS-005 /name
1200 | {"name": " x"}                                  | INS-004 /name
1200 | {"name": "a\\u0000b"}                           | INS-004 /name
1200 | {"name": "a\\u202eb"}                           | INS-004 /name
1200 | {"name": "\\ud800"}                             | INS-004 /name
1200 | {"name": "u\\u0308"}                            | INS-004 /name
1200 | {"name": ["x"]}                                 | INS-003 /name
1200 | {"settlement": "beer"}                          | INS-006 /settlement
1200 | {"underlyings": {"0": {}}}                      | INS-003 /underlyings
1200 | {"underlyings": "DAX"}                          | INS-003 /underlyings
1200 | {"underlyings": [1]}                            | INS-003 /underlyings/0
1200 | {"documents": [{"kind": "other", "name": "x", "sha256": "zz"}]} | INS-004 /documents/0/sha256
2399 | {"free_terms": {"a b": 1}}                      | INS-004 /free_terms/a b
2399 | {"free_terms": {"payoff": [1]}}                 | INS-003 /free_terms/payoff
2399 | {"free_terms": {"payoff": "a\\u0007"}}          | INS-004 /free_terms/payoff
2399 | {"free_terms": 7}                               | INS-003 /free_terms
1200 | {"class": "9999"}                               | INS-007 /class
1200 | {"class": 1200}                                 | INS-007 /class
1200 | {"class": ["1200"]}                             | INS-007 /class
1200 | {"class": null}                                 | INS-007 /class
1200 | {"class_": "1200"}                              | INS-002 /class_
1200 | {"issuer": "x", "isin": "DE000A0D6555", "cap": "0"} | INS-004 /issuer INS-005 /cap INS-010 /isin
1250 | {"cap": "169", "name": 5, "issue_date": "2020-01-02", "barrier": {"level": "-1"}} | INS-003 /name INS-005 /barrier/level INS-020 /issue_date INS-031 /cap
"""


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    return merged | {name: _merged(merged.get(name), value) for name, value in patch.items()}


def _cases() -> list[Any]:
    cases = []
    for line in TABLE.strip().splitlines():
        class_, patch, expected = (part.strip() for part in line.split(" | "))
        pairs = [pair.strip() for pair in expected.replace(" INS-", "\nINS-").splitlines()]
        cases.append(pytest.param(class_, patch, sorted(pairs), id=f"{class_} {patch}"))
    return cases


def _validated(raw: Any) -> list[str]:
    result = validate_terms(raw, business_date=BUSINESS_DATE)
    return sorted(f"{r.code} {r.pointer}" for r in result) if isinstance(result, tuple) else []


@pytest.mark.parametrize("class_", MODELS)
def test_the_example_of_every_class_is_valid(class_: str) -> None:
    assert _validated(example(class_)) == []


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v["name"])
def test_further_examples_are_valid(variant: dict[str, Any]) -> None:
    assert _validated(variant) == []


@pytest.mark.parametrize(("class_", "patch", "expected"), _cases())
def test_exactly_the_broken_rules_are_reported(class_: str, patch: str, expected: list[str]) -> None:
    raw = _merged(EXAMPLES[class_], json.loads(patch, parse_float=Decimal))
    assert _validated(raw) == expected


def test_the_table_breaks_every_rule_of_terms_at_least_once() -> None:
    from_elsewhere = {"INS-008", "INS-042", "INS-900"}  # own tests: below, amendment, numbering
    terms_rules = {code for code in CATALOGUE if code.startswith("INS-")} - from_elsewhere
    assert {code for code in terms_rules if code < "INS-050" and code not in TABLE} == set()


def test_every_missing_field_is_named_at_once() -> None:
    required = {"name", "issuer", "currency", "denomination", "volume", "issue_price", "issue_date"}
    found = _validated({"class": "1200"})
    assert {f"INS-001 /{name}" for name in required | {"underlyings", "cap"}} <= set(found)


def test_an_empty_object_lacks_its_class() -> None:
    assert _validated({}) == ["INS-001 /class"]


def test_an_unknown_field_gets_the_nearest_name() -> None:
    result = validate_terms(example("1200") | {"isuer": "x"}, business_date=BUSINESS_DATE)
    assert isinstance(result, tuple)
    assert result[0].detail == 'There is no field "isuer" here, but a field "issuer".'


def test_pointers_start_with_the_pointer_of_the_caller() -> None:
    raw = example("2200") | {"barrier": {"level": "119"}, "name": 3}
    result = validate_terms(raw, business_date=BUSINESS_DATE, pointer="/instrument")
    assert isinstance(result, tuple)
    assert sorted(r.pointer for r in result) == ["/instrument/barrier/level", "/instrument/name"]


def test_a_flood_of_unknown_fields_is_summed_up() -> None:
    raw = example("1200") | {f"field{i}": 1 for i in range(5000)}
    result = validate_terms(raw, business_date=BUSINESS_DATE)
    assert isinstance(result, tuple)
    assert len(result) == 101
    assert result[100] == Refusal("INS-008", "", "4900 further fields are wrong.")


def test_what_is_echoed_can_be_printed_and_stored() -> None:
    raw = example("1200") | {"a\x00\ud800\x1b[2J~/": 1, "currency": "\x00", "class": "1200"}
    for refusal in validate_terms(raw, business_date=BUSINESS_DATE):  # type: ignore[union-attr]
        assert refusal.pointer.isprintable()
        assert refusal.detail.isprintable()
        refusal.detail.encode()
    unknown = validate_terms({"class": "\ud800\x00" * 10_000}, business_date=BUSINESS_DATE)
    assert isinstance(unknown, tuple)
    assert unknown[0].detail.isprintable()
    assert len(unknown[0].detail) < 250


def test_numbers_may_be_texts_numbers_or_integers() -> None:
    for value in ("160", 160, Decimal("160.0"), Decimal("1.6E+2"), "160.000000000000"):
        terms = validate_terms(example("1200") | {"cap": value}, business_date=BUSINESS_DATE)
        assert terms.cap == 160  # type: ignore[union-attr]


def test_terms_cannot_be_changed() -> None:
    terms = validate_terms(example("1200"), business_date=BUSINESS_DATE)
    with pytest.raises(ValueError, match="frozen"):
        terms.cap = Decimal(1)  # type: ignore[union-attr,misc]


_hostile = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(max_size=40),
    st.text(alphabet=st.characters(codec=None), max_size=5),
    st.sampled_from(
        [
            "'; DROP TABLE instruments.instrument; --", "<script>alert(1)</script>", "x" * 10_000, "\x00", "\ud83d",
            "👩‍👩‍👧", "9" * 40, 10**60, Decimal("1E+59"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
            Decimal("1E-60"), "0000-00-00", "9999-12-31", "-0", -1, 0, [], {}, [[]], {"kind": {"kind": {}}},
            [None] * 500, {"": ""}, {"level": {"level": "1"}},
        ]
    ),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        found += _places(child, (*path, step))
    return found


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_no_mutation_of_a_valid_item_gets_anything_but_terms_or_refusals(data: st.DataObject) -> None:
    raw = example(data.draw(st.sampled_from(sorted(EXAMPLES))))
    for _ in range(data.draw(st.integers(1, 4))):
        *parents, last = data.draw(st.sampled_from(_places(raw)))
        node: Any = raw
        for step in parents:
            node = node[step]
        if isinstance(node, dict) and data.draw(st.booleans()):
            node[data.draw(st.text(max_size=10) | st.sampled_from(sorted(raw)))] = deepcopy(
                data.draw(_hostile)
            )
        else:
            node[last] = deepcopy(data.draw(_hostile))
    day = data.draw(st.sampled_from([BUSINESS_DATE, date(1999, 12, 31), date(2199, 12, 31)]))
    result = validate_terms(raw, business_date=day, pointer="/instrument")
    if isinstance(result, tuple):
        assert result
        for refusal in result:
            assert refusal.code in CATALOGUE
            assert refusal.pointer.startswith("/instrument")
            (refusal.pointer + refusal.detail).encode()
    else:
        assert type(result) in MODELS.values()
