"""Instructions are found by what they are and how they stand, each filter alone and together, page by page."""

from datetime import date

import pytest

from counterfoil.core.db import Database
from counterfoil.settlement import Hold, Partial, State, Wanted, cancel, find_instructions
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, Market, opened

FOUND = """
what is asked for                                  sellers' references
of Cora                                            C1
of FIXED                                           S6 S5 S4 S3 S2 S1
of NOTES                                           S7
with the reference S3                              S3
unmatched                                          S7
pending                                            S6 C1 S3
failing                                            S5
in parts                                           S4
settled                                            S1
settled of NOTES                                   -
cancelled                                          S2
waiting for securities                             C1 S4 S3
waiting for securities, as the buyer sees it       C1 S4 S3
held                                               S5
due today                                          S7 C1 S5 S4 S3
due on Friday                                      S5
pending and waiting for securities                 C1 S3
settled and due                                    -
"""
FRIDAY = date(2026, 11, 20)
ASKED = {
    "of Cora": Wanted(party=CORA),
    "of FIXED": Wanted(party=ANNA, isin=FIXED),
    "of NOTES": Wanted(isin=NOTES),
    "with the reference S3": Wanted(reference="S3"),
    "unmatched": Wanted(state=State.UNMATCHED),
    "pending": Wanted(state=State.PENDING),
    "failing": Wanted(state=State.FAILING),
    "in parts": Wanted(state=State.PARTIAL),
    "settled": Wanted(state=State.SETTLED),
    "settled of NOTES": Wanted(state=State.SETTLED, isin=NOTES),
    "cancelled": Wanted(state=State.CANCELLED),
    "waiting for securities": Wanted(reason="LACK"),
    "waiting for securities, as the buyer sees it": Wanted(reason="CLAC"),
    "held": Wanted(reason="PREA"),
    "due today": Wanted(due=date(2026, 11, 23)),
    "due on Friday": Wanted(due=FRIDAY),
    "pending and waiting for securities": Wanted(state=State.PENDING, reason="LACK"),
    "settled and due": Wanted(state=State.SETTLED, due=FRIDAY),
}


@pytest.fixture(scope="module")
def book(shared_database: Database) -> Market:
    """One of each kind; the buyers' references begin with B."""
    market = opened(shared_database)
    market.give(ANNA, 10, FIXED)
    whole = {"partial": Partial.NOT_ALLOWED}

    def sell(reference: str, *, seller: str = ANNA, isin: str = FIXED, quantity: int = 10, both=None, **more):
        references = {"sell_reference": reference, "buy_reference": f"B{reference}"}
        sides = market.trade(seller, BERT, isin, quantity, None, both=both, **references, **more)
        assert market.submit(*sides) == ["ok", "ok"]
        return sides

    sell("S1", quantity=6)
    gone = sell("S2", sell_holds=Hold.CSD)
    with market.database.transaction() as tx:
        cancel(tx, gone[0].id, by=None, now=market.now, actor="test")
    sell("S3", both=whole)
    sell("S4")
    early = {"trade_date": FRIDAY, "intended_date": FRIDAY}
    sell("S5", sell_holds=Hold.PARTY, both=early)
    sell("C1", seller=CORA, both=whole)
    sell("S6", both={"intended_date": date(2026, 11, 24)})
    market.submit(market.side("DELI", ANNA, BERT, NOTES, 1000, None, reference="S7"))
    return market


def found(market: Market, wanted: Wanted, **how) -> list[dict]:
    with market.database.transaction() as tx:
        return find_instructions(tx, business_date=market.today, now=market.now, wanted=wanted, **how)


@pytest.mark.parametrize(
    ("asked", "references"),
    [(line[:51].strip(), line[51:].strip()) for line in FOUND.strip().splitlines()[1:]],
)
def test_every_filter_finds_what_it_says(book: Market, asked, references):
    told = found(book, ASKED[asked])
    sellers = [i["reference"] for i in told if not i["reference"].startswith("B")]
    assert " ".join(sellers) == references.replace("-", "")
    if asked not in ("of Cora", "with the reference S3", "of FIXED", "unmatched", "of NOTES", "due today"):
        assert sorted(i["reference"] for i in told if i["reference"].startswith("B")) == sorted(
            f"B{name}" for name in sellers
        )


@pytest.mark.parametrize("asked", ASKED)
def test_pages_follow_one_another_without_gap_or_repetition(book: Market, asked):
    whole = [i["id"] for i in found(book, ASKED[asked])]
    pages, after = [], None
    while page := found(book, ASKED[asked], after=after, limit=2):
        pages += [i["id"] for i in page]
        after = page[-1]["place"]
    assert pages == whole == sorted(whole, reverse=True)


def test_a_state_that_is_found_is_the_state_that_is_told(book: Market):
    for state in State:
        assert {i["state"] for i in found(book, Wanted(state=state))} == {state.value}


def test_what_waits_is_told_in_the_order_of_matching_page_by_page(market: Market):
    first, second = (
        market.trade(ANNA, BERT, FIXED, n, None, both={"partial": Partial.NOT_ALLOWED}) for n in (1, 2)
    )
    market.submit(first[0])
    market.submit(*second)
    market.submit(first[1])
    expected = [first[1].id, first[0].id, second[1].id, second[0].id]
    whole = found(market, Wanted(reason="LACK"))
    assert [i["id"] for i in whole] == expected
    for n in range(4):
        told = found(market, Wanted(reason="LACK"), after=whole[n - 1]["place"] if n else None, limit=2)
        assert [i["id"] for i in told] == expected[n : n + 2]


def test_what_is_open_is_told_by_when_it_came_where_it_stands(market: Market):
    first, second = (
        market.trade(ANNA, BERT, FIXED, n, None, both={"partial": Partial.NOT_ALLOWED}) for n in (1, 2)
    )
    market.submit(first[0])
    market.submit(*second)
    alone = market.side("DELI", ANNA, BERT, NOTES, 1000, None)
    market.submit(alone)
    market.submit(first[1])
    expected = [first[1].id, first[0].id, alone.id, second[1].id, second[0].id]
    whole = found(market, Wanted(due=market.today))
    assert [i["id"] for i in whole] == expected
    for n in range(5):
        told = found(market, Wanted(due=market.today), after=whole[n - 1]["place"] if n else None, limit=2)
        assert [i["id"] for i in told] == expected[n : n + 2]
