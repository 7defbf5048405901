"""Two sides become one matter exactly when they agree; the nearest candidate wins; a difference is named."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from counterfoil.ledger import AccountKind, open_accounts
from counterfoil.settlement import CashDirection, explain_unmatched
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, Market, own


def pairs(market: Market) -> list[tuple[str, str]]:
    """References of what was matched, deliverer first."""
    return market.rows(
        "SELECT d.reference, r.reference FROM settlement.transaction AS t"
        " JOIN settlement.instruction AS d ON d.id = t.deliver_id"
        " JOIN settlement.instruction AS r ON r.id = t.receive_id ORDER BY 1, 2"
    )


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"isin": NOTES, "quantity": 1000}, "DSEC", "isin"),
        ({"quantity": 11}, "DQUA", "quantity"),
        ({"amount": 103}, "DMON", "amount"),
        ({"trade_date": date(2026, 11, 20)}, "DTRD", "trade_date"),
        ({"intended_date": date(2026, 11, 24)}, "DDAT", "intended_date"),
        ({"counterparty_lei": CORA}, "ICAG", "party"),
        ({"cash_direction": CashDirection.CREDIT}, "DELN", "cash_direction"),
        ({"opt_out": True}, "OTHR", "opt_out"),
        ({"ex_cum": "CCPN"}, "DCMX", "ex_cum"),
        ({"common_reference": "B"}, "IIND", "common_reference"),
        ({"counterparty_client": "Y"}, "ICUS", "client"),
        ({"client": "Y"}, "ICUS", "counterparty_client"),
        ({"counterparty_account": own(CORA)}, "SAFE", "account"),
    ],
)
def test_one_field_that_differs_keeps_them_apart_and_is_named(market: Market, change, code, field):
    filled = {"common_reference": "A", "client": "X", "counterparty_client": "Z"}
    sell = market.side("DELI", ANNA, BERT, FIXED, 10, 100, **filled)
    mirrored = {"common_reference": "A", "client": "Z", "counterparty_client": "X"}
    values = {k: Decimal(v) if k in ("quantity", "amount") else v for k, v in change.items()}
    buy = replace(market.side("RECE", BERT, ANNA, FIXED, 10, 100, **mirrored), **values)
    assert market.submit(sell, buy) == ["ok", "ok"]
    assert pairs(market) == []
    with market.database.transaction() as tx:
        told = explain_unmatched(tx, sell.id)
    assert field in {d["field"] for d in told["differs"]}
    assert code in {d["code"] for d in told["differs"]}


@pytest.mark.parametrize(("mine", "theirs", "matched"), [
    (100_000, 100_002, True), (99_998, 100_000, True), (99_997, 100_000, False), (100_001, 100_026, True),
    (100_001, 100_027, False),
])  # fmt: skip
def test_amounts_may_differ_within_the_tolerance_and_the_deliverers_settles(
    market: Market, mine, theirs, matched
):
    market.give(ANNA, 10, FIXED)
    market.give(BERT, 200_000)
    market.submit(
        market.side("DELI", ANNA, BERT, FIXED, 10, mine), market.side("RECE", BERT, ANNA, FIXED, 10, theirs)
    )
    assert bool(pairs(market)) is matched
    if pairs(market):
        assert market.held(ANNA) == mine


def test_the_exact_amount_is_preferred_then_the_closest(market: Market):
    buys = [
        market.side("RECE", BERT, ANNA, FIXED, 10, amount, reference=f"B{amount}")
        for amount in (99, 101, 102)
    ]
    market.submit(*buys)
    market.submit(market.side("DELI", ANNA, BERT, FIXED, 10, "101.50", reference="S1"))
    market.submit(market.side("DELI", ANNA, BERT, FIXED, 10, 99, reference="S2"))
    assert pairs(market) == [("S1", "B101"), ("S2", "B99")]


def test_equals_are_matched_one_to_one_in_order(market: Market):
    sells = [market.side("DELI", ANNA, BERT, FIXED, 1, 10, reference=f"S{n}") for n in range(3)]
    buys = [market.side("RECE", BERT, ANNA, FIXED, 1, 10, reference=f"B{n}") for n in range(2)]
    market.submit(*sells, *buys)
    assert pairs(market) == [("S0", "B0"), ("S1", "B1")]
    assert market.rows("SELECT count(*) FROM settlement.unmatched") == [(1,)]


def test_an_optional_field_matters_only_where_both_fill_it(market: Market):
    filled = market.side(
        "DELI", ANNA, BERT, FIXED, 1, 10, common_reference="A", counterparty_account=own(BERT)
    )
    market.submit(filled, market.side("RECE", BERT, ANNA, FIXED, 1, 10))
    assert len(pairs(market)) == 1


def test_a_reference_is_used_once(market: Market):
    first = market.side("DELI", ANNA, BERT, FIXED, 1, 10, reference="SAME")
    again = market.side("DELI", ANNA, BERT, FIXED, 1, 10, reference="SAME")
    assert market.submit(first, again) == ["ok", "SET-006"]
    assert market.submit(again) == ["SET-006"]
    assert market.submit(market.side("RECE", BERT, ANNA, FIXED, 1, 10, reference="SAME")) == ["ok"]


def test_whoever_names_an_account_gets_that_account(market: Market):
    """The first receiver takes anybody, the second only Anna's second account: both find theirs."""
    with market.database.transaction() as tx:
        open_accounts(tx, [("ANNA-2", AccountKind.OWN, ANNA)], market.now)
    first = market.side(
        "DELI", ANNA, BERT, FIXED, 5, 50, reference="D1", account="ANNA-2", cash_account=own(ANNA)
    )
    second = market.side("DELI", ANNA, BERT, FIXED, 5, 50, reference="D2")
    anybody = market.side("RECE", BERT, ANNA, FIXED, 5, 50, reference="R1")
    only = market.side("RECE", BERT, ANNA, FIXED, 5, 50, reference="R2", counterparty_account="ANNA-2")
    market.submit(first, second, anybody, only)
    assert pairs(market) == [("D1", "R2"), ("D2", "R1")]


def test_of_equal_candidates_the_one_that_asks_for_nothing_more_is_taken(market: Market):
    """Also where a third side of the same trade names an account."""
    sell = market.side("DELI", ANNA, BERT, FIXED, 5, 50, reference="D1")
    asks = market.side("RECE", BERT, ANNA, FIXED, 5, 50, reference="R1", common_reference="T1")
    plain = market.side("RECE", BERT, ANNA, FIXED, 5, 50, reference="R2")
    elsewhere = market.side("RECE", BERT, ANNA, FIXED, 5, 50, reference="R3", counterparty_account="ANNA-9")
    market.submit(sell, asks, plain, elsewhere)
    assert pairs(market) == [("D1", "R2")]
