"""Links are made and taken out while an instruction is open; none may close a circle or hang on what has ended."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.settlement import (
    Change,
    Hold,
    Link,
    LinkKind,
    Pool,
    cancel,
    change,
    checks,
    events,
    links_of,
    settle,
)
from tests.settlement.market import ANNA, BERT, CORA, FIXED, Market

_RUNS = count(1)
AFTER, BEFORE, WITH, INFO = LinkKind.AFTER, LinkKind.BEFORE, LinkKind.WITH, LinkKind.INFORMATION


def changed(market: Market, instruction, **wanted) -> str:
    """ "ok", or the codes."""
    with market.database.transaction() as tx:
        try:
            change(
                tx, instruction.id, Change(**wanted), now=market.now, business_date=market.today, actor="test"
            )
        except Refused as refused:
            return " ".join(sorted({r.code for r in refused.refusals}))
    return "ok"


def named(market: Market, reference: str, *links: Link, to: str = BERT, **more):
    """Both sides of a free delivery by Anna, whose reference is given; not yet handed in."""
    return market.trade(ANNA, to, FIXED, 1, None, sell_reference=reference, sell_links=tuple(links), **more)


def test_a_link_made_after_matching_keeps_back_and_taking_it_out_frees(market: Market):
    first = named(market, "FIRST")
    then = named(market, "THEN", to=CORA, sell_holds=Hold.PARTY)
    market.submit(*first, *then)
    market.give(ANNA, 5, FIXED)
    assert changed(market, then[0], link=(Link(AFTER, "FIRST"),), release=Hold.PARTY, by=ANNA) == "ok"
    assert market.reasons()[then[0].id] == "LINK"
    assert changed(market, then[0], unlink=("FIRST",), by=ANNA) == "ok"
    assert market.held(CORA, FIXED) == 1
    with market.database.transaction() as tx:
        told = [e["detail"] for e in events(tx, then[0].id)]
    assert [t.get("linked") for t in told] == [["AFTE:FIRST"], None]
    assert told[1]["unlinked"] == ["AFTE:FIRST"]
    assert market.rows("SELECT count(*) FROM settlement.link") == [(0,)]


def test_taking_out_a_link_tries_the_one_that_waited_for_it_too(market: Market):
    market.give(ANNA, 5, FIXED)
    first = named(market, "FIRST", Link(BEFORE, "SECOND"), sell_holds=Hold.PARTY)
    second = named(market, "SECOND", to=CORA)
    market.submit(*first, *second)
    assert market.reasons() == {first[0].id: "PREA", second[0].id: "LINK"}
    assert changed(market, first[0], unlink=("SECOND",), by=ANNA) == "ok"
    assert market.held(CORA, FIXED) == 1


def test_a_link_is_taken_out_from_either_end(market: Market):
    market.give(ANNA, 5, FIXED)
    first = named(market, "FIRST", Link(BEFORE, "SECOND"), sell_holds=Hold.PARTY)
    second = named(market, "SECOND", to=CORA)
    market.submit(*first, *second)
    assert changed(market, second[0], unlink=("FIRST",), by=ANNA) == "ok"
    assert market.held(CORA, FIXED) == 1
    assert changed(market, first[0], unlink=("SECOND",), by=ANNA) == "SET-071"


def test_what_is_linked_before_it_is_matched_waits_when_it_is(market: Market):
    market.give(ANNA, 5, FIXED)
    first, then = named(market, "FIRST", sell_holds=Hold.PARTY), named(market, "THEN", to=CORA)
    market.submit(*first, then[0])
    assert changed(market, then[0], link=(Link(AFTER, "FIRST"),), by=ANNA) == "ok"
    market.submit(then[1])
    assert market.reasons()[then[0].id] == "LINK"
    assert changed(market, first[0], release=Hold.PARTY, by=ANNA) == "ok"
    assert market.held(CORA, FIXED) == 1


# What is stored, what is asked of C, and the answer.
CIRCLES: Sequence[tuple[str, list[tuple[str, tuple[Link, ...]]], tuple[Link, ...], str]] = [
    ("to itself", [], (Link(AFTER, "C"),), "SET-017"),
    ("two after each other", [("A", (Link(AFTER, "C"),))], (Link(AFTER, "A"),), "SET-024"),
    ("before and before", [("A", (Link(BEFORE, "C"),))], (Link(BEFORE, "A"),), "SET-024"),
    ("said twice the same way", [("A", (Link(BEFORE, "C"),))], (Link(AFTER, "A"),), "ok"),
    (
        "three in a row",
        [("A", (Link(AFTER, "B"),)), ("B", (Link(AFTER, "C"),))],
        (Link(AFTER, "A"),),
        "SET-024",
    ),
    ("after one that settles with it", [("A", (Link(WITH, "C"),))], (Link(AFTER, "A"),), "SET-024"),
    ("before one that settles with it", [("A", (Link(WITH, "C"),))], (Link(BEFORE, "A"),), "SET-024"),
    (
        "after what comes after its mate",
        [("A", (Link(WITH, "C"),)), ("B", (Link(AFTER, "A"),))],
        (Link(AFTER, "B"),),
        "SET-024",
    ),
    ("with what comes after it", [("A", (Link(AFTER, "C"),))], (Link(WITH, "A"),), "SET-024"),
    ("both ways in one request", [("A", ())], (Link(AFTER, "A"), Link(BEFORE, "A")), "SET-024"),
    ("information makes no circle", [("A", (Link(AFTER, "C"),))], (Link(INFO, "A"),), "ok"),
    ("with one another twice", [("A", (Link(WITH, "C"),))], (Link(WITH, "A"),), "ok"),
    ("to what is not there yet", [], (Link(AFTER, "LATER"),), "ok"),
]


@pytest.mark.parametrize(
    ("stored", "asked", "answer"), [c[1:] for c in CIRCLES], ids=[c[0].replace(" ", "-") for c in CIRCLES]
)
@pytest.mark.parametrize("later", [True, False], ids=["changed", "instructed"])
def test_circles_are_refused_when_instructed_and_when_changed(market: Market, stored, asked, answer, later):
    for reference, links in stored:
        assert market.submit(*named(market, reference, *links)) == ["ok", "ok"]
    if later:
        last = named(market, "C")
        market.submit(*last)
        assert changed(market, last[0], link=asked, by=ANNA) == answer
    else:
        assert market.submit(named(market, "C", *asked)[0]) == [answer]


def test_a_circle_within_one_batch_is_refused_where_it_closes(market: Market):
    sides = [
        named(market, "A", Link(AFTER, "B"))[0],
        named(market, "B", Link(AFTER, "C"))[0],
        named(market, "C", Link(AFTER, "A"))[0],
        named(market, "D", Link(AFTER, "C"))[0],
    ]
    assert market.submit(*sides) == ["ok", "ok", "SET-024", "ok"]


def test_a_circle_through_a_pool_or_the_other_side_of_a_trade_is_refused(market: Market):
    pool = Pool("P1", 2)
    one, two = named(market, "A", sell_pool=pool), named(market, "B", sell_pool=pool, to=CORA)
    market.submit(*one, *two)
    assert changed(market, two[0], link=(Link(AFTER, "A"),), by=ANNA) == "SET-024"
    # Anna wants X after Y; Bert, who receives both, wants Y after X.
    x = named(market, "X", Link(AFTER, "Y"), buy_reference="BX")
    y = named(market, "Y", buy_reference="BY")
    market.submit(*x, *y)
    assert changed(market, y[1], link=(Link(AFTER, "BX"),), by=BERT) == "SET-024"


def test_nothing_is_linked_with_what_was_cancelled_nor_kept_back_by_what_has_settled(market: Market):
    gone, done, new = named(market, "GONE"), named(market, "DONE"), named(market, "NEW", sell_holds=Hold.CSD)
    market.submit(*gone)
    with market.database.transaction() as tx:
        cancel(tx, gone[0].id, by=None, now=market.now, actor="test")
    market.give(ANNA, 5, FIXED)
    market.submit(*done, *new)
    for kind in (AFTER, BEFORE, WITH):
        assert changed(market, new[0], link=(Link(kind, "GONE"),), by=ANNA) == "SET-070", kind
    for kind in (BEFORE, WITH):
        assert changed(market, new[0], link=(Link(kind, "DONE"),), by=ANNA) == "SET-070", kind
    assert changed(market, new[0], link=(Link(INFO, "GONE"), Link(AFTER, "DONE")), by=ANNA) == "ok"
    assert changed(market, new[0], release=Hold.CSD) == "ok"
    assert market.reasons() == {}


def test_a_refused_link_changes_nothing_else(market: Market):
    one = named(market, "A", sell_holds=Hold.PARTY)
    market.submit(*one)
    assert changed(market, one[0], unlink=("B",), release=Hold.PARTY, by=ANNA) == "SET-071"
    assert market.reasons() == {one[0].id: "PREA"}


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([AFTER, BEFORE, WITH]), st.integers(0, 5)), max_size=14
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_linked_one_order_settles_it_all(market_database: Database, steps):
    """What was not refused can settle: once all are there and funded, nothing waits for anything."""
    run = next(_RUNS)
    market = Market(market_database, used=100 * run)
    trades = [named(market, f"{run}N{n}", sell_holds=Hold.CSD) for n in range(6)]
    market.submit(*(side for trade in trades for side in trade))
    for one, kind, other in steps:
        answer = changed(market, trades[one][0], link=(Link(kind, f"{run}N{other}"),), by=ANNA)
        assert answer in ("ok", "SET-017", "SET-024")
    for trade in trades:
        assert changed(market, trade[0], release=Hold.CSD) == "ok"
    market.give(ANNA, 6, FIXED)
    with market.database.transaction() as tx:
        left = [id_ for (id_,) in tx.rows("SELECT transaction_id FROM settlement.pending")]
        settle(tx, left, now=market.now, business_date=market.today, actor="test")
    assert not {sell.id for sell, _ in trades} & market.reasons().keys()
    with market.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


def test_what_an_instruction_is_linked_with_is_told_from_either_end(market: Market):
    first, _ = market.trade(ANNA, BERT, FIXED, 1, None, sell_reference="FIRST")
    later, _ = market.trade(
        ANNA, BERT, FIXED, 2, None, sell_reference="LATER",
        sell_links=(Link(LinkKind.AFTER, "FIRST"), Link(LinkKind.INFORMATION, "NOWHERE")),
    )  # fmt: skip
    pooled = [
        market.side("DELI", ANNA, BERT, FIXED, n, None, reference=f"P{n}", pool=Pool("P", 2)) for n in (3, 4)
    ]
    assert set(market.submit(first, later, *pooled)) == {"ok"}
    with market.database.transaction() as tx:
        told = {
            i.reference: [tuple(row.values()) for row in links_of(tx, i.id)] for i in (first, later, *pooled)
        }
    assert told == {
        "FIRST": [("BEFO", "LATER", later.id, "open")],
        "LATER": [("AFTE", "FIRST", first.id, "open"), ("INFO", "NOWHERE", None, None)],
        "P3": [("POOL", "P", pooled[1].id, "open")],
        "P4": [("POOL", "P", pooled[0].id, "open")],
    }


def test_links_for_information_hang_nothing_together_however_many(
    market: Market, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("counterfoil.settlement.links.MOST", 3)
    many = [named(market, f"M{n}", Link(INFO, "UNDERLYING"))[0] for n in range(8)]
    assert set(market.submit(*many)) == {"ok"}
    assert "ok" not in market.submit(named(market, "LAST", *(Link(WITH, f"M{n}") for n in range(8)))[0])
