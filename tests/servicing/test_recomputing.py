"""An amount can be worked out again from a proof alone, and whatever is changed in it is found."""

import json
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps, loads
from counterfoil.servicing import forecast, needs, proof, recompute
from tests.servicing.house import ANNA, House


@pytest.fixture
def document(house: House) -> dict[str, Any]:
    """The proof of a bonus certificate's redemption, as it is sent and kept."""
    isin = house.issue("1320")
    house.lay_out()
    house.at("2027-12-20T12:00:00")
    house.price("2027-12-17", "152.36")
    house.observe("barrier", f"{isin}/barrier", "2027-12-17", hit_on="2027-03-01")
    event = house.event(isin, "redemption")["id"]
    house.decide(event)
    with house.database.transaction() as tx:
        return loads(dumps(proof(tx, event)))


def test_the_same_digits_come_out_offline(document: dict[str, Any]):
    found = recompute(json.loads(json.dumps(document, default=str)))
    assert (found["agrees"], found["differences"]) == (True, [])
    assert found["result"]["principal"] == Decimal("152.36")
    assert [step["name"] for step in found["steps"]][-1] == "redemption"


def test_the_proof_names_its_sources(document: dict[str, Any]):
    told = [(s["kind"], s["source"], s["entered_by"], s["confirmed_by"]) for s in document["sources"]]
    assert told == [("price", "XETR", "Ada", "Bob"), ("barrier", "XETR", "Ada", "Bob")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(principal="152.37"), "principal: 152.37 was stated, 152.36 comes out"),
        (lambda d: d.update(terms=d["terms"].replace("170", "171")), "the terms do not have the stated hash"),
        (
            lambda d: d["observations"]["barriers"][0].update(hit_on=None),
            "principal: 152.36 was stated, 170.00",
        ),
        (lambda d: d["observations"].pop("prices"), "The payoff needs the price"),
        (lambda d: d.update(redeems=False), "redeems: False was stated, True comes out"),
    ],
)
def test_what_was_changed_is_found(document: dict[str, Any], change, said: str):
    change(document)
    found = recompute(document)
    assert not found["agrees"]
    assert any(said in difference for difference in found["differences"]), found["differences"]


def test_what_is_no_proof_is_refused():
    for document in ({}, {"terms": "{}"}, {"terms": "[]", "kind": 5}):
        with pytest.raises(Refused, match="SRV-051"):
            recompute(document)


def test_there_is_no_proof_before_the_decision(house: House):
    with house.database.transaction() as tx, pytest.raises(Refused, match="SRV-050"):
        proof(tx, new_id())


def test_what_an_account_will_need_is_foretold(house: House):
    bond, unknown = house.issue("bond"), house.issue("note")
    house.give(ANNA, bond, 1_000_000)
    house.lay_out()
    house.fund(100_000)
    house.at("2027-12-01T07:00:00")
    with house.database.transaction() as tx:
        coming = forecast(tx, house.now.date(), now=house.now)
        told = needs(tx, coming)
    by_isin = {c.isin: c for c in coming}
    assert by_isin[bond].expected == 143_750
    assert by_isin[unknown].expected is None
    assert "2026-11-27" in by_isin[unknown].lacks[0]
    (line,) = [row for row in told if row["expected"]]
    assert (line["account"], line["held"], line["missing"]) == (house.payer, 100_000, 43_750)
