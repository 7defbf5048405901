"""What changed between two versions, how deep it goes, and what may never change."""

import json
from typing import Any

import pytest

from counterfoil.instruments import Terms, canonical, diff, effect, forbidden, validate_terms, with_proposals
from tests.instruments.examples import BUSINESS_DATE, FULL_ENVELOPE, ISSUER

# JSON merge patch | changed pointers | effect | refused fields
TABLE = """
{}                                                              |                                | technical |
{"target_market": "Professional clients"}                       | /target_market                 | technical |
{"documents": []}                                               | /documents                     | technical |
{"documents": [{"kind": "final_terms", "name": "2nd", "sha256": "SHA"}]} | /documents/0/name     | technical |
{"agents": [{"role": "dealer", "lei": "LEI"}]}                  | /agents/0/role                 | technical |
{"fixing": {"price_type": "auction"}}                           | /fixing/price_type             | technical |
{"cap": "161"}                                                  | /cap                           | economic  |
{"cap": "160.00"}                                               |                                | technical |
{"ratio": "2", "target_market": "All"}                          | /ratio /target_market          | economic  |
{"volume": {"authorised": "200000"}}                            | /volume/authorised             | economic  |
{"underlyings": [{"kind": "equity", "name": "SAP", "isin": "DE0007164600", "initial_fixing": "150"}]} | /underlyings/0/name | economic |
{"maturity_date": "2027-12-28"}                                 | /maturity_date                 | economic  |
{"name": "New name", "cap": "161"}                              | /cap /name                     | identity  |
{"governing_law": "LU"}                                         | /governing_law                 | identity  |
{"fisn": "MUSTERBANK/OTHER"}                                    | /fisn                          | identity  |
{"isin": "DE0007164600", "wkn": "716460", "underlyings": [{"kind": "index", "name": "DAX", "symbol": "DAX"}]} | /isin /underlyings/0/initial_fixing /underlyings/0/isin /underlyings/0/kind /underlyings/0/name /underlyings/0/symbol /wkn | identity | /isin
{"currency": "USD", "fx": "quanto"}                             | /currency /fx                  | economic  | /currency
{"denomination": "10"}                                          | /denomination                  | economic  | /denomination
{"volume": {"mode": "up_to"}}                                   | /volume/mode                   | economic  | /volume/unit
{"register_form": "central", "entry_form": "collective"}        | /entry_form /register_form     | economic  | /entry_form /register_form
{"issue_date": "2026-12-02"}                                    | /issue_date                    | economic  | /issue_date
"""  # noqa: E501  # one case a line


def _canonical(raw: dict[str, Any]) -> str:
    terms = validate_terms(raw, business_date=BUSINESS_DATE)
    assert isinstance(terms, Terms), terms
    return canonical(with_proposals(terms, isin=str(raw["isin"]), issuer_name="Muster AG"))


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    return dict(target) | {name: _merged(target.get(name, {}), value) for name, value in patch.items()}


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_an_amendment_has_changes_an_effect_and_refusals(line: str) -> None:
    patch, pointers, depth, refused = (part.strip() for part in f"{line} ".split(" |"))
    changed = json.loads(patch.replace("SHA", "ab" * 32).replace("LEI", ISSUER))
    changes = diff(_canonical(FULL_ENVELOPE), _canonical(_merged(FULL_ENVELOPE, changed)))
    assert [change.pointer for change in changes] == pointers.split()
    assert effect(changes) == depth
    refusals = forbidden(changes)
    assert [refusal.pointer for refusal in refusals] == refused.split()
    assert {refusal.code for refusal in refusals} <= {"INS-042"}


def test_a_change_shows_what_was_and_what_is() -> None:
    (change,) = diff(_canonical(FULL_ENVELOPE), _canonical(FULL_ENVELOPE | {"cap": "161.50"}))
    assert (change.before, change.after) == ("160", "161.5")
    (gone,) = diff(
        _canonical(FULL_ENVELOPE),
        _canonical({k: v for k, v in FULL_ENVELOPE.items() if k != "target_market"}),
    )
    assert (gone.before, gone.after) == (FULL_ENVELOPE["target_market"], None)


def test_class_and_issuer_may_never_change() -> None:
    before = _canonical(FULL_ENVELOPE)
    after = before.replace('"class":"1200"', '"class":"1299"').replace(ISSUER, "5493001KJTIIGC8Y1R12")
    assert [r.pointer for r in forbidden(diff(before, after))] == ["/class", "/issuer"]
